# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

# what the customer said: only who wrote it down may correct it
_STATEMENT = {"ticket_id", "user_id", "person", "content", "satisfied"}


class ComplaintCallback(models.Model):
    """Asking the customer afterwards whether he is satisfied (回访, R450)."""

    _name = "complaint.callback"
    _description = "Complaint Callback"
    _inherit = ["complaint.cycle.mixin", "complaint.logged.mixin"]
    _order = "at desc, id desc"
    _rec_name = "person"
    _complaint_logged_fields = ("at", "user_id")

    at = fields.Datetime(string="Called on", required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="Called by",
        required=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
    )
    channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        string="Method",
        required=True,
        domain="[('complaint_code', '!=', False)]",
    )
    person = fields.Char(string="Spoke with", required=True)
    content = fields.Text(string="What the Customer Says", required=True)
    satisfied = fields.Selection(
        [("yes", "Satisfied"), ("no", "Not satisfied")],
        string="Customer Is",
        required=True,
    )
    further_needs = fields.Text()
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Record or Receipt", help="The written receipt."
    )

    @api.constrains("user_id", "ticket_id")
    def _check_not_recused(self):
        for callback in self:
            callback.ticket_id._complaint_check_not_recused(callback.user_id)

    def write(self, vals):
        others = self.filtered(lambda c: c.create_uid != self.env.user)
        if others and _STATEMENT & set(vals) and not self.env.su:
            raise UserError(
                self.env._(
                    "What a colleague wrote down about a callback stays. Record "
                    "another callback."
                )
            )
        return super().write(vals)

    def _get_complaint_log_entries(self):
        entries = super()._get_complaint_log_entries()
        entries["called_back"] = {
            "at": self.at,
            "user": self.user_id,
            "note": (self.content or "")[:200],
        }
        return entries
