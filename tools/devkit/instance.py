"""Odoo databases: templates, clones, and Odoo processes on them."""

import contextlib
import fcntl
import os
import shutil
import socket
import tempfile
from pathlib import Path

from . import config, postgres, proc, pyenv, sources

LAUNCHER = config.INSIDE / "launch.py"

CONFIGURATION = """\
[options]
addons_path = {addons}
data_dir = {data}
db_host = {host}
db_port = {port}
db_user = {user}
http_interface = {interface}
http_port = {http}
gevent_port = {gevent}
max_cron_threads = {crons}
workers = 0
limit_memory_soft = 0
limit_memory_hard = 0
limit_time_cpu = 0
limit_time_real = 0
limit_time_real_cron = 0
list_db = False
screenshots = {screenshots}
{extra}
"""


class Ports:
    """Two free ports that no other command of ours takes at the same time.

    The locks are for the whole machine: other clones look for ports as well.
    """

    def __init__(self, first: int = 0):
        self._locks = []
        self.http = self._take(first or 18069)
        self.gevent = self._take(self.http + 1)

    def _take(self, start: int) -> int:
        config.PORT_LOCKS.mkdir(parents=True, exist_ok=True)
        for port in range(start, start + 500):
            handle = open(config.PORT_LOCKS / str(port), "w", encoding="ascii")
            with contextlib.suppress(OSError), socket.socket() as probe:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Odoo does the same; without it a port is busy for a minute.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                self._locks.append(handle)
                return port
            handle.close()
        raise proc.HarnessError("no free port found")

    def release(self) -> None:
        for handle in self._locks:
            handle.close()
        self._locks = []


class Instance:
    """A database and the folder of its files, configuration and screenshots."""

    def __init__(self, database: str):
        self.database = database
        self.folder = config.RUNS / database
        self.data = self.folder / "data"

    @property
    def filestore(self) -> Path:
        return self.data / "filestore" / self.database

    def clone_from(self, template: "Instance") -> None:
        self.drop()
        postgres.clone(template.database, self.database)
        copy_tree(template.filestore, self.filestore)

    def drop(self) -> None:
        postgres.drop(self.database)
        proc.remove_tree(self.folder)

    def exists(self) -> bool:
        return postgres.exists(self.database)

    def rename(self, database: str) -> "Instance":
        """The rename of the database comes last: only then the copy counts."""
        new = Instance(database)
        proc.remove_tree(new.folder)
        if self.filestore.is_dir():
            new.filestore.parent.mkdir(parents=True)
            self.filestore.rename(new.filestore)
        proc.remove_tree(self.folder)
        postgres.rename(self.database, database)
        return new

    def write_configuration(
        self,
        ports: Ports,
        crons: int = 0,
        extra: str = "",
        interface: str = "127.0.0.1",
    ) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(exist_ok=True)
        odoo = sources.locate()
        addons = [*odoo.addons, pyenv.oca_addons(), config.ADDONS]
        # A shell beside a running server must not change the server's file.
        path = self.folder / f"odoo-{ports.http}.conf"
        path.write_text(
            CONFIGURATION.format(
                addons=",".join(str(folder) for folder in addons),
                data=self.data,
                host=postgres.SOCKET,
                port=postgres.PORT,
                user=postgres.ROLE,
                http=ports.http,
                gevent=ports.gevent,
                crons=crons,
                interface=interface,
                screenshots=self.folder / "screenshots",
                extra=extra,
            ),
            encoding="utf-8",
        )
        return path

    def odoo(
        self, arguments, *, ports: Ports, log: Path | None = None, before=(), **options
    ) -> int:
        """Run Odoo on this database until it ends; its exit code."""
        extra_env = options.pop("env", {})
        command = self._get_command(arguments, ports, before, **options)
        # Chromium leaves folders behind. The path stays short: it puts a socket there.
        with tempfile.TemporaryDirectory(
            prefix="hmc-", ignore_cleanup_errors=True
        ) as temporary:
            env = environment() | {"TMPDIR": temporary} | extra_env
            where = {"check": False, "env": env, "cwd": self.folder}
            if log is None:
                return proc.run(command, **where).returncode
            log.parent.mkdir(parents=True, exist_ok=True)
            with open(log, "ab") as handle:
                return proc.run(
                    command, stdout=handle, stderr=handle, **where
                ).returncode

    def start(self, arguments, *, ports: Ports, log: Path, **options):
        """Start Odoo and return the process; to be ended by `proc.stop_child`."""
        command = self._get_command(arguments, ports, (), **options)
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab") as handle:
            return proc.spawn(
                command,
                stdout=handle,
                stderr=handle,
                env=environment(),
                cwd=self.folder,
            )

    def _get_command(self, arguments, ports: Ports, before, **options) -> list:
        conf = self.write_configuration(ports, **options)
        command = [pyenv.PYTHON, *before, LAUNCHER, "server", "-c", conf]
        return [*command, "-d", self.database, *arguments]

    def script(
        self, path: Path, arguments=(), *, ports: Ports, log=None, before=(), env=None
    ) -> int:
        """Run a Python file of ours in the environment of this database."""
        conf = self.write_configuration(ports)
        command = [pyenv.PYTHON, *before, path, conf, self.database, *arguments]
        env = environment() | (env or {})
        if log is None:
            return proc.run(command, check=False, env=env).returncode
        with open(log, "ab") as handle:
            return proc.run(
                command, check=False, env=env, stdout=handle, stderr=handle
            ).returncode


