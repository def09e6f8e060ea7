# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From a start and a limit to a due time, with pauses (R241, R320).

Units and what a pause does to them:

====================  ==============================================  =============
unit                  meaning                                         pause moves by
====================  ==============================================  =============
``minute``, ``hour``  run through nights and weekends                 its length
``calendar_day``      every day counts                                its length
``working_hour``      working time of the calendar                    its working time
``working_day``       working days of the calendar                    its working time
``wall_clock``        the n-th time that a clock shows hh:mm          see below
``month_day``         before the n-th of the month                    see below
====================  ==============================================  =============

A wall clock or month day does not move: a moment inside of a pause does not
count, the next one does. Seconds are the smallest part of a due time.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .clock_working import ZERO, ClockError, NoDueTime, to_local, to_utc

CLOCK_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
WORKING_UNITS = ("working_hour", "working_day")
DAY_UNITS = ("calendar_day", "working_day")
MOMENT_UNITS = ("wall_clock", "month_day")
UNITS = (*CLOCK_UNITS, "calendar_day", *WORKING_UNITS, *MOMENT_UNITS)
DAY_RULES = ("end_of_day", "same_time", "plan_days")

_WALL_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# a wall clock restricted to days that never come must not be searched for ever
_MAX_DAYS = 3700
_MAX_AMOUNT = 1_000_000


def check_amount(amount, unit):
    """Check the number of units of a limit.

    :raise ClockError: ``unknown_unit``, ``bad_amount`` (no number, or parts of
        a day), ``negative_amount``

    >>> check_amount(0.5, "hour")
    >>> check_amount(-1, "hour")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ClockError: ('negative_amount', -1)
    """
    if unit not in UNITS:
        raise ClockError("unknown_unit", unit)
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise ClockError("bad_amount", amount)
    if not amount <= _MAX_AMOUNT:
        raise ClockError("bad_amount", amount)
    if amount < 0:
        raise ClockError("negative_amount", amount)
    whole_only = unit in DAY_UNITS or unit in MOMENT_UNITS
    if whole_only and amount != int(amount):
        raise ClockError("bad_amount", amount)


def parse_wall_clock(text):
    """Return the time of day as a timedelta; 24:00 is the last second of a day.

    :raise ClockError: ``bad_wall_clock``

    >>> parse_wall_clock("17:00")
    datetime.timedelta(seconds=61200)
    """
    if not isinstance(text, str) or not _WALL_CLOCK.fullmatch(text):
        raise ClockError("bad_wall_clock", text)
    if text == "24:00":
        return _DAY - _SECOND
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


@dataclass(frozen=True)
class Limit:
    """How long, in which unit.

    :param amount: number of units; ``wall_clock``: the n-th time (1 = the next);
        ``month_day``: the day of the month (31 = its last day)
    :param str unit: one of `UNITS`
    :param str day_rule: for days. ``end_of_day``: the day of the start does not
        count, the limit ends with the last day (its work, or midnight);
        ``same_time``: at the time of the start; ``plan_days``: what Odoo's
        `plan_days` answers (working days only)
    :param str at: ``hh:mm`` in local time, 00:00 to 24:00; needed by
        ``wall_clock``. Without it ``month_day`` ends with the day before the
        n-th, with it on the n-th at this time
    :param tuple weekdays: ``wall_clock`` only on these, Monday is 0
    :param tuple months: ``month_day`` only in these, January is 1
    :param bool working_days_only: ``wall_clock`` only on working days
    :raise ClockError: see `check_amount`, `parse_wall_clock`; ``bad_day_rule``,
        ``bad_month_day``, ``bad_weekday``

    >>> Limit(2, "working_day")  # R248
    Limit(2 working_day)
    >>> Limit(1, "wall_clock", at="17:00")  # R315
    Limit(1 wall_clock 17:00)
    """

    amount: float
    unit: str
    day_rule: str = "end_of_day"
    at: str = ""
    weekdays: tuple = ()
    months: tuple = ()
    working_days_only: bool = False

    def __post_init__(self):
        check_amount(self.amount, self.unit)
        if self.day_rule not in DAY_RULES:
            raise ClockError("bad_day_rule", self.day_rule)
        if self.day_rule == "plan_days" and self.unit == "calendar_day":
            raise ClockError("bad_day_rule", self.day_rule)
        if self.at or self.unit == "wall_clock":
            parse_wall_clock(self.at)
        if self.unit == "month_day" and not 1 <= self.amount <= 31:
            raise ClockError("bad_month_day", self.amount)
        if not set(self.weekdays) <= set(range(7)):
            raise ClockError("bad_weekday", self.weekdays)
        if not set(self.months) <= set(range(1, 13)):
            raise ClockError("bad_month_day", self.months)

    def __repr__(self):
        return f"Limit({f'{self.amount} {self.unit} {self.at}'.strip()})"

    @property
    def needs_calendar(self):
        return self.unit in WORKING_UNITS or self.working_days_only


