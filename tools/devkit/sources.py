"""Where Odoo itself comes from."""

import os
import shutil
import subprocess
from pathlib import Path

from . import config, proc

UNPACKED = config.BUILD / "odoo"
DIST = Path("usr/lib/python3/dist-packages")
# Left out of Debian's package. Its absence is an error on the browser's console,
# and that fails every browser test of the back end.
STUB = Path("addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")


class Odoo:
    """A usable copy of Odoo: folder for sys.path, addons folders, version."""

    def __init__(self, root: Path, origin: str):
        self.root = root
        self.origin = origin
        self.addons = [
            path
            for path in (root / "odoo" / "addons", root / "addons")
            if path.is_dir() and not _is_shadow(path, root)
        ]


def _is_shadow(path: Path, root: Path) -> bool:
    """Debian ships a second, Python-only copy of the addons; reading it would only
    hide mistakes."""
    return path == root / "addons" and (root / "odoo" / "addons" / "web").is_dir()


def locate() -> Odoo:
    """The Odoo that `obtain` made available."""
    home = os.environ.get("ODOO_HOME")
    if home:
        root = Path(home).absolute()
        if not (root / "odoo" / "release.py").is_file():
            raise proc.HarnessError(f"ODOO_HOME holds no odoo/release.py: {root}")
        return Odoo(root, f"ODOO_HOME={root}")
    return Odoo(UNPACKED / DIST, proc.read_stamp("odoo"))


def obtain() -> Odoo:
    if os.environ.get("ODOO_HOME"):
        return locate()
    archive = os.environ.get("ODOO_ARCHIVE")
    wanted = f"archive {Path(archive).name}" if archive else "debian"
    if not proc.read_stamp("odoo").startswith(wanted):
        _unpack_fresh(archive)
    return locate()


def _unpack_fresh(archive: str | None) -> None:
    """Build beside the final place and rename, so that a half copy is never used."""
    if archive and not Path(archive).is_file():
        raise proc.HarnessError(f"ODOO_ARCHIVE does not exist: {archive}")
    work = config.BUILD / "odoo.new"
    proc.remove_tree(work)
    work.mkdir(parents=True)
    apt = PrivateApt()
    packages = [*config.ASSET_PACKAGES]
    packages += [
        f"{name}/{config.OLD_ASSET_SUITE}" for name in config.OLD_ASSET_PACKAGES
    ]
    with proc.step("reading the package lists"):
        apt.update()
    if archive:
        _extract_archive(Path(archive), work / DIST)
        origin = f"archive {Path(archive).name}"
    else:
        packages.insert(0, config.ODOO_PACKAGE)
        version = apt.version(config.ODOO_PACKAGE)
        origin = f"debian {config.ODOO_PACKAGE} {version}"
    with proc.step("downloading " + packages[0] + " and web assets"):
        debs = apt.download(packages)
    with proc.step(f"unpacking {len(debs)} packages"):
        for deb in debs:
            proc.run(["dpkg-deb", "-x", deb, work], capture=True)
    _add_stub(work / DIST / "odoo")
    _mend_links(work)
    proc.remove_tree(UNPACKED)
    work.rename(UNPACKED)
    proc.write_stamp("odoo", origin)
    proc.remove_tree(config.DOWNLOADS)


def _extract_archive(archive: Path, target: Path) -> None:
    target.mkdir(parents=True)
    with proc.step(f"unpacking {archive.name}"):
        command = ["tar", "--zstd", "-xf", archive.absolute(), "-C", target]
        proc.run(command, capture=True)


def _add_stub(package: Path) -> None:
    stub = package / STUB
    if not stub.exists():
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("// not part of the Debian package\n", encoding="ascii")


def _mend_links(root: Path) -> None:
    """A font that moved to another folder must not stop the whole set-up."""
    broken = [
        Path(folder, name)
        for folder, folders, files in os.walk(root)
        for name in folders + files
        if not os.path.exists(os.path.join(folder, name))
    ]
    for link in broken:
        target = next((root / "usr/share").rglob(link.name), None)
        link.unlink()
        if target:
            link.symlink_to(os.path.relpath(target, link.parent))
        else:
            proc.say(f"warning: no file for {link.relative_to(root)}")
            link.touch()


