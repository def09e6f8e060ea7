# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ReportComplaintForm(models.AbstractModel):
    """Direct print: the first form of the complaint's company, all copies."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_form"
    _description = "Complaint Form"

    @api.model
    def _get_report_values(self, docids, data=None):
        tickets = self.env["helpdesk.ticket"].browse(docids)
        pages = self.env["complaint.form.document"]._get_pages(tickets)
        return self._prepare_values(docids, tickets, pages)

    @api.model
    def _is_internal_print(self, docids):
        """Hook: return whether this print must not leave the company (R518)."""
        document = self.env["complaint.form.document"]
        tickets = self.env["helpdesk.ticket"].browse(docids)
        forms = document._get_forms(tickets.filtered("is_complaint"))
        return any(form.is_internal for form in forms.values())

    @api.model
    def _prepare_values(self, docids, docs, pages):
        is_landscape = any(page["document"]["form"].landscape for page in pages)
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "pages": pages,
            "data_report_landscape": is_landscape and "landscape" or None,
        }


class ReportComplaintFormChoice(models.AbstractModel):
    """Print of what was chosen in the print dialog."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_form_choice"
    _description = "Chosen Complaint Form"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_form"]

    @api.model
    def _get_report_values(self, docids, data=None):
        choices = self.env["complaint.form.print"].browse(docids)
        choices.check_access("read")
        pages = []
        for choice in choices:
            pages += self.env["complaint.form.document"]._get_pages(
                choice.ticket_ids, choice.form_id, choice.copy_ids, choice.lang or None
            )
        return self._prepare_values(docids, choices, pages)

    @api.model
    def _is_internal_print(self, docids):
        choices = self.env["complaint.form.print"].browse(docids)
        return any(choice._prints_internal() for choice in choices)


class ReportComplaintFormIssue(models.AbstractModel):
    """Print of an issued copy, by the system; afterwards it is read, not printed."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_form_issue"
    _description = "Issued Copy of a Complaint Form"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_form"]

    @api.model
    def _get_report_values(self, docids, data=None):
        issues = self.env["complaint.form.issue"].browse(docids)
        issues.check_access("read")
        pages = [page for issue in issues for page in issue._get_pages()]
        return self._prepare_values(docids, issues, pages)

    @api.model
    def _is_internal_print(self, docids):
        issues = self.env["complaint.form.issue"].browse(docids)
        return any(issues.form_id.mapped("is_internal"))
