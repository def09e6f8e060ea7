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
