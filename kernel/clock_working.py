# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Arithmetic over the working intervals of a calendar (R320).

All times are naive UTC, all amounts are exact (microseconds, no floats are
added up). A calendar is read once into sorted slots; every question after that
is answered by bisection, in O(log n).
"""

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZERO = timedelta()
# Odoo looks for working time in steps of two weeks, see `WorkingTime.plan_days`
_TWO_WEEKS = timedelta(days=14)
# A holiday entered as 00:00:00 to 23:59:59 leaves crumbs of a second; they are
# no day of work.
_CRUMB = timedelta(minutes=1)


class ClockError(ValueError):
    """A rule, calendar or event that no clock can run on.

    `code` (also ``args[0]``) says what is wrong, `detail` where.
    """

    def __init__(self, code, detail=None):
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class NoDueTime(Exception):
    """There is no answer. `reason` is one of

    ``no_calendar``
        a unit of working time without a calendar (or with a deleted one)
    ``empty_calendar``
        the calendar has no working time at all
    ``horizon_exceeded``
        the answer lies outside of the period that was read from the calendar
    """

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def load_zone(name):
    """Return the time zone with this name.

    :raise ClockError: ``unknown_timezone``
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise ClockError("unknown_timezone", name) from error


def to_local(at, zone):
    """Return the local wall time, naive, of a naive UTC time.

    >>> to_local(datetime(2026, 7, 1, 22, 30), load_zone("Europe/Berlin"))
    datetime.datetime(2026, 7, 2, 0, 30)
    """
    return at.replace(tzinfo=timezone.utc).astimezone(zone).replace(tzinfo=None)


def to_utc(local, zone):
    """Return the naive UTC time of a naive local wall time.

    A wall time that occurs twice (autumn) means its first occurrence; one that
    never occurs (spring) is moved on by the hour that was left out.

    >>> to_utc(datetime(2026, 3, 29, 2, 30), load_zone("Europe/Berlin"))
    datetime.datetime(2026, 3, 29, 1, 30)
    """
    aware = local.replace(tzinfo=zone, fold=0)
    return aware.astimezone(timezone.utc).replace(tzinfo=None)


