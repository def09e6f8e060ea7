# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command

from .common_intake import IntakeCommon


class TestReferences(IntakeCommon):
    """Recognition of orders, deliveries, invoices and lots."""

    def setUp(self):
        super().setUp()
        self.reference = self.env["complaint.reference"].with_user(self.user_register)

    def _typed(self, text, partner=None, company=None):
        return self.reference._lookup_typed(
            text, company or self.company, partner or self.env["res.partner"]
        )

    def _propose(self, body, partner=None, **places):
        partner = self.customer if partner is None else partner
        parts = [("body", body, 0)]
        parts += [(place, text, 0) for place, text in places.items()]
        return self.reference._propose(parts, self.company, partner)

    def _orders(self, proposal):
        return sorted({vals.get("sale_order_id") for vals in proposal["lines"]})

    # -- Typed ----------------------------------------------------------

    def test_typed_references_propose_goods(self):
        """R366 R021: any employee types one number of ours or the customer's."""
        expected = {
            "sale_order_id": self.order.id,
            "sale_line_id": self.order.order_line.id,
            "product_id": self.product.id,
            "uom_id": self.product.uom_id.id,
            "lot_id": self.lot.id,
            "delivered_qty": 500,
            "delivered_date": self.company._complaint_today(),
            "picking_id": self.picking.id,
            "is_proposed": True,
        }
        for text, kind in (
            ("SO26-0042", "order"),
            ("so26 0042", "order"),
            ("ＳＯ２６－００４２", "order"),
            ("4500012345", "order"),
            ("WH/OUT/90087", "delivery"),
            ("WH-OUT-90087", "delivery"),
            ("wh out 90087", "delivery"),
            ("L260703-A", "lot"),
            ("l260703a", "lot"),
        ):
            with self.subTest(text):
                (found,) = self._typed(text)
                self.assertEqual(found["kind"], kind)
                self.assertFalse(found["ambiguous"], found["message"])
                self.assertEqual(found["partner"], self.customer)
                (vals,) = found["line_vals"]
                self.assertEqual(vals, {**vals, **expected})

    def test_typed_values_hold_no_price(self):
        """R021: goods and quantities for every employee, never prices."""
        (found,) = self._typed("SO26-0042")
        allowed = set(self.env["complaint.line"]._fields)
        self.assertLessEqual(set(found["line_vals"][0]), allowed)
        self.assertFalse([name for name in found["line_vals"][0] if "price" in name])

    def test_typed_invoice_proposes_goods(self):
        """R366: our invoice number."""
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=self.company, install_demo=False
        )
        invoice = self.order._create_invoices()
        invoice.action_post()
        (found,) = self._typed(invoice.name.replace("/", "-"))
        self.assertEqual(found["kind"], "invoice")
        (vals,) = found["line_vals"]
        self.assertEqual(vals["invoice_id"], invoice.id)
        self.assertEqual(vals["sale_order_id"], self.order.id)
        proposal = self._propose(f"Rechnung {invoice.name} und Auftrag SO26-0042")
        self.assertEqual(len(proposal["lines"]), 1)
        self.assertEqual(proposal["lines"][0]["invoice_id"], invoice.id)

    def test_typed_unknown_number_finds_nothing(self):
        self.assertEqual(self._typed("SO99-9999"), [])
        self.assertEqual(self._typed("-"), [])

    def test_typed_number_of_other_customer_is_not_linked(self):
        """R366: the customer is already chosen, the number is not his."""
        (found,) = self._typed("SO26-0042", self.other_customer)
        self.assertTrue(found["ambiguous"])
        self.assertFalse(found["line_vals"])
        self.assertIn("another customer", found["message"])

    def test_typed_draft_order_is_not_linked(self):
        draft = self.order.copy({"name": "SO26-7777"})
        (found,) = self._typed(draft.name)
        self.assertTrue(found["ambiguous"])
        self.assertIn("SO26-7777", found["message"])
        self.order.copy({"name": "SO26-7778"}).action_cancel()
        self.assertTrue(self._typed("SO26-7778")[0]["ambiguous"])

    def test_typed_number_of_several_records_is_ambiguous(self):
        """R366: shown, never guessed."""
        second = self._create_delivered_order(
            self.customer, self.product, 5, lot=self.lot, ref="4500012345"
        )
        found = self._typed("4500012345")
        self.assertEqual(len(found), 2)
        self.assertTrue(all(match["ambiguous"] for match in found))
        self.assertIn(second.name, found[0]["message"])
        self.assertIn("SO26-0042", found[0]["message"])

    def test_typed_in_foreign_company_finds_nothing(self):
        """R021: the form sends the company; nobody looks into a foreign one."""
        self.assertEqual(
            self.env["complaint.reference"]
            .with_user(self.user_handler_b)
            ._lookup_typed("SO26-0042", self.company, self.env["res.partner"]),
            [],
        )
        self.assertEqual(self._typed("SO26-0042", company=self.company_b), [])
        self.assertEqual(
            self.env["complaint.reference"]
            .with_user(self.portal_other)
            ._lookup_typed("SO26-0042", self.company, self.env["res.partner"]),
            [],
        )

    def test_typed_delivery_with_two_lots_leaves_the_lot_open(self):
        """R366: lot only when the delivery has exactly one."""
        lot_b = self.env["stock.lot"].create(
            {"name": "L260703-B", "product_id": self.product.id}
        )
        order = self._create_delivered_order(
            self.customer, self.product, 10, lot=lot_b, ref="4500099999"
        )
        self.env["stock.quant"]._update_available_quantity(
            self.product, order.warehouse_id.lot_stock_id, 4, lot_id=self.lot
        )
        line = order.picking_ids.move_line_ids[:1]
        line.copy({"lot_id": self.lot.id, "quantity": 4, "picked": True})
        (found,) = self._typed(order.picking_ids.name)
        (vals,) = found["line_vals"]
        self.assertFalse(vals.get("lot_id"))
        self.assertTrue(found["message"])

    def test_typed_returned_goods_are_subtracted(self):
        move = self.picking.move_ids
        back = move.copy(
            {
                "location_id": move.location_dest_id.id,
                "location_dest_id": move.location_id.id,
                "sale_line_id": move.sale_line_id.id,
                "origin_returned_move_id": move.id,
                "picking_id": False,
            }
        )
        back._action_confirm()
        back.quantity, back.picked = 100, True
        back.move_line_ids.lot_id = self.lot
        back._action_done()
        (found,) = self._typed("SO26-0042")
        self.assertEqual(found["line_vals"][0]["delivered_qty"], 400)

    # -- Mail -----------------------------------------------------------

    def test_our_number_beside_theirs_is_one_line(self):
        proposal = self._propose("Your SO26-0042 = our PO 4500012345, lot L260703-A")
        self.assertEqual(len(proposal["lines"]), 1)
        self.assertFalse(proposal["note"])

    def test_number_of_other_customer_is_noted_not_linked(self):
        """R366: a match of another customer is never linked."""
        for body in ("Order SO26-0042", "PO 4500012345", "WH/OUT/90087", "L260703-A"):
            proposal = self._propose(body, self.other_customer)
            self.assertFalse(proposal["lines"], body)
            self.assertTrue(proposal["note"], body)

    def test_own_record_beats_the_same_number_of_another_customer(self):
        """R366: the records of the sender's company first."""
        mine = self._create_delivered_order(
            self.other_customer, self.product, 5, lot=self.lot, ref="4500012345"
        )
        proposal = self._propose("PO 4500012345", self.other_customer)
        self.assertEqual(self._orders(proposal), [mine.id])
        self.assertEqual(self._orders(self._propose("PO 4500012345")), [self.order.id])

    def test_several_own_orders_under_one_number_are_noted(self):
        second = self._create_delivered_order(
            self.customer, self.product, 5, lot=self.lot, ref="4500012345"
        )
        proposal = self._propose("PO 4500012345")
        self.assertFalse(proposal["lines"])
        self.assertIn(second.name, proposal["note"])
        proposal = self._propose(f"PO 4500012345, your order {second.name}")
        self.assertEqual(self._orders(proposal), [second.id])

    def test_same_lot_code_of_two_products_is_noted(self):
        other = self.env["product.product"].create(
            {"name": "Other", "is_storable": True, "tracking": "lot"}
        )
        lot = self.env["stock.lot"].create(
            {"name": "L260703-A", "product_id": other.id}
        )
        self._create_delivered_order(self.customer, other, 5, lot=lot)
        proposal = self._propose("lot L260703-A")
        self.assertFalse(proposal["lines"])
        self.assertIn("L260703-A", proposal["note"])
        proposal = self._propose("lot L260703-A of order SO26-0042")
        self.assertEqual([v["lot_id"] for v in proposal["lines"]], [self.lot.id])

    def test_dates_quantities_and_phones_that_exist_as_lots_are_not_linked(self):
        """R366: a wrong link is worse than none."""
        for name in ("20260703", "1200", "28195", "2026", "5550101", "A4"):
            lot = self.env["stock.lot"].create(
                {"name": name, "product_id": self.product.id}
            )
            self._create_delivered_order(self.customer, self.product, 1, lot=lot)
        proposal = self._propose(
            "On 20260703 we got 1200 pcs, see our A4 form of 2026.\n"
            "28195 Bremen, Tel. 0421 5550101"
        )
        self.assertFalse(proposal["lines"], proposal)
        proposal = self._propose("批号 20260703 有问题")
        self.assertEqual(len(proposal["lines"]), 1)

    def test_article_number_that_exists_as_lot_is_not_linked(self):
        lot = self.env["stock.lot"].create(
            {"name": "BR-77001", "product_id": self.product.id}
        )
        self._create_delivered_order(self.customer, self.product, 1, lot=lot)
        self.assertFalse(self._propose("Artikelnummer BR-77001 ist rostig")["lines"])
        self.assertTrue(self._propose("Charge BR-77001 ist rostig")["lines"])

    def test_quoted_order_is_not_linked_beside_a_fresh_one(self):
        """R366: fresh text beats quoted text."""
        second = self._create_delivered_order(
            self.customer, self.product, 5, lot=self.lot
        )
        parts = [("body", "Order SO26-0042", 0), ("body", f"> {second.name}", 1)]
        proposal = self.reference._propose(parts, self.company, self.customer)
        self.assertEqual(self._orders(proposal), [self.order.id])
        self.assertIn(second.name, proposal["note"])
        proposal = self.reference._propose(parts[1:], self.company, self.customer)
        self.assertEqual(self._orders(proposal), [second.id])
        self.assertEqual(proposal["lines"][0]["matched_in"], "quoted text")

    def test_order_of_several_goods_proposes_those_that_are_named(self):
        """R366: choosing goods would be a guess, naming them is not."""
        plain = self.env["product.product"].create(
            {"name": "Seal ring NBR", "default_code": "SEAL-9", "is_storable": True}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 3})
                    for product in (self.product, plain)
                ],
            }
        )
        order.action_confirm()
        proposal = self._propose(f"Order {order.name} is wrong")
        self.assertEqual(len(proposal["lines"]), 1)
        self.assertFalse(proposal["lines"][0].get("product_id"))
        self.assertTrue(proposal["note"])
        for text in ("Art.-Nr. SEAL-9", "the seal ring nbr leaks"):
            proposal = self._propose(f"Order {order.name}, {text}")
            self.assertEqual(
                [vals["product_id"] for vals in proposal["lines"]], [plain.id], text
            )

    def test_serial_numbers_of_one_delivery_share_a_line(self):
        """R366: several serial numbers, one line."""
        machine = self.env["product.product"].create(
            {"name": "Machine", "is_storable": True, "tracking": "serial"}
        )
        serials = self.env["stock.lot"].create(
            [{"name": f"SN-2026-00{i}", "product_id": machine.id} for i in range(1, 4)]
        )
        warehouse = self.order.warehouse_id
        for serial in serials:
            self.env["stock.quant"]._update_available_quantity(
                machine, warehouse.lot_stock_id, 1, lot_id=serial
            )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": machine.id, "product_uom_qty": 3})
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        picking._action_done()
        proposal = self._propose("S/N SN-2026-001, SN-2026-003 do not start")
        (vals,) = proposal["lines"]
        self.assertEqual(vals["serials"], "SN-2026-001\nSN-2026-003")
        self.assertFalse(vals["lot_id"])
        self.assertEqual(vals["delivered_qty"], 2)
        self.assertEqual(vals["sale_order_id"], order.id)

    def test_unknown_sender_links_our_numbers_only(self):
        """R366: an unknown sender's own number may be anybody's."""
        nobody = self.env["res.partner"]
        self.assertTrue(self._propose("Order SO26-0042", nobody)["lines"])
        proposal = self._propose("PO 4500012345", nobody)
        self.assertFalse(proposal["lines"])
        self.assertTrue(proposal["note"])
        self.assertEqual(
            len(self._propose("SO26-0042, PO 4500012345", nobody)["lines"]), 1
        )

    def test_lot_delivered_several_times_leaves_the_delivery_open(self):
        self._create_delivered_order(self.customer, self.product, 5, lot=self.lot)
        proposal = self._propose("lot L260703-A")
        (vals,) = proposal["lines"]
        self.assertEqual(vals["lot_id"], self.lot.id)
        self.assertFalse(vals.get("move_id"))
        self.assertTrue(proposal["note"])

    def test_undelivered_lot_may_be_linked(self):
        lot = self.env["stock.lot"].create(
            {"name": "L270101-Z", "product_id": self.product.id}
        )
        (vals,) = self._propose("lot L270101-Z")["lines"]
        self.assertEqual(vals["lot_id"], lot.id)

    def test_lookup_queries_do_not_grow(self):
        """Design 13: one query per kind, whatever the number of tokens."""
        self._propose("warm up SO26-0042")

        def count(number):
            body = " ".join(f"Q{i:05d}X" for i in range(number))
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._propose(f"{body} SO26-0042 L260703-A")
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(3), count(150))