def environment() -> dict[str, str]:
    """Nothing of the caller's Odoo or PostgreSQL settings may leak in."""
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PG", "ODOO_", "PYTHON", "COVERAGE"))
    }
    env["PATH"] = f"{config.BIN}:{pyenv.PYTHON.parent}:{os.environ['PATH']}"
    env["PYTHONPATH"] = str(sources.locate().root)
    env["PYTHONUNBUFFERED"] = "1"
    # The repository is on Odoo's path; its folders stay free of compiled files.
    env["PYTHONPYCACHEPREFIX"] = str(config.BUILD / "pycache")
    # Odoo tells the time in UTC and refuses other locales for some reports.
    env.update(TZ="UTC", LC_ALL="C.UTF-8", LANG="C.UTF-8")
    return env


def copy_tree(source: Path, target: Path) -> None:
    """Filestore files never change after they were written: hard links will do."""
    if not source.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except (OSError, shutil.Error):
        proc.remove_tree(target)
        shutil.copytree(source, target)


TEMPLATE_OPTIONS = {
    # Dependencies only, as OCA's continuous integration does it.
    "deps": ["--skip-auto-install"],
    "neighbours": ["--skip-auto-install"],
    # What a user sees: demo data, and whatever installs itself.
    "demo": ["--with-demo"],
}


def template_name(kind: str, modules: list[str]) -> str:
    parts = [kind, sources.version_of(sources.locate()), *modules]
    parts += TEMPLATE_OPTIONS[kind]
    parts += [path.read_text(encoding="utf-8") for path in config.REQUIREMENTS]
    return f"hmc_tpl_{kind}_{config.short_hash(*parts)}"


def template(kind: str) -> Instance:
    """A database with the dependencies installed; made once, then only copied."""
    modules = config.manifest_depends()
    if kind == "neighbours":
        modules = sorted({*modules, *config.NEIGHBOURS})
    name = template_name(kind, modules)
    if postgres.exists(name):
        return Instance(name)
    with proc.exclusive(f"template-{kind}", f"template database ({kind})"):
        if not postgres.exists(name):
            _build_template(kind, name, modules)
    return Instance(name)


def _build_template(kind: str, name: str, modules: list[str]) -> None:
    for old in postgres.query(
        f"SELECT datname FROM pg_database WHERE datname LIKE 'hmc_tpl_{kind}_%'"
    ):
        Instance(old).drop()
    draft = Instance(f"hmc_draft_{kind}")
    draft.drop()
    ports = Ports()
    log = config.LOGS / f"template-{kind}.log"
    log.unlink(missing_ok=True)
    try:
        with proc.step(f"template database ({kind}: {len(modules)} addons)"):
            if kind == "neighbours":
                # Most of the way has been gone already.
                draft.clone_from(template("deps"))
            else:
                postgres.query(
                    f'CREATE DATABASE "{draft.database}" OWNER {postgres.ROLE} '
                    "TEMPLATE template0"
                )
            arguments = [*TEMPLATE_OPTIONS[kind], "--stop-after-init", "--no-http"]
            arguments += ["-i", ",".join(modules)]
            code = draft.odoo(arguments, ports=ports, log=log)
        state = installed_modules(draft.database)
        missing = [module for module in modules if module not in state]
        if code or missing:
            raise proc.HarnessError(
                f"template {kind} failed (exit {code}, not installed: {missing}), "
                f"see {log}\n{proc.tail(log)}"
            )
        draft.rename(name)
    finally:
        ports.release()


def installed_modules(database: str) -> set[str]:
    exists = postgres.query("SELECT to_regclass('ir_module_module')", database)
    if not exists:
        return set()
    sql = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    return set(postgres.query(sql, database))