class WorkingTime:
    """The working intervals of one calendar over some period.

    :param slots: sorted, disjoint ``(start, end)`` pairs, naive UTC. Slots may
        touch; none reaches over midnight of the calendar's time zone.
    :param str tz: time zone of the calendar; tells to which day a slot belongs
    :param datetime covered_from, covered_until: the period the slots were read
        for, default: from the first to the last slot. Answers outside of it
        are refused, because more working time may exist there.
    :raise ClockError: ``bad_slots`` or ``unknown_timezone``

    >>> opens, closes = datetime(2026, 7, 6, 8), datetime(2026, 7, 6, 17)
    >>> days = [timedelta(days=day) for day in range(5)]
    >>> office = WorkingTime([(opens + day, closes + day) for day in days])
    >>> office.plan_hours(2, datetime(2026, 7, 6, 16, 0))
    datetime.datetime(2026, 7, 7, 9, 0)
    >>> office.elapsed(datetime(2026, 7, 6, 16, 0), datetime(2026, 7, 7, 9, 0))
    datetime.timedelta(seconds=7200)
    """

    __slots__ = (
        "_after",
        "_before",
        "_dates",
        "_days",
        "_ends",
        "_first_slot",
        "_slot_date",
        "_starts",
        "covered_from",
        "covered_until",
        "zone",
    )

    def __init__(self, slots, tz="UTC", covered_from=None, covered_until=None):
        self.zone = load_zone(tz)
        slots = [slot for slot in slots if slot[0] != slot[1]]
        self._starts = [start for start, _end in slots]
        self._ends = [end for _start, end in slots]
        self._check_order()
        self.covered_from = covered_from or (slots[0][0] if slots else datetime.min)
        self.covered_until = covered_until or (slots[-1][1] if slots else datetime.max)
        # working time before the start and up to the end of each slot
        self._before, self._after = [], []
        total = ZERO
        for start, end in slots:
            self._before.append(total)
            total += end - start
            self._after.append(total)
        self._index_days()

    def __len__(self):
        return len(self._starts)

    def _check_order(self):
        previous = None
        for start, end in zip(self._starts, self._ends, strict=True):
            if end < start or (previous is not None and start < previous):
                raise ClockError("bad_slots", start)
            previous = end

    def _index_days(self):
        """Index the slots by local date.

        `_dates` are all dates with any work (as Odoo counts them), `_days` are
        the ``(ordinal, first slot, last slot)`` of the dates worth the name.
        """
        self._slot_date, self._dates, self._first_slot = [], [], []
        for index, start in enumerate(self._starts):
            ordinal = to_local(start, self.zone).toordinal()
            if not self._dates or self._dates[-1] != ordinal:
                self._dates.append(ordinal)
                self._first_slot.append(index)
            self._slot_date.append(len(self._dates) - 1)
        self._days = []
        for number, (ordinal, first) in enumerate(
            zip(self._dates, self._first_slot, strict=True), 1
        ):
            is_last = number == len(self._dates)
            last = (len(self._starts) if is_last else self._first_slot[number]) - 1
            if self._after[last] - self._before[first] >= _CRUMB:
                self._days.append((ordinal, first, last))

    # ------------------------------------------------------------------
    # Hours
    # ------------------------------------------------------------------

    def add(self, at, amount):
        """Return the time at which `amount` of working time has passed.

        :param datetime at: naive UTC; may lie outside of working time
        :param timedelta amount: negative goes back; zero gives the next moment
            of work that is not before `at`
        :raise NoDueTime: ``empty_calendar`` or ``horizon_exceeded``
        """
        target = self._work_until(at) + amount
        if amount < ZERO:
            index = bisect_right(self._before, target) - 1
        elif amount:
            index = bisect_left(self._after, target)
        else:
            index = bisect_right(self._after, target)
        if not 0 <= index < len(self._starts):
            raise NoDueTime("horizon_exceeded")
        return self._starts[index] + (target - self._before[index])

    def elapsed(self, start, end):
        """Return the working time between two times, negative if they are swapped.

        :raise NoDueTime: ``empty_calendar`` or ``horizon_exceeded``
        """
        return self._work_until(end) - self._work_until(start)

    def plan_hours(self, hours, at):
        """Twin of `resource.calendar.plan_hours(hours, at)`.

        :param float hours: working hours, negative goes back
        :raise NoDueTime: where Odoo returns False
        """
        return self.add(at, timedelta(hours=hours))

    def _work_until(self, at):
        if not self._starts:
            raise NoDueTime("empty_calendar")
        if not self.covered_from <= at <= self.covered_until:
            raise NoDueTime("horizon_exceeded")
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return ZERO
        worked = min(at, self._ends[index]) - self._starts[index]
        return self._before[index] + worked

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    def end_of_day(self, at, days):
        """Return the end of work on the n-th working day after the day of `at`.

        The day of `at` itself does not count, whatever its hour: "within two
        working days" of Friday morning ends on Tuesday evening. With 0 it is
        the end of the current working day, or of the next one when today's
        work is over.

        :param int days: 0 or more
        :raise NoDueTime: ``empty_calendar`` or ``horizon_exceeded``
        """
        self._work_until(at)
        ordinal = to_local(at, self.zone).toordinal()
        index = bisect_right(self._days, ordinal, key=_ordinal)
        if days:
            return self._ends[self._day(index + days - 1)[2]]
        if index and self._days[index - 1][0] == ordinal:
            end = self._ends[self._days[index - 1][2]]
            if end > at:
                return end
        return self._ends[self._day(index)[2]]

    def same_time(self, at, days):
        """Return the same time of day, n working days later (or earlier).

        A time outside of work first moves to the next work (going back: to the
        last work before); the end of work still belongs to its day. The result
        stays within the work of its day.

        :param int days: negative goes back
        :raise NoDueTime: ``empty_calendar`` or ``horizon_exceeded``
        """
        base = self._nearest_work(at, back=days < 0)
        local = to_local(base, self.zone)
        ordinal = local.toordinal()
        if days > 0:
            index = bisect_right(self._days, ordinal, key=_ordinal) - 1 + days
        elif days < 0:
            index = bisect_left(self._days, ordinal, key=_ordinal) + days
        else:
            return base
        ordinal, first, last = self._day(index)
        date = datetime.fromordinal(ordinal).date()
        wanted = to_utc(datetime.combine(date, local.time()), self.zone)
        return min(max(wanted, self._starts[first]), self._ends[last])

    def is_working_day(self, date):
        """Return whether there is any work on this local date.

        :raise NoDueTime: ``empty_calendar`` or ``horizon_exceeded``
        """
        if not self._starts:
            raise NoDueTime("empty_calendar")
        first = to_local(self.covered_from, self.zone).date()
        if not first <= date <= to_local(self.covered_until, self.zone).date():
            raise NoDueTime("horizon_exceeded")
        index = bisect_left(self._days, date.toordinal(), key=_ordinal)
        return index < len(self._days) and self._days[index][0] == date.toordinal()

    def plan_days(self, days, at):
        """Twin of `resource.calendar.plan_days(days, at)`, quirks included.

        Odoo counts the day of `at` as the first one and answers with the end of
        the *first interval* of the last day, noon where there is a lunch break.
        It looks at two weeks at a time, so that an interval over a multiple of
        14 days after `at` ends there. For due times see `end_of_day`.

        :param int days: negative goes back, 0 returns `at`
        :raise NoDueTime: where Odoo returns False
        """
        if not days:
            return at
        self._work_until(at)
        if days > 0:
            slot = bisect_right(self._ends, at)
            return self._plan_days_forward(days, at, slot)
        slot = bisect_left(self._starts, at) - 1
        return self._plan_days_back(-days, at, slot)

    def _plan_days_forward(self, days, at, slot):
        if slot >= len(self._starts):
            raise NoDueTime("horizon_exceeded")
        date = self._slot_date[slot] + days - 1
        if date >= len(self._dates):
            raise NoDueTime("horizon_exceeded")
        if days > 1:
            slot = self._first_slot[date]
        start = max(self._starts[slot], at)
        cut = at + ((start - at) // _TWO_WEEKS + 1) * _TWO_WEEKS
        return min(self._ends[slot], cut)

    def _plan_days_back(self, days, at, slot):
        if slot < 0 or (date := self._slot_date[slot] - days + 1) < 0:
            raise NoDueTime("horizon_exceeded")
        if days > 1:
            slot = self._first_slot[date + 1] - 1
        end = min(self._ends[slot], at)
        cut = at - ((at - end) // _TWO_WEEKS + 1) * _TWO_WEEKS
        return max(self._starts[slot], cut)

    def _nearest_work(self, at, back):
        """Return `at` if it is working time, else the work before or after it."""
        self._work_until(at)
        index = bisect_left(self._starts, at) - 1
        if index >= 0 and (back or at <= self._ends[index]):
            return min(at, self._ends[index])
        if back:
            raise NoDueTime("horizon_exceeded")
        return self.add(at, ZERO)

    def _day(self, index):
        if not 0 <= index < len(self._days):
            raise NoDueTime("horizon_exceeded")
        return self._days[index]


def _ordinal(day):
    return day[0]
