# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Finding the names of persons in texts, to take them out again (R514)."""

import re

_LATIN = "0-9A-Za-zÀ-ÖØ-öø-ÿ"
# shorter ones would be found everywhere; Chinese names have two characters
_SHORTEST_LATIN = 3
_SHORTEST_OTHER = 2


def compile_names(texts):
    """Return a pattern that finds these names, numbers and addresses, or None.

    Latin ones are found as whole words only, Chinese ones anywhere.

    >>> names = compile_names(["Max", "王小明", "+49 421 55", None, "Al", " "])
    >>> names.sub("…", "max found it at maximum load, 客户王小明反映 (+49 421 55)")
    '… found it at maximum load, 客户…反映 (…)'
    >>> compile_names(["Anna", "Anna Meyer"]).sub("…", "Anna Meyer and Anna")
    '… and …'
    >>> compile_names(["", None, "Li"]) is None
    True
    """
    found = {text.strip() for text in texts if text}
    # long ones first: an address contains the name
    found = sorted(filter(_is_long_enough, found), key=lambda t: (-len(t), t))
    if not found:
        return None
    return re.compile("|".join(map(_get_part, found)), re.IGNORECASE)


def _is_long_enough(text):
    shortest = _SHORTEST_LATIN if text.isascii() else _SHORTEST_OTHER
    return len(text) >= shortest


def _get_part(text):
    before = f"(?<![{_LATIN}])" if re.match(f"[{_LATIN}]", text[0]) else ""
    after = f"(?![{_LATIN}])" if re.match(f"[{_LATIN}]", text[-1]) else ""
    return f"{before}{re.escape(text)}{after}"