@dataclass(frozen=True)
class Ground:
    """What a limit runs on: a time zone and, for working time, a calendar.

    :param zone: `zoneinfo.ZoneInfo`; the calendar's when there is one
    :param WorkingTime working: or None
    """

    zone: object
    working: object = None

    def need_working(self):
        """Return the calendar.

        :raise NoDueTime: ``no_calendar``
        """
        if self.working is None:
            raise NoDueTime("no_calendar")
        return self.working

    def measure(self, unit, start, end):
        """Return how much of a unit's kind of time lies between two times."""
        if unit in WORKING_UNITS:
            return self.need_working().elapsed(start, end)
        return end - start

    def move(self, unit, at, span):
        """Return `at` moved by a span of the unit's kind of time."""
        if not span:
            return at
        if unit in WORKING_UNITS:
            return self.need_working().add(at, span)
        return at + span


def due_time(limit, start, ground, pauses=()):
    """Return when a limit is over.

    :param Limit limit:
    :param datetime start: naive UTC
    :param Ground ground: time zone and calendar
    :param pauses: sorted, disjoint ``(from, to)``, naive UTC, both known
    :return: naive UTC, whole seconds
    :raise NoDueTime: see there

    >>> from .clock_working import load_zone
    >>> berlin = Ground(load_zone("Europe/Berlin"))
    >>> start = datetime(2026, 7, 1, 9, 0)
    >>> due_time(Limit(24, "hour"), start, berlin)
    datetime.datetime(2026, 7, 2, 9, 0)
    >>> due_time(Limit(1, "wall_clock", at="17:00"), start, berlin)
    datetime.datetime(2026, 7, 1, 15, 0)
    >>> due_time(Limit(10, "month_day"), start, berlin)
    datetime.datetime(2026, 7, 9, 21, 59, 59)
    """
    return next(due_times(limit, start, ground, pauses))


def due_times(limit, start, ground, pauses=()):
    """Yield when a limit is over for the first, second ... time.

    The n-th time is n times the amount after the start (or the n-th matching
    moment). Arguments and errors as for `due_time`.
    """
    if limit.unit in MOMENT_UNITS:
        for moment in _moments(limit, start, ground):
            if not any(begin < moment <= end for begin, end in pauses):
                yield moment
        raise NoDueTime("horizon_exceeded")
    amount = limit.amount
    while True:
        due = _without_pauses(limit, amount, start, ground)
        yield with_pauses(limit.unit, start, due, ground, pauses).replace(microsecond=0)
        # a limit of zero would stand still
        amount += limit.amount or 1


def with_pauses(unit, start, due, ground, pauses):
    """Return a due time moved by the pauses between the start and itself.

    Working units are moved by the working time of each pause only, so a pause
    over night costs nothing.

    >>> from .clock_working import load_zone
    >>> start, due = datetime(2026, 7, 1, 9), datetime(2026, 7, 1, 11)
    >>> pauses = [(datetime(2026, 7, 1, 10), datetime(2026, 7, 1, 15))]
    >>> with_pauses("hour", start, due, Ground(load_zone("UTC")), pauses)
    datetime.datetime(2026, 7, 1, 16, 0)
    """
    for begin, end in pauses:
        begin = max(begin, start)
        if begin >= due:
            break
        if end > begin:
            due = ground.move(unit, due, ground.measure(unit, begin, end))
    return due


