"""The virtual environment with Odoo's requirements, OCA addons and dev tools."""

import os
import shutil
import sys
from pathlib import Path

from . import config, proc

PYTHON = config.VENV / "bin" / "python"


def site_packages() -> Path:
    found = sorted(config.VENV.glob("lib/python3.*/site-packages"))
    if not found:
        raise proc.HarnessError("no virtual environment yet: run `make setup`")
    return found[-1]


def oca_addons() -> Path:
    return site_packages() / "odoo" / "addons"


def base_python() -> str:
    """The running Python if Odoo supports it, else another one on PATH."""
    low, high = config.SUPPORTED_PYTHON
    if low <= sys.version_info[:2] <= high:
        # Not sys.executable: inside another venv that would chain the two.
        own = Path(sys.base_prefix) / "bin" / f"python{config.python_tag()}"
        return str(own) if own.exists() else sys.executable
    for minor in range(high[1], low[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            return found
    raise proc.HarnessError("Odoo 19 needs Python 3.10 to 3.13")


def ensure_venv() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in config.REQUIREMENTS)
    # Not the Python: the environment stays good when another one calls this tool.
    wanted = config.short_hash(text)
    if proc.stamp_is("venv", wanted) and PYTHON.exists():
        return
    python = base_python()
    proc.remove_tree(config.VENV)
    with proc.step("installing Python packages into a virtual environment"):
        proc.run([python, "-m", "venv", config.VENV], capture=True)
        command = [PYTHON, "-m", "pip", "install", "--no-deps", "--no-input"]
        command += ["--only-binary", ":all:", "--disable-pip-version-check", "-q"]
        for path in config.REQUIREMENTS:
            command += ["-r", path]
        proc.run(command, capture=True)
    _link_programs()
    proc.write_stamp("venv", wanted)


def _link_programs() -> None:
    """Odoo looks for a program named `wkhtmltopdf` on PATH."""
    config.BIN.mkdir(parents=True, exist_ok=True)
    link = config.BIN / "wkhtmltopdf"
    link.unlink(missing_ok=True)
    link.symlink_to(config.VENV / "bin" / "wkhtmltopdf-pack")


def ensure_addon_link() -> None:
    """Odoo takes the technical name of an addon from its folder."""
    config.ADDONS.mkdir(parents=True, exist_ok=True)
    link = config.ADDONS / config.ADDON
    if not (link.is_symlink() and Path(os.readlink(link)) == config.REPO):
        link.unlink(missing_ok=True)
        link.symlink_to(config.REPO)
