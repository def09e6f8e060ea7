# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_is_zero


class ComplaintScopeQuarantine(models.TransientModel):
    """Move suspect goods to a quarantine location: one transfer per source (R368).

    Quality may do so without rights on stock: the transfers are reserved for exactly
    these lots, so that nobody can deliver them; the warehouse carries them out.
    """

    _name = "complaint.scope.quarantine"
    _description = "Move to Quarantine"
    _inherit = ["complaint.scope.wizard.mixin"]

    location_dest_id = fields.Many2one(
        "stock.location",
        string="Quarantine Location",
        domain="[('usage', '=', 'internal'), ('company_id', '=', company_id)]",
        compute="_compute_location_dest_id",
        store=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        "complaint.scope.quarantine.line", "wizard_id", string="Goods"
    )
    reserved_for = fields.Char(
        compute="_compute_reserved_for", help="Transfers that count on these goods."
    )
    release_reserved = fields.Boolean(
        string="Take Goods Away From These Transfers",
        help="Their reservations are released as far as needed.",
    )

    @api.depends("scope_id")
    def _compute_location_dest_id(self):
        for wizard in self:
            used = wizard.scope_id.quarantine_location_ids
            if not used:
                latest = self.env["complaint.scope"].search(
                    [
                        ("company_id", "=", wizard.scope_id.company_id.id),
                        ("quarantine_location_ids", "!=", False),
                    ],
                    limit=1,
                )
                used = latest.quarantine_location_ids
            wizard.location_dest_id = wizard.location_dest_id or used[-1:]

    @api.depends("line_ids.scope_line_id", "line_ids.quantity")
    def _compute_reserved_for(self):
        for wizard in self:
            wizard.reserved_for = ", ".join(
                dict.fromkeys(
                    document
                    for line in wizard.line_ids
                    if line._get_missing_qty() > 0
                    for document in line._get_reservations()._get_complaint_documents()
                )
            )

    def action_confirm(self):
        """Create the transfers and reserve the goods for them.

        :raise UserError: when more is wanted than is there, or when it is reserved
            and the release was not confirmed
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.quantity)
        self._check_can_move(lines)
        pickings = [
            self._create_picking(source, group)
            for source, group in lines.grouped("location_id").items()
        ]
        # sudo: evidence of the scope; the right to write it was checked
        self.scope_id.sudo().quarantine_location_ids |= self.location_dest_id
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Waiting for the warehouse: %(names)s",
                    names=", ".join(picking.name for picking in pickings),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_can_move(self, lines):
        """Everything that must hold before stock is touched."""
        target = self.location_dest_id
        # the dialog can be filled by RPC with any row
        self.line_ids.scope_line_id.check_access("write")
        self.scope_id.check_access("write")
        if not target:
            raise UserError(self.env._("Choose the quarantine location."))
        if target.usage != "internal" or target.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "%(location)s is no internal location of %(company)s.",
                    location=target.display_name,
                    company=self.company_id.name,
                )
            )
        if not lines:
            raise UserError(self.env._("Enter how much is to be moved."))
        if len(set(lines.scope_line_id)) < len(lines):
            raise UserError(self.env._("A row is named twice. Remove one."))
        for line in lines:
            line._check_quantity()

    def _create_picking(self, source, lines):
        """Return the reserved transfer of these goods from one location."""
        picking_type = self._get_picking_type(source)
        # sudo: quality has no rights on stock; only an internal transfer of rows of
        # a scope that it may write, within their company, which is not validated
        picking = self.env["stock.picking"].sudo().with_company(self.company_id)
        picking = picking.create(
            self._prepare_picking_vals(picking_type, source, lines)
        )
        picking.action_confirm()
        # types may reserve by themselves, and would take other lots
        picking.do_unreserve()
        for line in lines:
            line._release(picking)
            line._reserve(picking)
        return picking

    def _get_picking_type(self, source):
        # archived while the warehouse works without locations, and good enough
        types = self.env["stock.picking.type"].with_context(active_test=False)
        found = source.warehouse_id.int_type_id or types.search(
            [("code", "=", "internal"), ("company_id", "=", self.company_id.id)],
            limit=1,
        )
        if not found:
            raise UserError(
                self.env._(
                    "%(company)s has no operation type for internal transfers. Ask "
                    "the warehouse to add one.",
                    company=self.company_id.name,
                )
            )
        return found

    def _prepare_picking_vals(self, picking_type, source, lines):
        """Hook: return the values of the transfer from one location."""
        places = {
            "location_id": source.id,
            "location_dest_id": self.location_dest_id.id,
            "company_id": self.company_id.id,
        }
        ticket = self.scope_id.ticket_id
        return {
            **places,
            "picking_type_id": picking_type.id,
            "origin": ticket.complaint_number or ticket.number or self.scope_id.name,
            "move_ids": [
                fields.Command.create(
                    {
                        **places,
                        "product_id": product.id,
                        "product_uom_qty": sum(group.mapped("quantity")),
                        "product_uom": product.uom_id.id,
                    }
                )
                for product, group in lines.grouped("product_id").items()
            ],
        }


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
        # sudo: what lies where of a row that the user may write, own company only
        return (
            self.env["stock.quant"]
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
