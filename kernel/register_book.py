# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Opening an Excel workbook that a user uploaded."""

import io
import re
import zipfile
import zlib

import openpyxl

from .register_import import clean_number, find_header_row

MAX_ROWS = 20_000
_MAX_COLUMNS = 200
_MAX_UNPACKED = 500_000_000
# formatted but empty rows below the table
_MAX_EMPTY = 2_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    SyntaxError,  # of XML
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class BookError(Exception):
    """The file cannot be used. `args[0]` is a code."""


class Book:
    """The sheets of a workbook.

    :param bytes content: the file
    :raise BookError: ``empty``, ``password``, ``old_excel``, ``not_excel``,
        ``too_big``, ``broken``
    """

    def __init__(self, content):
        _check_container(content or b"")
        try:
            self._book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True
            )
            self._sheets = {sheet.title: sheet for sheet in self._book.worksheets}
        except _BROKEN as error:
            raise BookError("broken") from error
        self.epoch = self._book.epoch
        self._rows = {}

    @property
    def sheet_names(self):
        return list(self._sheets)

    def rows(self, name):
        """Return the cells of a sheet, empty rows at its end left out.

        :raise BookError: ``too_many_rows``, ``broken``
        """
        if name not in self._rows:
            try:
                self._rows[name] = _read_rows(self._sheets[name])
            except _BROKEN as error:
                raise BookError("broken") from error
        return self._rows[name]

    def find_registers(self):
        """Return ``{sheet name: index of its header row}`` of sheets with one."""
        found = {name: find_header_row(self.rows(name)) for name in self._sheets}
        return {name: index for name, index in found.items() if index is not None}


def _check_container(content):
    if not content:
        raise BookError("empty")
    if content.startswith(_OLD_EXCEL):
        # Excel wraps a protected workbook in the container of its old format
        protected = "EncryptedPackage".encode("utf-16-le") in content
        raise BookError("password" if protected else "old_excel")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            size = sum(info.file_size for info in archive.infolist())
    except _BROKEN as error:
        kind = "broken" if content.startswith(b"PK") else "not_excel"
        raise BookError(kind) from error
    if not any(name.startswith("xl/") for name in names):
        raise BookError("not_excel")
    if size > _MAX_UNPACKED:
        raise BookError("too_big")


def _read_rows(sheet):
    # what a file says of its own size is often wrong
    sheet.reset_dimensions()
    rows, empty = [], 0
    for cells in sheet.iter_rows(max_col=_MAX_COLUMNS):
        row = [_value(cell) for cell in cells]
        empty = empty + 1 if all(value in (None, "") for value in row) else 0
        if empty > _MAX_EMPTY:
            break
        rows.append(row)
        if len(rows) - empty > MAX_ROWS:
            raise BookError("too_many_rows")
    return rows[: len(rows) - empty]


def _value(cell):
    value = cell.value
    if isinstance(value, int) and re.fullmatch("00+", cell.number_format or ""):
        return clean_number(value, cell.number_format)
    return value
