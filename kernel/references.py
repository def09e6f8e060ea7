# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which pieces of a mail may be the number of one of our documents? (R003, R366)

No pattern per company: every plausible token, and every group of neighbours that may
belong together, becomes a `Candidate` with the spellings under which a record may be
stored. The caller looks them all up at once; only what exists can be linked. A wrong
link is worse than none, therefore short or purely numeric tokens count only behind a
word such as "order" or "批号", and numbers behind "tel", "料号", "qty" never.

>>> [c.text for c in find_candidates([("body", "Our PO 4500012345 / your S00042", 0)])
...  if c.usable]
['PO 4500012345', '4500012345', 'S00042']
>>> find_candidates([("body", "合同号：ＳＯ－２０２４／００１", 0)])[0].key
'SO2024001'
"""

import itertools
import re
from dataclasses import dataclass, field, replace

from .reference_hints import BLANK, HINT_KINDS, LETTER, LineContext
from .reference_text import (
    CHUNK,
    MAX_CHUNKS,
    MAX_VARIANTS,
    is_date_like,
    normalise,
    reference_key,
    spellings,
)
from .reference_words import COMPLAINT, CONNECTORS, LOT, ORDER, OTHER, UNITS

MAX_CANDIDATES = 400
MAX_TEXT = 60_000

_NOT_TEXT = re.compile(r"(?:https?|ftp|mailto):\S+|www\.\S+|[\w.+%-]+@[\w-]+[\w.-]*")
_PHONE = re.compile(
    r"\+\d[\d ()/.-]{6,}"
    rf"|(?<![{LETTER}])(?i:(?:tel|fax|phone|mobile?|telefon|telefax|handy|电话|電話|手机|传真)"
    r"[^\d\n\t]{0,8})\+?[\d ()/-]{6,}"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}(?: ?[A-Z0-9]{1,4})?")
_DATE_BEFORE = re.compile(
    r"(?:\b(?:vom|dated|from|on|am|since|seit|ab|per)|于|自|日付?)\s*$", re.IGNORECASE
)
_GAP = re.compile(r" ?[-/_\\#+] ?|[. ]")
_UNIT_BEHIND = re.compile(rf"\s?(?:{UNITS})(?![{LETTER}])", re.IGNORECASE)
_UNIT_GLUED = re.compile(rf"\d+(?:x\d+)*(?:{UNITS})", re.IGNORECASE)


@dataclass
class Candidate:
    """One possible document number; `variants` are the spellings to look up."""

    text: str
    key: str
    place: str
    level: int
    hint: str = ""
    before: str = ""
    usable: bool = False
    needs_hint: bool = False
    start: int = 0
    end: int = 0
    variants: tuple = field(default=(), repr=False)

    def suits(self, kind):
        """Whether a record of this kind may be meant: a hint that says otherwise
        rules out everything that is not unmistakable by itself."""
        if self.needs_hint:
            return self.hint == kind
        return self.hint in ("", kind, COMPLAINT) or not self.key.isdigit()


def find_candidates(parts):
    """Return the candidates of [(place, text, level), ...], best places first.

    Level 0 is what the sender wrote himself; quoted and forwarded text has the
    number of the mail in the chain. A token that occurs twice is kept once, from the
    best place, with the first hint that it has anywhere on that level.
    """
    found, usable = {}, 0
    for place, text, level in sorted(parts, key=lambda part: part[2]):
        for candidate in _scan(place, (text or "")[:MAX_TEXT], level):
            known = found.get(candidate.key)
            if known is None:
                usable += candidate.usable
                if usable > MAX_CANDIDATES:
                    return list(found.values())
                found[candidate.key] = candidate
            elif known.level == level and candidate.usable and not known.usable:
                found[candidate.key] = candidate
            elif known.level == level and candidate.hint and not known.hint:
                known.hint = candidate.hint
    return list(found.values())


def _scan(place, text, level):
    norm, places = normalise(text)
    for noise in (_NOT_TEXT, _PHONE, _IBAN):
        norm = noise.sub(lambda match: BLANK * len(match[0]), norm)
    norm = norm.replace("|", "\t")
    if place == "attachment":
        norm = norm.replace("_", " ")
    context = LineContext()
    offset = 0
    for line in norm.split("\n"):
        context.enter(line)
        chunks = list(CHUNK.finditer(line))
        for first in range(len(chunks)):
            for candidate in _line_candidates(line, chunks, first, context):
                start, end = candidate.start + offset, candidate.end + offset
                # a copy: the same candidate may come again for its line
                yield replace(
                    candidate,
                    text=text[places[start] : places[end - 1] + 1],
                    start=start,
                    end=end,
                    place=place,
                    level=level,
                )
        context.leave(line)
        offset += len(line) + 1


def _line_candidates(line, chunks, first, context):
    for span in _spans(line, chunks, first):
        candidate = _candidate(line, chunks, span, context)
        if candidate:
            yield candidate
            prefixed = _prefixed(line, candidate)
            if prefixed:
                yield prefixed


def _prefixed(line, candidate):
    """采购2024-015: numbers may begin with characters that hang on the digits."""
    prefix = re.search(r"[\u4e00-\u9fff]{1,4}$", line[: candidate.start])
    if not prefix:
        return None
    text = line[candidate.start : candidate.end]
    variants = tuple(prefix[0][-n:] + text for n in range(1, len(prefix[0]) + 1))
    return replace(
        candidate,
        key=reference_key(variants[-1]),
        start=candidate.start - len(prefix[0]),
        hint="",
        needs_hint=False,
        usable=True,
        variants=variants,
    )


def _spans(line, chunks, first):
    """Groups of neighbours that may be one number, longest first."""
    spans, last = [], first
    while True:
        start, end = chunks[first].start(), chunks[last].end()
        if any(char.isdigit() for char in line[start:end]):
            spans.append((first, last))
        if last + 1 >= len(chunks) or last - first + 1 >= MAX_CHUNKS:
            break
        gap = line[chunks[last].end() : chunks[last + 1].start()]
        if not _GAP.fullmatch(gap) or (
            " " in gap and not _may_join(chunks[last][0], chunks[last + 1][0])
        ):
            break
        last += 1
    return reversed(spans)


def _may_join(left, right):
    """Whether two chunks with a space between them may be one number."""
    if left.isalpha():
        is_prefix = left.isupper() or HINT_KINDS.get(left.lower(), OTHER) != OTHER
        return is_prefix and len(left) <= 4 and not right.isalpha()
    return right.isdigit() and (left.isdigit() or len(right) <= 4)


def _candidate(line, chunks, span, context):
    """Build the candidate of a span or return None when it can be no number."""
    start, end = chunks[span[0]].start(), chunks[span[1]].end()
    text = line[start:end]
    key = reference_key(text)
    shortest = 3 if key.isdigit() else 2
    if (
        not (shortest <= len(key) <= 40)
        or not key.isascii()
        or _UNIT_GLUED.fullmatch(text)
    ):
        return None
    hint = context.hint(line, start, end)
    candidate = Candidate(
        text, key, "", 0, hint, line[max(0, start - 30) : start].strip(), start=start
    )
    candidate.end = end
    candidate.needs_hint = not _speaks_for_itself(line, start, text, key)
    candidate.usable = (
        hint != OTHER
        and not (key.isdigit() and _UNIT_BEHIND.match(line, end))
        and not (is_date_like(key) and _DATE_BEFORE.search(line[:start]))
        and not _is_fragment(line, chunks, span, key)
        and (not candidate.needs_hint or _weak_is_usable(text, key, hint))
    )
    candidate.variants = _variants(text, key, hint)
    return candidate


def _speaks_for_itself(line, start, text, key):
    """Long enough, or letters and digits mixed, so that chance is ruled out."""
    if key.isdigit():
        is_phone = re.fullmatch(r"1[3-9]\d{9}|0\d+", key) or line[:start].endswith("+")
        return (
            len(key) >= 8 and text.isalnum() and not is_phone and not is_date_like(key)
        )
    digits = sum(map(str.isdigit, key))
    return digits >= 2 and (len(key) >= 6 or (len(key) == 5 and digits >= 3))


def _weak_is_usable(text, key, hint):
    if key.isdigit() and (len(key) < 4 or (len(key) == 4 and is_date_like(key))):
        return False
    if key.isdigit() and "." in text and (hint != LOT or len(key) < 6):
        return False
    return bool(hint)


def _is_fragment(line, chunks, span, key):
    """Whether the token is only a piece of a longer number, date or price."""
    before = _glued(line, chunks, span[0] - 1, key)
    after = _glued(line, chunks, span[1], key, behind=True)
    if before and not (before.isalpha() and _is_word(before)):
        return True
    if key.isdigit():
        return after[:1].isdigit()
    return bool(after) and not after.isalpha() and len(after) > 3


def _glued(line, chunks, left, key, behind=False):
    """The neighbour that hangs on a token without a space, or an empty string."""
    if left < 0 or left + 1 >= len(chunks):
        return ""
    gap = line[chunks[left].end() : chunks[left + 1].start()]
    other = chunks[left + behind][0]
    if not re.fullmatch(r"[-/_.,+]", gap):
        return ""
    # "S00042/L2408-017" and "S00042,S00043" are lists: each speaks for itself.
    if gap in "/,+" and _is_mixed(key) and (_is_mixed(other) or gap == ","):
        return ""
    # "240815/260705" as well, while dates and prices have pieces of other lengths
    if gap in "/," and len(other) == len(key) >= 5 and (key + other).isdigit():
        return ""
    return other


def _is_mixed(key):
    return not key.isdigit() and sum(map(str.isdigit, key)) >= 2 and len(key) >= 5


def _is_word(chunk):
    chunk = chunk.lower()
    return len(chunk) >= 4 or chunk in CONNECTORS or chunk in HINT_KINDS


def _variants(text, key, hint):
    """Spellings, with the glued label removed (`PO4500012345`) or added."""
    found = dict.fromkeys(spellings(text))
    glued = re.fullmatch(r"([A-Za-z]+)(\d{4,})", key)
    if glued and HINT_KINDS.get(glued[1].lower()) in (ORDER, LOT):
        found[glued[2]] = None
    if hint == ORDER and key.isdigit() and len(key) >= 5:
        for prefix in ("PO", "PO ", "PO-", "PO#", "PO: "):
            found[prefix + key] = None
    return tuple(itertools.islice(found, MAX_VARIANTS))
