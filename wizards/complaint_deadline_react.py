# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintDeadlineReact(models.TransientModel):
    """Record the reaction to one or several overdue deadlines (R323)."""

    _name = "complaint.deadline.react"
    _description = "React to Overdue Deadlines"

    deadline_ids = fields.Many2many(
        "complaint.deadline", string="Deadlines", required=True
    )
    department_id = fields.Many2one(
        "hr.department",
        string="Department Asked",
        help="Empty: the department of each deadline.",
    )
    text = fields.Text(string="Reaction", required=True)
    measure = fields.Text()
    expected_date = fields.Date(string="Expected by")

    def action_confirm(self):
        """Store the reaction to each of the deadlines."""
        self.ensure_one()
        self.deadline_ids._react(
            self.text, self.measure, self.expected_date, self.department_id
        )
        return {"type": "ir.actions.act_window_close"}
