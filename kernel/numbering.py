# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Complaint number patterns (R143-R148).

A pattern is literal text with tokens in braces::

    {YYYY} {YY}   year, four or two digits
    {MM} {DD}     month, day
    {##}          running number, at least as many digits as there are #

The counter restarts with the smallest calendar token of the pattern, so
``{YY}{MM}{##}`` restarts every month (R144) and ``CR-{####}`` never does.
A counter that outgrows its digits gets longer instead of repeating (R145).
"""

import re

_TOKEN = re.compile(r"\{(YYYY|YY|MM|DD|#+)\}")
# the counter is a database integer
_MAX_SEQUENCE = 2_000_000_000
_DATE_FORMATS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d"}


class PatternError(ValueError):
    """The pattern cannot be used. `args[0]` is a code, see `parse_pattern`."""


def parse_pattern(pattern):
    """Split a pattern into its parts.

    :param str pattern: for example ``{YY}{MM}{##}``
    :return: list of ``(kind, text)`` with kind ``literal``, ``date`` or ``seq``
    :raise PatternError: with code ``unknown_token`` (a brace that is no token),
        ``one_counter`` (not exactly one ``{#}``) or ``ambiguous_period`` (a month
        without a year, or a day without a month: numbers would repeat)

    >>> parse_pattern("CR{YY}-{###}")
    [('literal', 'CR'), ('date', 'YY'), ('literal', '-'), ('seq', '###')]
    """
    parts, position = [], 0
    for match in _TOKEN.finditer(pattern or ""):
        if match.start() > position:
            parts.append(("literal", pattern[position : match.start()]))
        token = match.group(1)
        parts.append(("seq" if token.startswith("#") else "date", token))
        position = match.end()
    if position < len(pattern or ""):
        parts.append(("literal", pattern[position:]))
    if any(kind == "literal" and set(text) & set("{}") for kind, text in parts):
        raise PatternError("unknown_token")
    if sum(kind == "seq" for kind, _text in parts) != 1:
        raise PatternError("one_counter")
    dates = {text for kind, text in parts if kind == "date"}
    has_year = dates & {"YYYY", "YY"}
    if ("MM" in dates and not has_year) or ("DD" in dates and "MM" not in dates):
        raise PatternError("ambiguous_period")
    return parts


def period_key(pattern, day):
    """Return the text that is the same for all days sharing one counter.

    :param str pattern: a valid pattern
    :param datetime.date day: the day in the company's time zone

    >>> from datetime import date
    >>> period_key("{YY}{MM}{##}", date(2026, 7, 3))
    '2607'
    >>> period_key("CR-{####}", date(2026, 7, 3))
    ''
    """
    dates = {text for kind, text in parse_pattern(pattern) if kind == "date"}
    key = day.strftime("%y") if dates else ""
    if dates & {"MM"}:
        key += day.strftime("%m")
    if dates & {"DD"}:
        key += day.strftime("%d")
    return key


def format_number(pattern, day, sequence):
    """Return the number text.

    >>> from datetime import date
    >>> format_number("{YY}{MM}{##}", date(2026, 7, 3), 1)
    '260701'
    >>> format_number("{YY}{MM}{##}", date(2026, 7, 3), 100)
    '2607100'
    """
    result = []
    for kind, text in parse_pattern(pattern):
        if kind == "date":
            text = day.strftime(_DATE_FORMATS[text])
        elif kind == "seq":
            text = str(sequence).zfill(len(text))
        result.append(text)
    return "".join(result)


def free_numbers(pattern, day, last, count, taken=()):
    """Return the next `count` numbers after `last` that are not taken.

    :param int last: highest running number given so far in this period
    :param taken: container of number texts to step over
    :return: list of ``(sequence, number text)``

    >>> from datetime import date
    >>> free_numbers("CR-{##}", date(2026, 7, 3), 7, 2, {"CR-09"})
    [(8, 'CR-08'), (10, 'CR-10')]
    """
    result, sequence = [], last
    while len(result) < count:
        sequence += 1
        number = format_number(pattern, day, sequence)
        if number not in taken:
            result.append((sequence, number))
    return result


def read_number(pattern, number):
    """Read an existing number back, so that a counter can continue after it.

    :return: ``(period, sequence)`` or ``None`` when the number does not follow
        the pattern: the pattern would never write it like that

    >>> read_number("{YY}{MM}{##}", "260745")
    ('2607', 45)
    >>> read_number("{YY}{MM}{##}", "2607100")
    ('2607', 100)
    >>> read_number("{YY}{MM}{##}", "2607045") is None
    True
    >>> read_number("{YY}{MM}{##}", "KS-12") is None
    True
    """
    parts, expression, found = parse_pattern(pattern), "", []
    for kind, text in parts:
        if kind == "literal":
            expression += re.escape(text)
        else:
            more = "," if kind == "seq" else ""
            expression += f"([0-9]{{{len(text)}{more}}})"
            found.append(text)
    match = re.fullmatch(expression, number or "")
    if not match:
        return None
    values = dict(zip(found, match.groups(), strict=True))
    counter = next(text for kind, text in parts if kind == "seq")
    sequence = int(values[counter])
    values[counter] = str(sequence).zfill(len(counter))
    written = "".join(
        text if kind == "literal" else values[text] for kind, text in parts
    )
    year = values.get("YYYY", "20" + values.get("YY", ""))
    month = values.get("MM", "01")
    if (
        written != number
        or sequence > _MAX_SEQUENCE
        or not year.startswith("20")
        or not 1 <= int(month) <= 12
    ):
        return None
    return year[2:] + values.get("MM", "") + values.get("DD", ""), sequence
