# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, users

from .common import ComplaintCommon

_LINE_FORM = "helpdesk_mgmt_complaint.complaint_line_view_form"
_PLAIN_USERS = ("complaint_register", "complaint_handler", "complaint_quality")


class TestLineCorrections(ComplaintCommon):
    """Order, delivery and lot of a line are corrected by people without rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot_b = cls.env["stock.lot"].create(
            {"name": "L260709-B", "product_id": cls.product.id}
        )
        cls.order_b = cls._create_delivered_order(
            cls.customer, cls.product, 40, lot=cls.lot_b, ref="PO-90001"
        )
        cls.other_product = cls.env["product.product"].create(
            {
                "name": "Tapered roller bearing 30206",
                "is_storable": True,
                "tracking": "lot",
            }
        )
        cls.other_lot = cls.env["stock.lot"].create(
            {"name": "T1", "product_id": cls.other_product.id}
        )
        cls.user_stock = new_test_user(
            cls.env,
            "complaint_office",
            groups="helpdesk_mgmt_complaint.group_complaint_handler,"
            "sales_team.group_sale_salesman_all_leads,stock.group_stock_user,"
            "account.group_account_invoice",
        )

    def _goods_vals(self, order=None, **vals):
        order = order or self.order
        move = order.picking_ids.move_ids
        return {
            "sale_order_id": order.id,
            "sale_line_id": order.order_line.id,
            "move_id": move.id,
            "picking_id": order.picking_ids.id,
            "product_id": self.product.id,
            "lot_id": move.lot_ids.id,
            "delivered_qty": move.quantity,
            "delivered_date": "2026-07-03",
            **vals,
        }

    def _create_line(self, **vals):
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        return self.env["complaint.line"].create({"ticket_id": ticket.id, **vals})

    def _type(self, line, text):
        with Form(line, view=_LINE_FORM) as form:
            form.reference_input = text
        return line.sudo()

    # ------------------------------------------------------------------
    # Typed references
    # ------------------------------------------------------------------

    @users(*_PLAIN_USERS)
    def test_typed_order_replaces_the_order_of_the_line(self):
        """R366: without rights on sales or stock, by the customer's number."""
        line = self._create_line(**self._goods_vals(), is_proposed=True)
        goods = self._type(line, "PO-90001")
        self.assertEqual(goods.sale_order_id, self.order_b)
        self.assertEqual(goods.sale_line_id, self.order_b.order_line)
        self.assertEqual(goods.picking_id, self.order_b.picking_ids)
        self.assertEqual(goods.move_id, self.order_b.picking_ids.move_ids)
        self.assertEqual(goods.lot_id, self.lot_b)
        self.assertEqual(goods.delivered_qty, 40)
        self.assertFalse(goods.is_proposed)

    @users(*_PLAIN_USERS)
    def test_typed_lot_of_the_product_sets_the_lot_only(self):
        """R034, R366: the order that was chosen stays."""
        line = self._create_line(**self._goods_vals(lot_name="as on the box"))
        goods = self._type(line, "L260709-B")
        self.assertEqual(goods.lot_id, self.lot_b)
        self.assertEqual(goods.sale_order_id, self.order)
        self.assertEqual(goods.lot_name, "as on the box")

    @users("complaint_handler")
    def test_typed_delivery_fills_an_empty_line(self):
        """R366: delivery number of a line without goods."""
        line = self._create_line(symptom="Noise")
        goods = self._type(line, self.picking.sudo().name)
        self.assertEqual(goods.picking_id, self.picking)
        self.assertEqual(goods.sale_order_id, self.order)
        self.assertEqual(goods.lot_id, self.lot)

    @users("complaint_handler")
    def test_typed_order_with_several_goods_takes_those_of_the_line(self):
        """R366: the line's product decides; without one only the order is entered."""
        order = self.order_b.sudo().copy({"client_order_ref": "PO-777"})
        order.order_line = [
            Command.create({"product_id": self.other_product.id, "product_uom_qty": 3})
        ]
        order.action_confirm()
        line = self._create_line(**self._goods_vals())
        goods = self._type(line, "PO-777")
        self.assertEqual(goods.sale_line_id, order.order_line[0])
        self.assertEqual(goods.product_id, self.product)
        self.assertFalse(goods.picking_id)
        bare = self._create_line(symptom="Noise")
        with self.assertLogs("odoo.tests.form.onchange", level="WARNING"):
            goods = self._type(bare, "PO-777")
        self.assertEqual(goods.sale_order_id, order)
        self.assertFalse(goods.product_id)

    @users("complaint_handler")
    def test_unknown_or_foreign_number_changes_nothing(self):
        """R366: said, not guessed."""
        line = self._create_line(**self._goods_vals())
        with self.assertLogs("odoo.tests.form.onchange", level="WARNING"):
            self.assertEqual(self._type(line, "NO-SUCH-1").sale_order_id, self.order)
        self.order_b.sudo().write(
            {
                "partner_id": self.other_customer.id,
                "partner_shipping_id": self.other_customer.id,
            }
        )
        with self.assertLogs("odoo.tests.form.onchange", level="WARNING"):
            self.assertEqual(self._type(line, "PO-90001").sale_order_id, self.order)

    @users(*_PLAIN_USERS)
    def test_lot_onchange_needs_no_stock_rights(self):
        """H1: the product of a lot is filled in for everybody."""
        line = self.env["complaint.line"].new(
            {"lot_name": "L 7", "lot_id": self.lot.id}
        )
        line._onchange_lot_id()
        self.assertEqual(line.product_id.id, self.product.id)
        self.assertEqual(line.lot_name, "L 7")

    @users("complaint_office")
    def test_lot_chosen_keeps_the_stated_text(self):
        """R034: what the customer wrote is evidence."""
        line = self._create_line(lot_name="L 260703 / A")
        with Form(line, view=_LINE_FORM) as form:
            form.lot_id = self.lot
        self.assertEqual(line.lot_name, "L 260703 / A")
        self.assertEqual(line.product_id, self.product)

    @users("complaint_handler")
    def test_lines_and_complaints_are_found_by_number(self):
        """R555: order, customer's order and lot, without rights on them."""
        lines = self.env["complaint.line"]
        tickets = self.env["helpdesk.ticket"]
        line = self._create_line(**self._goods_vals(self.order_b))
        stated = self._create_line(lot_name="L260709-X")
        for domain in (
            [("order_ref", "ilike", "po-9000")],
            [("order_ref", "=", self.order_b.sudo().name)],
            [("lot_ref", "ilike", "L260709-b")],
        ):
            self.assertEqual(lines.search(domain), line)
            path = [(f"complaint_line_ids.{domain[0][0]}", *domain[0][1:])]
            self.assertEqual(tickets.search(path), line.ticket_id)
        both = line | stated
        self.assertEqual(lines.search([("lot_ref", "ilike", "L2607")]) & both, both)
        empty = [("order_ref", "=", False), ("lot_ref", "!=", False)]
        self.assertEqual(lines.search([*empty, ("id", "in", both.ids)]), stated)
        other = lines.search([("lot_ref", "not ilike", "-X")])
        self.assertIn(line, other)
        self.assertNotIn(stated, other)
        self.assertEqual(line.order_ref, f"{self.order_b.sudo().name} / PO-90001")
        self.assertEqual((line.lot_ref, stated.lot_ref), ("L260709-B", "L260709-X"))

    def test_number_search_keeps_record_rules(self):
        """R021: a plain employee finds his own complaints only."""
        line = self._create_line(**self._goods_vals())
        mine = self.env["complaint.line"].with_user(self.user_register)
        self.assertNotIn(line, mine.search([("lot_ref", "ilike", "L2607")]))
        self.assertNotIn(line, mine.search([("order_ref", "ilike", "PO-88213")]))

    # ------------------------------------------------------------------
    # Consistency
    # ------------------------------------------------------------------

    @users("complaint_handler")
    def test_other_order_clears_what_belonged_to_the_old_one(self):
        """H2: order line, move, delivery and quantities go, the lot stays."""
        line = self._create_line(**self._goods_vals(defective_qty=5))
        line.sale_order_id = self.order_b.id
        goods = line.sudo()
        self.assertFalse(goods.sale_line_id)
        self.assertFalse(goods.move_id)
        self.assertFalse(goods.picking_id)
        self.assertFalse(goods.delivered_qty or goods.delivered_date)
        self.assertFalse(goods.defect_rate)
        self.assertEqual(goods.lot_id, self.lot)
        self.assertEqual(goods.product_id, self.product)

    @users("complaint_handler")
    def test_all_links_given_at_once_are_kept(self):
        """H2: nothing that is written together is wiped."""
        line = self._create_line(**self._goods_vals())
        line.write(self._goods_vals(self.order_b))
        self.assertEqual(line.sudo().move_id, self.order_b.picking_ids.move_ids)
        self.assertEqual(line.delivered_qty, 40)
        line.write({"sale_order_id": self.order_b.id, "product_id": self.product.id})
        self.assertEqual(line.sudo().sale_line_id, self.order_b.order_line)
        self.assertEqual(line.delivered_qty, 40)

    @users("complaint_handler")
    def test_lines_of_different_orders_are_written_together(self):
        """H2: only the stale links of each line are cleared."""
        first = self._create_line(**self._goods_vals())
        second = self._create_line(**self._goods_vals(self.order_b))
        (first | second).write({"sale_order_id": self.order_b.id})
        self.assertFalse(first.sudo().picking_id)
        self.assertEqual(second.sudo().picking_id, self.order_b.picking_ids)

    @users("complaint_handler")
    def test_other_product_clears_lot_and_order_line(self):
        """H2: lot, order line and delivery of the old product go."""
        line = self._create_line(**self._goods_vals())
        line.product_id = self.other_product.id
        goods = line.sudo()
        self.assertFalse(goods.lot_id)
        self.assertFalse(goods.sale_line_id)
        self.assertFalse(goods.move_id)
        self.assertEqual(goods.sale_order_id, self.order)

    @users("complaint_office")
    def test_form_clears_at_once(self):
        """H2: seen before saving."""
        line = self._create_line(**self._goods_vals())
        with Form(line, view=_LINE_FORM) as form:
            form.sale_order_id = self.order_b
            self.assertFalse(form.sale_line_id)
            self.assertFalse(form.picking_id)
            self.assertFalse(form.delivered_qty)
            form.product_id = self.other_product
            self.assertFalse(form.lot_id)
        self.assertFalse(line.move_id)

    @users("complaint_handler")
    def test_lot_of_another_product_is_refused(self):
        """H2: product and lot fit."""
        line = self._create_line(product_id=self.product.id)
        with self.assertRaisesRegex(ValidationError, "T1"):
            line.lot_id = self.other_lot.id

    def test_goods_of_another_company_are_refused(self):
        """R021: lot and product belong to the company of the complaint."""
        foreign = self.env["product.product"].create(
            {"name": "Foreign", "company_id": self.company_b.id, "tracking": "lot"}
        )
        lot = self.env["stock.lot"].create(
            {
                "name": "F1",
                "product_id": foreign.id,
                "company_id": self.company_b.id,
            }
        )
        with self.assertRaises(UserError):
            self._create_line(product_id=foreign.id)
        with self.assertRaises(UserError):
            self._create_line(lot_id=lot.id)

    # ------------------------------------------------------------------
    # Stated lots
    # ------------------------------------------------------------------

    @users("complaint_handler")
    def test_stated_lot_is_linked_when_the_product_is_entered(self):
        """R034: text first, product later; spaces and case do not matter."""
        line = self._create_line(lot_name=" l260703-a ")
        self.assertFalse(line.lot_id)
        line.product_id = self.product.id
        self.assertEqual(line.sudo().lot_id, self.lot)
        self.assertEqual(line.lot_name, " l260703-a ")
        line.lot_id = False
        self.assertFalse(line.lot_id)

    def test_stated_lot_is_linked_when_a_lot_is_renamed(self):
        """R034: the lot was entered with a wrong name first."""
        line = self._create_line(product_id=self.product.id, lot_name="late_9")
        lot = self.env["stock.lot"].create(
            {"name": "LATEX9", "product_id": self.product.id}
        )
        self.assertFalse(line.lot_id)
        lot.name = "LATE_9"
        self.assertEqual(line.lot_id, lot)

    def test_two_spellings_of_a_lot_are_not_guessed(self):
        """R034: the exact one or none."""
        for name in ("Same-1", "SAME-1"):
            self.env["stock.lot"].create({"name": name, "product_id": self.product.id})
        vals = {"product_id": self.product.id}
        self.assertFalse(self._create_line(**vals, lot_name="same-1").lot_id)
        exact = self._create_line(**vals, lot_name="SAME-1")
        self.assertEqual(exact.lot_id.name, "SAME-1")
