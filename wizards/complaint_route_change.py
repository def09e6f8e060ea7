# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintRouteChange(models.TransientModel):
    """Ask for the step and the text that a change of the route needs.

    Who may do it is checked by the method that is called in the end.
    """

    _name = "complaint.route.change"
    _description = "Change of a Complaint Route"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("skip", "Skip a step"),
            ("return", "Return to a step"),
            ("object", "Objection memo"),
            ("answer", "Decision on an objection"),
            ("reject", "Customer does not accept"),
        ],
        required=True,
        readonly=True,
    )
    procedure_id = fields.Many2one(
        "complaint.procedure", compute="_compute_procedure_id"
    )
    step_id = fields.Many2one(
        "complaint.procedure.step", domain="[('procedure_id', '=', procedure_id)]"
    )
    opinion_id = fields.Many2one("complaint.opinion", readonly=True)
    reason = fields.Text(required=True)

    @api.depends("ticket_id")
    def _compute_procedure_id(self):
        for change in self:
            change.procedure_id = change.ticket_id.complaint_procedure_id

    def action_confirm(self):
        """Do what was asked for, with the text; pass on what it wants to open."""
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Write the reason."))
        result = getattr(self, f"_confirm_{self.kind}")()
        if isinstance(result, dict):
            return result
        return {"type": "ir.actions.act_window_close"}

    def _confirm_skip(self):
        return self.ticket_id.action_complaint_skip_step(
            self.reason, step=self._get_step().id
        )

    def _confirm_return(self):
        return self.ticket_id.action_complaint_return_to_step(
            self._get_step().id, self.reason
        )

    def _confirm_object(self):
        return self.ticket_id.action_complaint_object(self.reason)

    def _confirm_answer(self):
        return self.opinion_id.action_answer(self.reason)

    def _confirm_reject(self):
        return self.ticket_id.action_complaint_customer_rejects(self.reason)

    def _get_step(self):
        if not self.step_id:
            raise UserError(self.env._("Choose the step."))
        return self.step_id
