# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_scope import ScopeCommon


class TestScopeBesideOdoo(ScopeCommon):
    """Where Odoo knows the answer too, ours is the same."""

    def _report_lines(self, lot):
        """Return the move lines of Odoo's traceability report, unfolded."""
        reports = self.env["stock.traceability.report"].with_context(
            active_id=lot.id, model="stock.lot"
        )
        lines = reports.get_lines(model_name="stock.lot", model_id=lot.id, level=1)
        return lines, self.env["stock.move.line"].browse(
            line["model_id"] for line in lines
        )

    def test_equal_to_the_traceability_report(self):
        """R366, R368: deliveries, returns, scrap and what is left, lot by lot."""
        lot = self.bearing_lots[0]
        self._deliver(lot, 60, self.customer)
        self._deliver(lot, 25, self.other_customer)
        self._move(lot, 8, self.customers, self.stock)
        self.env["stock.scrap"].create(
            {
                "product_id": self.product.id,
                "lot_id": lot.id,
                "scrap_qty": 3,
                "location_id": self.stock.id,
            }
        ).action_validate()
        for each in (lot, self.ring_lots[0], self.bar_lot):
            rows = self._scope(each).line_ids.filtered(
                lambda row, each=each: row.lot_id == each
            )
            ours = {
                kind: sum(
                    rows.filtered(lambda r, k=kind: r.kind == k).mapped("quantity")
                )
                for kind in ("delivered", "returned", "scrapped", "on_hand")
            }
            lines, moves = self._report_lines(each)
            theirs = dict.fromkeys(ours, 0)
            for line, move in zip(lines, moves, strict=True):
                quantity = move.quantity_product_uom
                theirs["on_hand"] += {"in": quantity, "out": -quantity}.get(
                    line["usage"], 0
                )
                if line["res_model"] == "stock.scrap":
                    theirs["scrapped"] += quantity
                elif move.location_dest_id == self.customers:
                    theirs["delivered"] += quantity
                elif move.location_id == self.customers:
                    theirs["returned"] += quantity
            if each == self.bar_lot:
                # it was put into stock without a move
                theirs["on_hand"] += 100
            with self.subTest(lot=each.name):
                self.assertEqual(ours, theirs)

    def test_customers_equal_those_of_the_lot(self):
        """R368: the partners that Odoo shows on the lot."""
        lot = self.bearing_lots[0]
        self._deliver(lot, 60, self.customer)
        self._deliver(lot, 25, self.other_customer)
        rows = self._scope(lot).line_ids.filtered(lambda row: row.kind == "delivered")
        self.assertEqual(rows.partner_id, lot.partner_ids)

    def test_production_columns_are_empty_without_manufacturing(self):
        """R369: manufacturing is no dependency; the rows are there all the same."""
        rows = self._scope(self.bearing_lots[0]).line_ids
        self.assertTrue(rows)
        self.assertFalse(any(rows.mapped("production_orders")))

    def test_days_are_those_of_the_company(self):
        """R366: 00:30 in Shanghai is the day before in UTC, and still today here."""
        moved = self._move(self.bearing_lots[0], 5, self.stock, self.customers)
        moved.date = datetime(2026, 3, 9, 16, 30)
        scope = self.env["complaint.scope"].create(
            {
                "product_id": self.product.id,
                "date_from": "2026-03-10",
                "date_to": "2026-03-10",
            }
        )
        self.assertEqual(scope._get_seed_lots(), self.bearing_lots[0])
        scope.write({"date_from": "2026-03-09", "date_to": "2026-03-09"})
        self.assertFalse(scope._get_seed_lots())


