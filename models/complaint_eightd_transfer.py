# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdTransfer(models.Model):
    """A similar product, process or site that D7 looks at as well (read across)."""

    _name = "complaint.eightd.transfer"
    _description = "8D Read Across"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, sequence, id"

    name = fields.Char(string="Product, Process or Site", required=True)
    is_affected = fields.Selection([("yes", "Yes"), ("no", "No")])
    note = fields.Text(string="What Was Done, or Why Not")
    owner_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    due_date = fields.Date(string="Due")
    done_at = fields.Date(string="Done on")

    def _is_answered(self):
        """Return whether somebody looked, and did what had to be done."""
        self.ensure_one()
        if not self.is_affected or not (self.note or "").strip():
            return False
        return self.is_affected == "no" or bool(self.done_at)
