# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date, datetime, timedelta

from odoo.tests import BaseCase

from ..kernel.clock_deadlines import derive
from ..kernel.clock_rules import Event, Line
from ..kernel.clock_units import Ground, Limit
from ..kernel.clock_working import ClockError, WorkingTime, load_zone, to_utc

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Monday
START = datetime(2026, 7, 6, 9, 0)
NOW = datetime(2026, 7, 6, 10, 0)


def at(day, hour=9, minute=0):
    """A time in the week of Monday 6 July 2026; day 0 is that Monday."""
    return datetime(2026, 7, 6, hour, minute) + DAY * day


def office_hours(
    first=date(2026, 1, 5), days=730, tz="UTC", holidays=(), hours=((8, 12), (13, 17))
):
    """Working time Monday to Friday, with a lunch break."""
    zone, slots = load_zone(tz), []
    for offset in range(days):
        day = datetime.combine(first + DAY * offset, datetime.min.time())
        if day.weekday() > 4 or day.date() in holidays:
            continue
        for begin, end in hours:
            slots.append(
                (to_utc(day + begin * HOUR, zone), to_utc(day + end * HOUR, zone))
            )
    return WorkingTime(slots, tz)


OFFICE = office_hours()
UTC = Ground(load_zone("UTC"), OFFICE)


def line(key="line", start="accepted", target="closed", limit=None, **values):
    targets = (target,) if isinstance(target, str) else target
    return Line(key, start, targets, limit or Limit(24, "hour"), **values)


def event(code, when, number=0, cycle=1, scope="", **payload):
    return Event(code, when, cycle=cycle, id=number, scope=scope, payload=payload)


class ClockCase(BaseCase):
    def derive(self, lines, events, now=NOW, **kwargs):
        lines = [lines] if isinstance(lines, Line) else lines
        kwargs.setdefault("calendars", {"office": OFFICE})
        return derive(lines, events, now=now, **kwargs)

    def derive_one(self, lines, events, now=NOW, **kwargs):
        found = self.derive(lines, events, now, **kwargs)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def assertClockError(self, code, function, *args, **kwargs):
        with self.assertRaises(ClockError) as seen:
            function(*args, **kwargs)
        self.assertEqual(seen.exception.code, code)
        self.assertIsInstance(seen.exception, ValueError)
