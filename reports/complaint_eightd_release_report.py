# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import AccessError


class ReportComplaintEightdRelease(models.AbstractModel):
    """The 8D report (F50): the frozen text of a release on paper."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_eightd_release"
    _description = "8D Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        """No record reaches the template, only what was frozen."""
        releases = self.env["complaint.eightd.release"].browse(docids)
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Customers get the released file."))
        releases.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": releases._name,
            # made by our own template, which escapes all values
            "pages": [
                {"v": release.content, "html": Markup(release.html)}
                for release in releases
            ],
        }
