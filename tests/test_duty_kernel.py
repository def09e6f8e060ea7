# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date, datetime, timedelta
from itertools import islice, pairwise

from odoo.tests import BaseCase

from ..kernel.clock_units import Ground
from ..kernel.clock_working import ClockError, WorkingTime, load_zone, to_local
from ..kernel.duty_periods import CYCLES, DutyRule, check_rule, duty_periods
from .common_clock import office_hours

SHANGHAI = Ground(load_zone("Asia/Shanghai"))
BERLIN = Ground(load_zone("Europe/Berlin"))
UTC = Ground(load_zone("UTC"))


def dues(rule, day, count=1, ground=SHANGHAI):
    """Return the due times of the first periods, as text."""
    periods = islice(duty_periods(rule, ground, day), count)
    return [str(period.due_at) for period in periods]


class TestDutyKernel(BaseCase):
    """Periods and due times, in plain Python."""

    def test_before_the_tenth_of_the_next_month(self):
        """R259, R260, G31: until the end of the 9th, or of the 10th if inclusive."""
        rule = DutyRule("month", in_next=True, day=10, inclusive=False)
        self.assertEqual(
            dues(rule, date(2026, 11, 30), 3),
            ["2026-12-09 15:59:59", "2027-01-09 15:59:59", "2027-02-09 15:59:59"],
        )
        [november] = islice(duty_periods(rule, SHANGHAI, date(2026, 11, 30)), 1)
        self.assertEqual(november.first, date(2026, 11, 1))
        self.assertEqual(november.last, date(2026, 11, 30))
        self.assertEqual(november.opens_at, datetime(2026, 11, 30, 16))
        inclusive = DutyRule("month", in_next=True, day=10)
        self.assertEqual(dues(inclusive, date(2026, 11, 1)), ["2026-12-10 15:59:59"])
        at = DutyRule("month", in_next=True, day=10, inclusive=False, at="17:00")
        self.assertEqual(dues(at, date(2026, 11, 1)), ["2026-12-09 09:00:00"])

    def test_before_the_25th_of_this_month(self):
        """R318: the report about July is due in July."""
        rule = DutyRule("month", day=25, inclusive=False)
        self.assertEqual(dues(rule, date(2026, 7, 1)), ["2026-07-24 15:59:59"])
        [july] = islice(duty_periods(rule, SHANGHAI, date(2026, 7, 31)), 1)
        self.assertEqual(july.opens_at, datetime(2026, 6, 30, 16))

    def test_last_days_of_months_and_leap_years(self):
        """R277, R270: the last day, also of February."""
        expected = ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
        found = dues(DutyRule("month"), date(2028, 1, 1), 4, UTC)
        self.assertEqual(found, [f"{day} 23:59:59" for day in expected])
        self.assertEqual(
            dues(DutyRule("month", day=31), date(2028, 1, 1), 4, UTC), found
        )
        self.assertEqual(
            dues(DutyRule("month"), date(2027, 2, 1), 1, UTC), ["2027-02-28 23:59:59"]
        )

    def test_before_the_31st_of_a_short_month_is_its_last_day(self):
        """G31: a month without 31st loses no day."""
        rule = DutyRule("month", day=31, inclusive=False)
        self.assertEqual(
            [due[:10] for due in dues(rule, date(2027, 1, 1), 4, UTC)],
            ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"],
        )
        first = DutyRule("month", in_next=True, day=1)
        self.assertEqual(
            [due[:10] for due in dues(first, date(2026, 12, 5), 2, UTC)],
            ["2027-01-01", "2027-02-01"],
        )

    def test_quarters_and_years(self):
        """R268, R272, R293, R294: last day, day of a month, opening later."""
        handed_over = DutyRule("quarter", in_next=True)
        [third] = islice(duty_periods(handed_over, SHANGHAI, date(2026, 8, 15)), 1)
        self.assertEqual(third.first, date(2026, 7, 1))
        self.assertEqual(third.opens_at, datetime(2026, 9, 30, 16))
        self.assertEqual(third.due_at, datetime(2026, 12, 31, 15, 59, 59))
        tenth = DutyRule("quarter", in_next=True, month=1, day=10, inclusive=False)
        self.assertEqual(dues(tenth, date(2026, 12, 31)), ["2027-01-09 15:59:59"])
        survey = DutyRule("year", open_month=10)
        [year] = islice(duty_periods(survey, SHANGHAI, date(2026, 3, 1)), 1)
        self.assertEqual(year.first, date(2026, 1, 1))
        self.assertEqual(year.opens_at, datetime(2026, 9, 30, 16))
        self.assertEqual(year.due_at, datetime(2026, 12, 31, 15, 59, 59))
        february = DutyRule("year", month=2)
        self.assertEqual(
            dues(february, date(2027, 5, 1), 2, UTC),
            ["2027-02-28 23:59:59", "2028-02-29 23:59:59"],
        )

    def test_weeks(self):
        """R279: Friday, at a time; the week over the turn of the year is one."""
        friday = DutyRule("week", day=5, at="15:00")
        self.assertEqual(
            dues(friday, date(2026, 12, 30), 2),
            ["2027-01-01 07:00:00", "2027-01-08 07:00:00"],
        )
        [week] = islice(duty_periods(friday, SHANGHAI, date(2027, 1, 3)), 1)
        self.assertEqual(week.first, date(2026, 12, 28))
        sunday = DutyRule("week")
        self.assertEqual(dues(sunday, date(2026, 7, 6)), ["2026-07-12 15:59:59"])

    def test_clock_changes_in_berlin(self):
        """R320: the end of the local day, in summer and winter."""
        rule = DutyRule("month")
        self.assertEqual(
            dues(rule, date(2026, 2, 1), 3, BERLIN),
            ["2026-02-28 22:59:59", "2026-03-31 21:59:59", "2026-04-30 21:59:59"],
        )
        self.assertEqual(
            dues(rule, date(2026, 10, 1), 1, BERLIN), ["2026-10-31 22:59:59"]
        )
        # 02:30 does not exist on 29 March, and exists twice on 25 October
        night = DutyRule("week", day=7, at="02:30")
        self.assertEqual(
            dues(night, date(2026, 3, 23), 1, BERLIN), ["2026-03-29 01:30:00"]
        )
        self.assertEqual(
            dues(night, date(2026, 10, 19), 1, BERLIN), ["2026-10-25 00:30:00"]
        )
        [april] = islice(duty_periods(rule, BERLIN, date(2026, 4, 1)), 1)
        self.assertEqual(april.opens_at, datetime(2026, 3, 31, 22))

    def test_due_day_without_work_moves_back(self):
        """R320: "before" a Sunday is the Friday before it; holidays too."""
        rule = DutyRule("month", day=25, inclusive=False, working_days_only=True)
        holiday = date(2026, 10, 23)
        for working, day, expected in (
            # 24 October 2026 is a Saturday
            (office_hours(), date(2026, 10, 1), "2026-10-23"),
            (office_hours(holidays=(holiday,)), date(2026, 10, 1), "2026-10-22"),
            (office_hours(), date(2026, 11, 1), "2026-11-24"),
            # no working hours at all: the day itself
            (None, date(2026, 10, 1), "2026-10-24"),
            (WorkingTime([]), date(2026, 10, 1), "2026-10-24"),
            # before and after the hours that are known
            (office_hours(), date(2020, 10, 1), "2020-10-24"),
            (office_hours(), date(2040, 10, 1), "2040-10-24"),
        ):
            ground = Ground(load_zone("UTC"), working)
            with self.subTest(day=day, working=working):
                self.assertEqual(dues(rule, day, 1, ground), [f"{expected} 23:59:59"])

    def test_period_without_any_work_keeps_its_day(self):
        """R320: a week of holidays is no reason to lose the duty."""
        closed = [date(2026, 10, 1) + timedelta(days=n) for n in range(12)]
        ground = Ground(load_zone("UTC"), office_hours(holidays=closed))
        rule = DutyRule("week", day=5, working_days_only=True)
        self.assertEqual(
            dues(rule, date(2026, 10, 5), 1, ground), ["2026-10-09 23:59:59"]
        )

    def test_periods_leave_no_gap_and_never_overlap(self):
        """R322: ten years of every cycle in zones with and without clock changes."""
        for zone in ("Asia/Shanghai", "Europe/Berlin", "America/Santiago"):
            ground = Ground(load_zone(zone))
            for cycle in CYCLES:
                for in_next in (False, True):
                    rule = DutyRule(cycle, in_next=in_next)
                    periods = islice(
                        duty_periods(rule, ground, date(2023, 5, 17)),
                        {"week": 520, "month": 120, "quarter": 40, "year": 10}[cycle],
                    )
                    for one, two in pairwise(periods):
                        self.assertEqual(two.first - one.last, timedelta(days=1))
                        self.assertLess(one.opens_at, one.due_at)
                        self.assertLess(one.due_at, two.due_at)
                        # the next one opens with the first moment after the due time
                        self.assertLessEqual(one.due_at, two.opens_at)
                        done = two if in_next else one
                        due = to_local(one.due_at, ground.zone)
                        self.assertEqual(due.date(), done.last)

    def test_nonsense_is_refused(self):
        """R322: a clear code for each."""
        for code, values in {
            "unknown_cycle": {"cycle": "day"},
            "bad_month_day": {"day": 32},
            "bad_weekday": {"cycle": "week", "day": 8},
            "bad_month": {"cycle": "quarter", "month": 4},
            "bad_wall_clock": {"at": "25:00"},
        }.items():
            with self.subTest(code), self.assertRaises(ClockError) as caught:
                DutyRule(**{"cycle": "month", **values})
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(ClockError) as caught:
            DutyRule("year", open_month=0)
        self.assertEqual(caught.exception.code, "bad_month")

    def test_due_before_it_opens_is_refused(self):
        """R322: nobody could ever meet it."""
        for values in (
            {"cycle": "month", "day": 1, "inclusive": False},
            {"cycle": "week", "day": 1, "inclusive": False, "in_next": True},
            {"cycle": "year", "month": 3, "open_month": 4},
        ):
            with self.subTest(values=values), self.assertRaises(ClockError) as caught:
                check_rule(DutyRule(**values))
            self.assertEqual(caught.exception.code, "due_before_opening")
        check_rule(DutyRule("month", day=1))
        check_rule(DutyRule("year", month=4, open_month=4, day=1))
