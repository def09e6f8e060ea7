# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintRetentionChange(models.TransientModel):
    """Ask for the reason of a legal hold, or for the removal of persons (R514)."""

    _name = "complaint.retention.change"
    _description = "Legal Hold and Anonymisation"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Complaints", required=True)
    kind = fields.Selection(
        [
            ("hold", "Set a legal hold"),
            ("release", "Lift the legal hold"),
            ("anonymise", "Remove the persons for good"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Text(required=True)
    confirmed = fields.Boolean(
        string="I know that the persons cannot be brought back",
    )
    refused = fields.Text(compute="_compute_refused")

    @api.depends("ticket_ids", "kind")
    def _compute_refused(self):
        for change in self:
            reasons = {}
            if change.kind == "anonymise":
                reasons = change.ticket_ids._get_complaint_cannot_anonymise_reasons()
            change.refused = "\n".join(reasons.values())

    def action_confirm(self):
        """Do what was asked for, with the reason."""
        self.ensure_one()
        tickets = self.ticket_ids
        if self.kind == "hold":
            tickets.action_complaint_hold(self.reason)
        elif self.kind == "release":
            tickets.action_complaint_release(self.reason)
        else:
            tickets.action_complaint_anonymise(self.reason, self.confirmed)
        return {"type": "ir.actions.act_window_close"}
