# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_is_zero


class ComplaintScopeQuarantineLine(models.TransientModel):
    """How much of one row goes to quarantine."""

    _name = "complaint.scope.quarantine.line"
    _description = "Goods to Move to Quarantine"

    wizard_id = fields.Many2one(
        "complaint.scope.quarantine", required=True, ondelete="cascade"
    )
    scope_line_id = fields.Many2one(
        "complaint.scope.line", required=True, readonly=True, ondelete="cascade"
    )
    lot_id = fields.Many2one(related="scope_line_id.lot_id")
    product_id = fields.Many2one(related="scope_line_id.product_id")
    uom_id = fields.Many2one(related="product_id.uom_id")
    location_id = fields.Many2one(related="scope_line_id.location_id")
    on_hand_qty = fields.Float(
        string="On Hand", digits="Product Unit", compute="_compute_on_hand"
    )
    free_qty = fields.Float(
        string="Not Reserved", digits="Product Unit", compute="_compute_on_hand"
    )
    quantity = fields.Float(
        string="To Move",
        digits="Product Unit",
        compute="_compute_quantity",
        store=True,
        readonly=False,
    )

    @api.depends("scope_line_id")
    def _compute_on_hand(self):
        """What is there now; the row may be older."""
        for line in self:
            quants = line._get_quants()
            line.on_hand_qty = sum(quants.mapped("quantity"))
            line.free_qty = line.on_hand_qty - sum(quants.mapped("reserved_quantity"))

    @api.depends("scope_line_id")
    def _compute_quantity(self):
        for line in self:
            line.quantity = line.on_hand_qty

    def _get_quants(self):
        self.ensure_one()
        # a row may be any by RPC
        self.scope_line_id.check_access("write")
        return (
            self.env["stock.quant"]
            # sudo: what lies where of a row that the user may write, own company only
            .sudo()
            .search(
                [
                    ("lot_id", "=", self.lot_id.id),
                    ("location_id", "=", self.location_id.id),
                    ("company_id", "=", self.scope_line_id.company_id.id),
                ]
            )
        )

    def _get_missing_qty(self):
        """Return how much of the wanted quantity is reserved for others."""
        self.ensure_one()
        return self.quantity - self.free_qty

    def _get_reservations(self):
        """Return the open move lines that count on these goods, latest first."""
        self.ensure_one()
        self.scope_line_id.check_access("write")
        # sudo: as for the quants
        return (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", self.lot_id.id),
                    ("location_id", "=", self.location_id.id),
                    ("company_id", "=", self.scope_line_id.company_id.id),
                    ("state", "not in", ["done", "cancel", "draft"]),
                    ("quantity_product_uom", ">", 0),
                ],
                order="date desc, id desc",
            )
        )

    def _compare(self, one, other):
        return float_compare(
            one, other, precision_rounding=self.product_id.uom_id.rounding
        )

    def _check_quantity(self):
        self.ensure_one()
        names = {
            "lot": self.lot_id.sudo().name,  # sudo: the name of a row's own lot
            "location": self.location_id.display_name,
        }
        scope = self.wizard_id.scope_id
        if self.scope_line_id.scope_id != scope or self.scope_line_id.kind != "on_hand":
            raise UserError(self.env._("Choose rows of goods on hand, of one scope."))
        if self.location_id._child_of(self.wizard_id.location_dest_id):
            raise UserError(self.env._("%(lot)s is in %(location)s already.", **names))
        if self._compare(self.quantity, 0) < 0:
            raise UserError(self.env._("%(lot)s: enter a quantity above 0.", **names))
        if self._compare(self.quantity, self.on_hand_qty) > 0:
            raise UserError(
                self.env._(
                    "%(lot)s: only %(quantity)s are in %(location)s. Enter less.",
                    quantity=self.on_hand_qty,
                    **names,
                )
            )
        reserved = self._compare(self._get_missing_qty(), 0) > 0
        if reserved and not self.wizard_id.release_reserved:
            raise UserError(
                self.env._(
                    "%(lot)s in %(location)s is reserved for %(documents)s. Tick that "
                    "it is taken away from there, or move less.",
                    documents=", ".join(
                        self._get_reservations()._get_complaint_documents()
                    ),
                    **names,
                )
            )

    def _release(self, picking):
        """Take what is missing away from other transfers, the latest first."""
        missing = self._get_missing_qty()
        for reserved in self._get_reservations():
            if self._compare(missing, 0) <= 0:
                return
            if reserved.picked:
                # somebody has it in his hands; he must know
                continue
            taken = min(missing, reserved.quantity_product_uom)
            missing -= taken
            self._tell_who_waits(reserved, picking)
            rest = reserved.quantity_product_uom - taken
            if float_is_zero(rest, precision_rounding=self.product_id.uom_id.rounding):
                reserved.unlink()
            else:
                reserved.quantity = self.product_id.uom_id._compute_quantity(
                    rest, reserved.product_uom_id
                )

    def _tell_who_waits(self, reserved, picking):
        """A note on the transfer that loses its goods; no reason, no customer."""
        if reserved.picking_id:
            reserved.picking_id.message_post(
                body=self.env._(
                    "%(lot)s was taken away for the transfer %(transfer)s to "
                    "quarantine.",
                    lot=reserved.lot_id.name,
                    transfer=picking.name,
                )
            )

    def _reserve(self, picking):
        """Reserve exactly this lot in this location for the transfer."""
        move = picking.move_ids.filtered(lambda m: m.product_id == self.product_id)
        need = self.quantity
        for quant in self._get_quants():
            free = quant.quantity - quant.reserved_quantity
            if self._compare(min(need, free), 0) > 0:
                need -= move._update_reserved_quantity(
                    min(need, free),
                    quant.location_id,
                    lot_id=quant.lot_id,
                    package_id=quant.package_id,
                    owner_id=quant.owner_id,
                )
        if self._compare(need, 0) > 0:
            raise UserError(
                self.env._(
                    "%(lot)s: %(quantity)s of it were taken in the meantime, or are "
                    "picked already. Speak with the warehouse.",
                    lot=self.lot_id.sudo().name,  # sudo: as above
                    quantity=need,
                )
            )
        move._recompute_state()
        row = self.scope_line_id
        vals = {"quarantine_picking_id": picking.id}
        if self._compare(self.quantity, row.quantity) >= 0:
            vals["state"] = "contained"
        # sudo: the transfer is no entry; the right to write the row was checked
        row.sudo().write(vals)
