# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reading the cells of an old complaint register.

Everything here takes a cell as openpyxl returns it (text, number, date or
None) and returns a clean value, or raises `CellError` with a code that the
caller turns into a sentence naming row and column.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from . import register_words as words

# beyond this a number in a date column is a typing error, not a date
_FIRST_YEAR, _LAST_YEAR = 1980, 2099
_EXCEL_DAYS = range(29221, 73051)  # 1980-01-01 .. 2099-12-31
_HEADER_ROWS = 30
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2}))?[分秒]?")
_QUANTITY = re.compile(r"([-+]?[\d.,' ]*\d)\s*([^\d\s.,%][^\d]*|)")


class CellError(ValueError):
    """A cell cannot be read. `args[0]` is a code, `args[1]` the text seen."""


def clean_text(value):
    """Return a cell as text: no odd spaces, no ``.0`` behind whole numbers.

    >>> clean_text(260701.0)
    '260701'
    >>> clean_text("　客诉\\xa0编号 ")
    '客诉 编号'
    """
    if value is None or isinstance(value, bool):
        return {True: "1", False: "0"}.get(value, "")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        return (
            f"{value:%Y-%m-%d %H:%M}" if value.time() != time() else f"{value:%Y-%m-%d}"
        )
    if (
        isinstance(value, str)
        and value.startswith("#")
        and value.endswith(("!", "?", "A"))
    ):
        raise CellError("excel_error", value)
    lines = str(value).replace("_x000D_", "").splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def clean_number(value, cell_format=None):
    """Return a complaint number as it is printed in the register.

    :param str cell_format: number format of the cell; ``000000`` shows zeros
        that the value itself does not have

    >>> clean_number(50701, "000000")
    '050701'
    >>> clean_number("２６０７０１ ")
    '260701'
    """
    text = clean_text(value)
    zeros = re.fullmatch(r"0+", cell_format or "")
    if zeros and text.isdigit():
        text = text.zfill(len(zeros[0]))
    # full-width digits and letters look the same and would be another number
    narrow = {
        code: code - 0xFEE0
        for code in (0xFF0D, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))
    }
    return text.translate(narrow)


def word_key(value):
    """Return a word without what people write differently.

    >>> word_key("Lot No.") == word_key("LOT-NO") == word_key("ｌｏｔ　ｎｏ．")
    True
    """
    text = unicodedata.normalize("NFKC", str(value or "")).casefold()
    return re.sub(r"[\W_]+", "", text) or text.strip()


def _index(table):
    return {word_key(word): key for key, found in table.items() for word in found}


# word -> (meaning, rank): the usual word for a meaning has rank 0
_HEADERS = {
    word_key(word): (key, rank)
    for key, found in words.HEADERS.items()
    for rank, word in enumerate(found)
}
_TOTALS = {word_key(word) for word in words.TOTALS}
_CHOICES = {
    "state": _index(words.STATES),
    "severity": _index(words.SEVERITIES),
    "demand": _index(words.DEMANDS),
    "channel": _index(words.CHANNELS),
}


def find_header(header):
    """Return ``(meaning, rank)`` of a header, ``None`` when it is not known.

    Two languages in one cell and remarks in brackets do not matter.

    >>> find_header("客诉编号"), find_header("批号\\n(Lot No.)")[0]
    (('number', 0), 'lot')
    >>> find_header("什么") is None
    True
    """
    text = unicodedata.normalize("NFKC", str(header or ""))
    tries = [text, re.sub(r"[(\[【].*?[)\]】]", "", text), *re.split(r"[/\n|]", text)]
    tries += re.findall(r"[^\x00-\x7f]+", text)
    tries += [" ".join(re.findall(r"[ -~]+", text))]
    for part in tries:
        found = _HEADERS.get(word_key(part)) if word_key(part) else None
        if found:
            return found
    return None


def find_choice(kind, value):
    """Return the key a word stands for (state, severity, demand, channel).

    >>> find_choice("state", "已结案"), find_choice("state", "In Progress")
    ('closed', 'investigation')
    """
    return _CHOICES[kind].get(word_key(value))


