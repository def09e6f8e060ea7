# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The words of the clocks: events, policy lines, deadlines.

Everything is immutable and checks itself; `check_lines` checks what only can be
seen on several lines together.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .clock_units import CLOCK_UNITS, Limit
from .clock_working import ClockError
from .event_log import effective_rows

# Events that the clocks themselves understand. Every other code is only a
# possible start, target or end of a line.
REOPENED = "reopened"
PAUSED = "paused"
RESUMED = "resumed"
PHASE_CHANGED = "phase_changed"
EXTENDED = "extended"
WAIVED = "waived"
CANCELLED = "cancelled"
# kind of override -> code of the event that sets the date
OVERRIDE_CODES = {
    "customer_deadline": "customer_deadline_set",
    "appointment": "appointment_set",
    "manual": "due_set",
}
_HOUR = timedelta(hours=1)
STATES = ("running", "paused", "met", "missed", "waived", "cancelled")


@dataclass(frozen=True)
class Event:
    """One row of the event log.

    :param str code: code of the event type
    :param datetime at: when it happened, naive UTC
    :param int cycle: 1 until the first reopening, then 2, 3 ...
    :param int id: orders events of the same second
    :param str scope: empty for the complaint itself, otherwise its dispatch or 8D
    :param dict payload: see `check_payload`
    :param bool corrected: a later row says otherwise; the event does not count
    """

    code: str
    at: datetime
    cycle: int = 1
    id: int = 0
    scope: str = ""
    payload: dict = field(default_factory=dict, hash=False)
    corrected: bool = False

    def matches(self, spec):
        """Return whether this is a ``code`` or ``code:kind`` event.

        Several kinds are separated by commas.

        >>> signed = Event("opinion_signed", None, payload={"kind": "review"})
        >>> signed.matches("opinion_signed"), signed.matches("opinion_signed:cause")
        (True, False)
        >>> signed.matches("opinion_signed:cause,review")
        True
        """
        code, _colon, kinds = spec.partition(":")
        if code != self.code:
            return False
        return not kinds or self.payload.get("kind") in kinds.replace(" ", "").split(
            ","
        )

    def concerns(self, line_key):
        """Return whether a pause, date, ... is meant for this line, too."""
        keys = self.payload.get("lines")
        return keys is None or line_key in keys

    def get_due(self, name="due"):
        """Return the naive UTC time in the payload, None when there is none.

        :raise ClockError: ``bad_payload``
        """
        value = self.payload.get(name) or None
        if value is None or isinstance(value, datetime):
            return value
        try:
            due = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ClockError("bad_payload", (self.code, name, value)) from error
        if due.tzinfo:
            raise ClockError("bad_payload", (self.code, name, value))
        return due


def events_from_rows(rows):
    """Return the events of log rows, without those that were corrected.

    :param rows: dictionaries as `event_log.effective_rows` takes them, with
        ``scope_key`` and ``payload`` if there are any
    """
    return [
        Event(
            code=row["code"],
            at=row["at"],
            cycle=row["cycle"],
            id=row["id"],
            scope=row.get("scope_key") or "",
            payload=row.get("payload") or {},
        )
        for row in effective_rows(rows)
    ]


def check_payload(code, payload):
    """Check the payload of an event before it is logged for ever.

    ========================================  =====================================
    code                                      payload
    ========================================  =====================================
    ``paused``, ``resumed``                   ``lines``: keys, all when left out
    ``phase_changed``                         ``new``: the phase now, ``old``
    ``customer_deadline_set``,                ``due``: UTC "YYYY-MM-DD hh:mm:ss", or
    ``appointment_set``, ``due_set``          None to withdraw it; ``lines`` as above
    ``extended``                              ``lines``, ``due``, ``occurrence``
    ``waived``                                ``lines``, ``occurrence`` (default: the
                                              one that runs at the time)
    an alternative, see `Alternative`         ``reason``, ``next_due``
    an event that starts lines                ``lines``: only these, as above
    any                                       ``clock_lines``: keys of the lines in
                                              force from now on (re-matched policy)
    ========================================  =====================================

    :raise ClockError: ``bad_payload``
    """
    event = Event(code, None, payload=payload or {})
    for name in ("lines", "clock_lines"):
        if not isinstance(event.payload.get(name, []), list | tuple):
            raise ClockError("bad_payload", (code, name))
    if code in (EXTENDED, WAIVED) and not event.payload.get("lines"):
        raise ClockError("bad_payload", (code, "lines"))
    if code == EXTENDED and event.get_due() is None:
        raise ClockError("bad_payload", (code, "due"))
    if code == PHASE_CHANGED and "new" not in event.payload:
        raise ClockError("bad_payload", (code, "new"))
    event.get_due()
    event.get_due("next_due")


