# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the same number is written: width, case, dashes, separators (R366)."""

import itertools
import re
import unicodedata

from .reference_hints import LETTER

MAX_CHUNKS = 5
MAX_VARIANTS = 64
_INVISIBLE = frozenset("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_DASHES = frozenset("‐‑‒–—―−﹣－ー₋⁻")
# letters, digits; Odoo's delivery names have OUT between warehouse and number
_PIECE = re.compile(r"[^\W\d]+?(?=OUT\d)|[^\W\d]+|\d+")
_JOINS = ("", "-", "/", " ", "_", ".")
_MIXED_JOINS = ("", "-", "/")
CHUNK = re.compile(rf"[{LETTER}0-9]+")


def normalise(text):
    """Return the text in one spelling and, per character, its place in the original.

    >>> normalise("Ｓ０１–２\u200b")[0]
    'S01-2'
    """
    chars, places = [], []
    for index, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        if char in _DASHES:
            replaced = "-"
        elif char in "\n\t":
            replaced = char
        else:
            replaced = " " if char.isspace() else unicodedata.normalize("NFKC", char)
        chars.extend(replaced)
        places.extend([index] * len(replaced))
    return "".join(chars), places


def reference_key(text):
    """What is compared: no case, no separators.

    >>> reference_key("wh／out/00087"), reference_key("WH-OUT-00087")
    ('WHOUT00087', 'WHOUT00087')
    """
    return re.sub(r"[\W_]+", "", normalise(text)[0]).upper()


def spellings(text):
    """The spellings under which a record with this number may be stored.

    >>> "WH/OUT/00087" in spellings("wh-out-00087"), "SO-42" in spellings("SO42")
    (True, True)
    """
    flat = re.sub(r"\s*([-/._\\#+])\s*", r"\1", " ".join(normalise(text)[0].split()))
    found = dict.fromkeys((flat, flat.upper(), flat.lower()))
    chunks = [chunk.upper() for chunk in CHUNK.findall(flat)]
    pieces = [piece for chunk in chunks for piece in _PIECE.findall(chunk)]
    for parts in (chunks, pieces):
        if 1 < len(parts) <= MAX_CHUNKS + 1:
            found.update(dict.fromkeys(join.join(parts) for join in _JOINS))
            found.update(dict.fromkeys(_mixed(parts)))
    return tuple(itertools.islice(found, MAX_VARIANTS))


def _mixed(parts):
    """Join with different separators in each gap, up to three gaps."""
    gaps = len(parts) - 1
    if not 1 < gaps <= 3:
        return
    for joins in itertools.product(_MIXED_JOINS, repeat=gaps):
        yield "".join(map(str.__add__, ("", *joins), parts))


def is_date_like(digits):
    """Whether 6 or 8 digits may be a date, or 4 digits a year.

    >>> is_date_like("20240815"), is_date_like("4500012345"), is_date_like("15082024")
    (True, False, True)
    """
    if not digits.isdigit():
        return False
    if len(digits) == 4:
        return 1950 <= int(digits) <= 2099
    if len(digits) == 6:
        orders = ((2, 4, 4, 6), (2, 4, 0, 2))
    elif len(digits) == 8:
        orders = ((4, 6, 6, 8), (2, 4, 0, 2), (0, 2, 2, 4))
        if not re.search("^(19|20)|(19|20)..$", digits):
            return False
    else:
        return False
    return any(
        1 <= int(digits[a:b]) <= 12 and 1 <= int(digits[c:d]) <= 31
        for a, b, c, d in orders
    )