class PrivateApt:
    """apt with its own lists, cache and sources: the system's apt is not touched, no
    root is needed, and nothing gets installed."""

    def __init__(self):
        self.root = config.DOWNLOADS / "apt"
        self.debs = config.DOWNLOADS / "debs"
        for part in ("lists/partial", "cache/archives/partial"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        self.debs.mkdir(parents=True, exist_ok=True)
        (self.root / "sources.list").write_text(self._sources(), encoding="utf-8")

    def _sources(self) -> str:
        """Same mirror as the machine uses: no host name is written down here."""
        command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
        output = proc.run([*command, "Created-By: Packages"], capture=True).stdout
        mirrors = [line.strip() for line in output.splitlines() if "://" in line]
        # Security mirrors carry no sid.
        mirrors = [uri for uri in dict.fromkeys(mirrors) if "security" not in uri]
        if not mirrors:
            mirrors = self._mirrors_from_files()
        if not mirrors:
            raise proc.HarnessError("apt knows no Debian mirror; run apt-get update")
        keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
        option = f"[signed-by={keyring}] " if keyring.is_file() else ""
        suites = (config.ODOO_SUITE, config.OLD_ASSET_SUITE)
        return "".join(f"deb {option}{mirrors[0]} {suite} main\n" for suite in suites)

    @staticmethod
    def _mirrors_from_files() -> list[str]:
        """Before the first `apt-get update` of a machine apt has no index targets."""
        found = []
        folder = Path("/etc/apt")
        files = [folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))]
        for path in files:
            if not path.is_file() or path.suffix not in (".list", ".sources"):
                continue
            for word in path.read_text(encoding="utf-8", errors="replace").split():
                is_mirror = "://" in word and word.rstrip("/").endswith("/debian")
                if is_mirror and word not in found:
                    found.append(word)
        return found

    def _options(self) -> list[str]:
        return [
            "-q",
            f"-oDir::State::Lists={self.root}/lists",
            f"-oDir::Cache={self.root}/cache",
            f"-oDir::Etc::sourcelist={self.root}/sources.list",
            "-oDir::Etc::sourceparts=-",
            "-oDir::Etc::preferences=-",
            "-oDir::Etc::preferencesparts=-",
            # Translations and metadata of desktop programs are of no use here.
            "-oAcquire::Languages=none",
            "-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            "-oAcquire::Retries=3",
            # As root, apt would drop to a user who may not write into this folder.
            "-oAPT::Sandbox::User=" + ("root" if os.geteuid() == 0 else ""),
        ]

    def update(self) -> None:
        if not shutil.which("apt-get"):
            raise proc.HarnessError("no apt-get: set ODOO_HOME to an Odoo 19 checkout")
        proc.run(["apt-get", *self._options(), "update"], capture=True)

    def version(self, package: str) -> str:
        command = ["apt-cache", *self._options(), "show", "--no-all-versions", package]
        output = proc.run(command, capture=True).stdout
        for line in output.splitlines():
            if line.startswith("Version:"):
                return line.split()[1]
        raise proc.HarnessError(f"the mirror has no package {package}")

    def download(self, packages: list[str]) -> list[Path]:
        """apt checks the hashes and takes files that are already complete."""
        command = ["apt-get", *self._options(), "download", *packages]
        proc.run(command, capture=True, cwd=self.debs)
        wanted = {package.split("/")[0] for package in packages}
        return [
            path
            for path in sorted(self.debs.glob("*.deb"))
            if path.name.split("_")[0] in wanted
        ]


def version_of(odoo: Odoo) -> str:
    """A changed Odoo must not meet a database made by another one."""
    release = (odoo.root / "odoo" / "release.py").read_text(encoding="utf-8")
    revision = ""
    if (odoo.root / ".git").exists():
        command = ["git", "-C", str(odoo.root), "rev-parse", "HEAD"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        revision = result.stdout.strip()
    return config.short_hash(release, odoo.origin, revision)
