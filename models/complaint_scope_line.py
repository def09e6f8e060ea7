# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

# goods that somebody here can lay hands on
IN_HAND_KINDS = ("on_hand", "reserved", "wip", "returned")
_NAMES = (
    "helpdesk_mgmt_complaint.group_complaint_quality,"
    "helpdesk_mgmt_complaint.group_complaint_supervisor,"
    "helpdesk_mgmt_complaint.group_complaint_manager"
)
# what identifies a row from one computation to the next
_KEY = (
    "kind",
    "lot_id",
    "product_id",
    "location_id",
    "partner_id",
    "picking_id",
    "sale_order_id",
)
# what people may write; the rest is what stock says
_OPEN_FIELDS = {"state", "checked_qty", "rejected_qty", "note"}


class ComplaintScopeLine(models.Model):
    """One whereabouts of the goods: a quantity of a lot in a place, or with somebody.

    Rows with 0 pcs are kept: they prove that somebody looked.
    """

    _name = "complaint.scope.line"
    _description = "Row of an Affected Scope"
    _order = "scope_id, lot_role, kind, lot_id, id"
    _rec_name = "lot_id"

    scope_id = fields.Many2one(
        "complaint.scope", required=True, ondelete="cascade", index=True
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        related="scope_id.ticket_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    kind = fields.Selection(
        [
            ("on_hand", "On hand"),
            ("reserved", "Reserved"),
            ("wip", "Going into production"),
            ("transit", "In transit"),
            ("delivered", "Delivered"),
            ("downstream", "Became this lot"),
            ("upstream", "Made from this lot"),
            ("sister", "Shares a component"),
            ("returned", "Returned"),
            ("scrapped", "Scrapped"),
        ],
        required=True,
        readonly=True,
    )
    lot_role = fields.Selection(
        [
            ("self", "Suspect lot"),
            ("downstream", "Contains it"),
            ("upstream", "Component"),
            ("sister", "Sister lot"),
        ],
        string="Lot Is",
        required=True,
        readonly=True,
        default="self",
    )
    lot_id = fields.Many2one("stock.lot", readonly=True, ondelete="restrict")
    product_id = fields.Many2one(
        "product.product", readonly=True, required=True, ondelete="restrict"
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="In the unit of the product. For related lots: what is on hand.",
    )
    previous_qty = fields.Float(
        string="Quantity Before", digits="Product Unit", readonly=True
    )
    change = fields.Selection(
        [
            ("same", "As before"),
            ("new", "New"),
            ("changed", "Changed"),
            ("gone", "Gone"),
        ],
        string="Since Last Time",
        readonly=True,
        default="same",
    )
    location_id = fields.Many2one("stock.location", readonly=True, ondelete="restrict")
    # who else got the lot is only for those who have to call them
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        ondelete="restrict",
        groups=_NAMES,
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Transfer",
        readonly=True,
        ondelete="restrict",
        groups=_NAMES,
    )
    sale_order_id = fields.Many2one(
        "sale.order", readonly=True, ondelete="restrict", groups=_NAMES
    )
    last_at = fields.Datetime(string="Last Moved", readonly=True)
    # where manufacturing is installed, see complaint.scope.production.mixin
    production_orders = fields.Char(string="Manufacturing Order", readonly=True)
    work_centers = fields.Char(readonly=True)
    operators = fields.Char(readonly=True)
    produced_at = fields.Datetime(string="Produced on", readonly=True)

    # what people find out
    state = fields.Selection(
        [
            ("to_check", "To be checked"),
            ("contained", "Contained"),
            ("cleared", "Cleared"),
            ("rejected", "Rejected"),
        ],
        string="Status",
        required=True,
        default="to_check",
    )
    checked_qty = fields.Float(string="Checked", digits="Product Unit")
    rejected_qty = fields.Float(string="Rejected Pieces", digits="Product Unit")
    note = fields.Text(string="Result")
    quarantine_picking_id = fields.Many2one(
        "stock.picking",
        string="Quarantine Transfer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    inspection_ids = fields.One2many(
        "qc.inspection",
        "complaint_scope_line_id",
        string="Inspections",
        groups="quality_control_oca.group_quality_control_user",
    )

    _checked_positive = models.Constraint(
        "CHECK(checked_qty >= 0 AND rejected_qty >= 0)",
        "Checked and rejected quantities cannot be negative.",
    )

    def write(self, vals):
        if set(vals) - _OPEN_FIELDS and not self.env.su:
            raise UserError(
                self.env._(
                    "What stock says is not typed in. Enter the status, the checked "
                    "quantity and the result; Refresh reads stock again."
                )
            )
        return super().write(vals)

    def action_new_scope(self):
        """Look at the scope of this lot, too, for example of a sister lot."""
        self.ensure_one()
        if not self.lot_id:
            raise UserError(self.env._("This row has no lot."))
        scope = self.env["complaint.scope"]._create_for_lots(
            self.lot_id, ticket_id=self.ticket_id.id, company_id=self.company_id.id
        )
        return scope._get_open_action()

    def action_quarantine(self):
        """Propose a transfer of these rows to a quarantine location."""
        rows = self._get_actionable(
            ("on_hand",), self.env._("Choose rows of goods on hand.")
        )
        wizard = self.env["complaint.scope.quarantine"].create(
            {
                "scope_id": rows.scope_id.id,
                "line_ids": [Command.create({"scope_line_id": row.id}) for row in rows],
            }
        )
        return wizard._get_open_action(self.env._("Move to Quarantine"))

    def action_inspect(self):
        """Propose inspections of the goods in these rows."""
        rows = self._get_actionable(
            IN_HAND_KINDS, self.env._("Choose rows of goods that are in our hands.")
        )
        wizard = self.env["complaint.scope.inspect"].create(
            {"scope_id": rows.scope_id.id, "row_ids": [Command.set(rows.ids)]}
        )
        return wizard._get_open_action(self.env._("Create Inspections"))

    def action_letters(self):
        """Propose a letter to each customer of these rows."""
        rows = self._get_actionable(
            ("delivered",), self.env._("Choose rows of delivered goods.")
        )
        wizard = self.env["complaint.scope.letter"].create(
            {"scope_id": rows.scope_id.id, "row_ids": [Command.set(rows.ids)]}
        )
        return wizard._get_open_action(self.env._("Letters to Customers"))

    def action_copy_to_eightd(self):
        """Copy these rows into D3 of the 8D of their scope, proofs of 0 included."""
        self.check_access("write")
        if len(self.scope_id) != 1:
            raise UserError(self.env._("Choose rows of one scope."))
        eightd = self.scope_id._get_eightd()
        eightd._fill_containment(self)
        return eightd._get_form_action()

    def _get_actionable(self, kinds, text):
        """Return the rows of these kinds that hold goods.

        :param str text: what to say when there are none
        :raise UserError: when there are none, or they belong to several scopes
        :raise AccessError: when the user may not work on them
        """
        self.check_access("write")
        rows = self.filtered(lambda row: row.kind in kinds and row.quantity > 0)
        if not rows:
            raise UserError(text)
        if len(rows.scope_id) > 1:
            raise UserError(self.env._("Choose rows of one scope."))
        return rows

    @api.model
    def _get_row_key(self, row):
        """Return what identifies a row of the query, see `_query_scope`."""
        return tuple(row.get(name) or False for name in _KEY)

    def _get_key(self):
        self.ensure_one()
        return tuple(
            self[name] if name == "kind" else self[name].id or False for name in _KEY
        )

    def _update_quantity(self, row):
        """Take over what stock says now, and say what changed."""
        self.ensure_one()
        quantity = row["quantity"]
        digits = self.product_id.uom_id.rounding
        if float_is_zero(quantity - self.quantity, precision_rounding=digits):
            vals = {"change": "same"} if self.change != "same" else {}
        else:
            is_gone = float_is_zero(quantity, precision_rounding=digits)
            vals = {
                "previous_qty": self.quantity,
                "quantity": quantity,
                "change": "gone" if is_gone else "changed",
                "last_at": row.get("last_at") or self.last_at,
            }
        if vals:
            self.write(vals)

    def _update_gone(self):
        """Stock does not know this row any more: moved on, or no proof of 0 now."""
        self.ensure_one()
        if self.change != "gone":
            self.write(
                {"previous_qty": self.quantity, "quantity": 0.0, "change": "gone"}
            )

    def _update_contained(self):
        """Goods in quarantine are contained, those whose transfer failed are not."""
        for row in self.filtered(lambda row: row.kind == "on_hand"):
            places = row.scope_id.quarantine_location_ids
            path = row.location_id.parent_path or ""
            is_there = any(path.startswith(place.parent_path) for place in places)
            if is_there and row.state == "to_check":
                row.state = "contained"
            elif (
                row.state == "contained" and row.quarantine_picking_id.state == "cancel"
            ):
                row.state = "to_check"

    def _update_from_inspections(self):
        """Read the results of inspections back: one failure rejects a row (R368)."""
        for row in self:
            current = row.inspection_ids.filtered(lambda i: i.state != "canceled")
            done = current.filtered(lambda i: i.state in ("success", "failed"))
            failed = done.filtered(lambda i: i.state == "failed")
            if failed:
                state = "rejected"
            elif done and done == current:
                state = "cleared"
            elif row.state in ("cleared", "rejected"):
                state = "to_check"
            else:
                state = row.state
            row.write({"state": state, "checked_qty": sum(done.mapped("qty"))})
