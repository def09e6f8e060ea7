# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models

_ADDON = "report.helpdesk_mgmt_complaint"


class ReportComplaintRecord(models.AbstractModel):
    """Print of one record of a complaint in the company's first form for it."""

    _name = "complaint.record.report.mixin"
    _description = "Print of a Record of a Complaint"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_form"]
    _complaint_record_model = None

    @api.model
    def _get_report_values(self, docids, data=None):
        records = self.env[self._complaint_record_model].browse(docids)
        pages = self.env["complaint.record.document"]._get_direct_pages(records)
        return self._prepare_values(docids, records, pages)

    @api.model
    def _is_internal_print(self, docids):
        records = self.env[self._complaint_record_model].browse(docids)
        document = self.env["complaint.record.document"]
        forms = document._get_record_forms(records)
        return any(form.is_internal for form in forms.values())


class ReportComplaintVisit(models.AbstractModel):
    _name = f"{_ADDON}.report_complaint_visit"
    _description = "Visit Record"
    _inherit = ["complaint.record.report.mixin"]
    _complaint_record_model = "complaint.visit"


class ReportComplaintCallback(models.AbstractModel):
    _name = f"{_ADDON}.report_complaint_callback"
    _description = "Callback Record"
    _inherit = ["complaint.record.report.mixin"]
    _complaint_record_model = "complaint.callback"


class ReportComplaintCommunication(models.AbstractModel):
    _name = f"{_ADDON}.report_complaint_communication"
    _description = "Communication Record"
    _inherit = ["complaint.record.report.mixin"]
    _complaint_record_model = "complaint.communication"


class ReportComplaintObjection(models.AbstractModel):
    _name = f"{_ADDON}.report_complaint_objection"
    _description = "Special-Case Memo"
    _inherit = ["complaint.record.report.mixin"]
    _complaint_record_model = "complaint.opinion"