def shift(unit, amount, at, ground):
    """Return a time moved by an amount, which may be negative (R334).

    Days keep the time of day. Used for warnings before and reactions after a
    due time.

    :raise ClockError: ``unknown_unit``
    :raise NoDueTime: see there

    >>> from .clock_working import load_zone
    >>> berlin = Ground(load_zone("Europe/Berlin"))
    >>> shift("calendar_day", -1, datetime(2026, 3, 29, 10), berlin)  # DST
    datetime.datetime(2026, 3, 28, 11, 0)
    """
    if unit in CLOCK_UNITS:
        return at + CLOCK_UNITS[unit] * amount
    if unit == "calendar_day":
        local = to_local(at, ground.zone) + _DAY * amount
        return to_utc(local, ground.zone)
    if unit == "working_hour":
        span = timedelta(hours=amount)
        return ground.need_working().add(at, span) if span else at
    if unit == "working_day":
        return ground.need_working().same_time(at, int(amount)) if amount else at
    raise ClockError("unknown_unit", unit)


def _without_pauses(limit, amount, start, ground):
    """The due time of a limit in hours or days; see `Limit.day_rule`."""
    if limit.unit not in DAY_UNITS:
        return shift(limit.unit, amount, start, ground)
    amount = int(amount)
    if limit.day_rule == "same_time":
        return shift(limit.unit, amount, start, ground)
    if limit.unit == "working_day":
        working = ground.need_working()
        if limit.day_rule == "plan_days":
            return working.plan_days(amount, start)
        return working.end_of_day(start, amount)
    day = to_local(start, ground.zone).date() + _DAY * amount
    return _local_moment(day, _DAY - _SECOND, ground)


def _moments(limit, start, ground):
    days = _month_days if limit.unit == "month_day" else _clock_days
    count = 0
    for day, of_day in days(limit, start, ground):
        moment = _local_moment(day, of_day, ground)
        if moment <= start:
            continue
        count += 1
        # "the n-th time" skips the first ones; a day of the month is no count
        if limit.unit == "month_day" or count >= limit.amount:
            yield moment


def _clock_days(limit, start, ground):
    """The days from the start on whose clock shows the wanted time."""
    of_day = parse_wall_clock(limit.at)
    first = to_local(start, ground.zone).date()
    working = ground.need_working() if limit.working_days_only else None
    for offset in range(_MAX_DAYS):
        day = first + _DAY * offset
        if limit.weekdays and day.weekday() not in limit.weekdays:
            continue
        if working is None or working.is_working_day(day):
            yield day, of_day


def _month_days(limit, start, ground):
    """The n-th of this and the following months, or the day before."""
    local = to_local(start, ground.zone)
    for index in range(_MAX_DAYS // 30):
        year, month = divmod(local.year * 12 + local.month - 1 + index, 12)
        if limit.months and month + 1 not in limit.months:
            continue
        last = monthrange(year, month + 1)[1]
        day = date(year, month + 1, min(int(limit.amount), last))
        if limit.at:
            yield day, parse_wall_clock(limit.at)
        else:
            yield day - _DAY, _DAY - _SECOND


def _local_moment(day, of_day, ground):
    return to_utc(datetime.combine(day, time()) + of_day, ground.zone)


def merge_intervals(intervals):
    """Return sorted, disjoint intervals; an open end (None) swallows the rest.

    >>> merge_intervals([(5, 9), (1, 3), (2, 4), (8, None)])
    [(1, 4), (5, None)]
    """
    merged = []
    for begin, end in sorted(intervals, key=lambda interval: interval[0]):
        if merged and (merged[-1][1] is None or begin <= merged[-1][1]):
            last_begin, last_end = merged[-1]
            if last_end is not None and (end is None or end > last_end):
                merged[-1] = (last_begin, end)
        elif end is None or end > begin:
            merged.append((begin, end))
    return merged


def has_open_pause(pauses):
    """Return the begin of the pause that has not ended, or None."""
    return pauses[-1][0] if pauses and pauses[-1][1] is None else None


def left_over(unit, at, due, ground):
    """Return how much of its own kind of time a clock has left, never negative."""
    return max(ground.measure(unit, at, due), ZERO)
