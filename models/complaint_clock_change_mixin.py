# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class ComplaintClockChangeMixin(models.AbstractModel):
    """What people do to the clocks of a complaint: always with a reason, logged."""

    _name = "complaint.clock.change.mixin"
    _description = "Changes of Complaint Clocks"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_pause(self, reason=None):
        """Stop the clocks; without a reason the user is asked for it."""
        if not isinstance(reason, str):
            return self._get_complaint_change_action("pause")
        self._complaint_pause(reason)
        return True

    def action_complaint_resume(self, reason=None):
        """Let paused clocks run on; without a reason the user is asked for it."""
        if not isinstance(reason, str):
            return self._get_complaint_change_action("resume")
        self._complaint_resume(reason)
        return True

    def action_complaint_change_deadlines(self):
        """Open the dialog to extend, set, waive deadlines or explain a miss."""
        return self._get_complaint_change_action("extend")

    def _get_complaint_change_action(self, kind, deadlines=None):
        """Return the action that opens the dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deadlines"),
            "res_model": "complaint.deadline.change",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_ticket_id": self.id,
                "default_deadline_ids": [
                    fields.Command.set(deadlines.ids if deadlines else [])
                ],
            },
        }

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def _complaint_pause(self, reason, deadlines=None):
        """Stop the clocks of this complaint, or of some of its deadlines.

        :raise UserError: without reason, or when nothing is running
        """
        self._complaint_check_change(reason, deadlines)
        running = self._complaint_get_open_deadlines(deadlines).filtered(
            lambda d: d.state != "paused"
        )
        if not running:
            raise UserError(self.env._("No clock is running here."))
        self._complaint_event(
            "paused", note=reason, **self._complaint_get_lines_payload(deadlines)
        )

    def _complaint_resume(self, reason, deadlines=None):
        """Let the clocks run on.

        :raise UserError: without reason, or when nothing is paused by hand
        """
        self._complaint_check_change(reason, deadlines)
        # also those whose due time does not move: their pause is only noted
        open_pauses = self._complaint_get_open_deadlines(deadlines).pause_ids.filtered(
            lambda pause: not pause.end_at
        )
        if not open_pauses:
            raise UserError(self.env._("No clock is paused here."))
        self._complaint_event(
            "resumed", note=reason, **self._complaint_get_lines_payload(deadlines)
        )

    def _complaint_extend(self, deadlines, due_at, approver, reason):
        """Give more time; the old date stays visible in the history of the row.

        :param datetime due_at: new due time, later than before
        :param approver: `res.users`, a supervisor or complaint manager
        """
        self._complaint_check_change(reason, deadlines)
        self._complaint_check_approver(approver)
        for deadline in self._complaint_need_open(deadlines):
            before = deadline.due_at or deadline.policy_due_at
            self._complaint_check_maximum(deadline, due_at)
            if not due_at or (before and due_at <= before):
                raise UserError(
                    self.env._(
                        "%(deadline)s: an extension needs a later due time than now.",
                        deadline=deadline.name,
                    )
                )
        self._complaint_log_changes(
            "extended",
            deadlines,
            reason,
            due=fields.Datetime.to_string(due_at),
            approver_id=approver.id,
            approver=approver.name,
        )

    def _complaint_set_due(self, deadlines, due_at, reason):
        """Set another due time by hand; the policy does not move it any more."""
        self._complaint_check_change(reason, deadlines)
        self._complaint_need_open(deadlines)
        if not due_at:
            raise UserError(self.env._("Enter the new due time."))
        for deadline in deadlines:
            before = deadline.due_at or deadline.policy_due_at
            if deadline.line_id.is_maximum:
                # below its limit an estimate may be corrected both ways
                self._complaint_check_maximum(deadline, due_at)
            elif before and due_at > before:
                raise UserError(
                    self.env._(
                        "%(deadline)s: a later due time is an extension and needs an "
                        "approver.",
                        deadline=deadline.name,
                    )
                )
        self._complaint_log_changes(
            "due_set", deadlines, reason, due=fields.Datetime.to_string(due_at)
        )
        estimated = deadlines.filtered("line_id.is_maximum").ticket_id
        if estimated:
            # limits of what can be done at once end with the estimate (R298)
            estimated._complaint_event("completion_estimated", note=reason)

    def _complaint_waive(self, deadlines, reason):
        """Do without: the row ends as waived, whether or not it was missed."""
        self._complaint_check_change(reason, deadlines)
        self._complaint_need_open(deadlines)
        self._complaint_log_changes("waived", deadlines, reason)

    def _complaint_explain_breach(self, deadlines, reason):
        """Store why deadlines were missed; asked for before closing."""
        self._complaint_check_change(reason, deadlines)
        late = deadlines.filtered(
            lambda d: d.breached_at or d.state == "missed" or d.is_overdue
        )
        if late != deadlines:
            raise UserError(
                self.env._(
                    "%(names)s: not missed, there is nothing to explain.",
                    names=", ".join((deadlines - late).mapped("name")),
                )
            )
        # sudo: nobody writes deadlines himself; the right to write the complaint
        # was checked
        deadlines.sudo().write({"breach_reason": reason})
        self._complaint_log_changes("breach_explained", deadlines, reason)

    # ------------------------------------------------------------------
    # Guards and helpers
    # ------------------------------------------------------------------

    def _complaint_check_change(self, reason, deadlines):
        self._complaint_check_is_handler()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Write the reason."))
        if deadlines and deadlines.ticket_id - self:
            raise UserError(self.env._("These deadlines belong to other complaints."))

    def _complaint_check_approver(self, approver):
        """An extension is approved by a supervisor or manager of the company."""
        group = "helpdesk_mgmt_complaint.group_complaint_supervisor"
        # sudo: groups of another user are only compared
        if not approver or not approver.sudo().has_group(group):
            raise UserError(
                self.env._(
                    "Choose who approved it: a supervisor or a complaint manager."
                )
            )

    def _complaint_check_maximum(self, deadline, due_at):
        """Nobody may go beyond an upper limit (R299)."""
        limit = deadline.policy_due_at
        if deadline.line_id.is_maximum and due_at and limit and due_at > limit:
            raise UserError(
                self.env._(
                    "%(deadline)s: %(limit)s is the upper limit, no later time can be "
                    "entered.",
                    deadline=deadline.name,
                    limit=format_datetime(self.env, limit, dt_format="short"),
                )
            )

    def _complaint_get_open_deadlines(self, deadlines=None):
        found = deadlines if deadlines else self.complaint_deadline_ids
        return found.filtered(lambda d: not d.finished_at)

    def _complaint_need_open(self, deadlines):
        """Return the deadlines.

        :raise UserError: when one of them has ended
        """
        ended = deadlines.filtered("finished_at")
        if ended or not deadlines:
            raise UserError(
                self.env._(
                    "%(names)s: it has ended and cannot change any more.",
                    names=", ".join(ended.mapped("name")) or "-",
                )
            )
        return deadlines

    def _complaint_get_lines_payload(self, deadlines):
        if not deadlines:
            return {}
        return {"payload": {"lines": sorted(set(deadlines.mapped("line_key")))}}

    def _complaint_log_changes(self, code, deadlines, reason, **payload):
        """Log one event per deadline, in one batch."""
        self._complaint_create_events(
            [
                deadline.ticket_id._prepare_complaint_event_vals(
                    code,
                    note=reason,
                    scope_key=deadline.scope_key or "",
                    cycle=deadline.cycle,
                    payload={
                        "lines": [deadline.line_key],
                        "occurrence": deadline.occurrence,
                        **payload,
                    },
                )
                for deadline in deadlines
            ]
        )
