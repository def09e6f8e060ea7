"""Rules of this repository that no ready-made tool checks."""

import ast
import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import classorder, config

TICKET = "helpdesk.ticket"
NOT_LIMITED = ("data/", "demo/", "i18n/", "static/lib/", "security/")
LIMITED_SUFFIXES = (".py", ".js", ".xml", ".scss")
TEXT_SUFFIXES = (
    *LIMITED_SUFFIXES,
    ".csv",
    ".cfg",
    ".html",
    ".md",
    ".po",
    ".pot",
    ".rst",
    ".toml",
    ".txt",
)
MERGE_MARK = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)


class Source:
    """A Python file, parsed once."""

    def __init__(self, root: Path, name: str):
        self.name = name
        self.text = (root / name).read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.error = ""
        try:
            self.tree = ast.parse(self.text)
        except SyntaxError as error:
            self.tree = ast.Module(body=[], type_ignores=[])
            self.error = f"{name}: {error}"

    @property
    def is_test(self) -> bool:
        return self.name.startswith("tests/")

    @property
    def is_addon(self) -> bool:
        return not self.name.startswith(("tools/", "bench/", "tests/", "docs/"))


def run_all(root: Path, files: list[str]):
    """(rule, problems) pairs."""
    sources = [Source(root, name) for name in files if name.endswith(".py")]
    yield "Python files can be parsed", [src.error for src in sources if src.error]
    for rule, function in (
        ("kernel/ does not know Odoo", kernel_imports),
        ("methods are short", long_methods),
        ("sudo() is explained", unexplained_sudo),
        ("members of classes are in order", classorder.problems),
    ):
        yield rule, [line for src in sources for line in function(src)]
    yield f"{TICKET} is extended by one class", ticket_classes(sources)
    yield "files are short", long_files(root, files)
    yield "XML is well-formed", broken_xml(root, files)
    yield "CSV rows are complete", broken_csv(root, files)
    yield "text files are clean", unclean_text(root, files)


def kernel_imports(src: Source):
    if not src.name.startswith("kernel/"):
        return
    for node in ast.walk(src.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.level > 1:
                yield f"{src.name}:{node.lineno}: import from outside of kernel/"
        else:
            continue
        if any(name.split(".")[0] == "odoo" for name in names):
            yield f"{src.name}:{node.lineno}: imports odoo"


def long_methods(src: Source):
    if src.is_test:
        return
    for node in ast.walk(src.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = node.end_lineno - node.lineno + 1
            if size > config.MAX_METHOD_LINES:
                limit = config.MAX_METHOD_LINES
                yield f"{src.name}:{node.lineno}: {node.name}: {size} lines > {limit}"


def unexplained_sudo(src: Source):
    """The reason stands on the line, on the one above, or above the statement."""
    if not src.is_addon:
        return
    statements = {}
    for node in ast.walk(src.tree):
        if isinstance(node, ast.stmt) and not isinstance(
            node, ast.FunctionDef | ast.ClassDef | ast.If | ast.For | ast.With | ast.Try
        ):
            for line in range(node.lineno, node.end_lineno + 1):
                statements[line] = node.lineno
    for node in ast.walk(src.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "sudo":
            continue
        line = node.func.end_lineno
        start = statements.get(line, line)
        shown = {line, line - 1, start, start - 1}
        if not any("#" in src.lines[at - 1] for at in shown if at > 0):
            yield f"{src.name}:{line}: sudo() without a comment that says why"


def ticket_classes(sources: list[Source]) -> list[str]:
    """A big extension is split by mixins and child models, not by a second class."""
    found = []
    for src in sources:
        for node in ast.walk(src.tree):
            if not src.is_addon or not isinstance(node, ast.ClassDef):
                continue
            values = {
                target.id: statement.value
                for statement in node.body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            inherit = ast.dump(values["_inherit"]) if "_inherit" in values else ""
            name = ast.dump(values["_name"]) if "_name" in values else ""
            if f"'{TICKET}'" in inherit and (not name or f"'{TICKET}'" in name):
                found.append(f"{src.name}:{node.lineno}: class {node.name}")
    return found if len(found) > 1 else []


def long_files(root: Path, files: list[str]) -> list[str]:
    found = []
    for name in files:
        if name.endswith(LIMITED_SUFFIXES) and not name.startswith(NOT_LIMITED):
            size = len((root / name).read_text(encoding="utf-8").splitlines())
            if size > config.MAX_FILE_LINES:
                found.append(f"{name}: {size} lines > {config.MAX_FILE_LINES}")
    return found


def broken_xml(root: Path, files: list[str]) -> list[str]:
    found = []
    for name in files:
        if name.endswith((".xml", ".svg")):
            try:
                ElementTree.parse(root / name)
            except ElementTree.ParseError as error:
                found.append(f"{name}: {error}")
    return found


def broken_csv(root: Path, files: list[str]) -> list[str]:
    found = []
    for name in files:
        if not name.endswith(".csv") or name.startswith(("tests/", "docs/", "bench/")):
            continue
        text = (root / name).read_text(encoding="utf-8")
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
        for number, row in enumerate(rows, 1):
            if len(row) != len(rows[0]):
                found.append(f"{name}: row {number}: {len(row)} of {len(rows[0])}")
    return found


def unclean_text(root: Path, files: list[str]) -> list[str]:
    found = []
    for name in files:
        is_text = name.endswith(TEXT_SUFFIXES) or "." not in Path(name).name
        if not is_text or name.startswith("static/lib/"):
            continue
        data = (root / name).read_bytes()
        text = data.decode("utf-8", errors="replace")
        if b"\r" in data:
            found.append(f"{name}: carriage return")
        if data and not data.endswith(b"\n"):
            found.append(f"{name}: no line feed at the end")
        if MERGE_MARK.search(text) and not name.endswith((".md", ".rst", ".txt")):
            found.append(f"{name}: merge conflict")
        lines = text.splitlines()
        bad = [n for n, line in enumerate(lines, 1) if line != line.rstrip()]
        if bad and not name.endswith((".po", ".pot")):
            found.append(f"{name}:{bad[0]}: white space at the end of a line")
    return found
