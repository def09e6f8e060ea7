# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date

from ..kernel.clock_working import ClockError

_TEMPLATE = "helpdesk_mgmt_complaint.complaint_timeline"
# open ones come first; a daily line may have hundreds of finished ones
_SHOWN = 60
# an axis needs some length
_SHORTEST = timedelta(minutes=1)
_PHASE_FIELD = "complaint_phase"


class ComplaintDeadlineTimelineMixin(models.AbstractModel):
    """The clocks of a complaint as bars on one axis, each with its story in words.

    Everything is read from the rows, nothing is stored; QWeb escapes all texts.
    """

    _name = "complaint.deadline.timeline.mixin"
    _description = "Timeline of Deadlines"

    def _render_timeline(self):
        """Return the HTML of these deadlines, empty without any.

        The number of queries does not depend on the number of deadlines.
        """
        if not self:
            return False
        shown = self[:_SHOWN]
        return self.env["ir.qweb"]._render(
            _TEMPLATE,
            {**shown._prepare_timeline(), "more": len(self) - len(shown)},
            minimal_qcontext=True,
        )

    def _prepare_timeline(self):
        """Return the values of the template: ``axis`` and ``rows``."""
        now = fields.Datetime.now()
        begin = min(self.mapped("started_at"))
        end = max(deadline._get_bar_end(now) for deadline in self)
        end = max(end, begin + _SHORTEST)
        scale = _Scale(begin, end)
        notes = self._read_change_events()
        alarms = self._get_planned_alarms(now)
        is_open = any(not deadline.finished_at for deadline in self)
        return {
            "begin": self[:1]._complaint_format(begin),
            "end": self[:1]._complaint_format(end),
            "now": self[:1]._complaint_format(now),
            "now_at": scale.place(now) if is_open and begin <= now <= end else None,
            "rows": [
                deadline._prepare_timeline_row(scale, now, notes, alarms[deadline])
                for deadline in self
            ],
        }

    def _prepare_timeline_row(self, scale, now, notes, alarms):
        """Hook: return what the template shows of one deadline."""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self._get_label(),
            "who": ", ".join(filter(None, self._get_timeline_who())),
            "state": self.state,
            "state_label": states[self.state],
            "due": self._complaint_format(self.due_at),
            "due_text": self.due_text,
            "is_late": self.is_late,
            "is_open": not self.finished_at,
            "parts": self._get_bar_parts(scale, now),
            "marks": self._get_bar_marks(scale, alarms),
            "story": self._get_story(notes, alarms),
        }

    def _get_timeline_who(self):
        """Return department and person of a task or 8D, not the complaint's."""
        self.ensure_one()
        if not (self.dispatch_id or self.eightd_link_id):
            return []
        # sudo: names of departments and persons are no secret
        row = self.sudo()
        return [row.department_id.name, row.user_id.name]

    # ------------------------------------------------------------------
    # Read once for all
    # ------------------------------------------------------------------

    def _read_change_events(self):
        """Return ``{event id: complaint.event}`` of all changes of due times."""
        ids = {
            change.get("event_id")
            for deadline in self
            for change in deadline.changes or []
        }
        events = self.env["complaint.event"].search_fetch(
            [("id", "in", list(filter(None, ids)))], ["note", "user_id", "payload"]
        )
        return {event.id: event for event in events}

    def _get_planned_alarms(self, now):
        """Return ``{deadline: [kernel Alarm]}`` of levels that are still to come."""
        ground_cache, alarms = {}, {}
        for deadline in self:
            alarms[deadline] = []
            if deadline.finished_at:
                continue
            try:
                # sudo: only times of levels; teams and their hours are not for all
                found = deadline.sudo()._get_alarms(ground_cache)
            except ClockError:
                # its levels cannot be used: the sweep says so on the row
                continue
            fired = set(deadline.escalation_ids.level_id.ids)
            alarms[deadline] = [
                alarm
                for alarm in found
                if alarm.at > now and alarm.level.key not in fired
            ]
        return alarms

    # ------------------------------------------------------------------
    # The bar
    # ------------------------------------------------------------------

    def _get_bar_end(self, now):
        """Return where the bar ends: due, finished, or now."""
        return max(
            filter(
                None,
                (
                    self.started_at,
                    self.due_at or self.policy_due_at,
                    self.policy_due_at,
                    self.finished_at or now,
                ),
            )
        )

    def _get_bar_parts(self, scale, now):
        """Return the parts of the bar, those drawn later lie on top."""
        start, stop = self.started_at, self.finished_at or now
        due = self.due_at or self.policy_due_at
        parts = [("due", start, due)] if due else []
        used = min(stop, due) if due else stop
        parts.append((self.state, start, max(used, start)))
        if due and stop > due and self.state in ("running", "missed"):
            parts.append(("late", due, stop))
        for pause in self.pause_ids:
            parts.append(("pause", pause.start_at, pause.end_at or stop))
        return [
            {"kind": kind, "style": scale.span(begin, end)}
            for kind, begin, end in parts
        ]

    def _get_bar_marks(self, scale, alarms):
        """Return the marks on the bar: due times and levels of the escalation."""
        marks = []
        if self.due_at:
            marks.append(("due", self.due_at, self.env._("Due")))
        if self.policy_due_at and self.policy_due_at != self.due_at:
            marks.append(("policy", self.policy_due_at, self.env._("Due by policy")))
        for escalation in self.escalation_ids:
            text = self.env._("Level %(level)s was told", level=escalation.level)
            marks.append(("told", escalation.fired_at, text))
        levels = self.env["complaint.sla.escalation"]
        for alarm in alarms:
            level = levels.browse(alarm.level.key)
            text = self.env._("Level %(level)s will be told", level=level.level)
            marks.append(("planned", alarm.at, text))
        return [
            {
                "kind": kind,
                "style": f"left:{scale.place(at)}%",
                "title": f"{text}: {self._complaint_format(at)}",
            }
            for kind, at, text in marks
            if scale.begin <= at <= scale.end
        ]

    # ------------------------------------------------------------------
    # The story
    # ------------------------------------------------------------------

    def _get_story(self, notes, alarms):
        """Return ``[(time, text)]``: what happened, in order of time (R319)."""
        events = [
            (self.started_at, self.env._("Started")),
            *self._get_story_of_pauses(),
            *self._get_story_of_changes(notes),
            *self._get_story_of_end(),
            *self._get_story_of_escalations(alarms),
            *self._get_story_of_reactions(),
        ]
        events.sort(key=lambda event: event[0])
        return [(self._complaint_format(at), text) for at, text in events]

    def _get_story_of_pauses(self):
        phases = dict(
            self.ticket_id._fields[_PHASE_FIELD]._description_selection(self.env)
        )
        for pause in self.pause_ids:
            reason = phases.get(pause.reason, pause.reason)
            text = self.env._("Paused")
            yield pause.start_at, f"{text}: {reason}" if reason else text
            if pause.end_at:
                yield pause.end_at, self.env._("Went on")

    def _get_story_of_changes(self, notes):
        """The policy's due time stays visible beside every later one."""
        kinds = dict(self._fields["due_kind"]._description_selection(self.env))
        for change in self.changes or []:
            due = fields.Datetime.to_datetime(change["due_at"])
            text = self.env._(
                "Due %(due)s (%(kind)s)",
                due=self._complaint_format(due) or "-",
                kind=kinds.get(change["kind"], change["kind"]),
            )
            event = notes.get(change.get("event_id"))
            if event and change["kind"] != "policy":
                text = self._add_who_and_why(text, event)
            yield fields.Datetime.to_datetime(change["at"]), text
        if not self.changes and self.policy_due_at:
            yield (
                self.started_at,
                self.env._(
                    "Due %(due)s (%(kind)s)",
                    due=self._complaint_format(self.policy_due_at),
                    kind=kinds["policy"],
                ),
            )

    def _add_who_and_why(self, text, event):
        """Append who changed it, who approved it and the reason."""
        parts = [text, self.env._("by %(name)s", name=event.user_id.name or "-")]
        approver = (event.payload or {}).get("approver")
        if approver:
            parts.append(self.env._("approved by %(name)s", name=approver))
        text = ", ".join(parts)
        return f"{text}: {event.note}" if event.note else text

    def _get_story_of_end(self):
        if self.breached_at:
            text = self.env._("Missed")
            reason = self.breach_reason
            yield self.breached_at, f"{text}: {reason}" if reason else text
        if self.reached_at:
            yield self.reached_at, self.env._("Reached")
        elif self.finished_at and self.state == "waived":
            text = self.env._("Waived")
            reason = self.waive_reason
            yield self.finished_at, f"{text}: {reason}" if reason else text
        elif self.finished_at and self.state == "cancelled":
            reasons = dict(
                self._fields["no_due_reason"]._description_selection(self.env)
            )
            text = self.env._("Not needed")
            reason = reasons.get(self.no_due_reason)
            yield self.finished_at, f"{text}: {reason}" if reason else text
        elif self.no_due_reason:
            reasons = dict(
                self._fields["no_due_reason"]._description_selection(self.env)
            )
            yield (
                self.started_at,
                self.env._(
                    "Without due time: %(reason)s", reason=reasons[self.no_due_reason]
                ),
            )

    def _get_story_of_escalations(self, alarms):
        for escalation in self.escalation_ids:
            yield escalation.fired_at, escalation._get_story_text()
        levels = self.env["complaint.sla.escalation"]
        for alarm in alarms:
            level = levels.browse(alarm.level.key)
            yield (
                alarm.at,
                self.env._(
                    "Level %(level)s will be told: %(who)s",
                    level=level.level,
                    who=level._get_preview_who(),
                ),
            )

    def _get_story_of_reactions(self):
        for reaction in self.reaction_ids:
            parts = [
                self.env._(
                    "%(name)s reacted: %(text)s",
                    name=reaction.user_id.name,
                    text=reaction.text,
                ),
                reaction.measure,
                reaction.expected_date
                and self.env._(
                    "expected by %(date)s",
                    date=format_date(self.env, reaction.expected_date),
                ),
            ]
            yield reaction.at, "; ".join(filter(None, parts))


class _Scale:
    """Places times on an axis, in percent of its length."""

    def __init__(self, begin, end):
        self.begin, self.end = begin, end

    def place(self, at):
        share = (at - self.begin) / (self.end - self.begin)
        return round(100 * min(max(share, 0), 1), 2)

    def span(self, begin, end):
        """Return the CSS of a part; a short one can still be seen."""
        left, right = self.place(begin), self.place(end)
        width = round(max(right - left, 0.4), 2)
        return f"left:{min(left, 99.6)}%;width:{width}%"
