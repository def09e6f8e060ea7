"""Reads Odoo's logs: test counts, skipped tests, warnings that count as failures."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .ignored_log import IGNORED

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>[^\s:]+(?::[^\s:]+)*): ?(?P<text>.*)$"
)
COUNTS = re.compile(
    r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading database"
)
SKIPPED = re.compile(r"^skipped (?P<test>.*?) : (?P<reason>.*)$")
FAILING_TEST = re.compile(r"^(FAIL|ERROR): ")
BAD_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
IGNORED_PATTERNS = [re.compile(pattern) for pattern, _reason in IGNORED]


@dataclass
class Scan:
    run: int = 0
    failed: int = 0
    counted: bool = False
    skipped: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)


def records(path: Path):
    """(level, logger, text); lines without a head belong to the record above."""
    current = None
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if match := RECORD.match(line):
                if current:
                    yield current[0], current[1], "\n".join(current[2])
                current = (match["level"], match["logger"], [match["text"]])
            elif current:
                current[2].append(line)
    if current:
        yield current[0], current[1], "\n".join(current[2])


def scan(path: Path) -> Scan:
    result = Scan()
    for level, logger, text in records(path):
        if counts := COUNTS.match(text):
            failures, errors, run = map(int, counts.groups())
            result.run += run
            result.failed += failures + errors
            result.counted = True
        elif skip := SKIPPED.match(text):
            result.skipped.append(f"{skip['test']}: {skip['reason'][:200]}")
        elif FAILING_TEST.match(text):
            result.failing.append(text)
        elif level in BAD_LEVELS and not is_ignored(level, logger, text):
            result.bad.append(f"{level} {logger}: {text}")
    return result


def is_ignored(level: str, logger: str, text: str) -> bool:
    shown = f"{level} {logger}: {text}"
    return any(pattern.search(shown) for pattern in IGNORED_PATTERNS)
