# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


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
