# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ReportComplaintStatement(models.AbstractModel):
    """The printed statement; an issued one has its file, which is made only once."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_statement"
    _description = "Complaint Statement"

    @api.model
    def _is_internal_print(self, docids):
        """Return whether this print must not leave the company (R518)."""
        # sudo: the question is what the print is, whoever makes it
        statements = self.env["complaint.statement"].sudo().browse(docids)
        return any(statements.form_id.mapped("is_internal"))

    @api.model
    def _get_report_values(self, docids, data=None):
        statements = self.env["complaint.statement"].browse(docids)
        document = self.env["complaint.statement.document"]
        documents = [document._get_document(statement) for statement in statements]
        is_landscape = any(doc["form"].landscape for doc in documents)
        return {
            "doc_ids": docids,
            "doc_model": statements._name,
            "docs": statements,
            "documents": documents,
            "data_report_landscape": is_landscape and "landscape" or None,
        }
