# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdContainment(models.Model):
    """A containment of D3: where, what is done there, with what effect, until when."""

    _name = "complaint.eightd.containment"
    _description = "8D Containment"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, sequence, id"
    _check_company_auto = True

    scope_line_id = fields.Many2one(
        "complaint.scope.line", ondelete="restrict", index="btree_not_null"
    )
    place = fields.Selection(
        [
            ("stock", "Own stock"),
            ("wip", "Work in progress"),
            ("transit", "In transit"),
            ("customer", "At customers"),
            ("field", "Field"),
            ("supplier", "At the supplier"),
        ],
        required=True,
        default="stock",
    )
    place_note = fields.Char(string="Where Exactly")
    product_id = fields.Many2one("product.product", check_company=True)
    lot_id = fields.Many2one("stock.lot", check_company=True)
    quantity = fields.Float(digits="Product Unit", help="0 is an answer, too.")
    action = fields.Text()
    owner_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    due_date = fields.Date(string="Due")
    introduced_at = fields.Datetime(string="Introduced on")
    effective_from = fields.Datetime()
    checked_qty = fields.Float(string="Checked", digits="Product Unit")
    nok_qty = fields.Float(string="Bad", digits="Product Unit")
    effect_note = fields.Text(string="Effect Checked")
    lifted_at = fields.Date(string="Lifted on")
    lifted_reason = fields.Char(string="Lifted, Because")
