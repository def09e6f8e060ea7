# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.tools import SQL

from .complaint_report_joins import get_loss
from .complaint_report_tools import get_quantity

_QUANTITIES = (
    "claimed_qty",
    "defective_qty",
    "accepted_qty",
    "rejected_qty",
    "delivered_qty",
    "authorised_return_qty",
)
_LINE_COLUMNS = (
    "product_id",
    "lot_id",
    "lot_name",
    "sale_order_id",
    "defect_id",
    "detected_at",
    "demand",
    "production_unit",
)


class ComplaintReport(models.Model):
    """Complaints and their goods: one row per line (R486, R487, R500, K01-K35).

    A complaint without lines is one row. How each complaint counts once although it
    may have several rows: see `complaint.report.mixin`. A complaint about two
    products counts for both, and once in their total. Quantities and losses are
    those of the line, so they add up; a loss that names no goods is with the first.
    """

    _name = "complaint.report"
    _description = "Complaint Analysis"
    _inherit = ["complaint.report.mixin"]
    _auto = False
    _depends = {
        "complaint.line": [
            "ticket_id",
            "sequence",
            "uom_id",
            "demand_undetermined",
            *_QUANTITIES,
            *_LINE_COLUMNS,
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "uom.uom": ["factor"],
    }
    _row_fields = (
        "line_id",
        "product_tmpl_id",
        "product_category_id",
        "uom_id",
        "is_undetermined",
        "nbr_lines",
        "nbr_undetermined",
        "defect_rate",
        *_QUANTITIES,
        *_LINE_COLUMNS,
    )

    # Which goods
    line_id = fields.Many2one("complaint.line", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_tmpl_id = fields.Many2one(
        "product.template", string="Product Family", readonly=True
    )
    product_category_id = fields.Many2one("product.category", readonly=True)
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    lot_id = fields.Many2one("stock.lot", string="Lot", readonly=True)
    lot_name = fields.Char(string="Lot as Stated", readonly=True)
    sale_order_id = fields.Many2one("sale.order", readonly=True)
    defect_id = fields.Many2one("complaint.defect", readonly=True)
    detected_at = fields.Selection(
        selection=lambda self: self._get_selection("complaint.line", "detected_at"),
        string="Detected",
        readonly=True,
    )
    demand = fields.Selection(
        selection=lambda self: self._get_selection("complaint.line", "demand"),
        string="Customer Demand",
        readonly=True,
    )
    production_unit = fields.Char(readonly=True)
    is_undetermined = fields.Boolean(
        string="Quantity Undetermined",
        readonly=True,
        help="The customer is still processing the goods.",
    )

    # How many; in the unit of the product
    nbr_lines = fields.Integer(string="Lines", readonly=True)
    nbr_undetermined = fields.Integer(
        string="With Undetermined Quantity", readonly=True
    )
    claimed_qty = fields.Float(string="Claimed", digits="Product Unit", readonly=True)
    defective_qty = fields.Float(
        string="Defective", digits="Product Unit", readonly=True
    )
    accepted_qty = fields.Float(
        string="Accepted Quantity", digits="Product Unit", readonly=True
    )
    rejected_qty = fields.Float(
        string="Rejected Quantity", digits="Product Unit", readonly=True
    )
    delivered_qty = fields.Float(
        string="Delivered", digits="Product Unit", readonly=True
    )
    authorised_return_qty = fields.Float(
        string="Authorised Return", digits="Product Unit", readonly=True
    )
    defect_rate = fields.Float(
        string="Defective (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 3),
        help="Defective of delivered, of lines with a delivered quantity.",
    )

    def _read_group_select(self, aggregate_spec, query):
        def column(name):
            return self._field_to_sql(self._table, name, query)

        if aggregate_spec == "nbr_undetermined:sum":
            is_open = self._get_counts(column)["nbr_open"]
            marked = SQL("%s AND %s", is_open, column("is_undetermined"))
            return self._get_count(marked, column)
        if aggregate_spec == "defect_rate:avg":
            return SQL(
                """100 * SUM(%(part)s) FILTER (WHERE %(whole)s > 0)
                   / NULLIF(SUM(%(whole)s), 0)""",
                part=column("defective_qty"),
                whole=column("delivered_qty"),
            )
        return super()._read_group_select(aggregate_spec, query)

    def _get_row_join(self):
        if not self._has_rows():
            return SQL()
        return SQL(
            """LEFT JOIN complaint_line part ON part.ticket_id = ticket.id
               LEFT JOIN product_product product ON product.id = part.product_id
               LEFT JOIN product_template template
                      ON template.id = product.product_tmpl_id
               LEFT JOIN uom_uom uom ON uom.id = part.uom_id
               LEFT JOIN uom_uom product_uom
                      ON product_uom.id = COALESCE(template.uom_id, part.uom_id)
               LEFT JOIN (%s) goods_loss ON goods_loss.line_id = part.id
               LEFT JOIN (%s) other_loss ON other_loss.ticket_id = ticket.id""",
            get_loss(SQL("line_id"), SQL("line.line_id IS NOT NULL")),
            get_loss(SQL("ticket_id"), SQL("line.line_id IS NULL")),
        )

    def _get_first(self):
        return SQL(
            """(part.id IS NULL OR NOT EXISTS (
                   SELECT 1 FROM complaint_line earlier
                    WHERE earlier.ticket_id = part.ticket_id
                      AND (earlier.sequence, earlier.id) < (part.sequence, part.id)
               ))"""
        )

    def _get_columns(self):
        if not self._has_rows():
            return super()._get_columns()
        return super()._get_columns() | self._get_line_columns()

    def _get_line_columns(self):
        counted = SQL("ticket.complaint_phase IS DISTINCT FROM 'cancelled'")
        undetermined = SQL("COALESCE(part.demand_undetermined, FALSE)")
        quantities = {
            name: SQL(
                "CASE WHEN %s THEN %s END",
                counted,
                get_quantity(SQL.identifier("part", name)),
            )
            for name in _QUANTITIES
        }
        return {
            "line_id": SQL("part.id"),
            **{name: SQL.identifier("part", name) for name in _LINE_COLUMNS},
            "product_tmpl_id": SQL("product.product_tmpl_id"),
            "product_category_id": SQL("template.categ_id"),
            "uom_id": SQL("COALESCE(template.uom_id, part.uom_id)"),
            "is_undetermined": undetermined,
            "nbr_lines": SQL("(part.id IS NOT NULL AND %s)::int", counted),
            "nbr_undetermined": SQL(
                """(COALESCE(ticket.complaint_phase, 'draft')
                    NOT IN ('closed', 'cancelled') AND %s)::int""",
                undetermined,
            ),
            **quantities,
            "defect_rate": SQL(
                "100 * %s / NULLIF(%s, 0)",
                quantities["defective_qty"],
                quantities["delivered_qty"],
            ),
            # NULL where there is none: a loss of 0 is no loss
            "loss_amount": SQL(
                """CASE WHEN goods_loss.amount IS NOT NULL
                          OR other_loss.amount IS NOT NULL
                        THEN COALESCE(goods_loss.amount, 0)
                           + CASE WHEN %s THEN COALESCE(other_loss.amount, 0)
                                  ELSE 0 END END""",
                self._get_first(),
            ),
        }
