"""Debian packages that the machine itself must have."""

import os
import shutil
import subprocess
from pathlib import Path

from . import config, proc

CJK_FONT_DIRS = ("/usr/share/fonts", "/usr/local/share/fonts")
CJK_FONT_NAMES = ("wqy", "notosanscjk", "notoserifcjk", "sourcehan", "arphic", "uming")
# The patched wkhtmltopdf from PyPI is linked against these.
WKHTMLTOPDF_LIBRARIES = {
    "libXrender.so.1": "libxrender1",
    "libXext.so.6": "libxext6",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libX11.so.6": "libx11-6",
}


def find_pg_bin() -> Path | None:
    """Newest installed server; its programs are not on PATH in Debian."""
    root = Path("/usr/lib/postgresql")
    found = [
        folder / "bin"
        for folder in (root.iterdir() if root.is_dir() else [])
        if (folder / "bin" / "initdb").exists() and folder.name.isdigit()
    ]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def find_chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    return None


def has_cjk_font() -> bool:
    for root in CJK_FONT_DIRS:
        for path in Path(root).rglob("*.[to]t[fc]"):
            if any(name in path.name.lower() for name in CJK_FONT_NAMES):
                return True
    return False


def missing_libraries() -> list[str]:
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    known = subprocess.run(
        [ldconfig, "-p"], capture_output=True, text=True, check=False
    ).stdout
    return [pkg for lib, pkg in WKHTMLTOPDF_LIBRARIES.items() if lib not in known]


def missing_packages() -> list[str]:
    wanted = []
    if not find_pg_bin():
        wanted.append("postgresql")
    if not find_chromium():
        wanted.append("chromium")
    if not has_cjk_font():
        wanted.append("fonts-wqy-microhei")
    for program, package in (
        ("pdftotext", "poppler-utils"),
        ("fc-list", "fontconfig"),
        ("zstd", "zstd"),
        ("xz", "xz-utils"),
        ("git", "git"),
    ):
        if not shutil.which(program):
            wanted.append(package)
    try:
        import ensurepip  # noqa: F401  (Debian packs it apart from Python)
        import venv  # noqa: F401
    except ImportError:
        wanted.append("python3-venv")
    return wanted + missing_libraries()


def ensure_packages() -> None:
    wanted = missing_packages()
    if not wanted:
        return
    if not shutil.which("apt-get"):
        raise proc.HarnessError(
            "please install what corresponds to these Debian packages: "
            + " ".join(wanted)
        )
    sudo = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise proc.HarnessError(
                "missing packages, and no sudo to install them: " + " ".join(wanted)
            )
        sudo = ["sudo"]
    with proc.step("installing Debian packages: " + " ".join(wanted)):
        if "postgresql" in wanted:
            _install_postgresql(sudo)
            wanted.remove("postgresql")
        _apt_get(sudo, ["install", "-y", "--no-install-recommends", *wanted])
    still = missing_packages()
    if still:
        raise proc.HarnessError("still missing after apt-get: " + " ".join(still))


def _apt_get(sudo: list[str], arguments: list[str]) -> None:
    command = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    if not _apt_get.updated:
        _run_logged([*command, "update"])
        _apt_get.updated = True
    _run_logged([*command, *arguments])


_apt_get.updated = False


def _run_logged(command: list[str]) -> None:
    """stdin stays open: sudo may have to ask for a password."""
    config.LOGS.mkdir(parents=True, exist_ok=True)
    log = config.LOGS / "apt.log"
    with open(log, "ab") as handle:
        result = subprocess.run(command, stdout=handle, stderr=handle, check=False)
    if result.returncode:
        raise proc.HarnessError(f"failed: {' '.join(command)}\n{proc.tail(log)}")


def _install_postgresql(sudo: list[str]) -> None:
    """Only the programs: Debian would also create and start a cluster of its own.

    `postgresql-common` reads this setting when the server package is configured, so
    it has to come first."""
    _apt_get(sudo, ["install", "-y", "--no-install-recommends", "postgresql-common"])
    conf = "/etc/postgresql-common/createcluster.conf"
    script = (
        f"grep -q '^create_main_cluster' {conf} 2>/dev/null"
        f" || echo 'create_main_cluster = false' >> {conf}"
    )
    _run_logged([*sudo, "sh", "-c", script])
    _apt_get(sudo, ["install", "-y", "--no-install-recommends", "postgresql"])
