"""`lint`: what can be said about the code without running it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import config, housechecks, proc, pyenv
from .report import Report, Stage

LINT_COPY = config.BUILD / "lint" / config.ADDON
NOT_ADDON = ("tools/", "bench/", ".")


def tracked_files() -> list[str]:
    """What belongs to the repository, committed or about to be."""
    # Also when the repository belongs to another user.
    command = ["git", "-c", "safe.directory=*", "-C", str(config.REPO)]
    command += ["ls-files", "-co", "--exclude-standard"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        # An unpacked archive has no git: everything but the build folder counts.
        files = [
            str(path.relative_to(config.REPO))
            for path in config.REPO.rglob("*")
            if path.is_file() and config.BUILD not in path.parents
        ]
        return sorted(
            name
            for name in files
            if "__pycache__" not in name and not name.startswith(".git/")
        )
    names = sorted(set(result.stdout.splitlines()))
    return [name for name in names if (config.REPO / name).is_file()]


def make_copy(files: list[str]) -> Path:
    """OCA's checker finds nothing when the addon is the root of a git repository, and
    it takes the addon's name from the folder."""
    proc.remove_tree(LINT_COPY)
    for name in files:
        if name.startswith(NOT_ADDON):
            continue
        target = LINT_COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(config.REPO / name, target)
    return LINT_COPY


def _tool(stage: Stage, what: str, command, cwd: Path) -> None:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env["PATH"] = f"{pyenv.PYTHON.parent}:{env['PATH']}"
    # They would find the repository around the build folder, and not the copy in it.
    env["GIT_CEILING_DIRECTORIES"] = str(LINT_COPY.parent)
    result = proc.run(command, check=False, capture=True, cwd=cwd, env=env)
    output = result.stdout
    # Names as in the repository; OCA's tool drops the first slash.
    for prefix in (f"{LINT_COPY}/", f"{LINT_COPY}/"[1:], f"{config.ADDON}/"):
        output = output.replace(prefix, "")
    output = re.sub(r"^fatal: not a git repository.*\n", "", output, flags=re.M)
    stage.check(what, result.returncode == 0, output)


def stage(stage: Stage) -> None:
    program = pyenv.PYTHON.parent
    files = tracked_files()
    ruff = [program / "ruff"]
    _tool(stage, "ruff check", [*ruff, "check", "--no-cache", "."], config.REPO)
    _tool(
        stage,
        "ruff format",
        [*ruff, "format", "--check", "--no-cache", "."],
        config.REPO,
    )
    for what, problems in housechecks.run_all(config.REPO, files):
        stage.check(what, not problems, "\n".join(problems))
    if config.manifest() is None:
        stage.note("no __manifest__.py yet: pylint and OCA's checks left out")
        return
    copy = make_copy(files)
    pylint = [pyenv.PYTHON, "-m", "pylint"]
    pylint += [f"--rcfile={config.REPO / '.pylintrc-mandatory'}"]
    _tool(stage, "pylint (addon)", [*pylint, copy.name], copy.parent)
    scripts = [
        name
        for name in files
        if name.startswith(("tools/", "bench/")) and name.endswith(".py")
    ]
    if scripts:
        command = [*pylint, "--disable=print-used", *scripts]
        _tool(stage, "pylint (tools, bench)", command, config.REPO)
    _oca(stage, program, copy)


def _oca(stage: Stage, program: Path, copy: Path) -> None:
    checks = [program / "oca-checks-odoo-module"]
    _tool(stage, "oca-checks-odoo-module", [*checks, copy.name], copy.parent)
    po_files = sorted(copy.glob("i18n/*.po*"))
    if po_files:
        checks = [program / "oca-checks-po", "--disable=po-pretty-format"]
        _tool(stage, "oca-checks-po", [*checks, *po_files], copy.parent)


def command(_arguments) -> int:
    from . import setup

    setup.prepare_tools()
    report = Report()
    report.run("lint", stage)
    return report.summary()
