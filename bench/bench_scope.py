# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The affected scope of a lot with 10 000 downstream move lines.

Budgets: the genealogy takes at most 3x one bare recursive SQL statement, the scope
with all its rows stored is at least 5x faster than Odoo's traceability report
opened for every lot, and reading takes one query however long the chain is.
"""

from benchkit import World, compare, nothing_stays, print_ratios

from odoo import Command
from odoo.tools import SQL

_CHILDREN = 5_000  # each is made by one line and consumed by another: 10 000 lines
_SMALL = 50
_BARE = "bare recursive statement"
_QUERY = "query of the scope"
_STORED = "scope, rows stored"
_DELIVERIES = "stock.lot.delivery_ids"
_REPORT = "traceability report of each lot"


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        bench = _Bench(World(env))
        small, large = bench.fill(_SMALL), bench.fill(_CHILDREN)
        queries = compare(
            env,
            {
                _BARE: (lambda: bench.run_bare(large), None),
                _QUERY: (lambda: bench.run_query(large), None),
                "the same, small lot": (lambda: bench.run_query(small), None),
            },
            repeat=7,
        )
        title = f"Genealogy of a lot with {2 * _CHILDREN} downstream move lines"
        print_ratios(title, queries)
        ratio = queries[_QUERY][1] / queries[_BARE][1]
        print(f"  {ratio:.2f}x the bare statement (budget 3x)\n")
        whole = compare(
            env,
            {
                _STORED: (lambda: bench.run_stored(large), None),
                "the same, small lot": (lambda: bench.run_stored(small), None),
                _DELIVERIES: (lambda: bench.read_deliveries(large), None),
                _REPORT: (lambda: bench.unfold(large), None),
            },
            repeat=1,
        )
    print_ratios("Beside Odoo's own views of the same lot", whole)
    ratio = whole[_REPORT][1] / whole[_STORED][1]
    print(f"  the report takes {ratio:.1f}x the stored scope (budget: at least 5x)\n")
    return queries | whole


class _Bench:
    """One root lot, consumed for many lots which are delivered piece by piece."""

    def __init__(self, world):
        self.env = env = world.env
        self.company = env.company
        warehouse = env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        self.places = {
            "stock": warehouse.lot_stock_id.id,
            "production": env["stock.location"]
            .search([("usage", "=", "production")], limit=1)
            .id,
            "customer": env.ref("stock.stock_location_customers").id,
        }
        self.picking_type = warehouse.out_type_id
        self.customer = world.customer
        self.quality = world._user(
            "bench_quality", "helpdesk_mgmt_complaint.group_complaint_quality"
        )

    def fill(self, count):
        """Return a root lot with `count` lots made of it, each delivered."""
        env = self.env
        product = env["product.product"].create(
            {"name": f"Ring {count}", "is_storable": True, "tracking": "lot"}
        )
        lots = env["stock.lot"].create(
            [
                {"name": f"{count}-{index}", "product_id": product.id}
                for index in range(count + 1)
            ]
        )
        root, children = lots[0], lots[1:]
        used = self._lines([root] * count, "stock", "production")
        made = self._lines(children, "production", "stock")
        picking = env["stock.picking"].create(
            {
                "picking_type_id": self.picking_type.id,
                "partner_id": self.customer.id,
                "location_id": self.places["stock"],
                "location_dest_id": self.places["customer"],
            }
        )
        self._lines(children, "stock", "customer", picking)
        for consumed, produced in zip(used, made, strict=True):
            produced.consume_line_ids = [Command.set(consumed.ids)]
        env.flush_all()
        env.cr.execute(
            SQL(
                "UPDATE stock_move_line SET state = 'done' WHERE product_id = %s",
                product.id,
            )
        )
        env.cr.execute(
            SQL(
                "UPDATE stock_move SET state = 'done' WHERE product_id = %s", product.id
            )
        )
        env.invalidate_all(flush=False)
        env.cr.execute("ANALYZE stock_move_line, stock_move_line_consume_rel")
        env.cr.execute("ANALYZE stock_quant, stock_lot")
        return root

    def _lines(self, lots, source, target, picking=None):
        """One move with a line per lot, marked done afterwards."""
        lots = list(lots)
        places = {
            "location_id": self.places[source],
            "location_dest_id": self.places[target],
            "company_id": self.company.id,
        }
        move = self.env["stock.move"].create(
            {
                **places,
                "product_id": lots[0].product_id.id,
                "product_uom_qty": len(lots),
                "picking_id": picking and picking.id,
            }
        )
        return self.env["stock.move.line"].create(
            [
                {
                    **places,
                    "move_id": move.id,
                    "picking_id": picking and picking.id,
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": 1,
                }
                for lot in lots
            ]
        )

    def run_bare(self, root):
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE down(lot_id) AS (
                    SELECT %s::integer
                    UNION
                    SELECT made.lot_id
                      FROM down
                      JOIN stock_move_line used ON used.lot_id = down.lot_id
                       AND used.state = 'done'
                      JOIN stock_move_line_consume_rel link
                        ON link.produce_line_id = used.id
                      JOIN stock_move_line made ON made.id = link.consume_line_id
                )
                SELECT line.lot_id, line.picking_id, SUM(line.quantity_product_uom)
                  FROM down JOIN stock_move_line line ON line.lot_id = down.lot_id
                 WHERE line.state = 'done'
                 GROUP BY line.lot_id, line.picking_id
                """,
                root.id,
            )
        )
        return self.env.cr.fetchall()

    def run_query(self, root):
        scopes = self.env["complaint.scope"].with_user(self.quality)
        return scopes._query_scope(root, self.company)

    def run_stored(self, root):
        scopes = self.env["complaint.scope"].with_user(self.quality)
        scope = scopes._create_for_lots(root)
        self.env.flush_all()
        return scope

    def read_deliveries(self, root):
        return root.delivery_ids

    def unfold(self, root):
        """Open Odoo's traceability report of every lot that the scope knows.

        Without manufacturing it does not go from lot to lot by itself, so a person
        opens it for each; a line that can be unfolded is unfolded.
        """
        reports = self.env["stock.traceability.report"]
        lots = self.env["complaint.scope"]._query_scope(root, self.company)
        count = 0
        for lot_id in {row["lot_id"] for row in lots}:
            report = reports.with_context(active_id=lot_id, model="stock.lot")
            todo = report.get_lines(model_name="stock.lot", model_id=lot_id, level=1)
            count += len(todo)
            for line in todo:
                if line["unfoldable"]:
                    count += len(
                        report.get_lines(
                            line_id=line["id"],
                            model_name=line["model"],
                            model_id=line["model_id"],
                            level=2,
                        )
                    )
        return count
