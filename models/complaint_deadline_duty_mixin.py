# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ..kernel.duty_periods import period_label


class ComplaintDeadlineDutyMixin(models.AbstractModel):
    """A deadline that is one period of a recurring duty, and how it ends (R322)."""

    _name = "complaint.deadline.duty.mixin"
    _description = "Period of a Recurring Duty"

    duty_id = fields.Many2one(
        "complaint.duty", string="Recurring Duty", ondelete="restrict", index=True
    )
    period_start = fields.Date(help="First day that the work is about.")
    period_end = fields.Date(help="Last day that the work is about.")
    statement_id = fields.Many2one(
        "complaint.statement",
        string="Statement",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Issuing it is the result of this period.",
    )
    result_ids = fields.One2many(
        "complaint.duty.result", "deadline_id", string="Result"
    )
    may_enter_result = fields.Boolean(compute="_compute_may_enter_result")
    may_waive = fields.Boolean(compute="_compute_may_enter_result")

    _duty_period_unique = models.UniqueIndex(
        "(duty_id, period_start) WHERE duty_id IS NOT NULL AND state != 'cancelled'",
        "This period of the duty was opened already.",
    )

    @api.depends("duty_id", "user_id", "finished_at")
    @api.depends_context("uid")
    def _compute_may_enter_result(self):
        user = self.env.user
        decides = user._complaint_decides_duties()
        for deadline in self:
            is_open = bool(deadline.duty_id and not deadline.finished_at)
            owners = deadline.user_id | deadline.duty_id.responsible_id
            deadline.may_enter_result = is_open and (decides or user in owners)
            deadline.may_waive = is_open and decides

    def action_duty_done(self):
        """Open the form for the result of this period."""
        return self._get_duty_result_action("done", self.env._("Done"))

    def action_duty_waive(self):
        """Open the form for the reason why this period is not needed."""
        return self._get_duty_result_action("waived", self.env._("Waive"))

    def _get_duty_result_action(self, kind, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "complaint.duty.result",
            "view_mode": "form",
            "target": "new",
            "context": {"default_deadline_id": self.id, "default_kind": kind},
        }

    @api.model
    def _get_duty_name(self, duty, first):
        """Return how a period is called, in the language of its company.

        :param date first: first day of the period
        """
        duty = duty.with_context(lang=duty.company_id.partner_id.lang)
        return f"{duty.name} ({period_label(duty.cycle, first)})"

    def _finish_by_result(self, result):
        """End this period; when the result was entered decides if it was in time.

        :param result: one `complaint.duty.result`
        """
        self.ensure_one()
        entered_at = result.entered_at
        vals = {"finished_at": entered_at}
        is_late = entered_at > self.due_at
        if is_late:
            vals["breached_at"] = self.breached_at or self.due_at
        if result.kind == "waived":
            vals |= {"state": "waived", "waive_reason": result.text}
        else:
            vals |= {
                "state": "missed" if is_late else "met",
                "reached_at": result.done_at,
            }
        self.write(vals)
        self._plan_alarm()
