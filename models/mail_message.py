# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended_complaint(self):
        """R512: the correspondence of an ended complaint stays."""
        ticket_ids = {
            message.res_id
            for message in self
            if message.model == "helpdesk.ticket"
            and message.message_type != "user_notification"
        }
        if not ticket_ids:
            return
        # sudo: the question is whether it is ended, whoever may read it
        tickets = self.env["helpdesk.ticket"].sudo().browse(ticket_ids).exists()
        if tickets._complaint_is_ended():
            raise UserError(
                self.env._(
                    "Messages of a closed or cancelled complaint cannot be deleted."
                )
            )
