# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_tz = fields.Selection(
        _tz_get,
        string="Complaint Time Zone",
        compute="_compute_complaint_tz",
        store=True,
        readonly=False,
        help="Decides in which month a complaint number counts.",
    )

    @api.depends("resource_calendar_id")
    def _compute_complaint_tz(self):
        for company in self:
            company.complaint_tz = (
                company.complaint_tz
                or company.resource_calendar_id.tz
                or company.partner_id.tz
                or "UTC"
            )

    def _complaint_today(self):
        """Return today's date in the company's time zone."""
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        return now.astimezone(ZoneInfo(self.complaint_tz or "UTC")).date()
