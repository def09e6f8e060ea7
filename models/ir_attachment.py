# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended_complaint(self):
        """R512: evidence of an ended complaint stays."""
        ticket_ids = {
            attachment.res_id
            for attachment in self
            if attachment.res_model == "helpdesk.ticket" and not attachment.res_field
        }
        if not ticket_ids:
            return
        # sudo: the question is whether it is ended, whoever may read it
        tickets = self.env["helpdesk.ticket"].sudo().browse(ticket_ids).exists()
        if tickets._complaint_is_ended():
            raise UserError(
                self.env._(
                    "Files of a closed or cancelled complaint cannot be deleted."
                )
            )