class TestScopeCompanies(ScopeCommon):
    """Lots may be shared between companies; quantities never are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock_b = (
            cls.env["stock.warehouse"]
            .search([("company_id", "=", cls.company_b.id)], limit=1)
            .lot_stock_id
        )
        cls.production_b = cls.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", cls.company_b.id)],
            limit=1,
        )
        cls.shared = cls.bearing_lots[0]
        cls.shared.company_id = False
        quants = cls.env["stock.quant"].with_company(cls.company_b)
        quants._update_available_quantity(
            cls.product, cls.stock_b, 777, lot_id=cls.shared
        )
        cls.secret_lot = cls._lot(cls.product, "SECRET-B")
        used = cls._move(cls.shared, 33, cls.stock_b, cls.production_b)
        made = cls._move(cls.secret_lot, 33, cls.production_b, cls.stock_b)
        made.consume_line_ids = [Command.set(used.ids)]
        cls._move(cls.shared, 44, cls.stock_b, cls.customers)

    def _check(self, scope):
        rows = scope.sudo().line_ids
        self.assertEqual(rows.company_id, self.company)
        self.assertFalse(rows.filtered(lambda row: row.quantity in (777, 700, 33, 44)))
        self.assertNotIn("SECRET-B", rows.mapped("lot_id.name"))
        self.assertNotIn("SECRET-B", scope.genealogy_html)
        on_hand = rows.filtered(lambda r: r.kind == "on_hand" and r.lot_role == "self")
        self.assertEqual(sum(on_hand.mapped("quantity")), 150)

    def test_shared_lot_shows_own_quantities_only(self):
        """R524: stock, deliveries and genealogy of the other company are not there."""
        self.assertTrue(self.production_b)
        self._check(self._scope(self.shared))

    def test_also_for_somebody_who_works_in_both(self):
        """R524: a scope is about one company, whoever looks."""
        both = new_test_user(
            self.env,
            "complaint_quality_both",
            groups="helpdesk_mgmt_complaint.group_complaint_quality",
            company_ids=[Command.set((self.company + self.company_b).ids)],
        )
        scopes = self.env["complaint.scope"].with_user(both)
        scopes = scopes.with_context(
            allowed_company_ids=(self.company + self.company_b).ids
        )
        self._check(scopes._create_for_lots(self.shared))
        mirrored = scopes._create_for_lots(self.shared, company_id=self.company_b.id)
        delivered = mirrored.line_ids.filtered(lambda r: r.kind == "delivered")
        self.assertEqual(delivered.mapped("quantity"), [44])
        self.assertIn("SECRET-B", mirrored.line_ids.mapped("lot_id.name"))

    def test_transit_between_companies_shows_what_we_sent(self):
        """R524: the place has no company, the goods in it have."""
        transit = self.env.ref("stock.stock_location_inter_company")
        transit.active = True
        other = self._lot(self.product, "T-B")
        other.company_id = False
        quants = self.env["stock.quant"]
        quants.with_company(self.company_b)._update_available_quantity(
            self.product, self.stock_b, 5, lot_id=other
        )
        self._move(other, 5, self.stock_b, transit)
        self._move(self.bearing_lots[1], 6, self.stock, transit)
        self.assertNotIn(("transit", "T-B"), self._found(self._scope(other)))
        found = self._found(self._scope(self.bearing_lots[1]))
        self.assertEqual(found["transit", "L2"], 6)

    def test_lots_of_another_company_are_refused(self):
        """R524: by RPC, too; their names would show in the title."""
        self.secret_lot.company_id = self.company_b
        scopes = self.env["complaint.scope"].with_user(self.user_quality)
        with self.assertRaises(UserError):
            scopes.create({"lot_ids": [Command.set(self.secret_lot.ids)]})


@tagged("-standard", "hmc_neighbours")
class TestScopeManufacturing(ScopeCommon):
    """With manufacturing installed (R369)."""

    def test_order_work_centre_and_operators(self):
        """R369: from Odoo's own manufacturing order; components as its report says."""
        center = self.env["mrp.workcenter"].create({"name": "Grinding 3"})
        bom = self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.product.product_tmpl_id.id,
                "bom_line_ids": [
                    Command.create({"product_id": self.ring.id, "product_qty": 1})
                ],
                "operation_ids": [
                    Command.create({"name": "Grind", "workcenter_id": center.id})
                ],
            }
        )
        order = self.env["mrp.production"].create(
            {"product_id": self.product.id, "product_qty": 10, "bom_id": bom.id}
        )
        order.action_confirm()
        order.action_assign()
        lot = self._lot(self.product, "MO-LOT")
        order.qty_producing = 10
        order.lot_producing_ids = lot
        order._set_qty_producing()
        order.workorder_ids.time_ids = [
            Command.create(
                {
                    "workcenter_id": center.id,
                    "user_id": self.user_handler.id,
                    "loss_id": self.env["mrp.workcenter.productivity.loss"]
                    .search([], limit=1)
                    .id,
                    "date_start": fields.Datetime.now(),
                }
            )
        ]
        order.move_raw_ids.picked = True
        order.button_mark_done()
        self.assertEqual(order.state, "done")
        rows = self._scope(lot).line_ids
        own = rows.filtered(lambda row: row.lot_id == lot)
        self.assertEqual(set(own.mapped("production_orders")), {order.name})
        self.assertEqual(set(own.mapped("work_centers")), {"Grinding 3"})
        self.assertIn(self.user_handler.name, own[0].operators)
        upstream = rows.filtered(lambda row: row.kind == "upstream").lot_id
        self.assertIn(self.bar_lot, upstream)
        # the report goes up by one level at a time
        report = self.env["stock.traceability.report"]
        made = order.move_finished_ids.move_line_ids
        used, _is_used = report._get_linked_move_lines(made)
        self.assertTrue(used.lot_id)
        self.assertLessEqual(used.lot_id, upstream)
