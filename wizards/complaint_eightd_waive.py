# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdWaive(models.TransientModel):
    """Accept findings of the check with a reason, or take that back."""

    _name = "complaint.eightd.waive"
    _description = "Waive Findings of an 8D"

    eightd_id = fields.Many2one(
        "complaint.eightd", required=True, readonly=True, ondelete="cascade"
    )
    revokes_id = fields.Many2one(
        "complaint.eightd.waiver", readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many("complaint.eightd.waive.line", "wizard_id")
    reason = fields.Text()

    def action_confirm(self):
        """Write the waivers or the revocation."""
        self.ensure_one()
        if self.revokes_id:
            self.revokes_id._revoke(self.reason)
        else:
            keys = self.line_ids.filtered("is_chosen").mapped("key")
            self.eightd_id._waive_findings(keys, self.reason)
        return {"type": "ir.actions.act_window_close"}
