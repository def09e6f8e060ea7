# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintReason(models.TransientModel):
    """Ask for the reason of cancelling or reopening complaints."""

    _name = "complaint.reason"
    _description = "Reason"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Complaints", required=True)
    kind = fields.Selection(
        [("cancel", "Cancel"), ("reopen", "Reopen")], required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Do what was asked for, with the reason."""
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Write the reason."))
        if self.kind == "cancel":
            self.ticket_ids._complaint_cancel(self.reason)
        else:
            self.ticket_ids.action_complaint_reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
