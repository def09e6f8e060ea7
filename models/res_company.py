# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..kernel.numbering import PatternError, parse_pattern


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
    complaint_own_stages = fields.Boolean(
        string="Own Complaint Stages",
        groups="base.group_user",
        help="Complaints use only the stages of this company, not the shared ones. "
        "Set by presets that name their stages.",
    )
    complaint_quality_manager_id = fields.Many2one(
        "res.users",
        string="Quality Manager",
        domain="[('share', '=', False)]",
        groups="base.group_user",
        help="Is told of deadlines whose escalation reaches this role.",
    )
    complaint_supervisor_id = fields.Many2one(
        "res.users",
        string="Customer Service Supervisor",
        domain="[('share', '=', False)]",
        groups="base.group_user",
        help="Is told of deadlines whose escalation reaches this role.",
    )
    complaint_general_manager_id = fields.Many2one(
        "res.users",
        string="General Manager",
        domain="[('share', '=', False)]",
        groups="base.group_user",
        help="Is told of deadlines whose escalation reaches this role, and of those "
        "for which nobody else is left.",
    )

    complaint_eightd_pattern = fields.Char(
        string="Numbers of 8D",
        required=True,
        default="8D-{YYYY}-{####}",
        groups="base.group_user",
        help="{YYYY} {YY} {MM} {DD} and one running number such as {####}, which "
        "starts again with each year or month of the pattern.",
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

    @api.constrains("complaint_eightd_pattern")
    def _check_complaint_eightd_pattern(self):
        for company in self:
            try:
                parse_pattern(company.complaint_eightd_pattern)
            except PatternError as error:
                raise ValidationError(
                    self.env._(
                        "Numbers of 8D: write a pattern such as 8D-{YYYY}-{####}, "
                        "with exactly one running number; a month needs a year."
                    )
                ) from error

    def _complaint_today(self):
        """Return today's date in the company's time zone."""
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        return now.astimezone(ZoneInfo(self.complaint_tz or "UTC")).date()
