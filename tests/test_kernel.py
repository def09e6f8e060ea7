# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import doctest
import importlib
import pkgutil
from datetime import date

from odoo.tests import BaseCase

from .. import kernel
from ..kernel.event_log import effective_rows, first_and_last
from ..kernel.numbering import (
    PatternError,
    format_number,
    free_numbers,
    parse_pattern,
    period_key,
    read_number,
)

MONTHLY = "{YY}{MM}{##}"
JULY = date(2026, 7, 3)


class TestKernel(BaseCase):
    """Plain Python: no database is needed."""

    def test_examples_in_docstrings_hold(self):
        for info in pkgutil.iter_modules(kernel.__path__):
            module = importlib.import_module(f"{kernel.__name__}.{info.name}")
            with self.subTest(module=info.name):
                self.assertFalse(doctest.testmod(module).failed)

    def test_monthly_number_has_year_month_serial(self):
        """R143: 年度(××)月份(××)流水编号(××)."""
        self.assertEqual(format_number(MONTHLY, JULY, 1), "260701")
        self.assertEqual(format_number(MONTHLY, date(2030, 12, 1), 42), "301242")

    def test_period_is_the_smallest_calendar_part(self):
        """R144: the serial restarts with each new period of the pattern."""
        august = date(2026, 8, 1)
        self.assertNotEqual(period_key(MONTHLY, JULY), period_key(MONTHLY, august))
        self.assertEqual(period_key("{YY}{##}", JULY), period_key("{YY}{##}", august))
        self.assertEqual(period_key("{YYYY}{MM}{DD}-{#}", JULY), "260703")
        self.assertEqual(period_key("CR{####}", JULY), "")

    def test_serial_grows_beyond_its_digits(self):
        """R145: number 100 of a month gets three digits."""
        self.assertEqual(format_number(MONTHLY, JULY, 99), "260799")
        self.assertEqual(format_number(MONTHLY, JULY, 100), "2607100")
        self.assertEqual(format_number(MONTHLY, JULY, 1000), "26071000")

    def test_unusable_patterns_are_refused_with_a_code(self):
        """R143: a pattern that would repeat numbers cannot be set."""
        for pattern, code in (
            ("{YY}{MM}", "one_counter"),
            ("", "one_counter"),
            (None, "one_counter"),
            ("{##}{#}", "one_counter"),
            ("{YY}{WW}{##}", "unknown_token"),
            ("{YY{##}", "unknown_token"),
            ("{MM}{##}", "ambiguous_period"),
            ("{YY}{DD}{##}", "ambiguous_period"),
            ("{DD}{##}", "ambiguous_period"),
        ):
            with self.subTest(pattern=pattern), self.assertRaises(PatternError) as seen:
                parse_pattern(pattern)
            self.assertEqual(seen.exception.args[0], code)

    def test_numbers_are_read_back(self):
        """R144: an imported number tells where its counter stands."""
        for pattern, number, expected in (
            (MONTHLY, "260701", ("2607", 1)),
            (MONTHLY, "2607100", ("2607", 100)),
            ("KS{YYYY}-{###}", "KS2026-017", ("26", 17)),
            ("({##})/{YY}", "(100)/26", ("26", 100)),
            ("C{YY}{MM}{DD}.{#}", "C260731.9", ("260731", 9)),
            ("YY{YY}{##}", "YY2607", ("26", 7)),
            ("{####}", "0012", ("", 12)),
        ):
            with self.subTest(pattern=pattern, number=number):
                self.assertEqual(read_number(pattern, number), expected)

    def test_foreign_numbers_are_no_numbers_of_the_pattern(self):
        """R144: what the pattern would never write does not move its counter."""
        for pattern, number in (
            (MONTHLY, ""),
            (MONTHLY, None),
            (MONTHLY, "26071"),
            (MONTHLY, "261301"),
            (MONTHLY, "260001"),
            (MONTHLY, "2607001"),
            (MONTHLY, "260701 "),
            (MONTHLY, "２６０７０１"),
            ("{YYYY}{##}", "192607"),
            ("{YY}-{YY}{##}", "25-2601"),
            ("{######}", "99999999999"),
            ("A.{##}", "AX01"),
        ):
            with self.subTest(pattern=pattern, number=number):
                self.assertIsNone(read_number(pattern, number))

    def test_reading_is_the_reverse_of_writing(self):
        """R143, R145: over patterns, days and sizes."""
        for pattern in (MONTHLY, "{YYYY}-{###}", "{#}/{YY}{MM}{DD}", "N{####}"):
            for sequence in (0, 1, 9, 10, 99, 100, 12345, 1_999_999_999):
                number = format_number(pattern, JULY, sequence)
                expected = period_key(pattern, JULY), sequence
                self.assertEqual(read_number(pattern, number), expected)

    def test_taken_numbers_are_stepped_over(self):
        """R148: a number is unique, also where another pattern gave it."""
        free = free_numbers(MONTHLY, JULY, 0, 3, {"260702", "260704"})
        self.assertEqual(free, [(1, "260701"), (3, "260703"), (5, "260705")])

    def test_event_log_follows_chains_of_corrections(self):
        """R023: only the last correction counts, whatever the order."""
        log = [
            {"id": 3, "code": "reported", "cycle": 1, "at": 9, "corrects_id": 2},
            {"id": 1, "code": "reported", "cycle": 1, "at": 5, "corrects_id": False},
            {"id": 2, "code": "reported", "cycle": 1, "at": 3, "corrects_id": 1},
            {"id": 4, "code": "accepted", "cycle": 1, "at": 7, "corrects_id": None},
            {"id": 5, "code": "accepted", "cycle": 2, "at": 8, "corrects_id": None},
        ]
        self.assertEqual([row["id"] for row in effective_rows(log)], [4, 5, 3])
        found = first_and_last(log)
        self.assertEqual(found["accepted"][0]["id"], 4)
        self.assertEqual(found["accepted"][1]["id"], 5)
        self.assertEqual(found["reported"][0]["at"], 9)
        self.assertEqual(first_and_last([]), {})
