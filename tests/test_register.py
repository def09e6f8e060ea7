# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
from datetime import datetime

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, ValidationError

from .common_prints import PrintCommon


class TestRegister(PrintCommon):
    """The register (登记追踪表) as PDF and workbook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.form_f02 = cls.env.ref("helpdesk_mgmt_complaint.complaint_form_f02")

    def _get_rows(self, tickets, form=None, user=None):
        document = self.env["complaint.register.document"]
        document = document.with_user(user or self.user_handler)
        return document._get_register(tickets.with_env(document.env), form)["rows"]

    def _get_workbook(self, tickets, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.user_handler)
        content, kind = reports._render_xlsx(
            "helpdesk_mgmt_complaint.complaint_register_xlsx", tickets.ids, {}
        )
        self.assertEqual(kind, "xlsx")
        self._keep(f"{self._testMethodName}.xlsx", content)
        return load_workbook(io.BytesIO(content))

    def _create_numbered(self, number):
        """Return a complaint that carries an old number (import)."""
        return self._create_complaint(name=f"Old {number}", complaint_number=number)

    def _choose(self, user=None, **vals):
        choices = self.env["complaint.register.print"].with_user(
            user or self.user_handler
        )
        return choices.create({"date_from": False, "date_to": False, **vals})

    # ------------------------------------------------------------------
    # Content
    # ------------------------------------------------------------------

    def test_row_has_the_facts_of_the_complaint(self):
        """R072 R372: all cases with state, unit, product and order."""
        ticket = self._create_full_complaint()
        ticket.complaint_department_id = self.env["hr.department"].create(
            {"name": "Quality Management"}
        )
        ticket.user_id = self.user_handler
        self._sign(ticket, "decision", "Replace 12 pieces")
        row = self._get_rows(ticket, self.form_f02)[0]
        columns = self.form_f02.column_ids.mapped("column")
        values = dict(zip(columns, row, strict=True))
        self.assertEqual(values["number"], ticket.complaint_number)
        self.assertIsInstance(values["reported"], datetime)
        self.assertIsInstance(values["accepted"], datetime)
        self.assertEqual(values["customer"], "Meyer Anlagenbau GmbH")
        self.assertEqual(values["order"], self.order.name)
        self.assertEqual(values["product"], "Deep groove ball bearing 6204")
        self.assertEqual(values["part"], "BRG-6204")
        self.assertEqual(values["lot"], "L260703-A")
        self.assertEqual(values["defective"], 12)
        self.assertIn("Cracked cages", values["problem"])
        self.assertIn("Exchange 12", values["demand"])
        self.assertEqual(values["department"], "Quality Management")
        self.assertEqual(values["handler"], self.user_handler.name)
        self.assertEqual(values["stage"], ticket.stage_id.name)
        self.assertFalse(values["closed"])
        self.assertEqual(values["result"], "Replace 12 pieces")

    def test_several_lines_share_one_row(self):
        """R091: one line per complaint; equal values once, quantities added."""
        ticket = self._create_full_complaint()
        ticket.complaint_line_ids.copy({"lot_id": False, "lot_name": "FOREIGN-9"})
        rows = self._get_rows(ticket, self.form_f02)
        self.assertEqual(len(rows), 1)
        self.assertIn("L260703-A\nFOREIGN-9", rows[0])
        self.assertIn(24, rows[0])
        self.assertIn(self.order.name, rows[0])

    def test_different_units_are_not_added(self):
        ticket = self._create_full_complaint()
        kilo = self.env.ref("uom.product_uom_kgm")
        ticket.complaint_line_ids.copy({"uom_id": kilo.id, "defective_qty": 3})
        column = self.form_f02.column_ids.mapped("column").index("defective")
        text = self._get_rows(ticket, self.form_f02)[0][column]
        self.assertIn("3 kg", text)
        self.assertIn("12", text)

    def test_cancelled_shows_reason(self):
        ticket = self._create_complaint()
        ticket.with_user(self.user_handler)._complaint_cancel("Entered twice")
        self.assertIn("Cancelled: Entered twice", self._get_rows(ticket)[0])

    def test_undetermined_demand_shown(self):
        """R037"""
        ticket = self._create_full_complaint()
        ticket.complaint_line_ids.write({"demand_qty": 0, "demand_undetermined": True})
        text = " ".join(str(cell) for cell in self._get_rows(ticket)[0])
        self.assertIn("Customer still processing - undetermined", text)

    def test_review_column(self):
        """R133"""
        ticket = self._create_full_complaint()
        self._sign(ticket, "review", "Agreed, replace")
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f63")
        self.assertIn("Agreed, replace", self._get_rows(ticket, form)[0])

    def test_ordered_by_number_not_by_text(self):
        """R145: 2607100 comes after 260799 and before 260801."""
        numbers = ["260801", "2607100", "260799", "260702"]
        tickets = self.env["helpdesk.ticket"]
        draft = self._create_complaint()
        for number in numbers:
            tickets |= self._create_numbered(number)
        rows = self._get_rows(draft | tickets)
        self.assertEqual(
            [row[0] for row in rows],
            [
                "260702",
                "260799",
                "2607100",
                "260801",
                f"{draft.number} provisional",
            ],
        )

    def test_columns_are_data(self):
        """R083: a company chooses, names and orders its columns."""
        form = self.form_f02.copy()
        form.column_ids.unlink()
        form.column_ids = [
            Command.create({"column": "customer", "label": "Who"}),
            Command.create({"column": "problem", "width": 50}),
        ]
        document = self.env["complaint.register.document"]
        register = document._get_register(self._create_complaint())
        self.assertEqual(register["form"], form)
        self.assertEqual(
            [(c["heading"], c["width"]) for c in register["columns"]],
            [("Who", 14), ("Problem", 50)],
        )
        self.assertEqual(register["rows"], [["Meyer Anlagenbau GmbH", "Cracked cages"]])

    def test_no_query_per_complaint(self):
        """The whole register is read in a constant number of queries."""
        counts = []
        for size in (5, 50):
            tickets = self.env["helpdesk.ticket"]
            for number in range(size):
                product = self.env["product.product"].create(
                    {
                        "name": f"Bearing {size}-{number}",
                        "is_storable": True,
                        "tracking": "lot",
                    }
                )
                lot = self.env["stock.lot"].create(
                    {"name": f"LOT-{size}-{number}", "product_id": product.id}
                )
                partner = self.env["res.partner"].create({"name": f"C {number}"})
                tickets |= self._create_complaint(
                    partner_id=partner.id,
                    complaint_line_ids=[
                        Command.create({"product_id": product.id, "lot_id": lot.id}),
                        Command.create({"sale_order_id": self.order.id}),
                    ],
                )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._get_rows(tickets, self.form_f02)), size)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3, counts)

    # ------------------------------------------------------------------
    # PDF
    # ------------------------------------------------------------------

    def test_pdf_is_landscape_with_repeated_head(self):
        """R072"""
        tickets = self.env["helpdesk.ticket"]
        for number in range(60):
            tickets |= self._create_complaint(name=f"Case {number:03d}")
        tickets |= self._create_full_complaint(name="轴承保持架断裂")
        pdf = self._print("report_complaint_register", tickets)
        box = pdf.pages[0].mediabox
        self.assertGreater(box.width, box.height)
        self.assertGreater(len(pdf.pages), 1)
        for page in pdf.pages:
            self.assertPrinted(
                page, "Responsible Department", "INTERNAL – not for customers"
            )
        self.assertPrinted(pdf, "Complaint registration and tracking register")
        self.assertPrinted(pdf, "轴承保持架断裂")
        self.assertPrinted(pdf, *[f"Case {number:03d}" for number in range(60)])

    def test_pdf_of_every_register_form(self):
        """R072 R083 R091 R133 R137"""
        ticket = self._create_full_complaint()
        forms = self.env["complaint.form"].search([("template", "=", "register")])
        for form in forms:
            choice = self._choose(form_id=form.id)
            pdf = self._print(
                "report_complaint_register_choice", choice, keep=f"{form.code}.pdf"
            )
            self.assertPrinted(pdf, form.name, ticket.complaint_number)

    def test_long_text_cut_on_paper_only(self):
        """One line per complaint stays one; the workbook has the whole text."""
        form = self.form_f02.copy()
        form.column_ids.unlink()
        form.column_ids = [Command.create({"column": "content", "width": 10})]
        text = "word " * 400 + "THE-END"
        ticket = self._create_complaint(complaint_content=text)
        pdf = self._print("report_complaint_register", ticket)
        self.assertEqual(len(pdf.pages), 1)
        self.assertPrinted(pdf, "word …")
        self.assertNotPrinted(pdf, "THE-END")
        self.assertEqual(self._get_workbook(ticket).active["A5"].value, text)

    def test_empty_register_says_so(self):
        choice = self._choose(date_from="2001-01-01", date_to="2001-01-31")
        self.assertFalse(choice._get_tickets())
        pdf = self._print("report_complaint_register_choice", choice)
        self.assertPrinted(pdf, "No complaints.")

    # ------------------------------------------------------------------
    # Workbook
    # ------------------------------------------------------------------

    def test_workbook_is_a_native_table(self):
        """R072 R372: dates are dates, numbers are numbers, one can filter."""
        ticket = self._create_full_complaint(
            name="=1+1", complaint_reported_at="2026-07-02 20:30:00"
        )
        draft = self._create_complaint()
        book = self._get_workbook(ticket | draft)
        sheet = book.active
        self.assertEqual(sheet["A1"].value, self.form_f02.name)
        self.assertIn("INTERNAL", sheet["A2"].value)
        table = next(iter(sheet.tables.values()))
        self.assertEqual(table.ref, "A4:Q6")
        self.assertTrue(table.autoFilter)
        self.assertEqual(sheet.freeze_panes, "B5")
        heads = [cell.value for cell in sheet[4]]
        cells = dict(zip(heads, sheet[5], strict=True))
        self.assertEqual(cells["No."].value, ticket.complaint_number)
        # 20:30 UTC is the next day in the company's time zone (Shanghai)
        self.assertEqual(cells["Reported"].value, datetime(2026, 7, 3))
        self.assertTrue(cells["Reported"].is_date)
        self.assertEqual(cells["Defective"].value, 12)
        self.assertEqual(cells["Problem"].data_type, "s")
        self.assertTrue(cells["Problem"].value.startswith("=1+1"))
        self.assertGreater(sheet.column_dimensions["K"].width, 20)
        self.assertIn("provisional", sheet["A6"].value)

    def test_workbook_with_equal_headings_and_no_rows(self):
        form = self.form_f02.copy({"name": "A/B: [registers] of a very long title"})
        form.column_ids.write({"label": "Same"})
        choice = self._choose(form_id=form.id, date_from="2001-01-01")
        choice.date_to = "2001-01-02"
        reports = self.env["ir.actions.report"].with_user(self.user_handler)
        content, _kind = reports._render_xlsx(
            "helpdesk_mgmt_complaint.complaint_register_choice_xlsx", choice.ids, {}
        )
        sheet = load_workbook(io.BytesIO(content)).active
        self.assertEqual(len(sheet.tables), 1)

    def test_workbook_in_chinese(self):
        """R067"""
        self.form_f02.with_context(lang="zh_CN").name = "客户抱怨案件登记追踪表"
        ticket = self._create_complaint(name="尺寸超差")
        reports = self.env["ir.actions.report"].with_context(lang="zh_CN")
        content, _kind = reports._render_xlsx(
            "helpdesk_mgmt_complaint.complaint_register_xlsx", ticket.ids, {}
        )
        sheet = load_workbook(io.BytesIO(content)).active
        self.assertEqual(sheet.title, "客户抱怨案件登记追踪表")
        self.assertIn("尺寸超差", [cell.value for cell in sheet[5]])

    # ------------------------------------------------------------------
    # Selection and rights
    # ------------------------------------------------------------------

    def test_period_in_time_zone_of_company(self):
        """20:30 UTC on 30 June is 1 July in Shanghai."""
        july = self._create_complaint(complaint_reported_at="2026-06-30 20:30:00")
        june = self._create_complaint(complaint_reported_at="2026-06-30 12:00:00")
        choice = self._choose(date_from="2026-07-01", date_to="2026-07-31")
        self.assertEqual(choice._get_tickets(), july)
        choice.write({"date_from": "2026-06-01", "date_to": "2026-06-30"})
        self.assertEqual(choice._get_tickets(), june)

    def test_reopened_complaint_is_not_closed(self):
        ticket = self._create_complaint()
        handler = ticket.with_user(self.user_handler)
        handler.action_complaint_accept()
        handler.action_complaint_close()
        choice = self._choose(date_kind="complaint_closed_at", date_from="2020-01-01")
        self.assertIn(ticket, choice._get_tickets())
        handler.action_complaint_reopen("Customer sent it back")
        self.assertNotIn(ticket, choice._get_tickets())

    def test_state_and_archived(self):
        """R372: archived complaints stay in the register."""
        ticket = self._create_complaint()
        ticket.active = False
        cancelled = self._create_complaint()
        cancelled.with_user(self.user_handler)._complaint_cancel("Entered twice")
        self.assertIn(ticket, self._choose()._get_tickets())
        self.assertNotIn(cancelled, self._choose(state="open")._get_tickets())
        self.assertIn(cancelled, self._choose(state="cancelled")._get_tickets())

    def test_register_shows_only_what_one_may_read(self):
        """R520: the record rules of the user hold."""
        self._create_complaint()
        own = self._create_complaint()
        own.complaint_received_by_id = self.user_register
        choice = self._choose(self.user_register)
        self.assertEqual(choice._get_tickets(), own)

    def test_selected_complaints_of_others_refused(self):
        ticket = self._create_complaint()
        with self.assertRaises(AccessError):
            self._choose(self.user_register, ticket_ids=[Command.set(ticket.ids)])
        with self.assertRaises(AccessError):
            self._get_rows(ticket, user=self.user_register)

    def test_other_company_not_in_register(self):
        ours = self._create_complaint()
        choice = self._choose(self.user_handler_b, company_id=self.company_b.id)
        self.assertNotIn(ours, choice._get_tickets())

    def test_portal_user_cannot_choose(self):
        """R518"""
        with self.assertRaises(AccessError):
            self._choose(self.portal_user)

    def test_selection_from_list(self):
        tickets = self._create_complaint() | self._create_complaint()
        choice = (
            self.env["complaint.register.print"]
            .with_context(active_model="helpdesk.ticket", active_ids=tickets.ids)
            .create({})
        )
        self.assertEqual(choice._get_tickets(), tickets)
        self.assertEqual(choice.form_id, self.form_f02)
        for action in (choice.action_print_pdf(), choice.action_print_xlsx()):
            self.assertEqual(action["context"]["active_ids"], choice.ids)

    def test_period_backwards_refused(self):
        with self.assertRaises(ValidationError):
            self._choose(date_from="2026-07-31", date_to="2026-07-01")
