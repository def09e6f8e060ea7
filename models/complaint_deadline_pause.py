# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintDeadlinePause(models.Model):
    """A time in which a deadline stood still; written by the clocks only."""

    _name = "complaint.deadline.pause"
    _description = "Pause of a Complaint Deadline"
    _order = "deadline_id, start_at"
    _rec_name = "start_at"

    deadline_id = fields.Many2one(
        "complaint.deadline", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", related="deadline_id.company_id", store=True, precompute=True
    )
    start_at = fields.Datetime(string="From", required=True)
    end_at = fields.Datetime(string="To", help="Empty while it lasts.")
    reason = fields.Text()
