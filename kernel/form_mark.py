# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The invisible mark by which a file is known as an internal form (R518).

A renamed copy keeps it. A PDF has it as a comment after its end, which every reader
skips; a workbook among its keywords.
"""

import io
import zipfile

MARK = "helpdesk_mgmt_complaint-internal-form"
_COMMENT = b"\n%" + MARK.encode() + b"\n"
# bytes at the end of a PDF that are looked at; some mailers append blanks
_TAIL = 4096
# larger properties are no properties
_MOST = 1_000_000


def add_mark(pdf):
    r"""Return the PDF with the mark, once.

    >>> add_mark(b"%PDF-1.4 ... %%EOF").endswith(b"-internal-form\n")
    True
    >>> add_mark(add_mark(b"%PDF-")) == add_mark(b"%PDF-")
    True
    """
    return pdf if has_mark(pdf) else pdf + _COMMENT


def has_mark(raw):
    """Return whether these bytes are an internal form.

    >>> has_mark(b""), has_mark(b"%PDF- other"), has_mark(add_mark(b"%PDF-"))
    (False, False, True)
    >>> has_mark(b"PK not a workbook")
    False
    """
    if raw.startswith(b"%PDF-"):
        return MARK.encode() in raw[-_TAIL:]
    if raw.startswith(b"PK"):
        return _has_keyword(raw)
    return False


def _has_keyword(raw):
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            entry = book.getinfo("docProps/core.xml")
            if entry.file_size > _MOST:
                return False
            return MARK.encode() in book.read(entry)
    except (KeyError, OSError, RuntimeError, ValueError, zipfile.BadZipFile):
        # no workbook, or a broken or encrypted one
        return False
