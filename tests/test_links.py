# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml import etree

from odoo import Command, fields
from odoo.tests import Form, new_test_user
from odoo.tools.safe_eval import safe_eval

from .common import ComplaintCommon

_FORM = "helpdesk_mgmt_complaint.complaint_view_form"
_SEARCH = "helpdesk_mgmt_complaint.complaint_view_search"


class TestLinks(ComplaintCommon):
    """From documents to complaints and back, repeats, terms, search."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["helpdesk.ticket"]
        # a handler who works in sales, stock and invoicing as well
        cls.user_office = new_test_user(
            cls.env,
            "complaint_office",
            groups="helpdesk_mgmt_complaint.group_complaint_handler,"
            "sales_team.group_sale_salesman_all_leads,stock.group_stock_user,"
            "account.group_account_invoice",
        )
        # sells, but is not involved in the complaints below
        cls.user_seller = new_test_user(
            cls.env,
            "complaint_seller",
            groups="sales_team.group_sale_salesman_all_leads",
        )
        cls.other_product = cls.env["product.product"].create(
            {"name": "Tapered roller bearing 30206", "default_code": "BRG-30206"}
        )
        cls.other_defect = cls.env["complaint.defect"].create(
            {"name": "Rust", "code": "D-200"}
        )
        cls.other_category = cls.env["helpdesk.ticket.category"].create(
            {"name": "Late delivery", "company_id": False}
        )

    @classmethod
    def _line_vals(cls, **vals):
        return {"product_id": cls.product.id, "defect_id": cls.defect.id, **vals}

    @classmethod
    def _complaint_on(cls, *line_vals, **vals):
        commands = [Command.create(line) for line in line_vals]
        return cls._create_complaint(complaint_line_ids=commands, **vals)

    def _create_invoice(self):
        journals = self.env["account.journal"]
        company = [("type", "=", "sale"), ("company_id", "=", self.company.id)]
        if not journals.search_count(company, limit=1):
            journals.create({"name": "Sales", "code": "CSAL", "type": "sale"})
        return self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id}
        )

    def _find(self, label, text):
        """Return what the search view finds when `text` is typed for a field."""
        view = self.env.ref(_SEARCH)
        arch = self.tickets.get_view(view.id, "search")["arch"]
        for node in etree.fromstring(arch).xpath("/search/field"):
            name = node.get("name")
            if label not in (node.get("string"), name):
                continue
            domain = [(name, node.get("operator") or "ilike", text)]
            if node.get("filter_domain"):
                domain = safe_eval(node.get("filter_domain"), {"self": text})
            return self.tickets.search([("is_complaint", "=", True), *domain])
        raise AssertionError(f"the search view has no field {label}")

    # ------------------------------------------------------------------
    # Smart buttons
    # ------------------------------------------------------------------

    def test_every_document_opens_its_complaints_and_they_lead_back(self):
        """R365, R370: order, delivery, invoice, lot, product; both directions."""
        invoice = self._create_invoice()
        line = self._line_vals(
            sale_order_id=self.order.id,
            picking_id=self.picking.id,
            invoice_id=invoice.id,
            lot_id=self.lot.id,
        )
        # two lines about the same goods are one complaint
        ticket = self._complaint_on(line, line).with_user(self.user_office)
        self._complaint_on({"product_id": self.other_product.id})
        for document in (
            self.order,
            self.picking,
            invoice,
            self.lot,
            self.product,
            self.product.product_tmpl_id,
        ):
            document = document.with_user(self.user_office)
            with self.subTest(model=document._name):
                self.assertEqual(document.complaint_count, 1)
                action = document.action_view_complaints()
                self.assertEqual(action["res_model"], "helpdesk.ticket")
                found = self.tickets.with_user(self.user_office).search(
                    action["domain"]
                )
                self.assertEqual(found, ticket)
        lines = ticket.complaint_line_ids
        self.assertEqual(lines.sale_order_id, self.order)
        self.assertEqual(lines.picking_id, self.picking)
        self.assertEqual(lines.invoice_id, invoice)
        self.assertEqual(lines.lot_id, self.lot)

    def test_every_document_form_has_the_button(self):
        """R365: the button is on the forms that users open."""
        views = {
            "sale.order": "sale.view_order_form",
            "stock.picking": "stock.view_picking_form",
            "stock.lot": "stock.view_production_lot_form",
            "account.move": "account.view_move_form",
            "product.product": "product.product_normal_form_view",
            "product.template": "product.product_template_only_form_view",
            "res.partner": "base.view_partner_form",
        }
        for model, xmlid in views.items():
            with self.subTest(model=model):
                view = self.env.ref(xmlid)
                arch = etree.fromstring(self.env[model].get_view(view.id)["arch"])
                buttons = arch.xpath("//button[@name='action_view_complaints']")
                self.assertEqual(len(buttons), 1)

    def test_count_holds_the_need_to_know(self):
        """R365, R520: a seller counts the complaints he may see, no others."""
        line = self._line_vals(sale_order_id=self.order.id)
        self._complaint_on(line)
        order = self.order.with_user(self.user_seller)
        self.assertEqual(order.complaint_count, 0)
        self._complaint_on(line, complaint_first_contact_id=self.user_seller.id)
        order.invalidate_recordset(["complaint_count"])
        self.assertEqual(order.complaint_count, 1)

    def test_count_takes_one_query_for_any_number_of_orders(self):
        """R365: a list of orders costs one grouped query."""
        orders = self.order
        for number in range(9):
            orders += self.order.copy({"client_order_ref": f"PO-{number}"})
        self._complaint_on(*[self._line_vals(sale_order_id=o.id) for o in orders])
        queries = []
        for records in (self.order, orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped("complaint_count")
            queries.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(queries[1], queries[0])
        self.assertEqual(set(orders.mapped("complaint_count")), {1})

    def test_contact_counts_his_own_and_company_all(self):
        """R365, R555: complaints of a partner, of his company, open ones apart."""
        colleague = self.env["res.partner"].create(
            {"name": "Bernd Meyer", "parent_id": self.customer.id}
        )
        mine = self._create_complaint()
        other = self._create_complaint(partner_id=colleague.id)
        other._complaint_cancel("Registered twice")
        office = self.user_office
        customer = self.customer.with_user(office)
        self.assertEqual(customer.complaint_count, 2)
        self.assertEqual(customer.complaint_open_count, 1)
        self.assertEqual(customer.complaint_ids, mine + other)
        self.assertEqual(self.customer_contact.with_user(office).complaint_count, 1)
        self.assertEqual(self.other_customer.with_user(office).complaint_count, 0)
        found = self.tickets.search(customer.action_view_complaints()["domain"])
        self.assertEqual(found, mine + other)

    def test_complaint_shows_its_customer(self):
        """R555: history, class, credit warning and orders from the complaint."""
        self.customer.complaint_class = "important"
        self.customer.sudo().credit_limit = 1
        earlier = self._create_complaint()
        ticket = self._create_complaint().with_user(self.user_office)
        self.assertEqual(ticket.complaint_customer_class, "important")
        self.assertTrue(ticket.complaint_is_key_customer)
        self.assertEqual(ticket.complaint_customer_count, 2)
        self.assertEqual(ticket.complaint_customer_open_count, 2)
        # nothing is owed: a limit alone is no warning
        self.assertFalse(ticket.complaint_credit_warning)
        history = self.tickets.search(ticket.action_complaint_view_customer()["domain"])
        self.assertEqual(history, earlier + ticket)
        orders = self.env["sale.order"].search(
            ticket.action_complaint_view_orders()["domain"]
        )
        self.assertEqual(orders, self.order)

    # ------------------------------------------------------------------
    # Repeat complaints
    # ------------------------------------------------------------------

    def test_same_category_of_the_same_site_is_a_repeat(self):
        """R164: the same problem at the same site is shown with the reason."""
        first = self._create_complaint(category_id=self.category.id)
        second = self._create_complaint(category_id=self.category.id)
        second = second.with_user(self.user_handler)
        self.assertEqual(second.complaint_repeat_candidate_id, first)
        self.assertIn("same site", second.complaint_repeat_reason)
        self.assertIn("Product quality", second.complaint_repeat_reason)
        # it looks back, never forward
        self.assertFalse(first.complaint_repeat_candidate_id)

    def test_another_site_of_the_customer_is_named_customer(self):
        """R164: another contact of the same company is the same customer."""
        self._create_complaint(
            category_id=self.category.id, partner_id=self.customer.id
        )
        second = self._create_complaint(category_id=self.category.id)
        self.assertIn("same customer", second.complaint_repeat_reason)

    def test_same_product_and_defect_is_a_repeat(self):
        """R164: product and defect together, in any category."""
        first = self._complaint_on(self._line_vals())
        second = self._complaint_on(
            self._line_vals(), category_id=self.other_category.id
        )
        self.assertEqual(second.complaint_repeat_candidate_id, first)
        self.assertIn("Cracked cage", second.complaint_repeat_reason)
        self.assertIn("6204", second.complaint_repeat_reason)

    def test_product_and_defect_of_different_lines_are_no_repeat(self):
        """R164: rust on one product and cracks on another are new problems."""
        self._complaint_on(
            self._line_vals(defect_id=self.other_defect.id),
            {"product_id": self.other_product.id, "defect_id": self.defect.id},
        )
        second = self._complaint_on(self._line_vals())
        self.assertFalse(second.complaint_repeat_candidate_id)

    def test_same_lot_is_a_repeat(self):
        """R164: the same lot, whatever the defect."""
        first = self._complaint_on(self._line_vals(lot_id=self.lot.id))
        second = self._complaint_on(
            self._line_vals(lot_id=self.lot.id, defect_id=self.other_defect.id)
        )
        self.assertEqual(second.complaint_repeat_candidate_id, first)
        self.assertIn("L260703-A", second.complaint_repeat_reason)

    def test_window_counts_from_the_report(self):
        """R164: outside the window nothing is offered; imported cases are old."""
        self.procedure.repeat_window_days = 90
        now = fields.Datetime.now()
        old = self._create_complaint(
            category_id=self.category.id,
            complaint_reported_at=now - timedelta(days=100),
        )
        second = self._create_complaint(category_id=self.category.id)
        self.assertFalse(second.complaint_repeat_candidate_id)
        self.procedure.repeat_window_days = 120
        second.invalidate_recordset()
        self.assertEqual(second.complaint_repeat_candidate_id, old)
        self.procedure.repeat_window_days = 0
        second.invalidate_recordset()
        self.assertFalse(second.complaint_repeat_candidate_id)

    def test_other_customer_and_cancelled_are_no_repeat(self):
        """R164: another customer's case or a mistake is not a first complaint."""
        self._create_complaint(
            category_id=self.category.id, partner_id=self.other_customer.id
        )
        self._create_complaint(category_id=self.category.id)._complaint_cancel("twice")
        second = self._create_complaint(category_id=self.category.id)
        self.assertFalse(second.complaint_repeat_candidate_id)

    def test_form_shows_the_candidate_before_saving(self):
        """R164: at registration, while typing."""
        first = self._create_complaint(category_id=self.category.id)
        form = Form(
            self.tickets.with_user(self.user_handler).with_context(
                default_is_complaint=True
            ),
            view=_FORM,
        )
        form.partner_id = self.customer_contact
        self.assertFalse(form.complaint_repeat_candidate_id)
        form.category_id = self.category
        self.assertEqual(form.complaint_repeat_candidate_id, first)

    def test_one_click_links_to_the_first_of_the_chain(self):
        """R164, R370: linked by one click, counted, navigable in both directions."""
        first, second, third = self.tickets.union(
            *[
                self._create_complaint(category_id=self.category.id)
                for _number in range(3)
            ]
        ).with_user(self.user_handler)
        second.action_complaint_link_repeat()
        self.assertEqual(second.complaint_repeat_of_id, first)
        # the offered one is a repeat itself: the chain has one first complaint
        self.assertEqual(third.complaint_repeat_candidate_id, second)
        third.action_complaint_link_repeat()
        self.assertEqual(third.complaint_repeat_of_id, first)
        self.assertEqual(first.complaint_repeat_count, 2)
        self.assertEqual(first.complaint_repeat_ids, second + third)
        for ticket in (first, second):
            action = ticket.action_complaint_view_repeats()
            self.assertEqual(
                self.tickets.search(action["domain"]), first + second + third
            )
        self.assertFalse(second.complaint_repeat_candidate_id)

    # ------------------------------------------------------------------
    # Terms, guidance, copy
    # ------------------------------------------------------------------

    def test_terms_are_kept_on_the_customer(self):
        """R558: over-quantity ratio, own format, lot, deadlines in words."""
        form = Form(self.customer)
        form.complaint_class = "stable"
        form.complaint_over_qty_ratio = 0.05
        form.complaint_lot_required = True
        form.complaint_answer_type = "8d"
        form.complaint_terms = "8D within 10 working days"
        form.save()
        self.assertRecordValues(
            self.customer,
            [
                {
                    "complaint_class": "stable",
                    "complaint_over_qty_ratio": 0.05,
                    "complaint_lot_required": True,
                    "complaint_answer_type": "8d",
                    "complaint_terms": "8D within 10 working days",
                }
            ],
        )

    def test_terms_of_the_company_hold_for_its_contacts(self):
        """R558, R034: a contact's complaint obeys the terms of his company."""
        self.customer.complaint_lot_required = True
        ticket = self._complaint_on(self._line_vals())
        reasons = ticket._complaint_get_blocking_reasons("accepted")[ticket.id]
        self.assertIn("requires the lot", "\n".join(reasons))

    def test_guidance_of_the_procedure_is_on_the_form(self):
        """R533: conduct rules are shown to whoever registers."""
        ticket = self._create_complaint().with_user(self.user_handler)
        self.assertIn("do not argue", ticket.complaint_guidance)
        arch = self.tickets.get_view(self.env.ref(_FORM).id)["arch"]
        self.assertTrue(
            etree.fromstring(arch).xpath("//field[@name='complaint_guidance']")
        )
        ticket.complaint_procedure_id.sudo().conduct_guidance = "<p>Listen.</p>"
        self.assertIn("Listen", ticket.complaint_guidance)

    def test_copy_is_a_new_draft_with_the_same_goods(self):
        """R143, R370: a copy has neither number nor history nor links."""
        first = self._create_complaint(category_id=self.category.id)
        ticket = self._complaint_on(
            self._line_vals(lot_id=self.lot.id, claimed_qty=12),
            complaint_repeat_of_id=first.id,
        )
        ticket = ticket.with_user(self.user_handler)
        ticket.action_complaint_accept()
        copied = ticket.copy()
        self.assertEqual(copied.complaint_phase, "draft")
        self.assertFalse(copied.complaint_number)
        self.assertFalse(copied.complaint_repeat_of_id)
        self.assertNotEqual(copied.number, ticket.number)
        self.assertRecordValues(
            copied.complaint_line_ids,
            [
                {
                    "product_id": self.product.id,
                    "lot_id": self.lot.id,
                    "claimed_qty": 12,
                }
            ],
        )
        codes = copied.complaint_event_ids.mapped("code")
        self.assertEqual(sorted(codes), ["registered", "reported"])
        self.assertEqual(len(ticket.complaint_line_ids), 1)

    # ------------------------------------------------------------------
    # Search
    # ------------------------------------------------------------------

    def test_search_by_number_and_reference(self):
        """R515: our number, the provisional reference, the customer's number."""
        ticket = self._create_complaint(complaint_customer_reference="QM-2291")
        self._create_complaint()
        ticket.with_user(self.user_handler).action_complaint_accept()
        for text in (ticket.complaint_number, ticket.number, "qm-2291"):
            with self.subTest(text=text):
                self.assertEqual(self._find("Complaint", text), ticket)

    def test_search_by_customer_category_order_product_lot(self):
        """R515: what the archive is searched by."""
        ticket = self._complaint_on(
            self._line_vals(sale_order_id=self.order.id, lot_name="X-77"),
            category_id=self.category.id,
        )
        self._complaint_on(
            {"product_id": self.other_product.id},
            category_id=self.other_category.id,
            partner_id=self.other_customer.id,
        )
        for label, text in (
            ("Customer", "Meyer"),
            ("category_id", "Product quality"),
            ("Order", self.order.name),
            ("Order", "po-88213"),
            ("Product", "BRG-6204"),
            ("Product", "6204"),
            ("Lot", "x-77"),
        ):
            with self.subTest(label=label, text=text):
                self.assertEqual(self._find(label, text), ticket)

    def test_search_finds_sub_categories(self):
        """R515: a category stands for everything below it."""
        child = self.env["helpdesk.ticket.category"].create(
            {"name": "Noise", "parent_id": self.category.id, "company_id": False}
        )
        ticket = self._create_complaint(category_id=child.id)
        self.assertEqual(self._find("category_id", self.category.id), ticket)

    def test_search_by_date_of_the_report_and_of_registration(self):
        """R515: by date, also by the time that is read from the event log."""
        now = fields.Datetime.now()
        old = self._create_complaint(complaint_reported_at=now - timedelta(days=40))
        new = self._create_complaint()
        both = [("id", "in", (old + new).ids)]
        since = now - timedelta(days=7)
        search = self.tickets.with_user(self.user_handler).search
        self.assertEqual(search([("complaint_reported_at", "<", since), *both]), old)
        self.assertEqual(search([("complaint_reported_at", ">=", since), *both]), new)
        arch = self.tickets.get_view(self.env.ref(_SEARCH).id, "search")["arch"]
        self.assertTrue(etree.fromstring(arch).xpath("//filter[@date='create_date']"))
