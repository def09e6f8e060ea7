# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ReportComplaintDispatch(models.AbstractModel):
    """The slip of each task, all copies of the company's form."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_dispatch"
    _description = "Dispatch Slip"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_form"]

    @api.model
    def _get_report_values(self, docids, data=None):
        dispatches = self.env["complaint.dispatch"].browse(docids)
        pages = self.env["complaint.dispatch.document"]._get_dispatch_pages(dispatches)
        return self._prepare_values(docids, dispatches, pages)

    @api.model
    def _is_internal_print(self, docids):
        document = self.env["complaint.dispatch.document"]
        dispatches = self.env["complaint.dispatch"].browse(docids)
        return any(document._get_slip_form(d).is_internal for d in dispatches)