def match_headers(row):
    """Return ``[meaning or None per cell]``.

    Of several headers with one meaning the more usual word counts (``No.`` is the
    number only where there is no ``Complaint No.``), then the first.

    >>> match_headers(["No.", "编号", "客户", "编号", "什么", None])
    [None, 'number', 'customer', None, None, None]
    """
    found = [find_header(cell) if cell not in (None, "") else None for cell in row]
    best = {}
    for position, match in enumerate(found):
        if match and (match[0] not in best or match[1] < best[match[0]][0]):
            best[match[0]] = match[1], position
    return [
        match[0]
        if match and (match[0] == "ignore" or best[match[0]][1] == position)
        else None
        for position, match in enumerate(found)
    ]


def find_header_row(rows):
    """Return the index of the row that holds the headers, or ``None``.

    Titles, the company's name and a form number may stand above the table.
    """
    best, best_count = None, 1
    for index, row in enumerate(rows[:_HEADER_ROWS]):
        keys = {key for key in match_headers(row) if key not in (None, "ignore")}
        if "number" in keys and len(keys) > best_count:
            best, best_count = index, len(keys)
    return best


def is_total(row):
    """Whether a row is the sum under the table, or empty."""
    filled = [word_key(cell) for cell in row if cell not in (None, "")]
    return not filled or filled[0] in _TOTALS


def parse_when(value, epoch=None):
    """Return a `date`, or a `datetime` when the cell has a time.

    :param datetime epoch: day 0 of the workbook's calendar
    :raise CellError: ``not_a_date``, ``ambiguous_date``, ``no_such_date``,
        ``date_out_of_range``

    >>> parse_when("2025/7/3") == parse_when("03.07.2025") == parse_when(20250703)
    True
    >>> parse_when("2025年7月3日 14:30")
    datetime.datetime(2025, 7, 3, 14, 30)
    """
    if isinstance(value, datetime):
        found = value.replace(tzinfo=None)
    elif isinstance(value, date):
        found = value
    elif isinstance(value, (int, float)) and value in _EXCEL_DAYS:
        found = (epoch or datetime(1899, 12, 30)) + timedelta(days=value)
    else:
        found = _parse_date_text(clean_text(value))
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise CellError("date_out_of_range", clean_text(value))
    if isinstance(found, datetime):
        found = found.replace(microsecond=0)
        return found if found.time() != time() else found.date()
    return found


def _parse_date_text(text):
    plain = unicodedata.normalize("NFKC", text)
    # "2025 / 7 / 3" and "2025年 7月 3日"
    plain = re.sub(r"\s*([-/.年月])\s*", r"\1", plain)
    day_text, _space, rest = plain.replace("T", " ").partition(" ")
    if "日" in day_text:
        day_text, rest = day_text.split("日", 1)[0] + "日", plain.split("日", 1)[1]
    year_last = _YEAR_LAST.fullmatch(day_text)
    match = _YEAR_FIRST.fullmatch(day_text) or _COMPACT.fullmatch(day_text)
    if match:
        year, month, day = map(int, match.groups())
    elif year_last:
        first, separator, second, year = year_last.groups()
        day, month = int(first), int(second)
        if separator != "." and day != month:
            if day <= 12 and month <= 12:
                raise CellError("ambiguous_date", text)
            if month > 12:
                day, month = month, day
        year = int(year)
    else:
        raise CellError("not_a_date", text)
    clock = _TIME.fullmatch(rest.strip().replace(" ", "")) if rest.strip() else None
    if rest.strip() and not clock:
        raise CellError("not_a_date", text)
    try:
        if clock:
            hour, minute, second = (int(part or 0) for part in clock.groups())
            return datetime(year, month, day, hour, minute, second)
        return date(year, month, day)
    except ValueError as error:
        raise CellError("no_such_date", text) from error


def parse_quantity(value):
    """Return a quantity; a unit behind it is left out.

    :raise CellError: ``not_a_quantity``, ``negative``

    >>> parse_quantity("1,200 pcs"), parse_quantity("12件"), parse_quantity(3)
    (1200.0, 12.0, 3.0)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    else:
        text = clean_text(value)
        match = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", text))
        if not match:
            raise CellError("not_a_quantity", text)
        number = _parse_decimal(re.sub(r"[' ]", "", match[1]), text)
    if number < 0:
        raise CellError("negative", clean_text(value))
    return number


def _parse_decimal(digits, text):
    """1,200 and 1.200,5 and 1200.5; a lone comma before 3 digits groups them."""
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        digits = re.sub("[,.]", "", digits[:decimal]) + "." + digits[decimal + 1 :]
    elif re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", "")
    else:
        digits = digits.replace(",", ".")
    try:
        return float(digits)
    except ValueError as error:
        raise CellError("not_a_quantity", text) from error
