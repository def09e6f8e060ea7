# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from io import BytesIO

from lxml import html
from openpyxl import load_workbook

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .test_scope import ScopeCommon

_QUALITY = "helpdesk_mgmt_complaint.group_complaint_quality"
_LETTER = "helpdesk_mgmt_complaint.report_complaint_scope_letter"


class TestScopeOpen(ScopeCommon):
    """From complaint and lot to the scope."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls._create_complaint()

    def _open(self):
        # what other users read must not hide missing rights
        self.env.invalidate_all()
        return self.complaint.with_user(self.user_quality).action_complaint_scope()

    def _line(self, **vals):
        return self.env["complaint.line"].create(
            {"ticket_id": self.complaint.id, "product_id": self.product.id, **vals}
        )

    def test_button_computes_a_scope_of_the_lots_once(self):
        """R368: by a quality user without any rights on stock; again opens it."""
        self._line(lot_id=self.bearing_lots[0].id)
        action = self._open()
        scope = self.env["complaint.scope"].browse(action["res_id"])
        self.assertEqual(scope.lot_ids, self.bearing_lots[0])
        self.assertEqual(scope.ticket_id, self.complaint)
        self.assertTrue(scope.line_ids)
        self.assertEqual(self._open()["res_id"], scope.id)

    def test_a_lot_that_is_added_later_gets_its_own_scope(self):
        """R368: the first scope is evidence, the new lot is looked at, too."""
        self._line(lot_id=self.bearing_lots[0].id)
        self._open()
        self._line(lot_id=self.bearing_lots[1].id)
        self._open()
        self.assertEqual(
            self.complaint.complaint_scope_ids.mapped("lot_ids.name"), ["L1", "L2"]
        )

    def test_without_lot_the_product_and_the_days_are_taken(self):
        """R366, R368: computed where the ship date fits, else left to complete."""
        self._deliver(self.bearing_lots[1], 10, self.customer)
        self._line(delivered_date=fields.Date.today())
        scope = self.env["complaint.scope"].browse(self._open()["res_id"])
        self.assertEqual(scope.product_id, self.product)
        self.assertEqual(scope.date_from, fields.Date.today())
        roles = {row.lot_id.name: row.lot_role for row in scope.line_ids}
        self.assertEqual(roles["L2"], "self")
        other = self._create_complaint()
        self.complaint = other
        self._line()
        scope = self.env["complaint.scope"].browse(self._open()["res_id"])
        self.assertFalse(scope.computed_at)

    def test_neither_lot_nor_product_says_what_to_do(self):
        """A proposal of the mail recognition is no fact yet."""
        self._line(lot_id=self.bearing_lots[0].id, is_proposed=True)
        with self.assertRaisesRegex(UserError, "confirm proposals"):
            self._open()

    def test_from_the_lot(self):
        """R368: computes once, opens afterwards; no complaint needed."""
        lot = self.bearing_lots[0].with_user(self.user_quality)
        self.env.invalidate_all()
        first, second = lot.action_complaint_scope(), lot.action_complaint_scope()
        self.assertEqual(first["res_id"], second["res_id"])
        with self.assertRaises(AccessError):
            self.bearing_lots[1].with_user(self.user_handler).action_complaint_scope()

    def test_every_role_can_open_the_form(self):
        """R520: also those without rights on stock."""
        scope = self._scope(self.bearing_lots[0])
        for user in (self.user_handler, self.user_quality, self.user_supervisor):
            self.env.invalidate_all()
            with self.subTest(user=user.login):
                name = {"fields": {"display_name": {}}}
                read = scope.with_user(user).web_read(
                    {
                        "lot_ids": name,
                        "genealogy_html": {},
                        "line_ids": {"fields": {"lot_id": name}},
                    }
                )
                self.assertEqual(read[0]["lot_ids"][0]["display_name"], "L1")

    def test_computed_scope_stays_as_it_is(self):
        """Evidence: neither time nor complaint can be exchanged by RPC."""
        scope = self._scope(self.bearing_lots[0], ticket_id=self.complaint.id)
        other = self._create_complaint()
        for vals in (
            {"computed_at": False},
            {"ticket_id": other.id},
            {"ticket_id": False},
            {"company_id": self.company_b.id},
            {"quarantine_location_ids": [Command.set(self.stock.ids)]},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                scope.write(vals)
        with self.assertRaises(UserError):
            scope.create({"computed_at": fields.Datetime.now()})


class TestScopeQuarantine(ScopeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls.bearing_lots[0]
        cls.quarantine = cls.env["stock.location"].create(
            {"name": "Quarantine", "location_id": cls.warehouse.view_location_id.id}
        )
        cls.shelf = cls.env["stock.location"].create(
            {"name": "Shelf 2", "location_id": cls.stock.id}
        )

    def _wizard(self, scope, **vals):
        self.env.invalidate_all()
        action = scope.action_quarantine()
        wizard = self.env[action["res_model"]].with_user(self.user_quality)
        wizard = wizard.browse(action["res_id"])
        wizard.write({"location_dest_id": self.quarantine.id, **vals})
        return wizard

    def _promise(self, qty):
        """An open, reserved transfer of the lot to a customer."""
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.stock.id,
                "location_dest_id": self.customers.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": qty,
                            "location_id": self.stock.id,
                            "location_dest_id": self.customers.id,
                        }
                    )
                ],
            }
        )
        picking.move_ids._action_confirm()
        picking.do_unreserve()
        picking.move_ids._update_reserved_quantity(qty, self.stock, lot_id=self.lot)
        return picking

    def test_one_reserved_transfer_per_source_location(self):
        """R368: quality without stock rights; exactly the lot, and all of it."""
        self._move(self.lot, 40, self.stock, self.shelf)
        scope = self._scope(self.lot)
        self._wizard(scope).action_confirm()
        rows = scope.line_ids.filtered(lambda row: row.kind == "on_hand")
        pickings = rows.quarantine_picking_id.sudo()
        self.assertEqual(len(pickings), 2)
        self.assertEqual(pickings.location_id, self.stock + self.shelf)
        self.assertEqual(pickings.move_line_ids.lot_id, self.lot)
        self.assertEqual(sorted(pickings.move_line_ids.mapped("quantity")), [40, 110])
        self.assertEqual(set(pickings.mapped("state")), {"assigned"})
        self.assertEqual(set(rows.mapped("state")), {"contained"})
        pickings.move_ids.picked = True
        pickings._action_done()
        scope.action_compute()
        row = scope.line_ids.filtered(lambda r: r.location_id == self.quarantine)
        self.assertEqual((row.quantity, row.state), (150, "contained"))

    def test_reserved_goods_are_taken_only_after_confirmation(self):
        """R368: the transfer that loses them gets a note, and only what is needed."""
        promised = self._promise(100)
        scope = self._scope(self.lot)
        wizard = self._wizard(scope)
        self.assertEqual(wizard.line_ids.free_qty, 50)
        self.assertIn(promised.name, wizard.reserved_for)
        with self.assertRaisesRegex(UserError, promised.name):
            wizard.action_confirm()
        self.assertEqual(promised.move_line_ids.quantity, 100)
        wizard.line_ids.quantity = 80
        wizard.release_reserved = True
        wizard.action_confirm()
        self.assertEqual(promised.move_line_ids.quantity, 70)
        row = scope.line_ids.filtered("quarantine_picking_id")
        self.assertEqual(row.quarantine_picking_id.sudo().move_line_ids.quantity, 80)
        # a part of it is still on the shelf
        self.assertEqual(row.state, "to_check")
        self.assertIn("taken away", promised.message_ids[0].body)

    def test_goods_that_are_picked_are_not_taken(self):
        """Somebody has them in his hands: the warehouse must be asked."""
        promised = self._promise(100)
        promised.move_line_ids.picked = True
        wizard = self._wizard(self._scope(self.lot), release_reserved=True)
        with self.assertRaisesRegex(UserError, "Speak with the warehouse"):
            wizard.action_confirm()
        self.assertEqual(promised.move_line_ids.quantity, 100)

    def test_never_more_than_is_on_hand(self):
        """R368: also when stock moved on since the scope was computed."""
        scope = self._scope(self.lot)
        self._deliver(self.lot, 100, self.customer)
        wizard = self._wizard(scope)
        self.assertEqual(wizard.line_ids.quantity, 50)
        for quantity in (51, -1):
            wizard.line_ids.quantity = quantity
            with self.subTest(quantity), self.assertRaises(UserError):
                wizard.action_confirm()
        wizard.line_ids.quantity = 0
        with self.assertRaisesRegex(UserError, "how much"):
            wizard.action_confirm()

    def test_twice_and_wrong_places_are_refused(self):
        """Pressing twice, customers' places, other companies, other users."""
        scope = self._scope(self.lot)
        wizard = self._wizard(scope)
        for place in (self.customers, self.env["stock.location"]):
            wizard.location_dest_id = place
            with self.subTest(place.name), self.assertRaises(UserError):
                wizard.action_confirm()
        elsewhere = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company_b.id)], limit=1
        )
        wizard.location_dest_id = elsewhere.lot_stock_id or self.customers
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.location_dest_id = self.quarantine
        wizard.action_confirm()
        again = self._wizard(scope)
        with self.assertRaisesRegex(UserError, "reserved for"):
            again.action_confirm()
        with self.assertRaises(AccessError):
            scope.with_user(self.user_handler).action_quarantine()
        with self.assertRaisesRegex(UserError, "on hand"):
            scope.line_ids.filtered(
                lambda row: row.kind == "delivered"
            ).action_quarantine()

    def test_dialog_tells_nothing_about_rows_of_others(self):
        """R524: a row of another company by RPC gives no quantities."""
        scope = self._scope(self.lot)
        row = scope.line_ids.filtered(lambda r: r.kind == "on_hand")[:1]
        quality_b = new_test_user(
            self.env,
            "complaint_quality_b",
            groups=_QUALITY,
            company_id=self.company_b.id,
            company_ids=[Command.set(self.company_b.ids)],
        )
        self.env.flush_all()
        self.env.invalidate_all()
        wizards = self.env["complaint.scope.quarantine"].with_user(quality_b)
        own = self.env["complaint.scope"].with_user(quality_b).create({})
        with self.assertRaises(AccessError):
            wizards.create(
                {
                    "scope_id": own.id,
                    "line_ids": [Command.create({"scope_line_id": row.id})],
                }
            ).line_ids.read(["on_hand_qty"])

    def test_cancelled_transfer_makes_the_row_open_again(self):
        """R368: goods are not contained because somebody once wanted to."""
        scope = self._scope(self.lot)
        self._wizard(scope).action_confirm()
        row = scope.line_ids.filtered("quarantine_picking_id")
        self.assertEqual(row.state, "contained")
        row.quarantine_picking_id.sudo().action_cancel()
        scope.action_compute()
        self.assertEqual(row.state, "to_check")


