# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import SQL

from .complaint_report_joins import get_event_join
from .complaint_report_tools import (
    get_local_date,
    get_quantity,
    get_query,
    get_readable_tickets,
    get_zone,
)

_MONTHS = 12
# share of a million: numerator and denominator, sums of the same group
_RATIOS = {
    "ppm": ("nok_qty", "delivered_qty"),
    "ppm_0km": ("nok_0km_qty", "delivered_qty"),
    "ppm_field": ("nok_field_qty", "delivered_qty"),
    "ppm_delivery": ("nok_by_delivery_qty", "delivered_qty"),
    "ppm_12m": ("nok_12m_qty", "delivered_12m_qty"),
    "ppm_delivery_12m": ("nok_by_delivery_12m_qty", "delivered_12m_qty"),
}
# quantity of the twelve months -> quantity of one
_ROLLING = {
    "delivered_12m_qty": "delivered_qty",
    "nok_12m_qty": "nok_qty",
    "nok_by_delivery_12m_qty": "nok_by_delivery_qty",
}
_QUANTITIES = (
    "delivered_qty",
    "nok_qty",
    "nok_0km_qty",
    "nok_field_qty",
    "nok_by_delivery_qty",
)
_DIMENSIONS = {
    "company_id": "int4",
    "product_id": "int4",
    "product_category_id": "int4",
    "partner_id": "int4",
    "detected_at": "varchar",
}


