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

    def _complaint_tie_to(self, record):
        """Tie files that were just uploaded to a record: who reads it reads them.

        :param record: what they prove, one record
        :raise UserError: for files of other records, which its readers may not read
        """
        # sudo: compared below; only one's own new uploads change
        files = self.sudo().filtered(
            lambda f: (f.res_model, f.res_id) != (record._name, record.id)
        )
        own = files.filtered(
            lambda f: f.create_uid == self.env.user and not f.res_id and not f.res_field
        )
        if files - own:
            raise UserError(
                self.env._(
                    "%(names)s belongs to another record. Upload a copy here.",
                    names=", ".join((files - own).mapped("name")),
                )
            )
        own.write({"res_model": record._name, "res_id": record.id, "public": False})
