# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    complaint_dispatch_id = fields.Many2one(
        "complaint.dispatch",
        string="Dispatch",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )

    def action_open_document(self):
        """Open complaints in their own form, not in that of the helpdesk."""
        action = super().action_open_document()
        if action.get("res_model") == "helpdesk.ticket":
            ticket = self.env["helpdesk.ticket"].browse(action["res_id"])
            if ticket.is_complaint:
                return ticket.action_complaint_open()
        return action
