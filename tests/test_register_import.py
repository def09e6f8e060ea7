# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import io
from datetime import date, datetime, timedelta
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from .common import ComplaintCommon

HEADERS = (
    "客诉编号,投诉日期,受理日期,客户名称,联系人,订单编号,料号,品名,批号,数量,"
    "不良数量,问题点,客户要求,责任部门,状态,结案日期,原因分析,处理结果,密级"
).split(",")
ROW = {
    "客诉编号": "T250701",
    "投诉日期": date(2025, 7, 2),
    "受理日期": "2025/7/3",
    "客户名称": "Meyer Anlagenbau GmbH",
    "联系人": "王小姐",
    "料号": "BRG-6204",
    "批号": "L260703-A",
    "数量": "1,200件",
    "不良数量": 12,
    "问题点": "保持架开裂\n12 件",
    "客户要求": "退货",
    "状态": "已结案",
    "结案日期": "2025-07-20",
    "原因分析": "材料",
    "处理结果": "已换货",
}


class TestRegisterImport(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedure = cls.procedure.copy(
            {
                "number_pattern": "T{YY}{MM}{##}",
                "company_id": cls.company.id,
                "sequence": 1,
            }
        )
        cls.department = cls.env["hr.department"].create({"name": "品质部"})

    def _get_file(self, *rows, headers=HEADERS, above=(), sheets=None):
        """Return a workbook: `rows` are dicts by header, or lists of cells."""
        book = openpyxl.Workbook()
        sheets = sheets or {"客诉台帐": rows}
        book.remove(book.active)
        for title, sheet_rows in sheets.items():
            sheet = book.create_sheet(title)
            for line in above:
                sheet.append(line)
            sheet.append(headers)
            for row in sheet_rows:
                if isinstance(row, dict):
                    row = [row.get(header) for header in headers]
                sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return base64.b64encode(buffer.getvalue())

    def _get_wizard(self, *rows, **kwargs):
        wizard = self.env["complaint.register.import"].create(
            {"file": self._get_file(*rows, **kwargs), "file_name": "台帐.xlsx"}
        )
        wizard.action_check()
        return wizard

    def _import(self, *rows, **kwargs):
        wizard = self._get_wizard(*rows, **kwargs)
        self.assertFalse(wizard.errors)
        action = wizard.action_import()
        return self.env["helpdesk.ticket"].search(action["domain"], order="id")

    def _local(self, moment):
        """A time in UTC as the company's clock (Shanghai) shows it."""
        return moment + timedelta(hours=8)

    @users("complaint_manager")
    def test_case_comes_in_with_number_dates_state_and_goods(self):
        """R143, R372: original number, dates and state; links and texts."""
        ticket = self._import({**ROW, "订单编号": "PO-88213", "责任部门": "品质部"})
        self.assertEqual(len(ticket), 1)
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.complaint_number, "T250701")
        self.assertEqual(ticket.complaint_phase, "closed")
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertEqual(ticket.complaint_complainant_name, "王小姐")
        self.assertEqual(ticket.name, "保持架开裂")
        self.assertEqual(ticket.complaint_content, "保持架开裂\n12 件")
        self.assertEqual(ticket.complaint_department_id, self.department)
        self.assertEqual(ticket.complaint_demand_note, "退货")
        self.assertFalse(ticket.complaint_received_by_id)
        for name, day in (
            ("complaint_reported_at", date(2025, 7, 2)),
            ("complaint_received_at", date(2025, 7, 2)),
            ("complaint_accepted_at", date(2025, 7, 3)),
            ("complaint_closed_at", date(2025, 7, 20)),
            ("closed_date", date(2025, 7, 20)),
        ):
            self.assertEqual(self._local(ticket[name]).date(), day, name)
        line = ticket.complaint_line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "sale_order_id": self.order.id,
                    "product_id": self.product.id,
                    "lot_id": self.lot.id,
                    "lot_name": "L260703-A",
                    "claimed_qty": 1200,
                    "defective_qty": 12,
                    "demand": "return",
                    "is_proposed": False,
                }
            ],
        )
        opinions = ticket.complaint_opinion_ids
        self.assertEqual(
            set(opinions.mapped(lambda o: (o.kind, o.text))),
            {("cause", "材料"), ("handling_opinion", "已换货")},
        )
        self.assertFalse(opinions.signed_by_id)

    @users("complaint_manager")
    def test_log_says_where_the_case_comes_from(self):
        """R023, R372: old times in the log, with file and row."""
        ticket = self._import(ROW)
        events = ticket.complaint_event_ids.sorted("id")
        self.assertEqual(
            events.mapped("code"), ["reported", "registered", "accepted", "closed"]
        )
        self.assertIn("台帐.xlsx, row 2", events[1].note)
        self.assertEqual(self._local(events[3].at).date(), date(2025, 7, 20))
        self.assertEqual(events.user_id, self.env.user)

    @users("complaint_manager")
    def test_nothing_fires(self):
        """R143: no mail, no activity, no follower, no chatter, no gate."""
        self.customer.sudo().complaint_lot_required = True
        stages = self.env["helpdesk.ticket.stage"].sudo()
        template = self.env["mail.template"].sudo().search([], limit=1)
        stages.search([("complaint_phase", "=", "closed")]).mail_template_id = template
        before = self.env["mail.mail"].sudo().search_count([])
        row = {**ROW, "批号": None, "问题点": None, "客户名称": None, "联系人": None}
        ticket = self._import({**row, "负责人": self.user_handler.name})
        self.assertEqual(ticket.complaint_phase, "closed")
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)
        self.assertFalse(ticket.activity_ids)
        self.assertFalse(ticket.message_ids)
        self.assertFalse(ticket.message_follower_ids)

    @users("complaint_manager")
    def test_imported_case_lives_on(self):
        """R512: gates hold again once it is here."""
        ticket = self._import({**ROW, "状态": "处理中", "结案日期": None})
        self.assertEqual(ticket.complaint_phase, "investigation")
        with self.assertRaisesRegex(ValidationError, "channel"):
            ticket.action_complaint_close()
        ticket.channel_id = self.channel_phone
        ticket.complaint_line_ids.demand_qty = 12
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")
        with self.assertRaises(UserError):
            ticket.unlink()

    @users("complaint_manager")
    def test_old_case_is_no_recent_repeat(self):
        """R164: the window counts from the old date, not from the import."""
        headers = [*HEADERS, "投诉类别"]
        row = {**ROW, "投诉类别": "Product quality", "结案日期": None, "受理日期": None}
        long_ago = date.today() - timedelta(days=300)
        old = self._import({**row, "投诉日期": long_ago}, headers=headers)
        self.assertEqual(old.category_id, self.category)
        vals = self._complaint_vals(category_id=self.category.id)
        ticket = self.env["helpdesk.ticket"].create(vals)
        self.assertFalse(ticket.complaint_repeat_candidate_id)
        ticket.unlink()
        row.update({"客诉编号": "T250799", "投诉日期": date.today()})
        newer = self._import(row, headers=headers)
        ticket = self.env["helpdesk.ticket"].create(vals)
        self.assertEqual(ticket.complaint_repeat_candidate_id, newer)

    @users("complaint_manager")
    def test_counter_continues_after_the_highest_number(self):
        """R143, R144: also when numbers come unsorted or follow no pattern."""
        now = datetime(2025, 7, 25)
        rows = [
            {**ROW, "客诉编号": number}
            for number in ("T250703", "T250741", "T250702", "旧2019-7")
        ]
        self._import(*rows)
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        with patch("odoo.fields.Datetime.now", return_value=now):
            day = self.company._complaint_today()
        with patch.object(type(self.company), "_complaint_today", lambda self: day):
            ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_number, "T250742")

    @users("complaint_manager")
    def test_errors_name_row_and_column(self):
        """R372: all at once, in plain words, and nothing is imported."""
        tomorrow = date.today() + timedelta(days=2)
        wizard = self._get_wizard(
            ROW,
            {**ROW, "客诉编号": "T250702", "投诉日期": "3/7/2025"},
            {**ROW, "客诉编号": None},
            {**ROW, "客诉编号": "T250704", "状态": "什么"},
            {**ROW, "客诉编号": "T250705", "不良数量": "许多"},
            {**ROW, "客诉编号": "T250706", "结案日期": "2025-07-01"},
            {**ROW, "客诉编号": "T250707", "投诉日期": None, "受理日期": None},
            {**ROW, "客诉编号": "T250708", "投诉日期": tomorrow, "结案日期": None},
            ROW,
        )
        self.assertEqual(wizard.error_count, 8)
        for text in (
            "Row 3, column B (投诉日期): “3/7/2025” can mean two days",
            "Row 4, the complaint number is missing",
            "Row 5, column O (状态): the state “什么” is not known",
            "Row 6, column K (不良数量): “许多” is no quantity",
            "Row 7, column P (结案日期): it was closed before it was reported",
            "Row 8, the date of the complaint is missing",
            "Row 9, column B (投诉日期):",
            "lies in the future",
            "Row 10, the number T250701 stands in row 2 already",
        ):
            self.assertIn(text, wizard.errors)
        numbers = self.env["complaint.number"].search_count([])
        with self.assertRaisesRegex(UserError, "Nothing was imported"):
            wizard.action_import()
        self.assertEqual(self.env["complaint.number"].search_count([]), numbers)
        self.assertFalse(
            self.env["helpdesk.ticket"].search([("complaint_number", "=", "T250701")])
        )

    @users("complaint_manager")
    def test_second_import_of_a_row_is_an_error(self):
        """R143: a number exists once, whether imported or given."""
        self._import(ROW)
        wizard = self._get_wizard({**ROW, "客诉编号": "T250702"}, ROW)
        self.assertEqual(wizard.error_count, 1)
        self.assertIn("Row 3, a complaint with the number T250701", wizard.errors)

    @users("complaint_manager")
    def test_many_errors_are_counted_and_cut(self):
        """R372: the list stays readable."""
        rows = [{**ROW, "客诉编号": f"A{i}", "状态": "?!x"} for i in range(250)]
        wizard = self._get_wizard(*rows)
        self.assertEqual(wizard.error_count, 250)
        self.assertIn("... and 50 more.", wizard.errors)

    @users("complaint_manager")
    def test_unknown_names_are_kept_as_text(self):
        """R034: customers, orders, lots, parts, people that Odoo does not know."""
        self.env["res.partner"].sudo().create([{"name": "Twins"}, {"name": "Twins"}])
        first, second = self._import(
            {
                **ROW,
                "客户名称": "未知公司",
                "联系人": None,
                "订单编号": "SO-OLD-1",
                "料号": "X-1",
                "批号": "F-77",
                "责任部门": "铸造车间",
            },
            {**ROW, "客诉编号": "T250702", "客户名称": "Twins"},
        )
        self.assertFalse(first.partner_id)
        self.assertEqual(first.complaint_complainant_organisation, "未知公司")
        self.assertEqual(first.complaint_complainant_name, "未知公司")
        self.assertIn("料号: X-1", first.complaint_content)
        self.assertIn("责任部门: 铸造车间", first.complaint_content)
        line = first.complaint_line_ids
        self.assertEqual(line.lot_name, "F-77")
        self.assertEqual(line.service_reference, "SO-OLD-1")
        self.assertFalse(line.lot_id or line.sale_order_id or line.product_id)
        self.assertFalse(second.partner_id, "two customers of that name: no guess")
        self.assertEqual(second.complaint_complainant_organisation, "Twins")

    @users("complaint_manager")
    def test_lot_of_another_product_is_not_linked(self):
        """R034: a lot name alone proves nothing where the product differs."""
        other = (
            self.env["product.product"]
            .sudo()
            .create({"name": "Seal", "default_code": "SEAL-1"})
        )
        first, second = self._import(
            {**ROW, "料号": "SEAL-1"},
            {**ROW, "客诉编号": "T250702", "料号": None},
        )
        self.assertEqual(first.complaint_line_ids.product_id, other)
        self.assertFalse(first.complaint_line_ids.lot_id)
        self.assertEqual(first.complaint_line_ids.lot_name, "L260703-A")
        self.assertEqual(second.complaint_line_ids.lot_id, self.lot)
        self.assertEqual(second.complaint_line_ids.product_id, self.product)

    @users("complaint_manager")
    def test_records_of_another_company_are_not_linked(self):
        """R372: a register belongs to one company."""
        self.env["sale.order"].sudo().create(
            {
                "name": "SO-B",
                "partner_id": self.customer.id,
                "company_id": self.company_b.id,
            }
        )
        ticket = self._import({**ROW, "订单编号": "SO-B"})
        self.assertFalse(ticket.complaint_line_ids.sale_order_id)
        self.assertEqual(ticket.complaint_line_ids.service_reference, "SO-B")

    @users("complaint_manager")
    def test_states_and_missing_dates(self):
        """R372: each state; a case closed without a date says so in the log."""
        tickets = self._import(
            {
                **ROW,
                "客诉编号": "T1",
                "状态": "待受理",
                "受理日期": None,
                "结案日期": None,
            },
            {**ROW, "客诉编号": "T2", "状态": "作废"},
            {**ROW, "客诉编号": "T3", "状态": None},
            {**ROW, "客诉编号": "T4", "状态": None, "结案日期": None},
            {**ROW, "客诉编号": "T5", "状态": "已结案", "结案日期": None},
        )
        self.assertEqual(
            tickets.mapped("complaint_phase"),
            ["draft", "cancelled", "closed", "accepted", "closed"],
        )
        self.assertEqual(
            tickets[0].complaint_event_ids.sorted("id").mapped("code"),
            ["reported", "registered"],
        )
        self.assertEqual(tickets[1].complaint_cancel_reason, "已换货")
        ended = tickets[4].complaint_event_ids.filtered(lambda e: e.code == "closed")
        self.assertEqual(self._local(ended.at).date(), date(2025, 7, 3))
        self.assertIn("not known", ended.note)

    @users("complaint_manager")
    def test_preview_shows_columns_and_unknown_headers(self):
        """R372: what each header was taken for, before anything happens."""
        wizard = self._get_wizard({**ROW, "密级": "秘密", "客户名称": "谁"})
        self.assertEqual(wizard.row_count, 1)
        self.assertFalse(wizard.error_count)
        self.assertIn("密级", wizard.summary)
        self.assertIn("Customer: 1 rows", wizard.summary)
        columns = wizard.column_ids
        self.assertEqual(len(columns), len(HEADERS))
        self.assertEqual(columns[0].letters, "A")
        self.assertEqual(columns[0].meaning, "number")
        self.assertEqual(columns[0].sample, "T250701")
        self.assertFalse(columns[-1].meaning)
        # the user decides otherwise, and a second look keeps his choice
        columns[-1].meaning = "remark"
        columns.filtered(lambda column: column.header == "处理结果").meaning = False
        wizard.action_check()
        wizard.action_import()
        ticket = self.env["helpdesk.ticket"].search(
            [("complaint_number", "=", "T250701")]
        )
        self.assertIn("密级: 秘密", ticket.complaint_content)
        self.assertEqual(ticket.complaint_opinion_ids.mapped("kind"), ["cause"])

    @users("complaint_manager")
    def test_columns_must_be_clear(self):
        """R372: no two columns for one thing, and the number is needed."""
        wizard = self._get_wizard(ROW)
        wizard.column_ids[1].meaning = "customer"
        with self.assertRaisesRegex(UserError, "cannot mean the same: Customer"):
            wizard.action_check()
        wizard.column_ids[1].meaning = "reported"
        wizard.column_ids[0].meaning = False
        with self.assertRaisesRegex(UserError, "complaint number"):
            wizard.action_import()

    @users("complaint_manager")
    def test_titles_totals_and_empty_rows_are_skipped(self):
        """R372: a register as people keep it."""
        tickets = self._import(
            ROW,
            {},
            {**ROW, "客诉编号": 250702},
            {"客诉编号": "合计", "数量": 2400},
            above=(["2025年度客诉登记追踪表"], [None], ["表单编号", "QR-01"]),
        )
        self.assertEqual(tickets.mapped("complaint_number"), ["T250701", "250702"])

    @users("complaint_manager")
    def test_sheets_are_chosen_and_named(self):
        """R372: one sheet per year."""
        sheets = {"说明": [], "2024": [ROW], "2025": [{**ROW, "客诉编号": "T250799"}]}
        wizard = self._get_wizard(sheets=sheets)
        self.assertIn("2024", wizard.summary)
        wizard.sheet_name = "2025"
        wizard.action_check()
        self.assertIn("2024", wizard.summary)
        wizard.action_import()
        tickets = self.env["helpdesk.ticket"]
        self.assertTrue(tickets.search([("complaint_number", "=", "T250799")]))
        self.assertFalse(tickets.search([("complaint_number", "=", "T250701")]))
        wizard.sheet_name = "2023"
        with self.assertRaisesRegex(UserError, "2024, 2025"):
            wizard.action_check()

    @users("complaint_manager")
    def test_english_register(self):
        """R372: English headers and words."""
        ticket = self._import(
            [
                "CC-17",
                "2025-07-03 14:30",
                "Meyer Anlagenbau GmbH",
                "Cracked cages",
                "In Progress",
                "Phone",
                "Major",
            ],
            headers=[
                "Complaint No.",
                "Date",
                "Customer",
                "Problem",
                "Status",
                "Channel",
                "Severity",
            ],
        )
        self.assertEqual(ticket.complaint_phase, "investigation")
        self.assertEqual(ticket.complaint_severity, "major")
        self.assertEqual(ticket.channel_id, self.channel_phone)
        self.assertEqual(
            ticket.complaint_reported_at, datetime(2025, 7, 3, 6, 30), "Shanghai time"
        )
        self.assertFalse(ticket.complaint_line_ids)

    @users("complaint_manager")
    def test_unusable_files_are_explained(self):
        """R372: password, old Excel, CSV, no headers, nothing below them."""
        wizards = self.env["complaint.register.import"]
        for content, text in (
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
                + "EncryptedPackage".encode("utf-16-le"),
                "password",
            ),
            (b"a;b\n1;2", "no Excel workbook"),
            (b"PK\x03\x04", "damaged"),
        ):
            wizard = wizards.create({"file": base64.b64encode(content)})
            with self.assertRaisesRegex(UserError, text):
                wizard.action_check()
        wizard = wizards.create({"file": self._get_file(headers=["a", "b"])})
        with self.assertRaisesRegex(UserError, "No row with headers"):
            wizard.action_check()
        wizard = self._get_wizard()
        self.assertIn("Row 2, there is nothing", wizard.errors)
        with patch(
            "odoo.addons.helpdesk_mgmt_complaint.kernel.register_book.MAX_ROWS", 2
        ):
            with self.assertRaisesRegex(UserError, "more than 20000 rows"):
                self._get_wizard(ROW, ROW, ROW)

    @users("complaint_manager")
    def test_wizard_is_used_from_the_menu(self):
        """R372: Configuration / Import an Old Register."""
        menu = self.env.ref("helpdesk_mgmt_complaint.complaint_register_import_menu")
        self.assertIn(menu.id, self.env["ir.ui.menu"]._visible_menu_ids())
        form = Form(self.env["complaint.register.import"])
        form.file = self._get_file(ROW)
        wizard = form.save()
        self.assertEqual(wizard.company_id, self.company)
        self.assertEqual(wizard.procedure_id, self.procedure)
        self.assertTrue(wizard.team_id.complaint_team)
        self.assertEqual(wizard.action_check()["res_id"], wizard.id)

    @users("complaint_manager")
    def test_only_into_an_own_company(self):
        """R372: the manager of one company imports nothing into another."""
        wizard = self.env["complaint.register.import"].create(
            {"file": self._get_file(ROW)}
        )
        wizard.sudo().company_id = self.company_b
        with self.assertRaises(UserError):
            wizard.action_import()

    def test_only_managers_import(self):
        """R148, R524: others neither see the wizard nor smuggle a context in."""
        for user in (self.user_handler, self.user_supervisor, self.user_register):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.env["complaint.register.import"].with_user(user).create(
                        {"file": self._get_file(ROW)}
                    )
                tickets = self.env["helpdesk.ticket"].with_user(user)
                tickets = tickets.with_context(complaint_import=True)
                stage = self.env.ref("helpdesk_mgmt_complaint.stage_closed")
                with self.assertRaises(UserError):
                    tickets.create(
                        self._complaint_vals(stage_id=stage.id, channel_id=False)
                    )
                ticket = tickets.create(
                    self._complaint_vals(complaint_closed_at="2025-01-01")
                )
                self.assertFalse(ticket.sudo().complaint_closed_at)

    @users("complaint_manager")
    def test_queries_do_not_grow_with_the_rows(self):
        """R372: 10 000 rows are read and checked with the same few queries."""
        few = [{**ROW, "客诉编号": f"F{i}"} for i in range(5)]
        many = [{**ROW, "客诉编号": f"M{i}"} for i in range(300)]
        counts = []
        for rows in (few, few, many):
            wizard = self._get_wizard(*rows)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard._read_register()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        before = self.env.cr.sql_log_count
        wizard.action_import()
        self.env.flush_all()
        # the reference of each ticket comes from Odoo's sequence, one by one
        self.assertLess(self.env.cr.sql_log_count - before, 5 * len(many))
