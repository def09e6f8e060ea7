# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError

_RELEASE = "complaint.eightd.release"


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        self._complaint_check_not_released()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        self._complaint_check_not_released()

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

    def _complaint_check_not_released(self):
        """Raise for the file of an 8D release: it is what the customer got."""
        ids = [row.id for row in self if row.res_model == _RELEASE]
        if not ids:
            return
        # sudo: the question is whether it was released, whoever may read it
        releases = self.env[_RELEASE].sudo()
        if releases.search_count([("attachment_id", "in", ids)], limit=1):
            raise UserError(
                self.env._("The file of a release is evidence and cannot be changed.")
            )
