"""Small commands: shell, psql, pot, bench, clean."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import config, instance, postgres, proc, pyenv, setup
from .instance import Instance

BENCH = config.REPO / "bench"
BENCH_RUNNER = config.INSIDE / "bench.py"


def _interactive(command, **kwargs) -> int:
    """In our own session, so that the terminal belongs to the child."""
    while True:
        try:
            return subprocess.call([str(part) for part in command], **kwargs)
        except KeyboardInterrupt:
            continue


def _find_database(name: str) -> Instance:
    for candidate in (name, f"hmc_test_{name}"):
        if postgres.exists(candidate):
            return Instance(candidate)
    known = postgres.query("SELECT datname FROM pg_database WHERE datname LIKE 'hmc_%'")
    raise proc.HarnessError(f"no database {name}; there are: {', '.join(known)}")


def shell(arguments) -> int:
    setup.prepare()
    with postgres.running():
        database = _find_database(arguments.db)
        ports = instance.Ports()
        try:
            conf = database.write_configuration(ports)
            command = [pyenv.PYTHON, instance.LAUNCHER, "shell", "-c", conf]
            command += ["-d", database.database, "--no-http"]
            return _interactive(command, env=instance.environment())
        finally:
            ports.release()


def psql(arguments) -> int:
    with postgres.running():
        database = _find_database(arguments.db)
        command = postgres.psql_command(database.database)
        env = {**os.environ, **postgres.environment()}
        return _interactive([*command, *arguments.arguments], env=env)


def pot(_arguments) -> int:
    """Export the terms to translate."""
    setup.prepare()
    target = config.REPO / "i18n" / f"{config.ADDON}.pot"
    with postgres.running():
        database = Instance(f"hmc_pot_{os.getpid()}")
        ports = instance.Ports()
        log = config.LOGS / "pot.log"
        log.unlink(missing_ok=True)
        try:
            _install(database, ports, log)
            draft = database.folder / "export.pot"
            arguments = [config.ADDON, str(draft)]
            script = config.INSIDE / "pot.py"
            if database.script(script, arguments, ports=ports, log=log):
                raise proc.HarnessError(f"export failed\n{proc.tail(log)}")
            _store_pot(draft, target)
        finally:
            ports.release()
            database.drop()
    return 0


def _store_pot(draft: Path, target: Path) -> None:
    """The time of the export alone is no reason to change the file."""
    new = draft.read_text(encoding="utf-8")

    def strip(text: str) -> str:
        return re.sub(r'^"(POT-Creation|PO-Revision)-Date:.*\n', "", text, flags=re.M)

    old = target.read_text(encoding="utf-8") if target.is_file() else ""
    if strip(old) == strip(new):
        proc.say(f"{target.name} is up to date")
        return
    target.parent.mkdir(exist_ok=True)
    target.write_text(new, encoding="utf-8")
    proc.say(f"written: {target.relative_to(config.REPO)}")


def _install(database: Instance, ports, log: Path, template: str = "deps") -> None:
    with proc.step(f"installing the addon ({template})"):
        database.clone_from(instance.template(template))
        arguments = ["-i", config.ADDON, "--skip-auto-install", "--stop-after-init"]
        if database.odoo(arguments, ports=ports, log=log):
            raise proc.HarnessError(f"installation failed\n{proc.tail(log)}")


def bench(arguments) -> int:
    """Each script in bench/ gets its own copy of a database with the addon."""
    setup.prepare()
    scripts = sorted(BENCH.glob("bench_*.py"))
    if arguments.names:
        wanted = {name.removeprefix("bench_") for name in arguments.names}
        known = {path.stem.removeprefix("bench_"): path for path in scripts}
        if unknown := wanted - set(known):
            raise proc.HarnessError(
                f"no such benchmark: {', '.join(sorted(unknown))}; "
                f"there are: {', '.join(known)}"
            )
        scripts = [known[name] for name in sorted(wanted)]
    if not scripts:
        raise proc.HarnessError("there are no bench/bench_*.py")
    pid = os.getpid()
    copy, bases, failures = Instance(f"hmc_bench_{pid}_copy"), {}, 0
    with postgres.running():
        ports = instance.Ports()
        log = config.LOGS / "bench-install.log"
        log.unlink(missing_ok=True)
        try:
            for path in scripts:
                name = _get_template(path)
                if name not in bases:
                    bases[name] = Instance(f"hmc_bench_{pid}_{name}")
                    _install(bases[name], ports, log, name)
                copy.clone_from(bases[name])
                proc.say(path.name)
                failures += bool(copy.script(BENCH_RUNNER, [path], ports=ports))
        finally:
            proc.stop_children()
            ports.release()
            for database in (copy, *bases.values()):
                database.drop()
    return 1 if failures else 0


def _get_template(path: Path) -> str:
    """The template that a benchmark names, by default the one for most stages."""
    source = path.read_text(encoding="utf-8")
    found = re.search(r'^TEMPLATE = "(\w+)"', source, flags=re.M)
    return found[1] if found else "deps"


def clean(_arguments) -> int:
    postgres.remove()
    if config.BUILD.exists():
        with proc.step(f"removing {config.BUILD}"):
            shutil.rmtree(config.BUILD)
    return 0
