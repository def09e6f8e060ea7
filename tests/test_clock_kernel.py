# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from ..kernel.clock_units import Ground, Limit, due_time, due_times
from ..kernel.clock_working import NoDueTime, WorkingTime, load_zone
from ..kernel.escalation_ladder import Level, climb, get_alarms
from .common_clock import DAY, HOUR, OFFICE, START, UTC, ClockCase, at, office_hours


class TestClockUnits(ClockCase):
    """Limits in every unit, without an event log."""

    def assertDue(self, limit, start, expected, ground=UTC, pauses=()):
        self.assertEqual(due_time(limit, start, ground, pauses), expected)

    def test_clock_hours_run_through_nights_and_weekends(self):
        """R320, R242, R273: 24 h from Friday evening end on Saturday evening."""
        self.assertDue(Limit(24, "hour"), at(4, 18), at(5, 18))
        self.assertDue(Limit(5, "minute"), at(4, 18), at(4, 18, 5))
        self.assertDue(Limit(0, "minute"), at(4, 18), at(4, 18))
        self.assertDue(Limit(0.5, "hour"), at(4, 18), at(4, 18, 30))

    def test_working_hours_use_the_company_calendar(self):
        """R320: nights, weekends, lunch and holidays do not count."""
        self.assertDue(Limit(4, "working_hour"), at(0, 10), at(0, 15))
        self.assertDue(Limit(4, "working_hour"), at(4, 16), at(7, 11))
        holiday = office_hours(holidays=(date(2026, 7, 13),))
        self.assertDue(
            Limit(4, "working_hour"),
            at(4, 16),
            at(8, 11),
            Ground(holiday.zone, holiday),
        )

    def test_working_days_end_with_the_work_of_the_last_day(self):
        """R248, R276, R302: the day of the start does not count."""
        self.assertDue(Limit(2, "working_day"), at(4, 10), at(8, 17))
        self.assertDue(Limit(5, "working_day"), at(0, 9), at(7, 17))
        self.assertDue(Limit(1, "working_day"), at(5, 23), at(7, 17))
        self.assertDue(Limit(1, "working_day"), at(4, 23), at(7, 17))

    def test_same_working_day_ends_today_or_on_the_next_day_of_work(self):
        """R316: "on the same day"."""
        limit = Limit(0, "working_day")
        self.assertDue(limit, at(0, 6), at(0, 17))
        self.assertDue(limit, at(0, 16), at(0, 17))
        self.assertDue(limit, at(0, 17), at(1, 17))
        self.assertDue(limit, at(5, 12), at(7, 17))

    def test_working_days_at_the_time_of_the_start(self):
        limit = Limit(2, "working_day", "same_time")
        self.assertDue(limit, at(4, 10), at(8, 10))
        self.assertDue(limit, at(5, 22), at(9, 8))
        self.assertDue(limit, at(0, 18), at(3, 8))

    def test_working_days_as_odoo_plans_them(self):
        limit = Limit(2, "working_day", "plan_days")
        self.assertDue(limit, at(4, 10), at(7, 12))
        self.assertDue(Limit(0, "working_day", "plan_days"), at(5, 3), at(5, 3))

    def test_calendar_days_end_at_midnight_of_the_zone(self):
        """R253, R255, R256: days run through weekends, to the end of the day."""
        shanghai = Ground(load_zone("Asia/Shanghai"))
        end = datetime(2026, 7, 9, 15, 59, 59)
        self.assertDue(Limit(3, "calendar_day"), at(0, 9), end, shanghai)
        # 20:00 UTC is the next day there
        self.assertDue(Limit(3, "calendar_day"), at(0, 20), end + DAY, shanghai)
        self.assertDue(Limit(3, "calendar_day", "same_time"), at(0, 9), at(3, 9))

    def test_calendar_days_keep_the_time_of_day_over_a_clock_change(self):
        """R320: a day in which the clock is changed is a day."""
        berlin = Ground(load_zone("Europe/Berlin"))
        limit = Limit(1, "calendar_day", "same_time")
        for start, due in (
            (datetime(2026, 3, 28, 9), datetime(2026, 3, 29, 8)),
            (datetime(2026, 10, 24, 8), datetime(2026, 10, 25, 9)),
            # 02:30 does not exist on that day
            (datetime(2026, 3, 28, 1, 30), datetime(2026, 3, 29, 1, 30)),
        ):
            self.assertDue(limit, start, due, berlin)
        self.assertDue(
            Limit(24, "hour"),
            datetime(2026, 3, 28, 9),
            datetime(2026, 3, 29, 9),
            berlin,
        )

    def test_daily_wall_clock(self):
        """R315: every day before 17:00 of the company's zone."""
        shanghai = Ground(load_zone("Asia/Shanghai"))
        limit = Limit(1, "wall_clock", at="17:00")
        dues = due_times(limit, at(0, 9), shanghai)
        self.assertEqual([next(dues) for _ in range(3)], [at(1), at(2), at(3)])
        self.assertDue(limit, at(0, 8, 59), at(0, 9), shanghai)
        self.assertDue(Limit(2, "wall_clock", at="17:00"), at(0, 3), at(1), shanghai)

    def test_wall_clock_on_some_days_only(self):
        """R279: Friday afternoon; holidays can be left out."""
        friday = Limit(1, "wall_clock", at="15:00", weekdays=(4,))
        self.assertDue(friday, at(0), at(4, 15))
        self.assertDue(friday, at(4, 15), at(11, 15))
        working = Limit(1, "wall_clock", at="17:00", working_days_only=True)
        self.assertDue(working, at(4, 17), at(7, 17))

    def test_before_a_day_of_the_month(self):
        """R259, R260, R318: before the 10th, before the 25th."""
        shanghai = Ground(load_zone("Asia/Shanghai"))
        midnight = datetime(2026, 7, 9, 15, 59, 59)
        self.assertDue(
            Limit(10, "month_day"), datetime(2026, 6, 30, 16), midnight, shanghai
        )
        self.assertDue(Limit(10, "month_day"), midnight - HOUR, midnight, shanghai)
        self.assertDue(
            Limit(10, "month_day"), midnight, datetime(2026, 8, 9, 15, 59, 59), shanghai
        )
        self.assertDue(
            Limit(25, "month_day", at="17:00"), at(0), datetime(2026, 7, 25, 17)
        )

    def test_end_of_month_and_quarter(self):
        """R277, R294: the 31st means the last day of shorter months."""
        limit = Limit(31, "month_day", at="24:00")
        dues = due_times(limit, datetime(2026, 1, 31, 12), UTC)
        self.assertEqual(
            [next(dues).date() for _ in range(3)],
            [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)],
        )
        quarter = Limit(31, "month_day", at="24:00", months=(3, 6, 9, 12))
        self.assertDue(quarter, at(0), datetime(2026, 9, 30, 23, 59, 59))

    def test_pause_adds_working_time_only(self):
        """A pause over night costs working units nothing (erpnext #47029 ff.)."""
        limit = Limit(4, "working_hour")
        night = [(at(0, 17), at(1, 8))]
        self.assertDue(limit, at(0, 15), at(1, 10), pauses=night)
        self.assertDue(limit, at(0, 15), at(1, 11), pauses=[(at(0, 16), at(1, 8))])
        self.assertDue(limit, at(0, 15), at(2, 9), pauses=[(at(0, 16), at(1, 15))])
        # lunch and weekend in the pause are free: 3 of 4 hours are left
        self.assertDue(
            limit, at(4, 11), at(7, 11, 30), pauses=[(at(4, 12), at(7, 8, 30))]
        )
        self.assertDue(
            Limit(1, "working_day"), at(0), at(2, 9), pauses=[(at(0, 16), at(0, 17))]
        )

    def test_pause_adds_its_length_to_clock_hours(self):
        self.assertDue(
            Limit(4, "hour"), at(0, 15), at(1, 10), pauses=[(at(0, 17), at(1, 8))]
        )
        # a pause that begins with the due time or after it changes nothing
        self.assertDue(
            Limit(4, "hour"), at(0, 9), at(0, 13), pauses=[(at(0, 13), at(1))]
        )
        # it began before the clock
        self.assertDue(
            Limit(4, "hour"), at(0, 9), at(0, 14), pauses=[(at(0), at(0, 10))]
        )

    def test_many_pauses_equal_time_cut_out(self):
        """A due time with pauses equals the one over slots without them."""
        rng = random.Random(42)
        for _sample in range(100):
            start = at(rng.randrange(7), rng.randrange(24), rng.randrange(60))
            cuts = sorted(
                start + timedelta(minutes=rng.randrange(20000))
                for _ in range(2 * rng.randrange(5))
            )
            pauses = [p for p in zip(cuts[::2], cuts[1::2], strict=True) if p[0] < p[1]]
            amount = rng.randrange(1, 60)
            expected = _walk(OFFICE, start, amount * 60, pauses)
            limit = Limit(amount, "working_hour")
            self.assertEqual(due_time(limit, start, UTC, pauses), expected)

    def test_no_calendar_is_a_reason_and_no_crash(self):
        """X2, X3: a missing, empty or too short calendar."""
        limit = Limit(4, "working_hour")
        for working, start, reason in (
            (None, START, "no_calendar"),
            (WorkingTime([]), START, "empty_calendar"),
            (OFFICE, datetime(2030, 1, 1), "horizon_exceeded"),
            (OFFICE, datetime(2020, 1, 1), "horizon_exceeded"),
        ):
            for each in (
                limit,
                Limit(1, "working_day"),
                Limit(1, "wall_clock", at="09:00", working_days_only=True),
            ):
                with (
                    self.subTest(reason=reason, limit=each),
                    self.assertRaises(NoDueTime) as seen,
                ):
                    due_time(each, start, Ground(load_zone("UTC"), working))
                self.assertEqual(seen.exception.reason, reason)
        with self.assertRaises(NoDueTime):
            due_time(Limit(9999, "working_hour"), START, UTC)

    def test_crumbs_of_a_holiday_are_no_working_day(self):
        """A holiday until 23:59:59 leaves a second of a 24/7 calendar."""
        slots = [
            (at(0, 0), at(1, 0)),
            (at(2, 0) - timedelta(seconds=1), at(2, 0)),
            (at(2, 0), at(3, 0)),
        ]
        working = WorkingTime(slots)
        self.assertEqual(working.end_of_day(at(0, 9), 1), at(3, 0))
        self.assertEqual(working.plan_days(2, at(0, 9)), at(2, 0))

    def test_bad_limits_are_refused_with_a_code(self):
        """R241: a policy line that no clock can run on cannot be made."""
        for code, args in (
            ("negative_amount", (-1, "hour")),
            ("negative_amount", (-1, "working_day")),
            ("bad_amount", (float("nan"), "hour")),
            ("bad_amount", (float("inf"), "hour")),
            ("bad_amount", ("2", "hour")),
            ("bad_amount", (None, "hour")),
            ("bad_amount", (1.5, "working_day")),
            ("unknown_unit", (1, "fortnight")),
            ("unknown_unit", (1, None)),
            ("bad_wall_clock", (1, "wall_clock")),
            ("bad_wall_clock", (1, "wall_clock", "end_of_day", "25:00")),
            ("bad_wall_clock", (1, "wall_clock", "end_of_day", "17:60")),
            ("bad_wall_clock", (1, "wall_clock", "end_of_day", "5pm")),
            ("bad_wall_clock", (1, "wall_clock", "end_of_day", 17)),
            ("bad_month_day", (0, "month_day")),
            ("bad_month_day", (32, "month_day")),
            ("bad_day_rule", (1, "calendar_day", "plan_days")),
            ("bad_day_rule", (1, "calendar_day", "whenever")),
            ("bad_weekday", (1, "wall_clock", "end_of_day", "17:00", (7,))),
        ):
            with self.subTest(args=args):
                self.assertClockError(code, Limit, *args)
        self.assertClockError("unknown_timezone", load_zone, "Mars/Olympus")
        self.assertClockError(
            "bad_slots", WorkingTime, [(at(1), at(2)), (at(0), at(1))]
        )
        self.assertClockError("bad_slots", WorkingTime, [(at(2), at(1))])


