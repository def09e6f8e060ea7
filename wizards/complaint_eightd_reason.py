# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdReason(models.TransientModel):
    """Ask why an 8D is refused or cancelled, or a discipline opened again."""

    _name = "complaint.eightd.reason"
    _description = "Reason in an 8D"

    eightd_id = fields.Many2one("complaint.eightd", required=True, readonly=True)
    discipline_id = fields.Many2one("complaint.eightd.discipline", readonly=True)
    kind = fields.Selection(
        [("refuse", "Refuse"), ("cancel", "Cancel"), ("reopen", "Reopen")],
        required=True,
        readonly=True,
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Do what was asked for, with the reason."""
        self.ensure_one()
        if self.kind == "reopen":
            self.discipline_id.action_reopen(self.reason)
        elif self.kind == "refuse":
            self.eightd_id.action_refuse(self.reason)
        else:
            self.eightd_id.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
