# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


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

    def write(self, vals):
        self._refuse_complaint_statement_files()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_complaint_statement(self):
        self._refuse_complaint_statement_files()

    def _refuse_complaint_statement_files(self):
        """The files of an issued statement are what was signed: they stay."""
        files = self.filtered(
            lambda file: file.res_model == "complaint.statement" and not file.res_field
        )
        if not files:
            return
        # sudo: the question is whether they were issued, whoever may read them
        statements = self.env["complaint.statement"].sudo()
        domain = Domain("pdf_id", "in", files.ids) | Domain("xlsx_id", "in", files.ids)
        if statements.search_count(domain, limit=1):
            raise UserError(
                self.env._("The files of an issued statement cannot be changed.")
            )
