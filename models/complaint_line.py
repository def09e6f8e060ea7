# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

_QUANTITY_FIELDS = (
    "delivered_qty",
    "claimed_qty",
    "defective_qty",
    "demand_qty",
    "accepted_qty",
    "rejected_qty",
    "authorised_return_qty",
)
# what tells whether it is the problem of an earlier 8D again
_WATCHED_FIELDS = {
    "product_id",
    "defect_id",
    "is_proposed",
    "picking_id",
    "delivered_date",
    "production_date",
}


class ComplaintLine(models.Model):
    """The goods complained about: which order, delivery and lot, how many, what.

    Lines filled by recognition are proposals (`is_proposed`) until a person
    confirms them; `matched_text` is the evidence.
    """

    _name = "complaint.line"
    _description = "Complaint Line"
    _inherit = ["complaint.child.mixin", "complaint.line.link.mixin"]
    _order = "ticket_id, sequence, id"
    _rec_name = "product_id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)

    # Where it comes from
    sale_order_id = fields.Many2one(
        "sale.order",
        string="Sales Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        index="btree_not_null",
        ondelete="set null",
        domain="[('order_id', '=', sale_order_id)]",
        check_company=True,
    )
    service_reference = fields.Char(
        help="Service, project or contract number where there is no sales order."
    )
    move_id = fields.Many2one(
        "stock.move",
        string="Delivery Move",
        index="btree_not_null",
        check_company=True,
    )
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", index="btree_not_null", check_company=True
    )
    invoice_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", check_company=True
    )

    # What
    product_id = fields.Many2one(
        "product.product",
        string="Product",
        index="btree_not_null",
        check_company=True,
    )
    product_code = fields.Char(related="product_id.default_code", string="Part Number")
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    lot_id = fields.Many2one(
        "stock.lot",
        string="Lot",
        index="btree_not_null",
        domain="[('product_id', '=?', product_id)]",
        check_company=True,
    )
    lot_name = fields.Char(
        string="Lot as Stated",
        help="Lot of another manufacturer, or one not yet known here. It is linked as "
        "soon as a lot of this name and product appears.",
    )
    serials = fields.Text(string="Serial Numbers", help="One per line.")
    inspection_results = fields.Char(
        string="Inspections of the Lot",
        compute="_compute_inspection_results",
        help="How the inspections of this lot ended; without lot, those of the lots "
        "of this product in the delivery.",
    )

    # How many
    delivered_qty = fields.Float(string="Delivered", digits="Product Unit")
    delivered_date = fields.Date(string="Shipped on")
    claimed_qty = fields.Float(string="Claimed", digits="Product Unit")
    defective_qty = fields.Float(string="Defective", digits="Product Unit")
    defect_rate = fields.Float(
        compute="_compute_defect_rate",
        store=True,
        readonly=False,
        precompute=True,
        help="Defective of delivered quantity; may be typed when the customer "
        "states a rate only.",
    )
    accepted_qty = fields.Float(string="Accepted Quantity", digits="Product Unit")
    rejected_qty = fields.Float(string="Rejected Quantity", digits="Product Unit")
    authorised_return_qty = fields.Float(
        string="Authorised Return", digits="Product Unit"
    )

    # What is wrong
    defect_id = fields.Many2one(
        "complaint.defect", string="Defect", index="btree_not_null"
    )
    symptom = fields.Text(help="What the customer sees, in his words.")
    detected_at = fields.Selection(
        [
            ("incoming", "Incoming inspection"),
            ("line", "Customer's line"),
            ("field", "Field"),
        ],
        string="Detected",
    )

    # What the customer wants
    demand = fields.Selection(
        [
            ("return", "Return"),
            ("exchange", "Exchange"),
            ("repair", "Repair"),
            ("rework", "Rework"),
            ("allowance", "Allowance"),
            ("compensation", "Compensation"),
            ("redelivery", "Redelivery"),
            ("explanation", "Explanation"),
        ],
        string="Customer Demand",
    )
    demand_qty = fields.Float(string="Demanded", digits="Product Unit")
    demand_undetermined = fields.Boolean(
        string="Undetermined: Customer Still Processing",
        help="The customer is still processing the goods and cannot say the "
        "quantity yet. It must be replaced by a quantity before closing.",
    )

    # Where it was made
    production_unit = fields.Char()
    production_shift = fields.Char(string="Machine / Shift")
    production_date = fields.Date()
    operators = fields.Char(string="Production Personnel")

    # How the line came about
    is_proposed = fields.Boolean(string="Proposed", readonly=True)
    matched_text = fields.Char(string="Found Text", readonly=True)
    matched_in = fields.Char(string="Found in", readonly=True)

    @api.depends("product_id")
    def _compute_uom_id(self):
        for line in self:
            line.uom_id = line.product_id.uom_id or line.uom_id

    @api.depends("defective_qty", "delivered_qty")
    def _compute_defect_rate(self):
        for line in self:
            if line.delivered_qty:
                line.defect_rate = line.defective_qty / line.delivered_qty
            else:
                line.defect_rate = line.defect_rate

    @api.depends("lot_id", "picking_id", "product_id")
    def _compute_inspection_results(self):
        """R367: entering the lot or the delivery shows how it was inspected."""
        lots = {}
        for line in self:
            # sudo: the lots of a delivery that the complaint is about
            shipped = line.sudo().picking_id.move_line_ids.filtered(
                lambda move, line=line: move.product_id == line.product_id
            )
            lots[line] = line.lot_id or shipped.lot_id
        every = self.env["stock.lot"].union(*lots.values())
        companies = self.company_id or self.env.company
        results = self.env["qc.inspection"]._get_lot_results(every, companies)
        for line in self:
            known = [lot for lot in lots[line] if lot.id in results]
            texts = [
                results[lot.id]
                if line.lot_id
                # sudo: a lot's name, as above
                else f"{lot.sudo().name}: {results[lot.id]}"
                for lot in known
            ]
            line.inspection_results = "; ".join(texts)

    @api.depends("sale_order_id", "product_id", "lot_id", "lot_name")
    def _compute_display_name(self):
        for line in self:
            # sudo: names of one's own complaint's goods, see complaint.reference
            goods = line.sudo()
            parts = [
                goods.sale_order_id.name,
                goods.product_id.display_name,
                goods.lot_id.name or line.lot_name,
            ]
            line.display_name = " / ".join(part for part in parts if part)

    @api.constrains(*_QUANTITY_FIELDS)
    def _check_quantities(self):
        labels = self.fields_get(_QUANTITY_FIELDS, ["string"])
        for line in self:
            for name in _QUANTITY_FIELDS:
                if line[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(field)s cannot be negative. Enter 0 or more.",
                            field=labels[name]["string"],
                        )
                    )

    @api.onchange("demand_qty")
    def _onchange_demand_qty(self):
        if self.demand_qty:
            self.demand_undetermined = False

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._link_stated_lots()
        lines._fill_helpdesk_orders()
        self.env["complaint.eightd"]._check_watch(lines.ticket_id)
        return lines

    def write(self, vals):
        # recordsets are written apart only when different links of them are stale
        for stale, lines in self._group_by_stale_links(vals):
            super(ComplaintLine, lines).write({**vals, **stale})
        linked = self.env.context.get("complaint_linking_lots")
        if {"lot_name", "product_id"} & vals.keys() and not linked:
            self._link_stated_lots()
        if vals.get("sale_order_id"):
            self._fill_helpdesk_orders()
        if _WATCHED_FIELDS & vals.keys():
            self.env["complaint.eightd"]._check_watch(self.ticket_id)
        return True

    def unlink(self):
        tickets = self.ticket_id
        result = super().unlink()
        self.env["complaint.eightd"]._check_watch(tickets)
        return result

    def action_confirm_proposal(self):
        """A person has looked at the proposal and says it is right."""
        self.write({"is_proposed": False})
        return True

    def _fill_helpdesk_orders(self):
        """Enter the orders on the ticket where helpdesk_mgmt_sale is installed."""
        if "sale_order_ids" not in self.env["helpdesk.ticket"]._fields:
            return
        for ticket, lines in self.grouped("ticket_id").items():
            # sudo: whoever registers may have no rights on sales; the orders are
            # those of the lines he entered
            missing = lines.sale_order_id - ticket.sudo().sale_order_ids
            if missing:
                links = [Command.link(order.id) for order in missing]
                ticket.sudo().sale_order_ids = links  # sudo: as above

    def _get_complaint_blocking_reasons(self, lot_required, quantity_demands):
        """Return why this line keeps its complaint from being accepted.

        :param bool lot_required: the customer's terms demand the lot
        :param quantity_demands: demands that need a quantity or the marker
        :return: list of full sentences
        """
        self.ensure_one()
        name = self.display_name or self.env._("Line without product")
        checks = (
            (
                self._is_empty_line(),
                self.env._(
                    "A line is empty: enter the order, product or symptom, or remove "
                    "it."
                ),
            ),
            (
                lot_required and not (self.lot_id or (self.lot_name or "").strip()),
                self.env._(
                    "%(line)s: the customer requires the lot. Enter it, as text if "
                    "it is not known here.",
                    line=name,
                ),
            ),
            (
                self.demand in quantity_demands
                and not self.demand_qty
                and not self.demand_undetermined,
                self.env._(
                    "%(line)s: enter the demanded quantity, or mark it as "
                    "undetermined because the customer is still processing.",
                    line=name,
                ),
            ),
            (
                self._lacks_serials_for_repair(),
                self.env._(
                    "%(line)s: goods to be repaired need their serial number.",
                    line=name,
                ),
            ),
        )
        return [reason for blocked, reason in checks if blocked]

    def _is_empty_line(self):
        return not (
            self.product_id
            or self.sale_order_id
            or self.service_reference
            or (self.symptom or "").strip()
        )

    def _lacks_serials_for_repair(self):
        # sudo: set-up of the procedure, not readable by everybody who registers
        procedure = self.ticket_id.sudo().complaint_procedure_id
        return (
            procedure.serial_required
            and self.demand == "repair"
            and not (self.serials or "").strip()
        )
