# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The clock of one line, from the event that starts it to the last word."""

from .clock_log import FOREVER
from .clock_rules import EXTENDED, Change, Deadline
from .clock_units import MOMENT_UNITS, due_time, has_open_pause, left_over
from .clock_working import NoDueTime


class LineClock:
    """One line that was started by one event."""

    def __init__(self, line, cycle, scope, start, period, ground, now):
        self.line = line
        self.cycle = cycle
        self.scope = scope
        self.start = start
        self.in_force_from, self.in_force_until = period
        self.ground = ground
        self.now = now
        self.all_pauses = cycle.get_pauses(line, scope)

    def run(self, occurrence):
        """Yield the deadlines; only the last one may be open."""
        start, next_due = self.start, None
        while start:
            target, continued = self._find_target(start, occurrence)
            deadline = self._judge(start, occurrence, target, next_due)
            # what was over before the policy asked for it is not judged by it
            if not target or target.at >= self.in_force_from:
                yield deadline
            met_by_other = target and continued and deadline.reached_at
            start = target if met_by_other else None
            next_due = target.get_due("next_due") if met_by_other else None
            occurrence += 1

    @property
    def _is_moment(self):
        return self.line.limit.unit in MOMENT_UNITS

    # ------------------------------------------------------------------
    # Targets and ends
    # ------------------------------------------------------------------

    def _find(self, specs):
        return self.cycle.find(specs, self.scope if self.line.per_scope else None)

    def _find_target(self, start, occurrence):
        """Return ``(event that meets the line or None, does it go on)``."""
        earlier = self.line.counts_earlier and occurrence == 1
        for event in self._find(self.line.target_codes):
            if event is not start and (earlier or event.at >= start.at):
                break
        else:
            event = None
        for alternative in self.line.alternatives:
            for other in self._find(alternative.codes):
                if (other.at, other.id) <= (start.at, start.id):
                    continue
                if event and other.at >= event.at:
                    break
                if alternative.accepts(other):
                    return other, alternative.continues
        return event, False

    def _get_end(self, started_at):
        """Return ``(time, reason)`` at which the line is not needed any more."""
        end = self.cycle.get_end(self.line, self.scope, started_at)
        if self.in_force_until < end[0]:
            end = self.in_force_until, "policy_changed"
        return max(end[0], started_at), end[1]

    def _get_finish(self, started_at, occurrence, target):
        """Return ``(time, kind, reason)`` of the last word; `FOREVER`: none yet."""
        words = []
        if target:
            words.append((max(target.at, started_at), 0, "reached", ""))
        for waiver in self.cycle.get_waivers(self.line, self.scope, occurrence):
            words.append((max(waiver.at, started_at), 1, "waived", ""))
        end_at, reason = self._get_end(started_at)
        words.append((end_at, 2, "ended", reason))
        at, _rank, kind, reason = min(words)
        return at, kind, reason

    # ------------------------------------------------------------------
    # One deadline
    # ------------------------------------------------------------------

    def _judge(self, start, occurrence, target, next_due=None):
        """Return the deadline of one occurrence of a line that is met once."""
        finish, kind, reason = self._get_finish(start.at, occurrence, target)
        pauses = clip(self.all_pauses, start.at, finish)
        stands_since = has_open_pause(pauses)
        closed = pauses[:-1] if stands_since else pauses
        policy_due, no_due = self._get_policy_due(start.at, closed)
        changes = self._get_changes(start, occurrence, finish, policy_due, next_due)
        last = changes[-1]
        due, until = last.due_at, min(finish, self.now)
        is_paused = bool(
            finish is FOREVER
            and stands_since
            and last.kind == "policy"
            and (due is None or stands_since < due)
        )
        values = {
            "policy_due_at": policy_due,
            "due_at": None if is_paused else due,
            "due_kind": last.kind,
            "changes": tuple(changes),
            "pauses": tuple(pauses),
            "reason": "" if due else no_due,
            "breached_at": first_breach(changes, until, is_paused),
            "state": "paused" if is_paused else _open_state(due, self.now),
        }
        if is_paused and due and not self._is_moment:
            unit = self.line.limit.unit
            values["remaining"] = left_over(unit, stands_since, due, self.ground)
        if finish is not FOREVER:
            values.update(finish_values(finish, kind, reason or no_due, due, target))
        return self._new_deadline(start, occurrence, values)

    def _get_policy_due(self, started_at, pauses):
        try:
            due = due_time(self.line.limit, started_at, self.ground, pauses)
        except NoDueTime as error:
            return None, error.reason
        return due, ""

    def _get_changes(self, start, occurrence, finish, policy_due, next_due):
        """Return what was due, from the policy's time to the one that holds."""
        base = Change(start.at, "policy", policy_due, start.id)
        changes = [base]
        if next_due:
            changes.append(Change(start.at, "next_due", next_due, start.id))
        for event, kind, due in self.cycle.get_dates(self.line, self.scope, occurrence):
            # What was said before a progress report is answered by it, but for
            # a date of the customer when the report names no new one.
            is_answered = occurrence > 1 and event.at <= start.at
            if event.at > finish or is_answered and (next_due or kind == EXTENDED):
                continue
            if due is None:
                kind, due = "policy", policy_due
            changes.append(Change(event.at, kind, due, event.id))
        return changes

    def _new_deadline(self, start, occurrence, values):
        return Deadline(
            line=self.line.key,
            cycle=self.cycle.number,
            occurrence=occurrence,
            started_at=start.at,
            scope=self.scope,
            start_event_id=start.id,
            **values,
        )


def clip(pauses, start, finish):
    """Return the parts of the pauses between the start and the finish."""
    clipped = []
    for begin, end in pauses:
        begin = max(begin, start)
        if finish is not FOREVER:
            end = min(end or finish, finish)
        if end is None or begin < end:
            clipped.append((begin, end))
    return clipped


def first_breach(changes, until, is_paused):
    """Return the first due time that passed before it was changed.

    What was replaced before the start was never due for this clock.
    """
    start, last = changes[0].at, None if is_paused else until
    ends = [*(change.at for change in changes[1:]), last]
    for index, (change, end) in enumerate(zip(changes, ends, strict=True), 1):
        if index < len(changes) and end <= start:
            continue
        if end and change.due_at and change.due_at < end:
            return change.due_at
    return None


def _open_state(due, now):
    return "missed" if due and now > due else "running"


def finish_values(finish, kind, reason, due, target):
    """Return what is written last, when nothing can change any more."""
    values = {"finished_at": finish, "reason": reason}
    if kind == "waived":
        values["state"] = "waived"
    elif kind == "ended":
        values["state"] = "missed" if due and finish > due else "cancelled"
    else:
        values.update(
            state="missed" if due and target.at > due else "met",
            reached_at=target.at,
            reached_by=target.code,
            reached_event_id=target.id,
        )
    return values
