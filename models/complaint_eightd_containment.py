# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintEightdContainment(models.Model):
    """A containment of D3: where, what is done there, with what effect, until when."""

    _name = "complaint.eightd.containment"
    _description = "8D Containment"
    _inherit = [
        "complaint.eightd.child.mixin",
        "complaint.eightd.containment.scope.mixin",
    ]
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
    # for employees without access to stock
    lot_name = fields.Char(related="lot_id.name", string="Lot No.")
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
    lifted_reason = fields.Char(
        string="Lifted, Because",
        help="Or why it stays in place.",
    )

    _quantities_positive = models.Constraint(
        "CHECK(COALESCE(quantity, 0) >= 0 AND COALESCE(checked_qty, 0) >= 0 "
        "AND COALESCE(nok_qty, 0) >= 0)",
        "Quantities cannot be negative.",
    )

    @api.depends("place", "place_note", "lot_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        places = dict(self._fields["place"]._description_selection(self.env))
        for row in self:
            # sudo: the number of a lot, for employees without access to stock
            parts = (places.get(row.place), row.place_note, row.sudo().lot_id.name)
            row.display_name = " / ".join(part for part in parts if part)

    def _get_eightd_late_fields(self):
        """A containment is watched and lifted long after D3 was done."""
        late = {"checked_qty", "nok_qty", "lifted_at", "lifted_reason"}
        return super()._get_eightd_late_fields() | late

    def _get_missing_reasons(self):
        """Return what a row that holds goods lacks, in full sentences."""
        self.ensure_one()
        name = self.display_name
        texts = {
            "action": self.env._("%(row)s: say what is done there.", row=name),
            "owner_id": self.env._("%(row)s: name who does it.", row=name),
            "effect_note": self.env._(
                "%(row)s: check whether it works and write down how.", row=name
            ),
        }
        return [
            text
            for field, text in texts.items()
            if not (self[field] if field == "owner_id" else (self[field] or "").strip())
        ]
