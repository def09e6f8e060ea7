"""Child processes, locks and progress lines."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import config

_children: set[subprocess.Popen] = set()


class HarnessError(Exception):
    """A failure that is explained to the user without a traceback."""


def say(text: str) -> None:
    print(f"[dev] {text}", flush=True)


@contextlib.contextmanager
def step(title: str):
    """Announce long work and tell how long it took."""
    say(f"{title} ...")
    start = time.monotonic()
    yield
    say(f"{title}: done in {time.monotonic() - start:.1f} s")


def install_signal_handlers() -> None:
    """Turn SIGTERM and SIGHUP into an exit, so that `finally` blocks run."""

    def stop(signum, _frame):
        # Often sent twice: to us and to our group. The clean-up must not be cut short.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        raise SystemExit(128 + signum)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)


def spawn(command, **kwargs) -> subprocess.Popen:
    """Start a child in its own session: Odoo's browser is a grandchild, and only a
    signal to the whole process group reaches it."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    child = subprocess.Popen(
        [str(part) for part in command], start_new_session=True, **kwargs
    )
    _children.add(child)
    return child


def stop_child(child: subprocess.Popen, grace: float = 15.0) -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace)
    # Also when the leader has gone: what it left behind is in the same group.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    _children.discard(child)


def stop_children() -> None:
    for child in list(_children):
        stop_child(child)


def run(command, *, check=True, timeout=None, **kwargs) -> subprocess.CompletedProcess:
    """Like subprocess.run, but the child cannot outlive us."""
    if kwargs.pop("capture", False):
        kwargs.update(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    child = spawn(command, **kwargs)
    try:
        output, _ = child.communicate(timeout=timeout)
    finally:
        stop_child(child)
    if check and child.returncode:
        shown = " ".join(str(part) for part in command[:6])
        tail = "\n".join((output or "").splitlines()[-30:]) if output else ""
        raise HarnessError(f"failed ({child.returncode}): {shown}\n{tail}".rstrip())
    return subprocess.CompletedProcess(command, child.returncode, output, None)


@contextlib.contextmanager
def exclusive(name: str, waiting_for: str = ""):
    """One process at a time; the kernel drops the lock if we are killed."""
    config.LOCKS.mkdir(parents=True, exist_ok=True)
    with open(config.LOCKS / name, "w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting_for:
                say(f"waiting for another process: {waiting_for}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def stamp_is(name: str, value: str) -> bool:
    path = config.STAMPS / name
    return path.is_file() and path.read_text(encoding="utf-8") == value


def write_stamp(name: str, value: str) -> None:
    """Written through a rename: a stamp is complete or absent."""
    config.STAMPS.mkdir(parents=True, exist_ok=True)
    temporary = config.STAMPS / f".{name}.{os.getpid()}"
    temporary.write_text(value, encoding="utf-8")
    temporary.replace(config.STAMPS / name)


def read_stamp(name: str) -> str:
    path = config.STAMPS / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def remove_tree(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def tail(path: Path, lines: int = 25) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def fail(text: str) -> None:
    print(f"[dev] error: {text}", file=sys.stderr, flush=True)
