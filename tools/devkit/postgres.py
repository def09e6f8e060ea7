"""A private PostgreSQL cluster, shared by all commands that run at the same time."""

import contextlib
import fcntl
import os
import pwd
import subprocess
import time
from pathlib import Path

from . import config, proc, system

SUPERUSER = "hmc_admin"
ROLE = "odoo"
PORT = 5432  # only part of the socket's name: there is no TCP port
SOCKET_PATH_LIMIT = 100

SETTINGS = """
# Written by tools/dev.py. The data is disposable: safety is traded for speed.
listen_addresses = ''
unix_socket_directories = '{socket}'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 30min
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_connections = 200
jit = off
timezone = 'UTC'
"""


def _reachable_by_others(path: Path) -> bool:
    return all(
        folder.stat().st_mode & 0o001
        for folder in [path, *path.parents]
        if folder.exists()
    )


def _server_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise proc.HarnessError("no user to run PostgreSQL as")


def _home() -> Path:
    wanted = config.BUILD / "postgres"
    if os.geteuid() == 0 and not _reachable_by_others(config.BUILD):
        tag = config.short_hash(str(config.BUILD))
        return Path("/var/tmp") / f"hmc-postgres-{tag}"
    return wanted


def _socket_dir() -> Path:
    wanted = _home() / "run"
    if len(os.fsencode(wanted / f".s.PGSQL.{PORT}.lock")) > SOCKET_PATH_LIMIT:
        return Path("/tmp") / f"hmc-{config.short_hash(str(config.BUILD))}"
    return wanted


HOME = _home()
DATA = HOME / "data"
SOCKET = _socket_dir()


def _as_server(command, **kwargs) -> subprocess.CompletedProcess:
    account = _server_account()
    if account:
        kwargs.update(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    # The caller's folder may be closed to the server's account.
    return proc.run(command, cwd="/", **kwargs)


def _own(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    account = _server_account()
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o700)


def _create_cluster(pg_bin: Path) -> None:
    with proc.step("creating a private PostgreSQL cluster"):
        proc.remove_tree(DATA)
        HOME.mkdir(parents=True, exist_ok=True)
        _own(DATA)
        command = [pg_bin / "initdb", "-D", DATA, "-U", SUPERUSER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        _as_server(command, capture=True)
        with open(DATA / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(SETTINGS.format(socket=SOCKET))
    proc.write_stamp("cluster", _cluster_stamp(pg_bin))


def _cluster_stamp(pg_bin: Path) -> str:
    return config.short_hash(str(pg_bin), SETTINGS, str(SOCKET), str(DATA))


def _is_up(pg_bin: Path) -> bool:
    command = [pg_bin / "pg_ctl", "-D", DATA, "status"]
    return _as_server(command, check=False, capture=True).returncode == 0


def _start(pg_bin: Path) -> None:
    if not proc.stamp_is("cluster", _cluster_stamp(pg_bin)) or not DATA.is_dir():
        _create_cluster(pg_bin)
    if _is_up(pg_bin):
        return
    _own(SOCKET)
    log = HOME / "server.log"
    log.touch()
    account = _server_account()
    if account:
        os.chown(log, account.pw_uid, account.pw_gid)
    command = [pg_bin / "pg_ctl", "-D", DATA, "-l", log, "-w", "-t", "60", "start"]
    # No pipe: the server would inherit it, and reading it would never end.
    result = _as_server(command, check=False, stdout=subprocess.DEVNULL)
    if result.returncode:
        raise proc.HarnessError("PostgreSQL does not start:\n" + proc.tail(log))
    if not query(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):
        query(f"CREATE ROLE {ROLE} LOGIN CREATEDB")


@contextlib.contextmanager
def running():
    """The cluster is up inside this block; the last user stops it.

    Every user holds a shared lock. Starting and stopping happen under a second lock,
    so nobody can join between 'I am the last one' and the stop."""
    pg_bin = system.find_pg_bin()
    if not pg_bin:
        raise proc.HarnessError("no PostgreSQL server programs: run `make setup`")
    config.LOCKS.mkdir(parents=True, exist_ok=True)
    with open(config.LOCKS / "postgres.users", "w", encoding="ascii") as users:
        with proc.exclusive("postgres.control"):
            _start(pg_bin)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with proc.exclusive("postgres.control"):
                _stop_if_last(pg_bin, users)


def _stop_if_last(pg_bin: Path, users) -> None:
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    command = [pg_bin / "pg_ctl", "-D", DATA, "-m", "fast", "-w", "-t", "120", "stop"]
    _as_server(command, check=False, capture=True)


def remove() -> None:
    """For `clean`: only when nobody uses the cluster."""
    pg_bin = system.find_pg_bin()
    if pg_bin and DATA.is_dir():
        config.LOCKS.mkdir(parents=True, exist_ok=True)
        with open(config.LOCKS / "postgres.users", "w", encoding="ascii") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise proc.HarnessError("another command is running") from error
            command = [pg_bin / "pg_ctl", "-D", DATA, "-m", "fast", "-w", "stop"]
            _as_server(command, check=False, capture=True)
    for path in (HOME, SOCKET):
        proc.remove_tree(path)


def environment() -> dict[str, str]:
    return {"PGHOST": str(SOCKET), "PGPORT": str(PORT), "PGUSER": ROLE}


def _client(program: str) -> str:
    pg_bin = system.find_pg_bin()
    return str(pg_bin / program) if pg_bin else program


def query(sql: str, database: str = "postgres", user: str = SUPERUSER) -> list[str]:
    """Rows as text, columns separated by `|`."""
    command = [_client("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]
    command += ["-U", user, "-d", database, "-c", sql]
    output = proc.run(command, env={**os.environ, **environment()}, capture=True).stdout
    return [line for line in output.splitlines() if line]


def exists(database: str) -> bool:
    return bool(query(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))


def drop(database: str) -> None:
    query(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def rename(old: str, new: str) -> None:
    query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def clone(template: str, database: str) -> None:
    """A copy of the files; with fsync off the checkpoints around it are cheap."""
    version = int(query("SHOW server_version_num")[0])
    strategy = " STRATEGY file_copy" if version >= 150000 else ""
    sql = f'CREATE DATABASE "{database}" OWNER {ROLE} TEMPLATE "{template}"{strategy}'
    for attempt in range(30):
        try:
            query(sql)
            return
        except proc.HarnessError as error:
            # Somebody is still connected to the template.
            if "being accessed" not in str(error) or attempt == 29:
                raise
            time.sleep(1)


def psql_command(database: str) -> list[str]:
    return [_client("psql"), "-d", database]