@dataclass(frozen=True)
class Alternative:
    """Something else that meets a line, too (R220, R247).

    :param tuple codes: ``code`` or ``code:kind`` of the events
    :param bool needs_reason: it only counts with a ``reason`` in its payload
    :param bool continues: the line stays open: a new occurrence starts, due at
        ``next_due`` of the payload or after the same limit again
    """

    codes: tuple
    needs_reason: bool = True
    continues: bool = True

    def accepts(self, event):
        if not any(event.matches(code) for code in self.codes):
            return False
        return not self.needs_reason or bool(event.payload.get("reason"))


@dataclass(frozen=True)
class Line:
    """One line of a policy: from which event, to which, how long (R241).

    :param key: names the line in payloads and results; a changed line gets a
        new key, so that old cases keep the limits valid at their start (R321)
    :param str start_code: ``code`` or ``code:kind`` of the event that starts it
    :param tuple target_codes: any of them meets it (R248: arrival or opinion)
    :param Limit limit: how long
    :param calendar: reference that `derive` resolves, None for none
    :param frozenset pause_phases: phases of the complaint that pause it
    :param frozenset override_kinds: which dates replace the policy's (R319),
        keys of `OVERRIDE_CODES`; extensions always do
    :param tuple alternatives: `Alternative`
    :param bool recurring: due again and again until `until_codes` (R315)
    :param tuple until_codes: end a line that is not (or no longer) needed
    :param dict condition: see `holds`
    :param tuple yields_to: keys of lines that replace this one where they apply
    :param bool each_start: every start event has its own clock, else the first
    :param bool per_scope: every dispatch or 8D has its own clock
    :param bool counts_earlier: met by a target before the start, too (events
        that are logged once only: a first reply before the acceptance)
    :param bool restart_on_reopen: a reopening starts it where it had started
        before, else only its start event in the new cycle does
    :raise ClockError: ``no_target``, ``unknown_override``,
        ``ambiguous_occurrence`` (several starts and several occurrences),
        ``bad_recurrence`` (more often than every hour)
    """

    key: object
    start_code: str
    target_codes: tuple
    limit: Limit
    calendar: object = None
    pause_phases: frozenset = frozenset()
    override_kinds: frozenset = frozenset()
    alternatives: tuple = ()
    recurring: bool = False
    until_codes: tuple = ()
    condition: dict = field(default_factory=dict, hash=False)
    yields_to: tuple = ()
    each_start: bool = False
    per_scope: bool = False
    counts_earlier: bool = False
    restart_on_reopen: bool = False

    def __post_init__(self):
        if not self.target_codes or not self.start_code:
            raise ClockError("no_target", self.key)
        if not set(self.override_kinds) <= set(OVERRIDE_CODES):
            raise ClockError("unknown_override", self.override_kinds)
        repeats = self.recurring or any(a.continues for a in self.alternatives)
        if repeats and self.each_start or self.recurring and self.alternatives:
            raise ClockError("ambiguous_occurrence", self.key)
        length = CLOCK_UNITS.get(self.limit.unit, _HOUR) * self.limit.amount
        if self.recurring and length < _HOUR:
            raise ClockError("bad_recurrence", self.key)

    @property
    def codes(self):
        """All event codes that this line refers to, kinds left out."""
        specs = [self.start_code, *self.target_codes, *self.until_codes]
        for alternative in self.alternatives:
            specs += alternative.codes
        return {spec.partition(":")[0] for spec in specs}


@dataclass(frozen=True)
class Change:
    """A due time in the history of a deadline: when it was set, by what."""

    at: datetime
    kind: str  # "policy", a key of OVERRIDE_CODES, "extended", "next_due"
    due_at: datetime
    event_id: int = 0


@dataclass(frozen=True)
class Deadline:
    """What the log says about one line, cycle, scope and occurrence.

    :param datetime policy_due_at: what the policy says, pauses included
    :param datetime due_at: what holds, None while paused or without a `reason`
    :param str due_kind: `Change.kind` of the due time that holds
    :param tuple changes: `Change`, oldest first; the first is the policy's
    :param tuple pauses: ``(from, to)``; the last `to` is None while paused
    :param datetime reached_at: when its target happened; `reached_by` the code
    :param datetime finished_at: when the last word was spoken; such a row is
        never rewritten. A missed deadline without it still waits for its target
    :param str state: one of `STATES`
    :param datetime breached_at: the due time that passed first without the
        target; stays when an extension or waiver came too late
    :param str reason: why there is no due time (`NoDueTime`), or why it was
        cancelled: ``cancelled``, ``not_needed``, ``reopened``, ``policy_changed``
    :param timedelta remaining: time of its own kind left while paused
    """

    line: object
    cycle: int
    occurrence: int
    started_at: datetime
    scope: str = ""
    start_event_id: int = 0
    policy_due_at: datetime = None
    due_at: datetime = None
    due_kind: str = "policy"
    changes: tuple = ()
    pauses: tuple = ()
    reached_at: datetime = None
    reached_by: str = ""
    reached_event_id: int = 0
    finished_at: datetime = None
    state: str = "running"
    breached_at: datetime = None
    reason: str = ""
    remaining: object = None

    @property
    def key(self):
        return self.line, self.cycle, self.scope, self.occurrence

    @property
    def is_open(self):
        return self.finished_at is None