class TestScopeInspections(ScopeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inspector = new_test_user(
            cls.env,
            "complaint_inspector",
            groups=f"{_QUALITY},quality_control_oca.group_quality_control_user",
        )
        cls.outsider = new_test_user(
            cls.env,
            "qc_only",
            groups="base.group_user,quality_control_oca.group_quality_control_user",
        )
        cls.test = cls.env["qc.test"].create({"name": "Length"})
        cls.cm, cls.meter = (
            cls.env.ref(f"uom.product_uom_{name}") for name in ("cm", "meter")
        )
        cls.env["qc.test.question"].create(
            {
                "test": cls.test.id,
                "name": "Length",
                "type": "quantitative",
                "min_value": 90,
                "max_value": 110,
                "uom_id": cls.cm.id,
            }
        )

    def _inspect(self, scope):
        self.env.invalidate_all()
        action = scope.with_user(self.inspector).action_inspect()
        wizard = self.env[action["res_model"]].with_user(self.inspector)
        wizard = wizard.browse(action["res_id"])
        wizard.test_id = self.test
        found = wizard.action_confirm()
        return self.env["qc.inspection"].search(found["domain"]), wizard

    def test_results_come_back_into_the_rows(self):
        """R368: one inspection per row; who inspects need not see complaints."""
        scope = self._scope(self.ring_lots[0])
        inspections, wizard = self._inspect(scope)
        self.assertEqual(
            {(i.complaint_lot_id.name, i.qty) for i in inspections},
            {("R1", 50), ("L1", 150)},
        )
        self.assertEqual(inspections.mapped("product_id"), self.ring + self.product)
        with self.assertRaisesRegex(UserError, "not finished"):
            wizard.action_confirm()
        for inspection, value in zip(inspections, (100, 120), strict=True):
            inspection = inspection.with_user(self.outsider)
            inspection.inspection_lines.quantitative_value = value
            inspection.action_confirm()
            inspection.action_approve()
        rows = inspections.complaint_scope_line_id
        self.assertEqual(set(rows.mapped("state")), {"cleared", "rejected"})
        good = rows.filtered(lambda row: row.state == "cleared")
        self.assertEqual(good.checked_qty, good.quantity)
        inspections.filtered(lambda i: i.state == "failed").action_cancel()
        self.assertEqual(set(rows.mapped("state")), {"cleared", "to_check"})

    def test_what_a_person_found_stays_until_there_is_a_result(self):
        """R368: planning or cancelling an inspection overwrites nothing."""
        scope = self._scope(self.bar_lot)
        row = scope.line_ids.filtered(lambda r: r.kind == "on_hand")[:1]
        row.write({"state": "cleared", "checked_qty": 7})
        inspections, _wizard = self._inspect(scope)
        one = inspections.filtered(lambda i: i.complaint_scope_line_id == row)
        one.qty = 5
        one.action_cancel()
        self.assertEqual((row.state, row.checked_qty), ("cleared", 7))
        one.write({"state": "failed"})
        self.assertEqual((row.state, row.checked_qty), ("rejected", 5))

    def test_other_units_are_converted(self):
        """One metre is within 90 to 110 cm."""
        inspections, _wizard = self._inspect(self._scope(self.bar_lot))
        line = inspections[0].inspection_lines
        line.write({"uom_id": self.meter.id, "quantitative_value": 1})
        self.assertTrue(line.success)
        line.quantitative_value = 2
        self.assertFalse(line.success)

    def test_several_drafts_can_be_deleted(self):
        """The original fails for more than one."""
        drafts = self.env["qc.inspection"].create([{}, {}])
        drafts.unlink()
        self.assertFalse(drafts.exists())
        kept = self.env["qc.inspection"].create([{}, {"state": "ready"}])
        with self.assertRaises(UserError):
            kept.unlink()

    def test_lots_and_transfers_can_be_inspected(self):
        """R367: and the complaint line shows the results of its lot."""
        inspections = self.env["qc.inspection"].with_user(self.outsider)
        self.env.invalidate_all()
        by_picking = inspections.create(
            {"object_id": f"stock.picking,{self.picking.id}"}
        )
        self.assertEqual(by_picking.complaint_lot_id.sudo(), self.lot)
        self.assertEqual(by_picking.product_id, self.product)
        by_picking.write({"state": "success"})
        complaint = self._create_complaint(user_id=self.user_handler.id)
        lines = self.env["complaint.line"].with_user(self.user_handler)
        line = lines.create(
            {
                "ticket_id": complaint.id,
                "product_id": self.product.id,
                "lot_id": self.lot.id,
            }
        )
        self.env.invalidate_all()
        self.assertIn("1 Quality success", line.inspection_results)
        shipped = lines.create(
            {
                "ticket_id": complaint.id,
                "product_id": self.product.id,
                "picking_id": self.picking.id,
            }
        )
        self.assertIn(f"{self.lot.name}: 1 Quality success", shipped.inspection_results)
        by_picking.sudo().company_id = self.company_b
        self.env.invalidate_all()
        self.assertFalse(line.inspection_results)

    def test_inspections_need_rights_on_quality_control(self):
        """No way around the rights of the neighbour."""
        with self.assertRaises(AccessError):
            scope = self._scope(self.bar_lot)
            action = scope.action_inspect()
            wizard = self.env[action["res_model"]].with_user(self.user_quality)
            wizard = wizard.browse(action["res_id"])
            wizard.test_id = self.test
            wizard.action_confirm()


class TestScopePapers(ScopeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_1 = cls._deliver(cls.bearing_lots[0], 30, cls.customer)
        cls.order_1.client_order_ref = "PO-77"
        cls.order_2 = cls._deliver(cls.bearing_lots[0], 20, cls.other_customer)

    def _letters(self, scope, user=None, **vals):
        self.env.invalidate_all()
        action = scope.action_letters()
        wizard = self.env[action["res_model"]].with_user(user or self.user_quality)
        wizard = wizard.browse(action["res_id"])
        wizard.write(vals)
        return wizard

    def _html(self, wizard):
        report = self.env["ir.actions.report"].with_user(self.user_quality)
        return report._render_qweb_html(_LETTER, wizard.ids)[0].decode()

    def test_each_customer_reads_of_his_own_goods_only(self):
        """R368, R518: no other customer, no complaint, no stock."""
        complaint = self._create_complaint(name="Secret analysis")
        scope = self._scope(self.bar_lot, ticket_id=complaint.id)
        wizard = self._letters(scope, reference="Q-5", reply_until="2026-12-01")
        letters = {letter["partner"]: letter for letter in wizard._get_letters()}
        self.assertEqual(set(letters), {self.customer, self.other_customer})
        (row,) = letters[self.customer]["rows"]
        self.assertEqual((row["lot"], row["quantity"]), ("L1", "30 Units"))
        self.assertIn("PO-77", row["order"])
        pages = html.fromstring(self._html(wizard)).xpath(
            "//div[contains(@class, 'article')]"
        )
        own, other = (page.text_content() for page in pages)
        for text in (self.other_customer.name, "Secret", "B1", "R1", self.order_2.name):
            self.assertNotIn(text, own)
        self.assertIn("PO-77", own)
        self.assertIn("Q-5", own)
        self.assertNotIn("PO-77", other)

    def test_letter_in_the_language_of_the_customer(self):
        """R368: dates and unit names in his language."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        wizard = self._letters(self._scope(self.bearing_lots[0]))
        wizard.reply_until = "2026-12-24"
        letters = {letter["partner"]: letter for letter in wizard._get_letters()}
        self.assertEqual(letters[self.customer]["lang"], "de_DE")
        self.assertEqual(letters[self.customer]["reply_until"], "24.12.2026")
        self.assertNotEqual(letters[self.other_customer]["lang"], "de_DE")

    def test_hostile_texts_are_escaped(self):
        self.bearing_lots[0].name = "<script>alert(1)</script>"
        wizard = self._letters(self._scope(self.bearing_lots[0]), message="<b>x</b>")
        page = self._html(wizard)
        self.assertNotIn("<script>alert", page)
        self.assertIn("&lt;b&gt;x", page)

    def test_letters_are_for_quality_only(self):
        """R520: also by the address of the report; and not without a delivery."""
        scope = self._scope(self.bearing_lots[0])
        wizard = self._letters(scope)
        values = self.env[f"report.{_LETTER}"]
        for user in (self.user_handler, self.user_register, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                values.with_user(user)._get_report_values(wizard.ids)
        with self.assertRaisesRegex(UserError, "delivered"):
            self._scope(self.ring_lots[1]).line_ids.filtered(
                lambda row: row.kind == "on_hand"
            ).action_letters()

    def _cells(self, scope, user):
        name = "helpdesk_mgmt_complaint.complaint_scope_xlsx"
        report = self.env["ir.actions.report"].with_user(user)
        content, kind = report._render_xlsx(name, scope.ids, {})
        self.assertEqual(kind, "xlsx")
        sheet = load_workbook(BytesIO(content)).active
        return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]

    def test_workbook_has_all_rows_and_only_permitted_columns(self):
        """R368, R520: customers only for those who have to call them."""
        scope = self._scope(self.bearing_lots[0])
        self.env.invalidate_all()
        head, *rows = self._cells(scope, self.user_quality)
        self.assertEqual(len(rows), len(scope.line_ids))
        self.assertIn(self.customer.name, [row[head.index("Customer")] for row in rows])
        self.assertIn(30, [row[head.index("Quantity")] for row in rows])
        self.env.invalidate_all()
        head, *rows = self._cells(scope, self.user_handler)
        self.assertNotIn("Customer", head)
        self.assertNotIn(self.customer.name, [cell for row in rows for cell in row])
        with self.assertRaises(AccessError):
            self._cells(scope, self.user_register)
