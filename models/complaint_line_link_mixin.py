# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import escape_psql

_DOCUMENTS = ("sale_order_id", "picking_id", "invoice_id")
# what stands on an order line or delivery and goes with it
_DELIVERED = {"delivered_qty": 0.0, "delivered_date": False}


class ComplaintLineLinkMixin(models.AbstractModel):
    """The documents and lot of a complaint line: entered, found, kept consistent.

    Many who handle complaints have no rights on sales, stock or invoices. They
    enter and search by typed number, and see the names of what their line has.
    """

    _name = "complaint.line.link.mixin"
    _description = "Documents of a Complaint Line"

    reference_input = fields.Char(
        string="Order, Delivery, Invoice or Lot",
        store=False,
        help="Type one number, ours or the customer's: it replaces the order, "
        "delivery or lot of this line.",
    )
    order_ref = fields.Char(
        string="Order Number",
        compute="_compute_references",
        search="_search_order_ref",
        help="Number of the order, ours and the customer's.",
    )
    lot_ref = fields.Char(
        string="Lot Number", compute="_compute_references", search="_search_lot_ref"
    )

    @api.depends("sale_order_id", "lot_id", "lot_name")
    def _compute_references(self):
        for line in self:
            # sudo: names of one's own complaint's goods, see complaint.reference
            order, lot = line.sudo().sale_order_id, line.sudo().lot_id
            names = (order.name, order.client_order_ref)
            line.order_ref = " / ".join(name for name in names if name) or False
            line.lot_ref = lot.name or line.lot_name

    @api.model
    def _search_order_ref(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        names = Domain("name", operator, value)
        names |= Domain("client_order_ref", operator, value)
        # "any!" without rights on sales: only lines the user may read are returned
        domain = Domain("sale_order_id", "any!", names)
        if self._is_search_of_empty(operator, value):
            domain |= Domain("sale_order_id", "=", False)
        return domain

    @api.model
    def _search_lot_ref(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        # "any!" without rights on stock: only lines the user may read are returned
        linked = Domain("lot_id", "any!", Domain("name", operator, value))
        stated = Domain("lot_name", operator, value)
        if self._is_search_of_empty(operator, value):
            return linked | (stated & Domain("lot_id", "=", False))
        return linked | stated

    @api.constrains("lot_id", "product_id")
    def _check_lot_product(self):
        for line in self:
            # sudo: whoever corrects a line may not read stock
            lot = line.sudo().lot_id
            if lot and line.product_id and lot.product_id != line.product_id:
                raise ValidationError(
                    self.env._(
                        "Lot %(lot)s is not a lot of %(product)s.",
                        lot=lot.name,
                        product=line.product_id.display_name,
                    )
                )

    @api.onchange("lot_id")
    def _onchange_lot_id(self):
        # sudo: whoever registers may not read stock; lots of other companies are
        # left alone (and refused when saved)
        lot = self.sudo().lot_id
        company = self.company_id or self.env.company
        if lot and lot.company_id in (company, self.env["res.company"]):
            self.product_id = lot.product_id.id

    @api.onchange("sale_order_id", "product_id")
    def _onchange_clear_stale_links(self):
        for line in self:
            line.update(
                line._get_stale_links(line.sale_order_id.id, line.product_id.id)
            )

    @api.onchange("reference_input")
    def _onchange_reference_input(self):
        """Replace order, delivery or lot of this line by the one that is typed."""
        text = (self.reference_input or "").strip()
        self.reference_input = False
        if not text:
            return None
        found = self.env["complaint.reference"]._lookup_typed(
            text, self.company_id or self.env.company, self.ticket_id.partner_id
        )
        messages = [match["message"] for match in found if match["message"]]
        unique = [match for match in found if not match["ambiguous"]]
        if len(unique) == 1 and not self._set_reference(unique[0]):
            messages.append(
                self.env._(
                    "%(document)s has several goods; choose which ones.",
                    # sudo: its name was just typed
                    document=unique[0]["record"].sudo().display_name,
                )
            )
        if not found:
            messages = [
                self.env._(
                    "Nothing is known under %(text)s. Enter the goods by hand; an "
                    "unknown lot is kept as text.",
                    text=text,
                )
            ]
        if not messages:
            return None
        message = "\n".join(messages)
        return {"warning": {"title": text, "message": message, "type": "notification"}}

    # ------------------------------------------------------------------
    # Typed references
    # ------------------------------------------------------------------

    def _set_reference(self, match):
        """Fill this line from what was found; whether its goods were clear."""
        self.ensure_one()
        vals_list = match["line_vals"]
        same = [v for v in vals_list if v.get("product_id") == self.product_id.id]
        if match["kind"] == "lot" and same and self.sale_order_id:
            # which delivery the complaint is about is known already
            self.lot_id = same[0]["lot_id"] or match["record"].id
            return True
        if len(vals_list) > 1 and self.product_id:
            vals_list = same or vals_list
        if len(vals_list) == 1:
            vals = dict(vals_list[0])
            if not vals.get("serials"):
                vals.pop("serials", None)
        else:
            # only what all of its goods have in common
            vals = {
                name: vals_list[0][name]
                for name in _DOCUMENTS
                if vals_list
                and len({v.get(name) for v in vals_list}) == 1
                and vals_list[0].get(name)
            }
        # whoever typed the number sees what it brings: no guess to confirm, and
        # what was found in a mail stays as it was
        vals.pop("matched_text", None)
        vals.pop("matched_in", None)
        self.update({**vals, "is_proposed": False})
        return len(vals_list) == 1

    @api.model
    def _is_search_of_empty(self, operator, value):
        return (operator == "in" and False in value) or (operator == "=" and not value)

    # ------------------------------------------------------------------
    # Consistency
    # ------------------------------------------------------------------

    def _group_by_stale_links(self, vals):
        """Return [(values to clear, lines), ...] of what `vals` makes stale."""
        if not {"sale_order_id", "product_id"} & vals.keys():
            return [({}, self)]
        groups = {}
        for line in self:
            stale = line._get_stale_links(
                vals.get("sale_order_id", line.sale_order_id.id),
                vals.get("product_id", line.product_id.id),
            )
            stale = {name: stale[name] for name in stale if name not in vals}
            groups.setdefault(tuple(stale.items()), self.browse())
            groups[tuple(stale.items())] |= line
        return [(dict(stale), lines) for stale, lines in groups.items()]

    def _get_stale_links(self, order_id, product_id):
        """Return the values that clear what does not belong to order and product."""
        self.ensure_one()
        # sudo: whoever corrects a line may not read sales or stock; what is read is
        # compared only, and links are cleared, never set
        line = self.sudo()
        order = line.env["sale.order"].browse(order_id or [])
        product = line.env["product.product"].browse(product_id or [])
        sale_line, move, picking = line.sale_line_id, line.move_id, line.picking_id
        sale_goods = sale_line.product_id | sale_line.move_ids.product_id
        invoiced = line.invoice_id.line_ids.sale_line_ids.order_id
        delivered = picking.sale_id | picking.move_ids.sale_line_id.order_id
        moved = move.sale_line_id.order_id | move.picking_id.sale_id
        goods = product or move.product_id
        fits = {
            "sale_line_id": self._has_order(sale_line.order_id, order)
            and (not product or product in sale_goods),
            "move_id": self._has_order(moved, order) and move.product_id == goods,
            "picking_id": self._has_order(delivered, order)
            and (not product or product in picking.move_ids.product_id),
            "invoice_id": self._has_order(invoiced, order),
            # a lot may be entered without product
            "lot_id": line.lot_id.product_id == product
            or not (product or line.product_id),
        }
        stale = {name: False for name, fit in fits.items() if line[name] and not fit}
        if stale.keys() & {"sale_line_id", "move_id", "picking_id"}:
            stale.update(_DELIVERED)
            if line.delivered_qty:
                stale["defect_rate"] = 0.0  # it was a share of that quantity
        return stale

    @api.model
    def _has_order(self, orders, order):
        """Whether a document of these orders fits a line of this order."""
        if not order:
            # none could be named because the document has none or several
            return len(orders) != 1
        return order in orders

    # ------------------------------------------------------------------
    # Stated lots
    # ------------------------------------------------------------------

    @api.model
    def _get_lot_key(self, name):
        return (name or "").strip().casefold()

    def _link_stated_lots(self):
        """Link lots that were typed as text to the lot of that name, if only one.

        Called when a line is written and when lots are created or renamed, so the
        order in which the two appear does not matter (R034).
        """
        open_lines = self.filtered(
            lambda line: self._get_lot_key(line.lot_name)
            and not line.lot_id
            and line.product_id
        )
        if not open_lines:
            return
        names = {line.lot_name.strip() for line in open_lines}
        companies = [False, *open_lines.company_id.ids]
        lots = (
            self.env["stock.lot"]
            # sudo: whoever registers may not read stock; only a link is written, and
            # only to a lot of the line's own product and company
            .sudo()
            .search(
                Domain("product_id", "in", open_lines.product_id.ids)
                & Domain("company_id", "in", companies)
                & Domain.OR(
                    Domain("name", "=ilike", escape_psql(name)) for name in names
                )
            )
        )
        for line in open_lines:
            matching = line._get_stated_lot(lots)
            if len(matching) == 1:
                # the stated text stays as evidence of what the customer wrote
                line.with_context(complaint_linking_lots=True).lot_id = matching.id

    def _get_stated_lot(self, lots):
        """Return those of the lots that this line means; the exact name is best."""
        self.ensure_one()
        key = self._get_lot_key(self.lot_name)
        matching = lots.filtered(
            lambda lot: self._get_lot_key(lot.name) == key
            and lot.product_id == self.product_id
            and lot.company_id in (self.company_id, self.env["res.company"])
        )
        exact = matching.filtered(lambda lot: lot.name == self.lot_name.strip())
        return exact or matching
