# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_statement import StatementCommon


@tagged("post_install", "-at_install")
class TestStatementSecurity(StatementCommon):
    """Who reads, writes, signs and issues (R481, R518 to R520, R524)."""

    def setUp(self):
        super().setUp()
        self._create_july()
        self.statement = self._generate()
        self.parts = (
            self.statement.line_ids,
            self.statement.ratio_ids,
            self.statement,
        )

    def _can_read(self, record, user):
        self.env.invalidate_all()
        records = self.env[record._name].with_user(user)
        try:
            return bool(records.search_count([("id", "in", record.ids)]))
        except AccessError:
            return False

    def test_readers(self):
        """R481, R524: quality, finance, supervisor, manager, heads who review."""
        readers = (
            self.user_quality,
            self.user_finance,
            self.user_supervisor,
            self.user_manager,
            *self.heads.values(),
        )
        others = (
            self.user_register,
            self.user_handler,
            self.user_helpdesk_manager,
            self.user_employee,
            self.user_handler_b,
            self.portal_user,
        )
        for part in self.parts:
            for users, wanted in ((readers, True), (others, False)):
                for user in users:
                    with self.subTest(part=part._name, user=user.login):
                        self.assertEqual(self._can_read(part, user), wanted)

    def test_head_of_another_department_reads_nothing(self):
        """R520: it circulates to those whom it concerns."""
        head = self.heads["Machining"]
        other = self._generate(period=("2026-05-01", "2026-05-31"))
        self.assertFalse(self._can_read(other, head))

    def test_other_company(self):
        """R524: a supervisor of another company sees none of it."""
        group = "helpdesk_mgmt_complaint.group_complaint_"
        user = new_test_user(
            self.env,
            "supervisor_b",
            groups=f"{group}supervisor,{group}quality",
            company_id=self.company_b.id,
            company_ids=[(6, 0, self.company_b.ids)],
        )
        for part in self.parts:
            self.assertFalse(self._can_read(part, user))
        wizard = self.env["complaint.statement.generate"].with_user(user)
        with self.assertRaises(AccessError):
            wizard.create({"company_id": self.company.id}).action_generate()

    def test_blindly_recused_reads_none_of_it(self):
        """R519: whoever he is; the file would tell him."""
        supervisor = self.user_supervisor
        self.assertTrue(self._can_read(self.statement, supervisor))
        case = self.cases["first"].sudo()
        self.procedure.recused_blind = True
        case.complaint_recused_extra_ids += supervisor
        self.assertTrue(case.complaint_recused_blind)
        for part in self.parts:
            self.assertFalse(self._can_read(part, supervisor))

    def test_who_generates(self):
        """R524: quality and supervisors."""
        for user in (self.user_employee, self.user_handler, self.user_finance):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._generate("trend", user=user)
        # not around the dialog either
        wizard = self.env["complaint.statement.generate"].create({"kind": "trend"})
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_employee).action_generate()
        with self.assertRaises(UserError):
            self.statements.with_user(self.user_manager).create({"kind": "trend"})

    def test_who_decides(self):
        """R482: its owner, supervisors, managers; readers and heads do not."""
        for user in (self.user_finance, self.heads["Machining"]):
            for action in ("refresh", "start_review", "issue", "cancel"):
                statement = self.statement.with_user(user)
                with self.subTest(user=user.login, action=action):
                    with self.assertRaises(AccessError):
                        getattr(statement, f"action_{action}")()
        self.statement.with_user(self.user_supervisor).action_refresh()

    def test_who_writes(self):
        """R448: heads comment and remark; finance reads only; nobody forges."""
        head = self.heads["Machining"]
        line = self.statement.line_ids[0]
        line.with_user(head).remark = "Gauge checked"
        row = self.statement.ratio_ids.filtered(lambda r: r.reviewer_id == head)
        row.with_user(head).comment = "Agreed"
        for record, vals in ((line, {"remark": "x"}), (row, {"comment": "x"})):
            with self.assertRaises(AccessError):
                record.with_user(self.user_finance).write(vals)
        for record, vals in (
            (line, {"result": "x"}),
            (line, {"compared": {}}),
            (row, {"ratio": 1}),
            (row, {"reviewed_at": "2026-08-01"}),
            (row, {"confirmed_by_id": head.id}),
            (self.statement, {"state": "issued"}),
            (self.statement, {"date_to": "2026-08-31"}),
            (self.statement, {"line_ids": [(5,)]}),
        ):
            for user in (head, self.user_quality, self.user_manager):
                with self.subTest(vals=vals, user=user.login):
                    with self.assertRaises(UserError):
                        record.with_user(user).write(vals)

    def test_head_does_not_become_the_owner(self):
        """R482: nor the reviewer of another department, nor its voice."""
        head = self.heads["Machining"]
        rows = self.statement.ratio_ids
        other = rows.filtered(lambda row: row.reviewer_id != head)
        for record, vals in (
            (self.statement, {"owner_id": head.id}),
            (self.statement, {"summary": "x"}),
            (other, {"reviewer_id": head.id}),
            (other, {"comment": "Agreed"}),
            (rows - other, {"reviewer_id": self.user_finance.id}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.with_user(head).write(vals)
        with self.assertRaises(AccessError):
            rows.with_user(head).create(
                {
                    "statement_id": self.statement.id,
                    "department_id": self.department.id,
                }
            )

    def test_lists_on_the_form(self):
        """R448: a head saves the form; what is not his stays refused."""
        head = self.heads["Machining"]
        statement = self.statement.with_user(head)
        line = self.statement.line_ids[0]
        row = self.statement.ratio_ids.filtered(lambda r: r.reviewer_id == head)
        statement.write(
            {
                "case_line_ids": [(1, line.id, {"remark": "Checked"})],
                "ratio_ids": [(1, row.id, {"comment": "Agreed"})],
            }
        )
        self.assertEqual((line.remark, row.comment), ("Checked", "Agreed"))
        for vals in (
            {"case_line_ids": [(1, line.id, {"amount": 1})]},
            {"case_line_ids": [(2, line.id)]},
            {"ratio_ids": [(1, row.id, {"ratio": 1})]},
            {"ratio_ids": [(2, row.id)]},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                statement.write(vals)

    def test_corrections_cannot_be_written(self):
        """R481: they are what comparing finds."""
        corrections = self.env["complaint.statement.correction"]
        vals = {"statement_id": self.statement.id, "source_id": self.statement.id}
        for user in (self.user_manager, self.user_quality):
            with self.assertRaises(UserError):
                corrections.with_user(user).create(vals)
        with self.assertRaises(UserError):
            corrections.create(vals)

    def test_added_department_is_a_department(self):
        """R481: nothing but department, reviewer and comment can be added."""
        rows = self.env["complaint.statement.ratio"].with_user(self.user_quality)
        vals = {"statement_id": self.statement.id, "department_id": self.department.id}
        for forged in ({"ratio": 5}, {"reviewed_at": "2026-08-01"}, {"key": "x"}):
            with self.subTest(forged=forged), self.assertRaises(UserError):
                rows.create({**vals, **forged})
        with self.assertRaises(AccessError):
            rows.with_user(self.user_employee).create(vals)
        row = rows.create(vals)
        self.assertTrue(row.is_manual)
        row.unlink()
        with self.assertRaises(UserError):
            self.statement.ratio_ids[0].with_user(self.user_quality).unlink()

    def test_files_follow_the_statement(self):
        """R518, R520: who reads the statement reads its files, nobody else."""
        statement = self._issue(self.statement)
        file = statement.sudo().pdf_id
        self.env.invalidate_all()
        self.assertTrue(file.with_user(self.user_finance).raw)
        file.thumbnail = False  # what the chatter does with every PDF
        for user in (self.user_employee, self.user_handler, self.portal_user):
            self.env.invalidate_all()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                file.with_user(user).read(["raw"])

    def test_report_by_address(self):
        """R518: the print of a statement one may not read."""
        reports = self.env["report.helpdesk_mgmt_complaint.report_complaint_statement"]
        for user in (self.user_employee, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                reports.with_user(user)._get_report_values(self.statement.ids)