def _walk(working, start, minutes, pauses):
    """The slow truth: minute by minute of working time outside of pauses."""
    now = start
    minute = timedelta(minutes=1)
    while True:
        if not any(begin <= now < end for begin, end in pauses):
            minutes -= bool(working.elapsed(now, now + minute))
        now += minute
        if not minutes:
            return now


class TestEscalationLadder(ClockCase):
    def setUp(self):
        super().setUp()
        self.levels = [
            Level("remind", "before_due", 4, "working_hour"),
            Level("handler", "percent", 75, "working_hour"),
            Level("lead", "after_due", 0),
            Level("manager", "after_due", 1, "working_day"),
        ]
        self.deadline = self.make()

    def make(self, **values):
        values = {
            "started_at": at(0, 8),
            "due_at": at(1, 17),
            "finished_at": None,
            "state": "running",
            "pauses": (),
            **values,
        }
        return SimpleNamespace(**values)

    def fire(self, deadline, now, fired=(), levels=None, ground=UTC):
        found = climb(levels or self.levels, deadline, ground, set(fired), now)
        return [alarm.level.key for alarm in found.fire], found.next_at

    def test_levels_fire_in_order_before_and_after_the_due_time(self):
        """R334, R458: a warning before; R323: a reaction after."""
        for now, expected in (
            (at(0, 9), ([], at(1, 12))),
            (at(1, 12), (["handler"], at(1, 13))),
            (at(1, 17), (["handler", "remind", "lead"], at(2, 17))),
            (at(2, 17), (["handler", "remind", "lead", "manager"], None)),
        ):
            self.assertEqual(self.fire(self.deadline, now), expected)
        alarms = get_alarms(self.levels, self.deadline, UTC)
        self.assertEqual(
            [(a.level.key, a.at) for a in alarms],
            [
                ("handler", at(1, 12)),
                ("remind", at(1, 13)),
                ("lead", at(1, 17)),
                ("manager", at(2, 17)),
            ],
        )

    def test_major_escalation_counts_from_the_first_report(self):
        """R314, R324: 24 h after the first report, whatever is due then."""
        level = Level("supervisor", "after_start", 24)
        self.assertEqual(
            self.fire(self.deadline, at(1, 7), levels=[level]), ([], at(1, 8))
        )
        self.assertEqual(
            self.fire(self.deadline, at(1, 8), levels=[level]), (["supervisor"], None)
        )

    def test_warning_at_two_days_of_three(self):
        """R288: 2-3 days: warn at 2, due at 3."""
        deadline = self.make(due_at=at(3, 8))
        level = Level("warn", "before_due", 1, "calendar_day")
        self.assertEqual(self.fire(deadline, at(0), levels=[level])[1], at(2, 8))

    def test_working_units_go_back_over_weekends(self):
        """glpi #15429: before-deadline levels with a working calendar."""
        deadline = self.make(started_at=at(0), due_at=at(7, 10))
        for level, expected in (
            (Level("a", "before_due", 4, "working_hour"), at(4, 15)),
            (Level("a", "before_due", 1, "working_day"), at(4, 10)),
            (Level("a", "before_due", 2, "calendar_day"), at(5, 10)),
            (Level("a", "after_due", 8, "working_hour"), at(8, 10)),
            (Level("a", "percent", 50, "working_hour"), at(2, 14, 30)),
            (Level("a", "percent", 100, "working_hour"), at(7, 10)),
            (Level("a", "percent", 50, "hour"), at(3, 21, 30)),
        ):
            self.assertEqual(get_alarms([level], deadline, UTC)[0].at, expected, level)

    def test_percent_does_not_count_pauses(self):
        deadline = self.make(
            started_at=at(0), due_at=at(2), pauses=((at(0, 12), at(1, 12)),)
        )
        level = Level("half", "percent", 50)
        # 24 hours of 48 were paused; half of the rest is 12 hours
        self.assertEqual(get_alarms([level], deadline, UTC)[0].at, at(1, 21))
        nothing = self.make(started_at=at(5), due_at=at(6))
        level = Level("half", "percent", 50, "working_hour")
        self.assertEqual(get_alarms([level], nothing, UTC)[0].at, at(6))

    def test_warning_before_the_start_fires_at_the_start(self):
        deadline = self.make(due_at=at(0, 9))
        level = Level("remind", "before_due", 24)
        self.assertEqual(
            self.fire(deadline, at(0, 8), levels=[level]), (["remind"], None)
        )

    def test_no_alarm_is_lost_with_the_calendar(self):
        """Without a calendar the ladder runs on the clock, and says so."""
        level = Level("lead", "after_due", 1, "working_day")
        for working in (None, WorkingTime([]), office_hours(days=1)):
            alarm = get_alarms(
                [level], self.deadline, Ground(load_zone("UTC"), working)
            )[0]
            self.assertEqual((alarm.at, alarm.by_clock), (at(2, 17), True))

    def test_stopped_clocks_fire_nothing(self):
        for values in (
            {"finished_at": at(1)},
            {"state": "paused"},
            {"due_at": None},
        ):
            self.assertEqual(self.fire(self.make(**values), at(9)), ([], None))

    def test_each_level_fires_once_whenever_it_is_asked(self):
        """R323: any number of sweeps at any times; the order never changes."""
        rng = random.Random(11)
        for _sample in range(200):
            now, fired = at(0, 8), []
            while True:
                new, next_at = self.fire(self.deadline, now, fired)
                self.assertFalse(set(new) & set(fired))
                fired += new
                self.assertEqual(self.fire(self.deadline, now, fired), ([], next_at))
                if next_at is None:
                    break
                self.assertGreater(next_at, now)
                now += timedelta(minutes=rng.randrange(1, 3000))
            self.assertEqual(fired, ["handler", "remind", "lead", "manager"])

    def test_moved_due_time_does_not_fire_a_level_again(self):
        extended = self.make(due_at=at(8, 17))
        self.assertEqual(
            self.fire(extended, at(3), ["remind", "handler"]), ([], at(8, 17))
        )

    def test_bad_levels_are_refused_with_a_code(self):
        self.assertClockError("unknown_when", Level, "a", "sometimes", 1)
        self.assertClockError("unknown_unit", Level, "a", "after_due", 1, "wall_clock")
        self.assertClockError("negative_amount", Level, "a", "after_due", -1)
        self.assertClockError("negative_amount", Level, "a", "percent", -5)
        self.assertClockError(
            "bad_amount", Level, "a", "before_due", 1.5, "working_day"
        )
        twice = [Level("a", "after_due", 1), Level("a", "after_due", 2)]
        self.assertClockError("duplicate_level", get_alarms, twice, self.deadline, UTC)
