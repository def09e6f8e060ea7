# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ReportComplaintCapa(models.AbstractModel):
    """Direct print: the first form for corrective action of the company."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_capa"
    _description = "Corrective Action Form"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_form"]

    @api.model
    def _get_report_values(self, docids, data=None):
        eightds = self.env["complaint.eightd"].browse(docids)
        pages = self.env["complaint.capa.document"]._get_capa_pages(eightds)
        return self._prepare_values(docids, eightds, pages)

    @api.model
    def _is_internal_print(self, docids):
        """Forms of corrective action stay here; customers get a release."""
        return True


class ReportComplaintCapaChoice(models.AbstractModel):
    """Print of what was chosen in the print dialog of an 8D."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_capa_choice"
    _description = "Chosen Corrective Action Form"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_form"]

    @api.model
    def _get_report_values(self, docids, data=None):
        choices = self.env["complaint.capa.print"].browse(docids)
        choices.check_access("read")
        pages = []
        for choice in choices:
            pages += self.env["complaint.capa.document"]._get_capa_pages(
                choice.eightd_ids, choice.form_id, choice.lang or None
            )
        return self._prepare_values(docids, choices, pages)

    @api.model
    def _is_internal_print(self, docids):
        """As the direct print."""
        return True
