# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintDeadlineReaction(models.Model):
    """That somebody reacted to an overdue case or step: who, when, what (R323).

    Written by `complaint.deadline._react` only, and never changed: a further
    reaction is a further row.
    """

    _name = "complaint.deadline.reaction"
    _description = "Overdue Reaction"
    _order = "at desc, id desc"
    _rec_name = "deadline_id"

    deadline_id = fields.Many2one(
        "complaint.deadline", required=True, ondelete="cascade", index=True
    )
    ticket_id = fields.Many2one(
        related="deadline_id.ticket_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="deadline_id.company_id", store=True, precompute=True
    )
    user_id = fields.Many2one(
        "res.users", string="By", required=True, ondelete="restrict"
    )
    at = fields.Datetime(string="On", required=True)
    department_id = fields.Many2one(
        "hr.department", string="Department Asked", ondelete="restrict"
    )
    days_late = fields.Float(
        digits=(16, 1), help="How late the deadline was at that time."
    )
    text = fields.Text(string="Reaction", required=True)
    measure = fields.Text(help="What will be done.")
    expected_date = fields.Date(string="Expected by")

    def write(self, vals):  # pylint: disable=method-required-super  # never writes
        raise UserError(
            self.env._("A reaction is evidence and cannot be changed. Add another one.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A reaction is evidence and cannot be deleted."))
