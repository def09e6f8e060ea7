# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import float_compare

_DIGITS = 6


class ComplaintEightdContainmentScopeMixin(models.AbstractModel):
    """A containment row that came from a scope."""

    _name = "complaint.eightd.containment.scope.mixin"
    _description = "Containment Row from the Affected Scope"

    scope_state = fields.Char(string="In Stock", compute="_compute_scope_state")

    @api.depends("scope_line_id.state", "place", "quantity")
    @api.depends_context("lang")
    def _compute_scope_state(self):
        states = dict(
            self.env["complaint.scope.line"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        for row in self:
            # sudo: members see how far the check of the goods is, nothing else
            line = row.sudo().scope_line_id
            is_single = line and row.place != "customer" and row.quantity
            row.scope_state = states[line.state] if is_single else False

    def _get_place_key(self):
        """Return what finds this row again, see `_get_place_lines`."""
        self.ensure_one()
        # sudo: the row of the scope may belong to a complaint that is not known
        location = self.sudo().scope_line_id.location_id
        location_id = location.id if self.place == "stock" else False
        return (self.place, self.lot_id.id, location_id)

    def _get_row_of_place(self, key):
        """Return the row of these that somebody typed for this place, maybe none.

        :param tuple key: see `_get_place_lines` of the 8D
        """
        place, lot_id, _location_id = key
        rows = self.filtered(lambda row: row.place == place)
        of_lot = rows.filtered(lambda row: lot_id and row.lot_id.id == lot_id)
        return (of_lot or rows.filtered(lambda row: not row.lot_id))[:1]

    def _get_refresh_vals(self, vals):
        """Return what stock says anew; entries of people stay.

        :param dict vals: see `_prepare_containment_vals`
        """
        self.ensure_one()
        changed = {}
        for name in ("quantity", "checked_qty", "nok_qty"):
            is_entered = name != "quantity" and self[name] and not vals[name]
            if not is_entered and float_compare(
                self[name], vals[name], precision_digits=_DIGITS
            ):
                changed[name] = vals[name]
        if not self.scope_line_id:
            for name in ("scope_line_id", "product_id", "lot_id"):
                if vals.get(name) and not self[name]:
                    changed[name] = vals[name]
        if not self.action and vals.get("action"):
            changed["action"] = vals["action"]
        return changed
