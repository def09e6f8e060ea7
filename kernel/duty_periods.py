# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Periods of recurring duties: when each opens and when it is due (R259, R322).

A duty has one due time per week, month, quarter or year. The work of a period is
done in that period itself (the callback of July in July) or in the next one (the
statement about July in August); only then does it open.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .clock_units import Ground, parse_wall_clock
from .clock_working import ClockError, NoDueTime, load_zone, to_local, to_utc

# months of a cycle; a week has none
CYCLES = {"week": 0, "month": 1, "quarter": 3, "year": 12}

_DAY = timedelta(days=1)
_MAX_YEAR = 9990
# four years with a 29 February, for checks
_CHECKED_FROM, _CHECKED_UNTIL = date(2023, 1, 1), date(2026, 12, 31)


@dataclass(frozen=True)
class DutyRule:
    """When a duty is due.

    :param str cycle: one of `CYCLES`
    :param bool in_next: done in the period after the one that it is about
    :param int day: of the month 1 to 31, of the week 1 (Monday) to 7; 0 is the last.
        A day that a month does not have is its last one
    :param bool inclusive: whether this day itself still counts. "Before the 10th"
        ends with the 9th, unless inclusive (G31)
    :param int month: in which month of a quarter or year it is due; 0 is the last
    :param int open_month: in which month of a quarter or year it opens; 1 is the
        first, so at once
    :param str at: ``hh:mm`` in local time; empty is the end of the day
    :param bool working_days_only: a due day without work moves to the last working
        day before it
    :raise ClockError: ``unknown_cycle``, ``bad_month_day``, ``bad_weekday``,
        ``bad_month``, ``bad_wall_clock``

    >>> DutyRule("month", in_next=True, day=10, inclusive=False).day  # R259
    10
    >>> DutyRule("fortnight")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ClockError: ('unknown_cycle', 'fortnight')
    """

    cycle: str
    in_next: bool = False
    day: int = 0
    inclusive: bool = True
    month: int = 0
    open_month: int = 1
    at: str = ""
    working_days_only: bool = False

    def __post_init__(self):
        if self.cycle not in CYCLES:
            raise ClockError("unknown_cycle", self.cycle)
        if self.cycle == "week" and not 0 <= self.day <= 7:
            raise ClockError("bad_weekday", self.day)
        if not 0 <= self.day <= 31:
            raise ClockError("bad_month_day", self.day)
        months = CYCLES[self.cycle]
        if months and not (0 <= self.month <= months):
            raise ClockError("bad_month", self.month)
        if months and not 1 <= self.open_month <= months:
            raise ClockError("bad_month", self.open_month)
        if self.at:
            parse_wall_clock(self.at)

    @property
    def month_based(self):
        return bool(CYCLES[self.cycle])


@dataclass(frozen=True)
class DutyPeriod:
    """One time that a duty is due.

    :param date first, last: the days that it is about
    :param datetime opens_at, due_at: naive UTC
    """

    first: date
    last: date
    opens_at: datetime
    due_at: datetime


def check_rule(rule):
    """Check that no period would be due before it opens.

    :raise ClockError: ``due_before_opening``

    >>> check_rule(DutyRule("month", day=25, inclusive=False))
    >>> check_rule(DutyRule("month", day=1, inclusive=False))
    ... # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ClockError: ('due_before_opening', ...)
    """
    for period in duty_periods(rule, Ground(load_zone("UTC")), _CHECKED_FROM):
        if period.due_at < period.opens_at:
            raise ClockError("due_before_opening", period.first)
        if period.last >= _CHECKED_UNTIL:
            return


def duty_periods(rule, ground, day):
    """Yield the period that contains a day, and those after it.

    :param DutyRule rule:
    :param Ground ground: time zone; the calendar for `working_days_only`
    :param date day: local
    :return: generator of `DutyPeriod`, oldest first

    >>> shanghai = Ground(load_zone("Asia/Shanghai"))
    >>> statement = DutyRule("month", in_next=True, day=10, inclusive=False)
    >>> july = next(duty_periods(statement, shanghai, date(2026, 7, 15)))
    >>> july.first, july.last
    (datetime.date(2026, 7, 1), datetime.date(2026, 7, 31))
    >>> july.opens_at, july.due_at
    (datetime.datetime(2026, 7, 31, 16, 0), datetime.datetime(2026, 8, 9, 15, 59, 59))
    """
    first, last = cycle_days(rule.cycle, day)
    while last.year < _MAX_YEAR:
        following = cycle_days(rule.cycle, last + _DAY)
        begin, end = following if rule.in_next else (first, last)
        opens_on = _month_start(begin, rule.open_month) if rule.month_based else begin
        due_on = _get_due_day(rule, begin, end)
        if rule.working_days_only:
            due_on = _get_working_day(due_on, opens_on, ground.working)
        of_day = parse_wall_clock(rule.at or "24:00")
        yield DutyPeriod(
            first,
            last,
            to_utc(datetime.combine(opens_on, time()), ground.zone),
            to_utc(datetime.combine(due_on, time()) + of_day, ground.zone),
        )
        first, last = following


def cycle_days(cycle, day):
    """Return the first and the last day of the period that contains a day.

    >>> cycle_days("week", date(2027, 1, 1))
    (datetime.date(2026, 12, 28), datetime.date(2027, 1, 3))
    >>> cycle_days("quarter", date(2028, 2, 29))
    (datetime.date(2028, 1, 1), datetime.date(2028, 3, 31))
    """
    months = CYCLES[cycle]
    if not months:
        first = day - _DAY * day.weekday()
        return first, first + _DAY * 6
    month = (day.month - 1) // months * months + 1
    return date(day.year, month, 1), _month_end(date(day.year, month + months - 1, 1))


def period_label(cycle, first):
    """Return how a period is called in every language.

    >>> [period_label(name, date(2027, 1, 1)) for name in ("month", "quarter", "year")]
    ['2027-01', '2027-Q1', '2027']
    >>> period_label("week", date(2026, 12, 28))
    '2026-W53'
    """
    if cycle == "week":
        year, week, _weekday = first.isocalendar()
        return f"{year}-W{week:02}"
    if cycle == "month":
        return f"{first.year}-{first.month:02}"
    if cycle == "quarter":
        return f"{first.year}-Q{(first.month + 2) // 3}"
    return str(first.year)


def local_day(at, ground):
    """Return the local date of a naive UTC time.

    >>> local_day(datetime(2026, 7, 31, 16), Ground(load_zone("Asia/Shanghai")))
    datetime.date(2026, 8, 1)
    """
    return to_local(at, ground.zone).date()


def _get_due_day(rule, begin, end):
    """Return the day on which a period is due that is worked on from begin to end."""
    before = 0 if rule.inclusive else 1
    if not rule.month_based:
        due = begin + _DAY * (rule.day - 1) if rule.day else end
        return due - _DAY * before
    month = _month_start(begin, rule.month) if rule.month else end.replace(day=1)
    last = _month_end(month)
    # "before the 31st" of a short month is its last day, not the one before
    day = rule.day - before if rule.day else last.day - before
    return month + _DAY * (min(day, last.day) - 1)


def _get_working_day(day, earliest, working):
    """Return the last working day until then; without calendar the day itself."""
    candidate = day
    while working is not None and candidate >= earliest:
        try:
            if working.is_working_day(candidate):
                return candidate
        except NoDueTime:
            return day
        candidate -= _DAY
    return day


def _month_start(first, number):
    return date(first.year, first.month + number - 1, 1)


def _month_end(day):
    return day.replace(day=monthrange(day.year, day.month)[1])
