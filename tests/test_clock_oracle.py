# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
from datetime import datetime, time, timedelta

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from ..kernel.clock_units import Ground, Limit, due_time
from ..kernel.clock_working import NoDueTime, to_local, to_utc
from ..models.resource_calendar import read_working_time

DAY = timedelta(days=1)
COVERED = datetime(2025, 11, 3), datetime(2030, 12, 31)
# a little more than what floats lose in `plan_hours`
EXACT = timedelta(microseconds=20)
# around the clock changes of 2026 and 2027 in Europe and America
CLOCK_CHANGES = [
    datetime(2026, 3, 8),
    datetime(2026, 3, 29),
    datetime(2026, 10, 25),
    datetime(2026, 11, 1),
    datetime(2027, 3, 14),
    datetime(2027, 3, 28),
]


class TestClockOracle(TransactionCase):
    """The kernel answers what `resource.calendar` answers (R320)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        week, six = range(5), range(6)
        office = [(day, 8, 12) for day in week] + [(day, 13, 17) for day in week]
        odd = [(day, 7.6, 11.8) for day in six] + [(day, 12.25, 15.95) for day in week]
        cls.calendars = {
            "Berlin office": cls._create(office, "Europe/Berlin"),
            # works through both clock changes
            "Berlin nights": cls._create(
                [(day, 0, 5.5) for day in range(7)] + [(5, 22, 24)], "Europe/Berlin"
            ),
            "New York odd hours": cls._create(odd, "America/New_York"),
            "Shanghai always": cls._create(
                [(day, 0, 24) for day in range(7)], "Asia/Shanghai"
            ),
            "New York two weeks": cls._create(
                [(0, 8, 12, "0"), (2, 0, 9, "0"), (4, 13, 24, "0"), (6, 1, 4, "0")]
                + [(1, 8, 16, "1"), (3, 9.5, 17.25, "1")],
                "America/New_York",
            ),
            "Berlin one hour a week": cls._create([(2, 9, 10)], "Europe/Berlin"),
        }
        cls._create_leaves()
        employee = new_test_user(cls.env, "clock_employee", "base.group_user")
        cls.env = cls.env(user=employee)
        for name, calendar in cls.calendars.items():
            cls.calendars[name] = calendar.with_env(cls.env)
        cls.working = {
            name: read_working_time(calendar, *COVERED)
            for name, calendar in cls.calendars.items()
        }

    @classmethod
    def _create(cls, hours, tz, **values):
        attendances = [
            {
                "name": "Work",
                "dayofweek": str(day),
                "hour_from": begin,
                "hour_to": end,
                "day_period": "full_day",
                "week_type": week[0] if week else False,
            }
            for day, begin, end, *week in hours
        ]
        # sudo: the tests run as an employee, who may not create calendars
        return (
            cls.env["resource.calendar"]
            .sudo()
            .create(
                {
                    "name": tz,
                    "tz": tz,
                    "two_weeks_calendar": any(len(hour) > 3 for hour in hours),
                    "attendance_ids": [Command.clear()]
                    + [Command.create(vals) for vals in attendances],
                    **values,
                }
            )
        )

    @classmethod
    def _create_leaves(cls):
        """Whole days, weeks, hours, seconds; of one calendar and of all."""
        rng = random.Random(3)
        values = []
        for calendar in [*cls.calendars.values(), cls.env["resource.calendar"]]:
            for _number in range(25 if calendar else 5):
                begin = COVERED[0] + timedelta(minutes=rng.randrange(1_200_000))
                length = rng.choice([DAY, 9 * DAY, timedelta(hours=3), timedelta(1.4)])
                if rng.random() < 0.5:
                    begin = begin.replace(hour=0, minute=0)
                    length -= timedelta(seconds=1)
                values.append(
                    {
                        "name": "Leave",
                        "calendar_id": calendar.id,
                        "date_from": begin,
                        "date_to": begin + length,
                        "time_type": rng.choice(["leave", "leave", "other"]),
                    }
                )
        cls.env["resource.calendar.leaves"].create(values)

    def _samples(self, count, seed):
        """Yield ``(name, calendar, working time, start, rng)``, many on bad days."""
        rng = random.Random(seed)
        for name, calendar in self.calendars.items():
            for _number in range(count):
                if rng.random() < 0.4:
                    start = rng.choice(CLOCK_CHANGES) + DAY * rng.randrange(-2, 3)
                    start += timedelta(minutes=rng.randrange(1440))
                else:
                    start = datetime(2026, 3, 1) + timedelta(
                        minutes=rng.randrange(750_000), seconds=rng.randrange(60)
                    )
                yield name, calendar, self.working[name], start, rng

    def _assert_plan_hours(self, name, calendar, working, start, hours):
        expected = calendar.plan_hours(hours, start, compute_leaves=True)
        found = working.plan_hours(hours, start)
        if abs(found - expected) > EXACT:
            # Both ends of a break are the same amount of work; floats may put
            # Odoo on either side of it.
            self.assertLessEqual(abs(working.elapsed(found, expected)), EXACT, name)
            return False
        return True

    def test_hours_equal_plan_hours(self):
        """R320: 1 800 samples, forward and back, over leaves and clock changes."""
        equal = total = 0
        for sample in self._samples(300, 1):
            *sample, rng = sample
            hours = rng.choice([rng.randrange(1, 60), rng.randrange(1, 4000) / 60])
            if rng.random() < 0.3:
                hours = -min(hours, 20 if "one hour" in sample[0] else 60)
            if "one hour" in sample[0]:
                hours /= 2
            total += 1
            equal += self._assert_plan_hours(*sample, hours)
        self.assertEqual(total, 1800)
        self.assertGreater(equal, 1780)

    def test_quarter_hours_equal_plan_hours_exactly(self):
        """R320: where floats lose nothing, there is no difference at all."""
        for name, calendar, working, start, rng in self._samples(60, 2):
            if "odd" in name or "always" in name:
                continue
            start = start.replace(minute=start.minute // 15 * 15, second=0)
            hours = rng.randrange(-80, 160) / 4
            with self.subTest(calendar=name, start=start, hours=hours):
                self.assertEqual(
                    working.plan_hours(hours, start),
                    calendar.plan_hours(hours, start, compute_leaves=True),
                )

    def test_days_equal_plan_days(self):
        """R320: 1 500 samples, forward and back, over leaves and clock changes."""
        total = 0
        for name, calendar, working, start, rng in self._samples(250, 4):
            days = rng.choice([0, 1, 2, 3, 5, 10, 11, 15, 20, 30])
            if "one hour" in name:
                days = min(days, 10)
            if rng.random() < 0.4:
                days = -min(days, 10)
            expected = calendar.plan_days(days, start, compute_leaves=True)
            total += 1
            with self.subTest(calendar=name, start=start, days=days):
                self.assertEqual(working.plan_days(days, start), expected)
        self.assertEqual(total, 1500)

    def test_limit_in_working_days_ends_on_the_day_of_plan_days(self):
        """R248, R276, R302: the date that Odoo plans from the next morning on,
        and no work is left on it."""
        for name, calendar, working, start, rng in self._samples(60, 5):
            days = rng.randrange(1, 6)
            ground = Ground(working.zone, working)
            due = due_time(Limit(days, "working_day"), start, ground)
            midnight = datetime.combine(to_local(start, working.zone) + DAY, time())
            tomorrow = to_utc(midnight, working.zone)
            planned = calendar.plan_days(days, tomorrow, compute_leaves=True)
            evening = datetime.combine(to_local(due, working.zone) + DAY, time())
            left = calendar.get_work_hours_count(
                due + timedelta(seconds=1), to_utc(evening, working.zone)
            )
            with self.subTest(calendar=name, start=start, days=days):
                if "always" not in name:
                    # leaves until 23:59:59 leave a second, a working day to Odoo
                    self.assertEqual(
                        to_local(due, working.zone).date(),
                        to_local(planned, working.zone).date(),
                    )
                self.assertAlmostEqual(left, 0, 6)

    def test_elapsed_equals_work_hours_count(self):
        """Pauses are measured as Odoo measures work."""
        for name, calendar, working, start, rng in self._samples(60, 6):
            end = start + timedelta(minutes=rng.randrange(60_000))
            expected = calendar.get_work_hours_count(start, end)
            with self.subTest(calendar=name, start=start, end=end):
                found = working.elapsed(start, end) / timedelta(hours=1)
                self.assertAlmostEqual(found, expected, 6)
                self.assertAlmostEqual(
                    working.elapsed(end, start).total_seconds() / -3600, expected, 6
                )

    def test_flexible_calendar_equals_plan_hours_from_monday(self):
        """Hours without fixed times: equal where both mean the same week."""
        flexible = self._create(
            [],
            "Europe/Berlin",
            schedule_type="flexible",
            hours_per_day=8,
            full_time_required_hours=40,
        )
        working = read_working_time(flexible, *COVERED)
        for weeks, hours in ((0, 1), (0, 8), (1, 12), (2, 39.5), (7, 40), (9, 60)):
            monday = to_utc(datetime(2026, 4, 6) + 7 * DAY * weeks, working.zone)
            expected = flexible.plan_hours(hours, monday, compute_leaves=True)
            with self.subTest(weeks=weeks, hours=hours):
                self.assertEqual(working.plan_hours(hours, monday), expected)
        self.assertEqual(
            working.plan_days(3, monday), flexible.plan_days(3, monday, True)
        )

    def test_calendar_without_work_is_a_reason(self):
        """X2: where Odoo answers False, the kernel says why."""
        empty = self._create([], "Europe/Berlin")
        closed = self._create([(day, 8, 17) for day in range(5)], "Europe/Berlin")
        closed.leave_ids = [
            Command.create(
                {
                    "name": "Closed",
                    "date_from": COVERED[0] - 9 * DAY,
                    "date_to": COVERED[1],
                }
            )
        ]
        for calendar in (empty, closed):
            working = read_working_time(calendar, *COVERED)
            start = datetime(2026, 7, 6, 9)
            self.assertFalse(calendar.plan_hours(1, start, compute_leaves=True))
            self.assertFalse(calendar.plan_days(1, start, compute_leaves=True))
            for function in (working.plan_hours, working.plan_days):
                with self.assertRaises(NoDueTime) as seen:
                    function(1, start)
                self.assertEqual(seen.exception.reason, "empty_calendar")

    def test_zone_of_the_calendar_decides_and_not_that_of_the_user(self):
        """R320: local days are those of the calendar, whoever asks."""
        calendar = self.calendars["Berlin office"]
        for tz in ("Asia/Shanghai", "America/New_York"):
            asked = calendar.with_context(tz=tz)
            working = read_working_time(asked, *COVERED)
            start = datetime(2026, 7, 6, 9)
            self.assertEqual(
                working.plan_days(9, start),
                calendar.plan_days(9, start, compute_leaves=True),
            )
            self.assertEqual(len(working), len(self.working["Berlin office"]))
