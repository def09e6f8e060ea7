# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the words around a token say it is: labels, table headings, lists (R366)."""

import re

from .reference_words import CONNECTORS, HINTS, OTHER

LETTER = "A-Za-zÀ-ɏ"
BLANK = "¦"  # stands for removed text, and ends the reach of a hint
_SENTENCE_END = re.compile(r"[。！？!?]|\.\s+(?=[A-ZÄÖÜ])")
_BEHIND_FILLER = re.compile(r"\s?[号號的这這个該该の]{0,2}")


def _compile_hints():
    kinds, patterns = {}, []
    for kind, words in HINTS.items():
        for word in words.split("|"):
            kinds[word.lower()] = kind
    for word in sorted(kinds, key=len, reverse=True):
        pattern = re.escape(word).replace(r"\ ", r"[ .-]{0,2}")
        if word.isascii() or word[0] in "äöü":
            pattern = rf"(?<![{LETTER}]){pattern}(?![{LETTER}])"
        patterns.append(pattern)
    return kinds, re.compile("|".join(patterns), re.IGNORECASE)


HINT_KINDS, _HINT = _compile_hints()
_COMPACT_KINDS = {
    re.sub(r"[ .-]+", "", word): kind for word, kind in HINT_KINDS.items()
}


class LineContext:
    """The hints of a line, and those that reach it from the lines before."""

    def __init__(self):
        self.hints, self.columns, self.label = [], {}, ""
        self.cells = 0

    def enter(self, line):
        """Look for the hints of a new line; empty lines end nothing."""
        self.hints = [
            (match.start(), match.end(), _hint_kind(match[0]))
            for match in _HINT.finditer(line)
        ]
        cells = line.count("\t") + 1
        if line.strip() and cells != self.cells:
            self.columns, self.cells = {}, cells

    def leave(self, line):
        """Remember what reaches the lines below: headings, a label at the end."""
        has_digit = any(char.isdigit() for char in line)
        if "\t" in line and self.hints and not has_digit:
            self.columns = {
                line.count("\t", 0, start): kind
                for start, _end, kind in reversed(self.hints)
            }
        if line.strip():
            self.label = ""
            if self.hints and not has_digit and "\t" not in line:
                _start, end, kind = self.hints[-1]
                if not _leftover(line[end:]):
                    self.label = kind

    def hint(self, line, start, end):
        """The kind of document that the words around a token speak of."""
        column = line.count("\t", 0, start)
        cell = line.rfind("\t", 0, start) + 1
        for hint_start, hint_end, kind in reversed(self.hints):
            if hint_start >= start:
                if hint_end <= end:
                    return kind
                continue
            if hint_end <= start:
                if hint_start < cell and self.columns.get(column):
                    break
                if _reaches(line[hint_end:start], kind):
                    return kind
                break
        label = self.label
        if start - cell > 40 or (label == OTHER and line[:start].strip()):
            label = ""
        return self._hint_behind(line, end) or self.columns.get(column, "") or label

    def _hint_behind(self, line, end):
        at = _BEHIND_FILLER.match(line, end).end()
        for hint_start, hint_end, kind in self.hints:
            if hint_start == at and not line[hint_start].isascii():
                if not re.match(r"[\s:#.]*[A-Za-z]{0,3}\d", line[hint_end:]):
                    return kind
        return ""


def _hint_kind(word):
    return _COMPACT_KINDS[_compact(word)]


def _compact(word):
    return re.sub(r"[\s.-]+", "", word.lower())


def _leftover(between):
    """The words between a hint and a token that are no connectors, without codes."""
    words = [
        word
        for word in re.findall(rf"[{LETTER}]+|[^\W\d_]+", _strip_codes(between))
        if word.lower() not in CONNECTORS
    ]
    return "".join(words)


def _strip_codes(text):
    return re.sub(rf"[{LETTER}]*\d[\w/.-]*", " ", text)


def _reaches(between, kind):
    """Whether a hint still speaks of the token that stands behind this text."""
    if _SENTENCE_END.search(between) or len(between) > 120 or BLANK in between:
        return False
    between = re.sub(r"\([^()]*\)", " ", between)
    has_code = any(char.isdigit() for char in between)
    left = _leftover(between)
    if has_code:
        return kind != OTHER and not left and "\t" not in between
    return len(left) <= (12 if left.isascii() else 4)
