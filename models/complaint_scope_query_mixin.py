# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.tools import SQL

# whereabouts of which every lot of the scope has a row, with 0 if there is nothing
PROVEN_KINDS = (
    "on_hand",
    "reserved",
    "wip",
    "transit",
    "delivered",
    "returned",
    "scrapped",
)
_COLUMNS = (
    "kind",
    "lot_id",
    "product_id",
    "company_id",
    "quantity",
    "location_id",
    "partner_id",
    "picking_id",
    "sale_order_id",
    "last_at",
)


class ComplaintScopeQueryMixin(models.AbstractModel):
    """The one query that answers where goods of a lot are, and what they became.

    Lots are looked up as arrays (`= ANY(ARRAY(SELECT ...))`), not joined: PostgreSQL
    cannot know how many lots a recursion finds, guesses few, and would compare each
    with each.

    Genealogy follows `stock.move.line.consume_line_ids`, so it works with and
    without manufacturing. UNION drops lots that were already found, therefore loops
    (rework into the same lot) end.
    """

    _name = "complaint.scope.query.mixin"
    _description = "Query of the Affected Scope"

    @api.model
    def _query_scope(self, lots, companies):
        """Return the rows of a scope, one query.

        :param lots: `stock.lot` the scope starts from
        :param companies: `res.company` whose stock is looked at
        :return: ``[dict]`` with the keys of `_COLUMNS`; quantities in the unit of
            the product, prices never
        """
        # what the query reads must be in the database
        self.env["stock.quant"].flush_model()
        self.env["stock.move"].flush_model()
        self.env["stock.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "%s %s UNION ALL %s UNION ALL %s",
                _genealogy(lots.ids, companies.ids),
                _quants(companies.ids),
                _moves(companies.ids),
                _relatives(companies.ids),
            )
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]

    @api.model
    def _query_edges(self, lots, companies):
        """Return ``[(lot id consumed, lot id made, quantity)]`` among these lots.

        The quantity is what was consumed, in the unit of the consumed product.
        """
        self.env["stock.move.line"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT edge.used_lot_id, edge.made_lot_id, SUM(edge.quantity)
                  FROM (
                       -- a line consumed for a lot that came in several lines
                       -- counts once, two lines of the same quantity count twice
                       SELECT DISTINCT used.id, used.lot_id AS used_lot_id,
                              made.lot_id AS made_lot_id,
                              used.quantity_product_uom AS quantity
                         FROM stock_move_line used
                         JOIN stock_move_line_consume_rel link
                           ON link.produce_line_id = used.id
                         JOIN stock_move_line made ON made.id = link.consume_line_id
                        WHERE used.lot_id = ANY(%(lots)s)
                          AND made.lot_id = ANY(%(lots)s)
                          AND used.state = 'done' AND made.state = 'done'
                          AND used.company_id = ANY(%(companies)s)
                  ) edge
                 GROUP BY edge.used_lot_id, edge.made_lot_id
                 ORDER BY edge.used_lot_id, edge.made_lot_id
                """,
                lots=list(lots.ids),
                companies=list(companies.ids),
            )
        )


# Odoo names the columns of this relation after the field that reads it: the consumed
# line is `produce_line_id`, the made one `consume_line_id`.
_CONSUMED, _MADE = "produce_line_id", "consume_line_id"


def _follow(source, companies, known, wanted):
    """Return the lots that are one step away from those of a table.

    :param str source: table with a column `lot_id`
    :param companies: ids of those whose moves are followed
    :param str known: column of the relation for the lines of `source`
    :param str wanted: column for the lines whose lots are returned
    """
    return SQL(
        """
        SELECT other.lot_id
          FROM %(source)s source
          JOIN stock_move_line line
            ON line.lot_id = source.lot_id AND line.state = 'done'
           AND line.company_id = ANY(%(companies)s)
          JOIN stock_move_line_consume_rel link ON link.%(known)s = line.id
          JOIN stock_move_line other
            ON other.id = link.%(wanted)s AND other.state = 'done'
         WHERE other.lot_id IS NOT NULL
        """,
        source=SQL.identifier(source),
        companies=companies,
        known=SQL.identifier(known),
        wanted=SQL.identifier(wanted),
    )


def _genealogy(lots, companies):
    """Return the WITH clause: `down` (seed and what it became) and `family`."""
    return SQL(
        """
        WITH RECURSIVE
        seed(lot_id) AS (SELECT unnest(%(lots)s::integer[])),
        down(lot_id) AS (SELECT lot_id FROM seed UNION %(down)s),
        up(lot_id) AS (SELECT lot_id FROM seed UNION %(up)s),
        relatives(lot_id) AS (
            SELECT lot_id FROM up WHERE lot_id NOT IN (SELECT lot_id FROM seed)
            UNION %(relatives)s
        ),
        family(lot_id, kind) AS (
            SELECT lot_id, 'downstream' FROM down
             WHERE lot_id NOT IN (SELECT lot_id FROM seed)
            UNION ALL
            SELECT lot_id, 'upstream' FROM up
             WHERE lot_id NOT IN (SELECT lot_id FROM down)
            UNION ALL
            SELECT lot_id, 'sister' FROM relatives
             WHERE lot_id NOT IN (SELECT lot_id FROM down)
               AND lot_id NOT IN (SELECT lot_id FROM up)
        )
        """,
        lots=lots,
        down=_follow("down", companies, _CONSUMED, _MADE),
        up=_follow("up", companies, _MADE, _CONSUMED),
        relatives=_follow("relatives", companies, _CONSUMED, _MADE),
    )


def _quants(companies):
    """Return what lies where: on hand by location, and in transit."""
    return SQL(
        """
        SELECT CASE WHEN place.usage = 'transit' THEN 'transit' ELSE 'on_hand' END,
               quant.lot_id, quant.product_id, quant.company_id, SUM(quant.quantity),
               quant.location_id, NULL::integer, NULL::integer, NULL::integer,
               MAX(quant.in_date)
          FROM stock_quant quant
          JOIN stock_location place ON place.id = quant.location_id
         WHERE quant.lot_id = ANY(ARRAY(SELECT lot_id FROM down))
           AND place.usage IN ('internal', 'transit')
           -- a transit between companies has none: only what one of ours sent
           AND (quant.company_id = ANY(%(companies)s)
                OR quant.company_id IS NULL AND EXISTS (
                   SELECT FROM stock_move_line sent
                    WHERE sent.lot_id = quant.lot_id AND sent.state = 'done'
                      AND sent.location_dest_id = quant.location_id
                      AND sent.company_id = ANY(%(companies)s)))
         GROUP BY 1, 2, 3, 4, 6
        HAVING SUM(quant.quantity) <> 0
        """,
        companies=companies,
    )


def _moves(companies):
    """Return what is planned with the goods, and where they went."""
    return SQL(
        """
        SELECT CASE
                 WHEN line.state <> 'done' AND target.usage = 'production' THEN 'wip'
                 WHEN line.state <> 'done' THEN 'reserved'
                 WHEN target.usage = 'customer' THEN 'delivered'
                 WHEN origin.usage = 'customer' THEN 'returned'
                 ELSE 'scrapped'
               END,
               line.lot_id, line.product_id, line.company_id,
               SUM(line.quantity_product_uom),
               CASE WHEN line.state = 'done' AND origin.usage <> 'customer'
                    THEN NULL ELSE
                    CASE WHEN origin.usage = 'customer' THEN line.location_dest_id
                         ELSE line.location_id END
               END,
               COALESCE(customer.commercial_partner_id, picking.partner_id),
               line.picking_id, sale.order_id, MAX(line.date)
          FROM stock_move_line line
          JOIN stock_move move ON move.id = line.move_id
          JOIN stock_location origin ON origin.id = line.location_id
          JOIN stock_location target ON target.id = line.location_dest_id
          LEFT JOIN stock_picking picking ON picking.id = line.picking_id
          LEFT JOIN res_partner customer ON customer.id = picking.partner_id
          LEFT JOIN sale_order_line sale ON sale.id = move.sale_line_id
         WHERE line.lot_id = ANY(ARRAY(SELECT lot_id FROM down))
           AND line.company_id = ANY(%(companies)s)
           AND line.quantity_product_uom <> 0
           AND CASE
                 WHEN line.state = 'done' THEN
                      (target.usage = 'customer' AND origin.usage <> 'customer')
                   OR (origin.usage = 'customer' AND target.usage <> 'customer')
                   OR (move.scrap_id IS NOT NULL AND target.usage = 'inventory')
                 ELSE line.state NOT IN ('cancel', 'draft')
                  AND origin.usage IN ('internal', 'transit')
               END
         GROUP BY 1, 2, 3, 4, 6, 7, 8, 9
        """,
        companies=companies,
    )


def _relatives(companies):
    """Return one row per lot of the family, with what of it is on hand."""
    return SQL(
        """
        SELECT known.kind, known.lot_id, lot.product_id, lot.company_id,
               known.quantity, NULL::integer, NULL::integer,
               NULL::integer, NULL::integer, NULL::timestamp
          FROM (
               -- added up instead of joined: no plan can go wrong
               SELECT MAX(part.kind) AS kind, part.lot_id,
                      SUM(part.quantity) AS quantity
                 FROM (
                      SELECT kind, lot_id, 0 AS quantity FROM family
                      UNION ALL
                      SELECT NULL, quant.lot_id, quant.quantity
                        FROM stock_quant quant
                        JOIN stock_location place ON place.id = quant.location_id
                       WHERE quant.lot_id = ANY(ARRAY(SELECT lot_id FROM family))
                         AND place.usage = 'internal'
                         AND quant.company_id = ANY(%(companies)s)
                 ) part
                GROUP BY part.lot_id
          ) known
          JOIN stock_lot lot ON lot.id = known.lot_id
        """,
        companies=companies,
    )
