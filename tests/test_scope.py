# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from .common import ComplaintCommon


class ScopeCommon(ComplaintCommon):
    """Bars become rings, rings become bearings, bearings go to two customers.

    bar B1 -> ring R1, ring R2; R1 -> bearing L1 (delivered), R2 -> bearing L2.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.production = cls.env["stock.location"].search(
            [("usage", "=", "production"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.bar, cls.ring = (
            cls.env["product.product"].create(
                {"name": name, "is_storable": True, "tracking": "lot"}
            )
            for name in ("Steel bar 100Cr6", "Inner ring 6204")
        )
        cls.bar_lot = cls._lot(cls.bar, "B1")
        cls.ring_lots = [cls._lot(cls.ring, name) for name in ("R1", "R2")]
        cls.bearing_lots = [cls._lot(cls.product, name) for name in ("L1", "L2")]
        quants = cls.env["stock.quant"]
        quants._update_available_quantity(cls.bar, cls.stock, 100, lot_id=cls.bar_lot)
        for ring_lot, bearing_lot in zip(cls.ring_lots, cls.bearing_lots, strict=True):
            cls._produce([(cls.bar_lot, 40)], ring_lot, 200)
            cls._produce([(ring_lot, 150)], bearing_lot, 150)

    @classmethod
    def _lot(cls, product, name):
        return cls.env["stock.lot"].create({"name": name, "product_id": product.id})

    @classmethod
    def _move(cls, lot, qty, source, target, **vals):
        """One done move of a lot; returns its move line."""
        company = source.company_id or target.company_id or cls.company
        move = cls.env["stock.move"].create(
            {
                "product_id": lot.product_id.id,
                "product_uom_qty": qty,
                "location_id": source.id,
                "location_dest_id": target.id,
                "company_id": company.id,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": lot.product_id.id,
                            "lot_id": lot.id,
                            "quantity": qty,
                            "picked": True,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                            "company_id": company.id,
                        }
                    )
                ],
                **vals,
            }
        )
        move._action_confirm(merge=False)
        move.picked = True
        move._action_done()
        return move.move_line_ids

    @classmethod
    def _produce(cls, components, lot, qty):
        """Consume components and make a lot of them, as manufacturing does."""
        used = cls.env["stock.move.line"]
        for component, quantity in components:
            used |= cls._move(component, quantity, cls.stock, cls.production)
        made = cls._move(lot, qty, cls.production, cls.stock)
        made.consume_line_ids = [Command.set(used.ids)]
        return made

    @classmethod
    def _deliver(cls, lot, qty, partner):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create(
                        {"product_id": lot.product_id.id, "product_uom_qty": qty}
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.move_line_ids.unlink()
        picking.move_ids.move_line_ids = [
            Command.create(
                {
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": qty,
                    "picked": True,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                    "picking_id": picking.id,
                }
            )
        ]
        picking.move_ids.picked = True
        picking._action_done()
        return order

    def _scope(self, lots, user=None, **vals):
        scopes = self.env["complaint.scope"].with_user(user or self.user_quality)
        return scopes._create_for_lots(lots, **vals)

    def _found(self, scope):
        """Return ``{(kind, lot name): quantity}``, zeros left out."""
        found = {}
        for line in scope.sudo().line_ids:
            if line.quantity or line.kind in ("downstream", "upstream", "sister"):
                key = line.kind, line.lot_id.name
                found[key] = found.get(key, 0) + line.quantity
        return found


class TestScope(ScopeCommon):
    def test_scope_of_a_component_reaches_customers_of_what_it_became(self):
        """R366, R368: bar -> rings -> bearings -> customers, in one click."""
        order = self._deliver(self.bearing_lots[0], 120, self.customer)
        found = self._found(self._scope(self.bar_lot))
        self.assertEqual(found["on_hand", "B1"], 20)
        self.assertEqual(found["on_hand", "R1"], 50)
        self.assertEqual(found["on_hand", "L1"], 30)
        self.assertEqual(found["on_hand", "L2"], 150)
        self.assertEqual(found["delivered", "L1"], 120)
        self.assertEqual(
            {name for kind, name in found if kind == "downstream"},
            {"R1", "R2", "L1", "L2"},
        )
        self.assertFalse([key for key in found if key[0] in ("upstream", "sister")])
        scope = self.env["complaint.scope"].search([], limit=1)
        delivered = scope.line_ids.filtered(
            lambda row: row.kind == "delivered" and row.quantity
        )
        self.assertEqual(delivered.partner_id, self.customer)
        self.assertEqual(delivered.sale_order_id, order)
        self.assertEqual(delivered.picking_id, order.picking_ids)

    def test_scope_of_a_bearing_shows_components_and_sisters(self):
        """R366: L2 shares the bar with the suspect L1."""
        found = self._found(self._scope(self.bearing_lots[0]))
        kinds = {name: kind for kind, name in found if kind != "on_hand"}
        self.assertEqual(kinds["R1"], "upstream")
        self.assertEqual(kinds["B1"], "upstream")
        self.assertEqual(kinds["R2"], "sister")
        self.assertEqual(kinds["L2"], "sister")
        self.assertEqual(found["sister", "L2"], 150)

    def test_nothing_there_is_proven_with_zero_rows(self):
        """R366: 0 pcs is a row, so that the customer sees somebody looked."""
        scope = self._scope(self.bearing_lots[0])
        zeros = scope.line_ids.filtered(lambda row: not row.quantity)
        self.assertEqual(
            set(zeros.filtered(lambda row: row.lot_role == "self").mapped("kind")),
            {"reserved", "wip", "transit", "delivered", "returned", "scrapped"},
        )

    def test_loop_ends(self):
        """Rework of a lot into itself and back does not run for ever."""
        ring, bearing = self.ring_lots[0], self.bearing_lots[0]
        self._produce([(bearing, 10)], ring, 10)
        self._produce([(bearing, 5)], bearing, 5)
        found = self._found(self._scope(ring))
        self.assertIn(("downstream", "L1"), found)
        self.assertEqual(found["on_hand", "R1"], 60)

    def test_split_and_merged_lots_are_counted_once(self):
        """R368: two rings lots in one bearing lot: one row per lot and place."""
        mixed = self._lot(self.product, "MIX")
        self._produce([(self.ring_lots[0], 20), (self.ring_lots[1], 20)], mixed, 20)
        found = self._found(self._scope(self.bar_lot))
        self.assertEqual(found["on_hand", "MIX"], 20)
        self.assertEqual(found["on_hand", "R1"], 30)

    def test_reserved_wip_returned_and_scrapped_goods(self):
        """R366, R368: what is promised, on its way into production, back, scrapped."""
        lot = self.bearing_lots[0]
        self._deliver(lot, 100, self.customer)
        self._move(lot, 7, self.customers, self.stock)
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.product.id,
                "lot_id": lot.id,
                "scrap_qty": 3,
                "location_id": self.stock.id,
            }
        )
        scrap.action_validate()
        open_move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom_qty": 4,
                "location_id": self.stock.id,
                "location_dest_id": self.production.id,
                "company_id": self.company.id,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "lot_id": lot.id,
                            "quantity": 4,
                            "location_id": self.stock.id,
                            "location_dest_id": self.production.id,
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        open_move._action_confirm(merge=False)
        found = self._found(self._scope(lot))
        self.assertEqual(found["returned", "L1"], 7)
        self.assertEqual(found["scrapped", "L1"], 3)
        self.assertEqual(found["wip", "L1"], 4)
        self.assertEqual(found["on_hand", "L1"], 150 - 100 + 7 - 3)

    def test_deliveries_equal_those_of_odoo(self):
        """R368: the pickings that Odoo's own lot knows, and no others."""
        for lot, qty, partner in (
            (self.bearing_lots[0], 30, self.customer),
            (self.bearing_lots[0], 20, self.other_customer),
            (self.bearing_lots[1], 10, self.other_customer),
        ):
            self._deliver(lot, qty, partner)
        scope = self._scope(self.bar_lot)
        ours = scope.line_ids.filtered(lambda row: row.kind == "delivered").picking_id
        self.assertEqual(ours, self.bar_lot.delivery_ids)

    def test_product_and_days_when_no_lot_is_known(self):
        """R366: every lot of the product that moved in the days in question."""
        self._deliver(self.bearing_lots[1], 10, self.customer)
        today = fields.Date.today()
        scopes = self.env["complaint.scope"].with_user(self.user_quality)
        scope = scopes.create(
            {"product_id": self.product.id, "date_from": today, "date_to": today}
        )
        scope.action_compute()
        self.assertIn(("delivered", "L2"), self._found(scope))
        roles = {row.lot_id.name: row.lot_role for row in scope.line_ids}
        self.assertEqual((roles["L2"], roles["R2"]), ("self", "upstream"))
        scope = scopes.create(
            {
                "product_id": self.product.id,
                "date_to": today - timedelta(days=400),
            }
        )
        with self.assertRaisesRegex(UserError, "Widen the dates"):
            scope.action_compute()
        with self.assertRaisesRegex(UserError, "Choose a lot"):
            scopes.create({}).action_compute()
        with self.assertRaises(ValidationError):
            scopes.create({"date_from": today, "date_to": today - timedelta(days=1)})

    def test_refresh_keeps_results_and_says_what_changed(self):
        """R366: a cleared row stays cleared; new, changed and gone are marked."""
        lot = self.bearing_lots[0]
        scope = self._scope(lot)
        row = scope.line_ids.filtered(
            lambda r: r.kind == "on_hand" and r.lot_role == "self"
        )
        row.write({"state": "cleared", "checked_qty": 150, "note": "100 % gauge"})
        self._deliver(lot, 50, self.customer)
        scope.action_compute()
        self.assertEqual((row.state, row.note), ("cleared", "100 % gauge"))
        self.assertEqual((row.previous_qty, row.quantity), (150, 100))
        self.assertEqual(row.change, "changed")
        delivered = scope.line_ids.filtered(
            lambda r: r.kind == "delivered" and r.lot_role == "self"
        )
        self.assertEqual(set(delivered.mapped("change")), {"new", "gone"})
        self._deliver(lot, 100, self.customer)
        scope.action_compute()
        self.assertEqual((row.quantity, row.change), (0, "gone"))
        self.assertEqual(row.state, "cleared")

    def test_query_count_does_not_grow_with_the_lots(self):
        """Budget of design 13: constant, however long the chain."""
        scope = self._scope(self.bearing_lots[0])
        lots = self.bearing_lots[0] + self.bar_lot
        self.env.flush_all()
        with self.assertQueryCount(1):
            scope.sudo()._query_scope(lots, self.company)

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------

    def test_names_of_other_customers_only_for_those_who_call_them(self):
        """R520: a handler sees quantities; customers, orders and prices he does not."""
        self._deliver(self.bearing_lots[0], 10, self.other_customer)
        scope = self._scope(self.bearing_lots[0])
        rows = scope.line_ids.with_user(self.user_handler)
        self.assertTrue(rows.mapped("quantity"))
        for name in ("partner_id", "sale_order_id", "picking_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                rows.read([name])
        names = rows._fields
        self.assertFalse([name for name in names if "price" in name or "cost" in name])
        supervisor = scope.line_ids.with_user(self.user_supervisor)
        self.assertIn(self.other_customer, supervisor.partner_id.sudo())

    def test_other_company_portal_and_employees_see_nothing(self):
        """R518, R524: neither scope nor rows."""
        scope = self._scope(self.bearing_lots[0])
        quality_b = new_test_user(
            self.env,
            "complaint_quality_b",
            groups="helpdesk_mgmt_complaint.group_complaint_quality",
            company_id=self.company_b.id,
            company_ids=[Command.set(self.company_b.ids)],
        )
        self.assertFalse(scope.with_user(quality_b).search([("id", "=", scope.id)]))
        with self.assertRaises(AccessError):
            scope.with_user(quality_b).action_compute()
        for user in (self.portal_user, self.user_register):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                scope.with_user(user).line_ids.read(["quantity"])

    def test_rows_cannot_be_forged(self):
        """What stock says is not typed in, and evidence is not deleted."""
        scope = self._scope(self.bearing_lots[0])
        row = scope.line_ids[0]
        with self.assertRaises(UserError):
            row.write({"quantity": 0})
        with self.assertRaises(AccessError):
            row.copy()
        with self.assertRaises(UserError):
            scope.write({"lot_ids": [Command.clear()]})
        with self.assertRaises(AccessError):
            scope.unlink()
        with self.assertRaises(UserError):
            scope.sudo().unlink()
        with self.assertRaises(AccessError):
            scope.with_user(self.user_handler).action_compute()
