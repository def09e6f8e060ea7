# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The clock of a line that is due again and again (R315, R318)."""

from dataclasses import replace

from .clock_line import LineClock, clip, finish_values, first_breach
from .clock_log import FOREVER
from .clock_rules import Change
from .clock_units import due_times
from .clock_working import NoDueTime

# eleven years of a daily line
_MAX_OCCURRENCES = 4000


class PeriodClock(LineClock):
    """One line with a deadline for each period between two due times.

    A period is met by a target inside of it; what comes late counts for the next
    one. A period that ends in a pause of a fixed moment is not needed.
    """

    def run(self, occurrence=1):
        """Yield the deadline of each period until the line ends or the next due."""
        end = self._get_end(self.start.at)
        previous = None
        for due, no_due in self._get_dues():
            if no_due or occurrence > _MAX_OCCURRENCES:
                values = {"reason": no_due or "horizon_exceeded"}
                yield self._new_deadline(self.start, occurrence, values)
                return
            if due >= self.in_force_from:
                deadline = self._judge_period(occurrence, previous, due, end)
                yield deadline
                if deadline.is_open or due >= end[0]:
                    return
                # what met an extended period is not counted for the next, too
                due = max(due, deadline.due_at)
            previous = due
            occurrence += 1

    def _get_dues(self):
        """Yield ``(due, reason why there is none)`` for each period."""
        # a moment of the day stays where it is, see `_judge_period`
        pauses = () if self._is_moment else self.all_pauses
        pauses = [pause for pause in pauses if pause[1] is not None]
        dues = due_times(self.line.limit, self.start.at, self.ground, pauses)
        while True:
            try:
                yield next(dues), ""
            except NoDueTime as error:
                yield None, error.reason
                return

    def _judge_period(self, occurrence, previous, policy_due, end):
        """Return the deadline of the period ``(previous, due]``."""
        begin = self.start.at if previous is None else previous
        changes = [Change(begin, "policy", policy_due, self.start.id)]
        due = policy_due
        dates = self.cycle.get_dates(self.line, self.scope, occurrence)
        for event, kind, date in dates:
            if not _is_meant(event, begin, policy_due):
                continue
            if event.at > due or self._get_words(occurrence, previous, event.at, end):
                # too late: the period had its last word
                break
            due = date
            changes.append(Change(event.at, kind, due, event.id))
        values = {
            "policy_due_at": policy_due,
            "due_at": due,
            "due_kind": changes[-1].kind,
            "changes": tuple(changes),
        }
        values.update(self._get_period_end(occurrence, previous, due, end))
        finish = values.get("finished_at", FOREVER)
        values["pauses"] = tuple(clip(self.all_pauses, begin, finish))
        values["breached_at"] = first_breach(changes, min(finish, self.now), False)
        if values.get("state") == "missed":
            values["breached_at"] = values["breached_at"] or due
        deadline = self._new_deadline(self.start, occurrence, values)
        return replace(deadline, started_at=begin)

    def _get_period_end(self, occurrence, previous, due, end):
        """Return the values that depend on how a period ended, or has not."""
        words = self._get_words(occurrence, previous, due, end)
        if words:
            at, _rank, kind, reason, target = min(words, key=lambda word: word[:2])
            return finish_values(at, kind, reason, due, target)
        pause = self._get_pause_at(due)
        if pause and pause[1]:
            return finish_values(due, "ended", "paused", due, None)
        if pause:
            return {"state": "paused", "due_at": None}
        if self.now > due:
            return {"state": "missed", "finished_at": due}
        return {}

    def _get_words(self, occurrence, previous, until, end):
        """Return ``[(time, rank, kind, reason, target)]`` that ended it until then."""
        words, begin = [], previous or self.start.at
        if target := self._find_in_period(previous, until):
            words.append((target.at, 0, "reached", "", target))
        for event in self.cycle.get_waivers(self.line, self.scope, occurrence):
            if event.at <= until and _is_meant(event, begin, until):
                words.append((max(event.at, begin), 1, "waived", "", None))
        if end[0] < until:
            words.append((max(end[0], begin), 2, "ended", end[1], None))
        return words

    def _find_in_period(self, previous, until):
        for event in self._find(self.line.target_codes):
            if previous is None:
                is_after = event.at >= self.start.at and event is not self.start
            else:
                is_after = event.at > previous
            if is_after and event.at <= until:
                return event
        return None

    def _get_pause_at(self, due):
        """Return the pause in which a period ends, or None."""
        for begin, end in self.all_pauses:
            if begin < due and (end is None or self._is_moment and due <= end):
                return begin, end
        return None


def _is_meant(event, begin, due):
    """Without an occurrence an extension or waiver means the one of its time."""
    return bool(event.payload.get("occurrence")) or begin <= event.at <= due
