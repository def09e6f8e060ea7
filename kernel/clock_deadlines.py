# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From the event log and the policy lines to deadlines (R241-R322).

`derive` is the only entry. It knows nothing but the log, so that every stored
deadline can be computed anew and compared.
"""

from .clock_line import LineClock
from .clock_log import read_cycles, read_force
from .clock_periods import PeriodClock
from .clock_policy import applicable_lines, check_lines
from .clock_units import Ground
from .clock_working import load_zone


def derive(lines, events, calendars, now, tz="UTC", facts=None):
    """Return the deadlines of one case.

    :param lines: `clock_rules.Line` of the policy, and of former policies as
        long as the log names them in ``clock_lines``
    :param events: `clock_rules.Event` of the case, in any order. To see the
        clocks of an earlier time pass the events until then
    :param calendars: callable or mapping: `Line.calendar` -> `WorkingTime`, or
        None for a calendar that is missing or was deleted
    :param datetime now: naive UTC
    :param str tz: time zone of lines without a calendar (the company's)
    :param dict facts: facts of the case for the conditions of the lines; only
        used while the log does not name the lines in force itself
    :return: list of `clock_rules.Deadline`, by cycle, line, start, occurrence
    :raise ClockError: see `check_lines`, `check_payload`, `load_zone`

    >>> from datetime import datetime
    >>> from .clock_rules import Event, Line
    >>> from .clock_units import Limit
    >>> line = Line("reply", "reported", ("acknowledged",), Limit(2, "hour"))  # R245
    >>> log = [Event("reported", datetime(2026, 7, 1, 9, 0)),
    ...        Event("acknowledged", datetime(2026, 7, 1, 10, 30))]
    >>> [deadline] = derive([line], log, {}, datetime(2026, 7, 1, 12, 0))
    >>> deadline.due_at, deadline.state
    (datetime.datetime(2026, 7, 1, 11, 0), 'met')
    """
    events, lines = list(events), list(lines)
    is_matched = any("clock_lines" in e.payload for e in events if not e.corrected)
    if facts is not None and not is_matched:
        lines = applicable_lines(lines, facts)
    else:
        check_lines(lines)
    force = read_force(events, lines)
    grounds = _Grounds(calendars, tz)
    deadlines, started = [], set()
    for cycle in read_cycles(events):
        for line in lines:
            starts = _get_starts(line, cycle, line.key in started)
            if starts:
                started.add(line.key)
            for scope, occurrence, event in starts:
                periods = [p for p in force[line.key] if p[1] > event.at]
                if periods:
                    period = periods[0][0], periods[-1][1]
                    ground = grounds.get(line.calendar)
                    kind = PeriodClock if line.recurring else LineClock
                    clock = kind(line, cycle, scope, event, period, ground, now)
                    deadlines += clock.run(occurrence)
    return deadlines


class _Grounds:
    """The calendars of the lines, each looked up once."""

    def __init__(self, calendars, tz):
        self._find = calendars if callable(calendars) else calendars.get
        self._zone = load_zone(tz)
        self._known = {None: Ground(self._zone)}

    def get(self, calendar):
        if calendar not in self._known:
            working = self._find(calendar)
            zone = self._zone if working is None else working.zone
            self._known[calendar] = Ground(zone, working)
        return self._known[calendar]


def _get_starts(line, cycle, had_started):
    """Return ``[(scope, occurrence, start event)]`` of a line in a cycle."""
    by_scope = {}
    restarts = line.restart_on_reopen and not line.per_scope
    if restarts and cycle.reopened and had_started:
        by_scope[""] = [cycle.reopened]
    for event in cycle.find([line.start_code]):
        if not event.concerns(line.key):
            continue
        by_scope.setdefault(event.scope if line.per_scope else "", []).append(event)
    return [
        (scope, occurrence, event)
        for scope, found in by_scope.items()
        for occurrence, event in enumerate(found if line.each_start else found[:1], 1)
    ]
