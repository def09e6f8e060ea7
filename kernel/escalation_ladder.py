# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which escalation levels of a deadline are due, and when is the next (R323, R334).

A ladder is climbed by asking again and again, by any process and after any time:
what has fired is told by its key, so a level fires once per deadline, and what
was slept through fires later, in order. A reopened case has new deadlines, and
so a new ladder.
"""

from dataclasses import dataclass
from datetime import datetime

from .clock_units import (
    CLOCK_UNITS,
    WORKING_UNITS,
    check_amount,
    shift,
    with_pauses,
)
from .clock_working import ZERO, ClockError, NoDueTime

WHEN = ("before_due", "after_due", "after_start", "percent")
LEVEL_UNITS = (*CLOCK_UNITS, "calendar_day", *WORKING_UNITS)
# An alarm must not get lost with a calendar: without one, working units run on
# the clock.
_WITHOUT_CALENDAR = {"working_hour": "hour", "working_day": "calendar_day"}


@dataclass(frozen=True)
class Level:
    """One step of a ladder.

    :param key: what is remembered when it has fired
    :param str when: ``before_due``, ``after_due``, ``after_start`` or ``percent``
        (of the time from the start to the due time; 100 is the due time)
    :param amount: units, or percent; 0 or more
    :param str unit: one of `LEVEL_UNITS`; for ``percent`` it tells whether
        working time is counted
    :raise ClockError: ``unknown_when``, ``unknown_unit``, ``bad_amount``,
        ``negative_amount``

    >>> Level("remind", "before_due", 4, "working_hour").amount  # R458
    4
    """

    key: object
    when: str
    amount: float
    unit: str = "hour"

    def __post_init__(self):
        if self.when not in WHEN:
            raise ClockError("unknown_when", self.when)
        if self.unit not in LEVEL_UNITS:
            raise ClockError("unknown_unit", self.unit)
        check_amount(self.amount, "hour" if self.when == "percent" else self.unit)


@dataclass(frozen=True)
class Alarm:
    """A level and its time. `by_clock`: its calendar could not be used."""

    at: datetime
    level: Level
    by_clock: bool = False


@dataclass(frozen=True)
class Climb:
    """`fire`: alarms to act on now, in order; `next_at`: when to ask again."""

    fire: tuple = ()
    next_at: datetime = None


def climb(levels, deadline, ground, fired, now):
    """Return what a deadline asks for now.

    :param levels: `Level`, lowest first
    :param deadline: anything with ``started_at``, ``due_at``, ``finished_at``,
        ``state`` and ``pauses``, for example `clock_rules.Deadline`
    :param Ground ground: time zone and calendar of the line
    :param fired: keys of the levels that have fired for this deadline
    :param datetime now: naive UTC
    :return: `Climb`; nothing for a deadline that is paused, finished or without
        a due time
    :raise ClockError: ``duplicate_level``

    >>> from types import SimpleNamespace
    >>> from .clock_units import Ground
    >>> from .clock_working import load_zone
    >>> deadline = SimpleNamespace(
    ...     started_at=datetime(2026, 7, 1, 9), due_at=datetime(2026, 7, 2, 9),
    ...     finished_at=None, state="running", pauses=())
    >>> levels = [Level("handler", "percent", 75), Level("lead", "after_due", 0)]
    >>> ground = Ground(load_zone("UTC"))
    >>> now = climb(levels, deadline, ground, set(), datetime(2026, 7, 2, 4))
    >>> [alarm.level.key for alarm in now.fire], now.next_at
    (['handler'], datetime.datetime(2026, 7, 2, 9, 0))
    """
    if deadline.finished_at or deadline.state == "paused" or not deadline.due_at:
        return Climb()
    fire, next_at = [], None
    for alarm in get_alarms(levels, deadline, ground):
        if alarm.level.key in fired:
            continue
        if alarm.at > now:
            next_at = alarm.at
            break
        fire.append(alarm)
    return Climb(tuple(fire), next_at)


def get_alarms(levels, deadline, ground):
    """Return the `Alarm` of each level, by time and then as listed.

    A warning that would lie before the start is due at the start. Arguments and
    errors as for `climb`.
    """
    keys = [level.key for level in levels]
    if len(set(keys)) != len(keys):
        raise ClockError("duplicate_level", keys)
    alarms = [_get_alarm(level, deadline, ground) for level in levels]
    return sorted(alarms, key=lambda alarm: alarm.at)


def _get_alarm(level, deadline, ground):
    unit = level.unit
    try:
        at, by_clock = _get_time(level, unit, deadline, ground), False
    except NoDueTime:
        unit = _WITHOUT_CALENDAR[unit]
        at, by_clock = _get_time(level, unit, deadline, ground), True
    at = max(at, deadline.started_at).replace(microsecond=0)
    return Alarm(at, level, by_clock)


def _get_time(level, unit, deadline, ground):
    start, due = deadline.started_at, deadline.due_at
    if level.when == "percent":
        return _get_percent(level.amount, unit, deadline, ground)
    if level.when == "before_due":
        return shift(unit, -level.amount, due, ground)
    if level.when == "after_due":
        return shift(unit, level.amount, due, ground)
    at = shift(unit, level.amount, start, ground)
    return with_pauses(unit, start, at, ground, _ended(deadline))


def _get_percent(percent, unit, deadline, ground):
    """The time at which this share of the running time is used up."""
    start, due, pauses = deadline.started_at, deadline.due_at, _ended(deadline)
    span = ground.measure(unit, start, due)
    for begin, end in pauses:
        begin, end = max(begin, start), min(end, due)
        if end > begin:
            span -= ground.measure(unit, begin, end)
    if span <= ZERO:
        # no working time between start and due: only the due time is left
        return due
    at = ground.move(unit, start, span * (percent / 100))
    return with_pauses(unit, start, at, ground, pauses)


def _ended(deadline):
    return [pause for pause in deadline.pauses if pause[1] is not None]
