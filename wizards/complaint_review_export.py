# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_REPORT = "helpdesk_mgmt_complaint.action_report_complaint_review_xlsx"


class ComplaintReviewExport(models.TransientModel):
    """Complaints and corrective actions of a period for the management review."""

    _name = "complaint.review.export"
    _description = "Export for Management Review"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.today().replace(month=1, day=1),
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        if any(choice.date_to < choice.date_from for choice in self):
            raise ValidationError(self.env._("The period ends before it begins."))

    def action_export(self):
        """Download the workbook."""
        self.ensure_one()
        return self.env.ref(_REPORT).report_action(self, config=False)

    def _get_tickets(self):
        """Return the complaints reported in the period that the user may read."""
        self.ensure_one()
        tools = self.env["complaint.print.tools"]
        start = tools._get_day_start(self.date_from, self.company_id)
        end = tools._get_day_start(self.date_to + timedelta(days=1), self.company_id)
        return self.env["helpdesk.ticket"].search(
            [
                ("is_complaint", "=", True),
                ("company_id", "=", self.company_id.id),
                ("complaint_phase", "not in", ("draft", "cancelled")),
                ("complaint_reported_at", ">=", start),
                ("complaint_reported_at", "<", end),
            ],
            order="id",
        )

    def _get_eightds(self, tickets):
        """Return the 8D of these complaints that the user may read."""
        return self.env["complaint.eightd"].search(
            [("link_ids.ticket_id", "in", tickets.ids), ("state", "!=", "cancelled")],
            order="id",
        )
