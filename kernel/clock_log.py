# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the event log says to the clocks: cycles, pauses, dates, ends."""

from collections import defaultdict
from datetime import datetime

from .clock_rules import (
    CANCELLED,
    EXTENDED,
    OVERRIDE_CODES,
    PAUSED,
    PHASE_CHANGED,
    REOPENED,
    RESUMED,
    WAIVED,
)
from .clock_units import merge_intervals

FOREVER = datetime.max


class Cycle:
    """The events between two reopenings.

    :ivar int number: 1 until the first reopening
    :ivar list events: in order of time
    :ivar reopened: the event that began the cycle, None for the first
    :ivar datetime ends_at: when the next cycle began, `FOREVER` for the last
    """

    def __init__(self, number, events, reopened=None, ends_at=FOREVER):
        self.number = number
        self.events = events
        self.reopened = reopened
        self.ends_at = ends_at
        self.by_code = defaultdict(list)
        for event in events:
            self.by_code[event.code].append(event)

    def find(self, specs, scope=None):
        """Return the events of any of these ``code`` or ``code:kind``, in order.

        :param scope: only those of this scope and of the complaint itself
        """
        found = {}
        for spec in specs:
            for event in self.by_code.get(spec.partition(":")[0], ()):
                if scope in (None, event.scope) or not event.scope:
                    if event.matches(spec):
                        found[event.at, event.id, id(event)] = event
        return [found[key] for key in sorted(found)]

    def get_pauses(self, line, scope):
        """Return the merged ``(from, to)`` of a line; the last may be open.

        Pauses by hand and by phase are independent of each other: the clock
        stands as long as one of them lasts. A pause ends with its cycle.
        """
        intervals = self._get_manual_pauses(line, scope)
        intervals += self._get_phase_pauses(line)
        if self.ends_at is not FOREVER:
            end = self.ends_at
            intervals = [(begin, to or end) for begin, to in intervals]
        return merge_intervals(intervals)

    def get_dates(self, line, scope, occurrence):
        """Return ``[(event, kind, due or None)]`` that replace the policy's due.

        A date counts from the event that sets it, the last one wins; None means
        that the customer's date or the appointment was withdrawn.
        """
        dates = []
        for kind in line.override_kinds:
            for event in self.find([OVERRIDE_CODES[kind]], scope):
                if event.concerns(line.key) and not line.recurring:
                    dates.append((event, kind, event.get_due()))
        for event in self.find([EXTENDED], scope):
            if event.concerns(line.key) and _is_for(event, occurrence):
                dates.append((event, EXTENDED, event.get_due()))
        return sorted(dates, key=lambda date: (date[0].at, date[0].id))

    def get_waivers(self, line, scope, occurrence):
        """Return the events that may waive this occurrence, in order."""
        return [
            event
            for event in self.find([WAIVED], scope)
            if event.concerns(line.key) and _is_for(event, occurrence)
        ]

    def get_end(self, line, scope, started_at):
        """Return ``(time, reason)`` of the first event that makes it needless."""
        ends = [(self.ends_at, "reopened")]
        for event in self.find([CANCELLED], scope):
            ends.append((event.at, "cancelled"))
        for event in self.find(line.until_codes, scope if line.per_scope else None):
            if event.at >= started_at:
                ends.append((event.at, "not_needed"))
        return min(ends, key=lambda end: end[0])

    def _get_manual_pauses(self, line, scope):
        intervals, begin = [], None
        for event in self.find([PAUSED, RESUMED], scope):
            if not event.concerns(line.key):
                continue
            if event.code == PAUSED:
                begin = begin or event.at
            elif begin:
                intervals.append((begin, event.at))
                begin = None
        return [*intervals, (begin, None)] if begin else intervals

    def _get_phase_pauses(self, line):
        intervals, begin = [], None
        if not line.pause_phases:
            return intervals
        for event in self.by_code.get(PHASE_CHANGED, ()):
            if event.payload.get("new") in line.pause_phases:
                begin = begin or event.at
            elif begin:
                intervals.append((begin, event.at))
                begin = None
        return [*intervals, (begin, None)] if begin else intervals


def read_cycles(events):
    """Return the `Cycle` of each cycle, in order.

    A `reopened` event belongs to both: whichever number it carries, the n-th one
    ends cycle n and begins cycle n + 1.

    :param events: `Event`; corrected ones are left out
    """
    events = sorted(
        (event for event in events if not event.corrected),
        key=lambda event: (event.at, event.id),
    )
    reopenings = [event for event in events if event.code == REOPENED]
    by_cycle = defaultdict(list)
    for event in events:
        if event.code != REOPENED:
            by_cycle[event.cycle].append(event)
    cycles = []
    for number in range(1, len(reopenings) + 2):
        begin = reopenings[number - 2] if number > 1 else None
        last = number > len(reopenings)
        ends_at = FOREVER if last else reopenings[number - 1].at
        known = by_cycle[number]
        if begin:
            # so that a line may name the reopening itself as its start
            known = [begin, *known]
        cycles.append(Cycle(number, known, begin, ends_at))
    return cycles


def read_force(events, lines):
    """Return ``{line key: [(from, until), ...]}``: when each line was in force.

    Matching a policy is logged as ``clock_lines`` in the payload of an event. A
    log that never says so leaves all lines in force.

    :param events: `Event`, in any order
    """
    matches = sorted(
        (e for e in events if not e.corrected and "clock_lines" in e.payload),
        key=lambda event: (event.at, event.id),
    )
    if not matches:
        return {line.key: [(datetime.min, FOREVER)] for line in lines}
    ends = [event.at for event in matches[1:]] + [FOREVER]
    force = {line.key: [] for line in lines}
    for index, (event, end) in enumerate(zip(matches, ends, strict=True)):
        # what was matched at creation holds from the very beginning
        begin = event.at if index else datetime.min
        for key in event.payload["clock_lines"] or ():
            if key in force:
                force[key].append((begin, end))
    return {key: merge_intervals(periods) for key, periods in force.items()}


def _is_for(event, occurrence):
    return event.payload.get("occurrence") in (None, occurrence)