class ComplaintPpmReport(models.Model):
    """Faulty parts per million delivered ones (K31, peers' PPM conventions).

    * Faulty are the parts that we accepted as ours: `accepted_qty` of the line of a
      complaint that is not cancelled. What was claimed, or is disputed, is not.
    * Delivered are done moves to customers less done moves back from them, never
      typed in; in the unit of the product.
    * By complaint month, faulty parts count when they were first reported; by
      delivery month, when they were delivered. Without date of the delivery they
      stand under no month.
    * 0-km are parts found at incoming inspection or on the customer's line, field
      the others whose place is known.
    * Rolling figures are those of a month and the eleven before it. They are shown
      for single months only: months added up would count deliveries twelve times.

    One row per move and, for each line of goods, one per kind of month. Rolling rows
    exist in groupings only, added up by what the grouping asks for.
    """

    _name = "complaint.ppm.report"
    _description = "Parts per Million"
    _inherit = ["complaint.report.names.mixin"]
    _auto = False
    _rec_name = "product_id"
    _order = "date desc, id"
    _depends = {
        "stock.move": [
            "company_id",
            "product_id",
            "product_uom",
            "quantity",
            "state",
            "date",
            "location_id",
            "location_dest_id",
            "partner_id",
            "picking_id",
        ],
        "stock.picking": ["partner_id"],
        "stock.location": ["usage"],
        "complaint.line": [
            "ticket_id",
            "product_id",
            "uom_id",
            "accepted_qty",
            "detected_at",
            "move_id",
            "delivered_date",
        ],
        "helpdesk.ticket": [
            "is_complaint",
            "company_id",
            "commercial_partner_id",
            "complaint_phase",
        ],
        "complaint.event": ["ticket_id", "code", "at", "corrects_id"],
        "res.company": ["complaint_tz"],
        "res.partner": ["commercial_partner_id"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "uom.uom": ["factor"],
    }

    date = fields.Date(readonly=True, help="In the company's time zone.")
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer Company", readonly=True
    )
    product_id = fields.Many2one("product.product", readonly=True)
    product_category_id = fields.Many2one("product.category", readonly=True)
    detected_at = fields.Selection(
        selection=lambda self: (
            self.env["complaint.line"]
            ._fields["detected_at"]
            ._description_selection(self.env)
        ),
        string="Detected",
        readonly=True,
        help="Of faulty parts; what was delivered has none.",
    )
    ticket_id = fields.Many2one("helpdesk.ticket", string="Complaint", readonly=True)
    move_id = fields.Many2one("stock.move", string="Delivery Move", readonly=True)

    nbr = fields.Integer(
        string="Complaints",
        readonly=True,
        help="That name the goods and were reported in the month.",
    )
    delivered_qty = fields.Float(
        string="Delivered",
        digits="Product Unit",
        readonly=True,
        help="Done deliveries less returns of customers.",
    )
    nok_qty = fields.Float(
        string="Faulty",
        digits="Product Unit",
        readonly=True,
        help="Accepted as ours, in the month of the complaint.",
    )
    nok_0km_qty = fields.Float(
        string="Faulty, 0-km", digits="Product Unit", readonly=True
    )
    nok_field_qty = fields.Float(
        string="Faulty, Field", digits="Product Unit", readonly=True
    )
    nok_by_delivery_qty = fields.Float(
        string="Faulty, by Delivery",
        digits="Product Unit",
        readonly=True,
        help="Accepted as ours, in the month in which they were delivered.",
    )
    delivered_12m_qty = fields.Float(
        string="Delivered, 12 Months", digits="Product Unit", readonly=True
    )
    nok_12m_qty = fields.Float(
        string="Faulty, 12 Months", digits="Product Unit", readonly=True
    )
    nok_by_delivery_12m_qty = fields.Float(
        string="Faulty by Delivery, 12 Months", digits="Product Unit", readonly=True
    )
    ppm = fields.Float(
        string="PPM",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Faulty of delivered, by complaint month.",
    )
    ppm_0km = fields.Float(
        string="PPM, 0-km", readonly=True, aggregator="avg", digits=(16, 1)
    )
    ppm_field = fields.Float(
        string="PPM, Field", readonly=True, aggregator="avg", digits=(16, 1)
    )
    ppm_delivery = fields.Float(
        string="PPM, by Delivery", readonly=True, aggregator="avg", digits=(16, 1)
    )
    ppm_12m = fields.Float(
        string="PPM, 12 Months", readonly=True, aggregator="avg", digits=(16, 1)
    )
    ppm_delivery_12m = fields.Float(
        string="PPM by Delivery, 12 Months",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
    )

    def _read_group_select(self, aggregate_spec, query):
        def column(field):
            return self._field_to_sql(self._table, field, query)

        name, _colon, function = aggregate_spec.partition(":")
        if aggregate_spec == "__count" and self._has_rolling():
            return SQL("COUNT(*) FILTER (WHERE %s)", self._get_plain(column))
        if aggregate_spec == "nbr:sum":
            return SQL(
                "COUNT(DISTINCT %s) FILTER (WHERE %s > 0)",
                column("ticket_id"),
                column("nbr"),
            )
        if name in _ROLLING and function == "sum":
            return self._get_rolling_sum(name, column)
        if name in _RATIOS and function == "avg":
            sums = [self._get_ratio_sum(term, column) for term in _RATIOS[name]]
            return SQL("1e6 * %s / NULLIF(GREATEST(%s, 0), 0)", *sums)
        return super()._read_group_select(aggregate_spec, query)

    def action_open_source(self):
        """Open the complaint or the delivery that this row counts."""
        self.ensure_one()
        if self.ticket_id:
            return self.ticket_id.action_complaint_open()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------
    # Grouping
    # ------------------------------------------------------------------

    def _with_names(self, names):
        # the company rule uses it whatever the grouping names
        return self.with_context(complaint_ppm_names=sorted(names | {"company_id"}))

    @api.model
    def _get_names(self):
        """Return the fields that a grouping uses; None when rows are read."""
        names = self.env.context.get("complaint_ppm_names")
        return None if names is None else frozenset(names)

    def _has_rolling(self):
        names = self._get_names() or frozenset()
        return not names.isdisjoint([*_ROLLING, "ppm_12m", "ppm_delivery_12m"])

    def _get_ratio_sum(self, name, column):
        if name in _ROLLING:
            return self._get_rolling_sum(name, column)
        # no faulty part is 0, not unknown
        return SQL("COALESCE(SUM(%s), 0)", column(name))

    def _get_rolling_sum(self, name, column):
        """Return the sum of the one month of the group, nothing for several."""
        rolling = SQL("FILTER (WHERE %s IS NOT NULL)", column("delivered_12m_qty"))
        return SQL(
            """CASE WHEN MIN(%(date)s) %(rolling)s = MAX(%(date)s) %(rolling)s
                    THEN SUM(%(value)s) %(rolling)s END""",
            date=column("date"),
            rolling=rolling,
            value=column(name),
        )

    def _get_plain(self, column):
        return SQL("%s IS NULL", column("delivered_12m_qty"))

    # ------------------------------------------------------------------
    # Query
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        parts = [self._get_deliveries(), self._get_faults("complaint")]
        names = self._get_names()
        if names is None or any("_delivery" in name for name in names):
            parts.append(self._get_faults("delivery"))
        rows = SQL(" UNION ALL ").join(parts)
        columns = {
            name: SQL.identifier("fact", name)
            for name in ("id", "date", *_DIMENSIONS, "ticket_id", "move_id", "nbr")
        }
        columns |= {name: SQL.identifier("fact", name) for name in _QUANTITIES}
        columns |= {name: SQL("NULL::double precision") for name in _ROLLING}
        # ratios are those of groups, rows have none
        columns |= {name: SQL("NULL::double precision") for name in _RATIOS}
        plain = get_query(columns, SQL("(%s) fact", rows))
        if not self._has_rolling():
            return plain
        rolling = self._get_rolling(rows, columns)
        if names <= {"date", *_DIMENSIONS, *_ROLLING, "ppm_12m", "ppm_delivery_12m"}:
            return rolling
        return SQL("%s UNION ALL %s", plain, rolling)

    def _get_rolling(self, rows, columns):
        """Return rows of twelve months: each month again in those that follow it."""
        names = self._get_names()
        used = {
            name: SQL.identifier("fact", name) for name in _DIMENSIONS if name in names
        }
        month = SQL("DATE_TRUNC('month', fact.date)::date")
        monthly = get_query(
            {
                "month": month,
                **used,
                **{
                    name: SQL("COALESCE(SUM(%s), 0)", SQL.identifier("fact", name))
                    for name in _ROLLING.values()
                },
            },
            SQL(
                "(%s) fact WHERE fact.date IS NOT NULL GROUP BY %s",
                rows,
                SQL(", ").join([month, *used.values()]),
            ),
        )
        shifted = SQL("(monthly.month + later.months * INTERVAL '1 month')::date")
        found = {
            **dict.fromkeys(columns, SQL("NULL")),
            "id": SQL("NULL::bigint"),
            "date": shifted,
            **{
                name: SQL.identifier("monthly", name)
                if name in names
                else SQL("NULL::%s", SQL(kind))
                for name, kind in _DIMENSIONS.items()
            },
            **{
                name: SQL.identifier("monthly", source)
                for name, source in _ROLLING.items()
            },
        }
        return get_query(
            found,
            SQL(
                """(%s) monthly
                   CROSS JOIN GENERATE_SERIES(0, %s) later(months)
                   WHERE %s <= %s::date""",
                monthly,
                _MONTHS - 1,
                shifted,
                fields.Datetime.now(),
            ),
        )

    def _get_dimension(self, name, expression):
        """Return a column, or nothing where no grouping asks for it."""
        names = self._get_names()
        if names is None or name in names:
            return expression
        return SQL("NULL::%s", SQL(_DIMENSIONS[name]))

    def _get_dimensions(self, expressions):
        return {
            name: self._get_dimension(name, expression)
            for name, expression in expressions.items()
        }

    def _get_deliveries(self):
        """Return done moves to customers, and those back from them below zero."""
        quantity = SQL(
            "(CASE WHEN target.usage = 'customer' THEN 1 ELSE -1 END * %s)",
            get_quantity(SQL("move.quantity")),
        )
        customer = SQL(
            """COALESCE(picking_partner.commercial_partner_id,
                        partner.commercial_partner_id)"""
        )
        columns = {
            "id": SQL("move.id::bigint * 3"),
            "date": get_local_date(SQL("move.date"), get_zone(self.env)),
            **self._get_dimensions(
                {
                    "company_id": SQL("move.company_id"),
                    "product_id": SQL("move.product_id"),
                    "product_category_id": SQL("template.categ_id"),
                    "partner_id": customer,
                    "detected_at": SQL("NULL::varchar"),
                }
            ),
            "ticket_id": SQL("NULL::int4"),
            "move_id": SQL("move.id"),
            "nbr": SQL("0"),
            **_get_quantities(delivered_qty=quantity),
        }
        tables = SQL(
            """stock_move move
               JOIN stock_location source ON source.id = move.location_id
               JOIN stock_location target ON target.id = move.location_dest_id
               LEFT JOIN res_company company ON company.id = move.company_id
               %s
               LEFT JOIN uom_uom uom ON uom.id = move.product_uom
               LEFT JOIN stock_picking picking ON picking.id = move.picking_id
               LEFT JOIN res_partner picking_partner
                      ON picking_partner.id = picking.partner_id
               LEFT JOIN res_partner partner ON partner.id = move.partner_id
               WHERE move.state = 'done'
                 AND (source.usage = 'customer') <> (target.usage = 'customer')""",
            _get_product_join(SQL("move.product_id")),
        )
        return get_query(columns, tables)

    def _get_faults(self, kind):
        """Return the faulty parts by `complaint` or by `delivery` month."""
        accepted = get_quantity(SQL("line.accepted_qty"))

        def found_at(*places):
            return SQL("CASE WHEN line.detected_at IN %s THEN %s END", places, accepted)

        zone = get_zone(self.env)
        if kind == "complaint":
            day = get_local_date(SQL("reported.first_at"), zone)
            quantities = _get_quantities(
                nok_qty=accepted,
                nok_0km_qty=found_at("incoming", "line"),
                nok_field_qty=found_at("field"),
            )
        else:
            shipped = get_local_date(SQL("move.date"), zone)
            day = SQL("COALESCE(%s, line.delivered_date)", shipped)
            quantities = _get_quantities(nok_by_delivery_qty=accepted)
        columns = {
            "id": SQL("line.id::bigint * 3 + %s", 1 if kind == "complaint" else 2),
            "date": day,
            **self._get_dimensions(
                {
                    "company_id": SQL("ticket.company_id"),
                    "product_id": SQL("line.product_id"),
                    "product_category_id": SQL("template.categ_id"),
                    "partner_id": SQL("ticket.commercial_partner_id"),
                    "detected_at": SQL("line.detected_at"),
                }
            ),
            "ticket_id": SQL("ticket.id"),
            "move_id": SQL("line.move_id"),
            "nbr": SQL("%s", int(kind == "complaint")),
            **quantities,
        }
        return get_query(columns, self._get_fault_tables(kind))

    def _get_fault_tables(self, kind):
        names = ("id", "company_id", "commercial_partner_id", "complaint_phase")
        return SQL(
            """(%s) ticket
               JOIN complaint_line line ON line.ticket_id = ticket.id
               LEFT JOIN res_company company ON company.id = ticket.company_id
               %s
               LEFT JOIN stock_move move
                      ON move.id = line.move_id AND move.state = 'done'
               %s
               LEFT JOIN uom_uom uom ON uom.id = line.uom_id
               WHERE line.product_id IS NOT NULL
                 AND ticket.complaint_phase IS DISTINCT FROM 'cancelled'
                 AND (%s OR line.accepted_qty > 0)""",
            get_readable_tickets(self.env, names),
            get_event_join("reported"),
            _get_product_join(SQL("line.product_id")),
            kind == "complaint",
        )


def _get_quantities(**known):
    """Return the columns of all quantities; those that are not given are empty."""
    return {
        name: SQL("(%s)::double precision", known.get(name, SQL("NULL")))
        for name in _QUANTITIES
    }


def _get_product_join(product):
    return SQL(
        """LEFT JOIN product_product product ON product.id = %s
           LEFT JOIN product_template template
                  ON template.id = product.product_tmpl_id
           LEFT JOIN uom_uom product_uom ON product_uom.id = template.uom_id""",
        product,
    )
