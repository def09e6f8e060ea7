# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
from datetime import date, datetime
from unittest.mock import patch

import openpyxl

from odoo.tests import BaseCase

from ..kernel.register_book import Book, BookError
from ..kernel.register_import import (
    CellError,
    clean_number,
    find_choice,
    find_header,
    match_headers,
    parse_quantity,
    parse_when,
)


class TestRegisterCells(BaseCase):
    """Reading cells needs no database."""

    def test_dates_in_all_customary_forms(self):
        """R372: an old register is typed by many hands."""
        day = date(2025, 7, 3)
        for value in (
            day,
            datetime(2025, 7, 3),
            "2025/7/3",
            "2025-07-03",
            "2025.7.3",
            "03.07.2025",
            "20250703",
            20250703,
            45841,
            45841.0,
            "2025年7月3日",
            "２０２５年 7月 3日",
        ):
            with self.subTest(value=value):
                self.assertEqual(parse_when(value), day)
        self.assertEqual(parse_when("13/7/2025"), date(2025, 7, 13))
        self.assertEqual(parse_when("7/13/2025"), date(2025, 7, 13))
        self.assertEqual(parse_when("2025/7/3 8:05"), datetime(2025, 7, 3, 8, 5))
        self.assertEqual(
            parse_when(45841 - 1462, datetime(1904, 1, 1)), day, "calendar of old Macs"
        )

    def test_doubtful_dates_are_not_guessed(self):
        """R372: a wrong date is worse than an error."""
        for value, code in (
            ("3/7/2025", "ambiguous_date"),
            ("2025-02-30", "no_such_date"),
            ("2025-13-01", "no_such_date"),
            ("2025-07-03 25:00", "no_such_date"),
            ("7月3日", "not_a_date"),
            ("下周", "not_a_date"),
            ("2025-07-03 approx", "not_a_date"),
            (12, "not_a_date"),
            ("1899-12-30", "date_out_of_range"),
            ("#REF!", "excel_error"),
        ):
            with self.subTest(value=value), self.assertRaises(CellError) as seen:
                parse_when(value)
            self.assertEqual(seen.exception.args[0], code)

    def test_quantities_with_units_and_separators(self):
        """R031: the number counts, the unit behind it is left out."""
        for value, expected in (
            (12, 12),
            (1.5, 1.5),
            ("1,200 pcs", 1200),
            ("1.200,5", 1200.5),
            ("12,5 kg", 12.5),
            ("300件", 300),
            ("１２", 12),
        ):
            with self.subTest(value=value):
                self.assertEqual(parse_quantity(value), expected)
        for value, code in (
            ("未知", "not_a_quantity"),
            ("5%", "not_a_quantity"),
            ("3/5", "not_a_quantity"),
            (-1, "negative"),
            ("-1", "negative"),
        ):
            with self.subTest(value=value), self.assertRaises(CellError) as seen:
                parse_quantity(value)
            self.assertEqual(seen.exception.args[0], code)

    def test_numbers_are_kept_as_printed(self):
        """R143: leading zeros, whole numbers, full-width digits."""
        self.assertEqual(clean_number(260701), "260701")
        self.assertEqual(clean_number(260701.0), "260701")
        self.assertEqual(clean_number(50701, "000000"), "050701")
        self.assertEqual(clean_number("２６０７０１ "), "260701")
        self.assertEqual(clean_number("（2019）第3号"), "（2019）第3号")

    def test_headers_in_chinese_english_and_german(self):
        """R372: synonyms are data."""
        for header, meaning in (
            ("编号", "number"),
            ("Complaint No.", "number"),
            ("Reklamations-Nr.", "number"),
            ("客诉日期", "reported"),
            ("受理日期", "accepted"),
            ("客户名称 Customer", "customer"),
            ("LOT NO.", "lot"),
            ("批号\n(Lot No.)", "lot"),
            ("订单编号/Order No.", "order"),
            ("不良数量（PCS）", "defective_qty"),
            ("处理结果：", "result"),
            ("Ｓ/Ｎ", "serials"),
        ):
            with self.subTest(header=header):
                self.assertEqual(find_header(header)[0], meaning)
        for header in ("密级", "", None, "()", "12"):
            self.assertIsNone(find_header(header))

    def test_the_more_usual_header_wins(self):
        """R372: a running number beside the complaint number is not taken for it."""
        self.assertEqual(
            match_headers(["No.", "客诉编号", "日期", "投诉日期"]),
            [None, "number", None, "reported"],
        )

    def test_states_are_recognised(self):
        """R372: whatever the old register called them."""
        for word, phase in (
            ("已结案", "closed"),
            ("处理中", "investigation"),
            ("作废", "cancelled"),
            ("待受理", "draft"),
            ("Open", "accepted"),
            ("是", "closed"),
        ):
            self.assertEqual(find_choice("state", word), phase)
        self.assertIsNone(find_choice("state", "什么"))

    def test_files_that_are_no_workbook_are_named(self):
        """R372: each with its own advice."""
        old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
        buffer = io.BytesIO()
        openpyxl.Workbook().save(buffer)
        book = buffer.getvalue()
        for content, code in (
            (b"", "empty"),
            (None, "empty"),
            (old, "old_excel"),
            (old + "EncryptedPackage".encode("utf-16-le"), "password"),
            ("编号,日期\n1,2\n".encode("gb18030"), "not_excel"),
            (b"PK\x03\x04 nothing behind it", "broken"),
            (book[: len(book) // 2], "broken"),
            (book.replace(b"xl/workbook.xml", b"xl/workbook.xmx"), "broken"),
        ):
            with self.subTest(code=code), self.assertRaises(BookError) as seen:
                Book(content)
            self.assertEqual(seen.exception.args[0], code)

    def test_workbook_that_unpacks_too_far_is_refused(self):
        """R372: a small file must not fill the memory."""
        buffer = io.BytesIO()
        openpyxl.Workbook().save(buffer)
        with (
            patch(
                "odoo.addons.helpdesk_mgmt_complaint.kernel.register_book"
                "._MAX_UNPACKED",
                100,
            ),
            self.assertRaises(BookError) as seen,
        ):
            Book(buffer.getvalue())
        self.assertEqual(seen.exception.args[0], "too_big")
