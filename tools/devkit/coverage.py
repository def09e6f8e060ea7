"""Branch coverage of the addon's own Python files."""

import json
import os
from pathlib import Path

from . import config, proc, pyenv
from .report import Stage

SETTINGS = """\
[run]
branch = True
parallel = True
source = {repo}
data_file = {folder}/.coverage
omit =
    {repo}/tests/*
    {repo}/tools/*
    {repo}/bench/*
    {repo}/migrations/*
    {repo}/.build/*
    {repo}/__manifest__.py

[report]
exclude_also =
    if TYPE_CHECKING:
    raise NotImplementedError
"""


def launcher(folder: Path) -> tuple[list[str], dict[str, str]]:
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "coveragerc"
    settings.write_text(
        SETTINGS.format(repo=config.REPO, folder=folder), encoding="utf-8"
    )
    return ["-m", "coverage", "run", f"--rcfile={settings}"], {}


def stage(stage: Stage, folder: Path) -> None:
    settings = f"--rcfile={folder / 'coveragerc'}"
    base = [pyenv.PYTHON, "-m", "coverage"]
    options = {"capture": True, "cwd": config.REPO, "env": dict(os.environ)}
    proc.run([*base, "combine", "-q", settings], **options)
    target = folder / "coverage.json"
    proc.run([*base, "json", "-q", settings, "-o", target], **options)
    data = json.loads(target.read_text(encoding="utf-8"))
    stage.note(_table(data))
    total = data["totals"]["percent_covered"]
    stage.check(
        f"branch coverage {total:.1f} % (floor {config.COVERAGE_FLOOR:.0f} %)",
        total >= config.COVERAGE_FLOOR,
    )


def _table(data: dict) -> str:
    lines = [f"{'file':<52} {'lines':>6} {'branches':>9} {'covered':>8}"]
    rows = sorted(data["files"].items()) + [("total", data)]
    for name, entry in rows:
        figures = entry.get("summary") or entry["totals"]
        if not figures["num_statements"]:
            continue
        lines.append(
            f"{name:<52} {figures['num_statements']:>6} "
            f"{figures['num_branches']:>9} {figures['percent_covered']:>6.1f} %"
        )
    return "\n".join(lines)
