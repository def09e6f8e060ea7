# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
from unittest.mock import patch

from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import mute_logger

from .common_statement import AFTER_AUGUST, AUGUST, JULY, StatementCommon


class TestStatement(StatementCommon):
    """From last month's closed complaints to a statement that stays."""

    def setUp(self):
        super().setUp()
        self._create_july()

    def test_cases_are_those_closed_in_the_month(self):
        """R481, K01: by the company's calendar, with item, responsibility, result."""
        statement = self._generate()
        lines = self._lines(statement)
        wanted = [self.cases[name] for name in ("midnight", "first", "shared")]
        self.assertEqual(lines.mapped("case_id"), sum(wanted, self.cases["first"][:0]))
        line = lines[2]
        self.assertEqual(line.number, self.cases["shared"].complaint_number)
        self.assertEqual(line.customer, self.customer.name)
        self.assertEqual(line.item, "D-100 Cracked cage")
        self.assertEqual(line.department, "Purchasing 70 %\nMachining 30 %")
        self.assertEqual(line.countermeasure, "New gauge at station 4")
        self.assertEqual(line.result, "Exchange accepted")
        self.assertEqual((line.amount, line.quantity), (500, 3))
        self.assertAlmostEqual(line.days, 17)
        self.assertEqual(statement.case_count, 3)
        self.assertEqual(str(lines[0].at), "2026-07-01")

    def test_ratio_and_loss_per_department(self):
        """R482, R501, K02, K05: counted here by hand from the liabilities."""
        statement = self._generate()
        found = {
            row.department_id.name: (row.case_count, row.ratio, row.amount)
            for row in statement.ratio_ids
        }
        self.assertEqual(
            found,
            {
                "Machining": (2, 43.33, 1000 + 150),
                "Purchasing": (2, 56.67, 350),
            },
        )
        heads = statement.ratio_ids.mapped("reviewer_id")
        self.assertEqual(heads, self.heads["Purchasing"] + self.heads["Machining"])

    def test_complaint_without_liability_is_shown_as_such(self):
        """R482: shares of all parties make 100 %."""
        self._create_closed((2026, 7, 1), (2026, 7, 5))
        statement = self._generate()
        self.assertAlmostEqual(sum(statement.ratio_ids.mapped("ratio")), 100, 1)
        nobody = statement.ratio_ids.filtered(lambda row: not row.department_id)
        self.assertEqual((nobody.party, nobody.ratio), ("Not assigned", 25))

    def test_one_live_statement_for_a_period(self):
        """R259: made again it is opened; a cancelled one makes room."""
        first = self._generate()
        self.assertEqual(self._generate(user=self.user_supervisor), first)
        first.action_cancel()
        second = self._generate()
        self.assertNotEqual(first, second)
        self.assertEqual(len(second.line_ids), 3)

    def test_refresh_keeps_what_people_entered(self):
        """R448: remarks, comments, added departments and reviewers stay."""
        statement = self._generate()
        line = self._lines(statement)[1].with_user(self.user_quality)
        line.remark = "Gauge calibrated"
        office = self.env["complaint.statement.ratio"].with_user(self.user_quality)
        office = office.create(
            {"statement_id": statement.id, "department_id": self.department.id}
        )
        row = statement.ratio_ids.filtered("ratio")[0]
        row.write({"comment": "Agreed", "reviewer_id": self.user_supervisor.id})
        self._create_closed((2026, 7, 1), (2026, 7, 9))
        statement.action_refresh()
        self.assertEqual(len(self._lines(statement)), 4)
        self.assertEqual(line.remark, "Gauge calibrated")
        self.assertTrue(office.exists())
        self.assertEqual(row.comment, "Agreed")
        self.assertEqual(row.reviewer_id, self.user_supervisor)

    def test_heads_review_then_ratios_are_confirmed(self):
        """R481, R482: each with his own name and time, in this order."""
        statement = self._generate()
        with self.assertRaisesRegex(UserError, "Not reviewed yet"):
            statement.action_issue()
        statement.action_start_review()
        head = self.heads["Machining"]
        todo = statement.activity_ids.filtered(lambda a: a.user_id == head)
        self.assertTrue(todo)
        with self.assertRaisesRegex(UserError, "head of the department"):
            statement.action_confirm_ratios()
        rows = statement.ratio_ids
        machining = rows.filtered(lambda row: row.reviewer_id == head)
        with self.assertRaisesRegex(UserError, "Only Head of Purchasing"):
            (rows - machining).with_user(head).action_review()
        statement.with_user(head).action_review()
        self.assertEqual(machining.reviewed_by_id, head)
        self.assertTrue(machining.reviewed_at)
        self.assertFalse(todo.exists().filtered("active"))
        (rows - machining).with_user(self.heads["Purchasing"]).action_review()
        with self.assertRaisesRegex(UserError, "Confirm the ratios"):
            statement.action_issue()
        statement.action_confirm_ratios()
        self.assertEqual(statement.state, "confirmed")
        self.assertEqual(rows.confirmed_by_id, self.user_quality)
        statement.action_issue()
        self.assertEqual(statement.state, "issued")
        self.assertEqual(statement.issued_by_id, self.user_quality)

    def test_back_to_draft_ends_the_signatures(self):
        """R482: other ratios need other signatures."""
        statement = self._generate()
        statement.action_start_review()
        with self.assertRaisesRegex(UserError, "Take it back"):
            statement.action_refresh()
        statement.with_user(self.heads["Machining"]).action_review()
        statement.action_back_to_draft()
        self.assertFalse(statement.ratio_ids.filtered("reviewed_at"))
        self.assertFalse(statement.activity_ids)

    def test_issued_statement_takes_no_change(self):
        """R481: not by RPC, import, superuser, copy or deletion."""
        statement = self._issue(self._generate())
        line, row = self._lines(statement)[0], statement.ratio_ids[0]
        manager = self.user_manager
        for record, vals in (
            (statement, {"summary": "x"}),
            (statement, {"state": "draft"}),
            (statement, {"pdf_id": False}),
            (statement, {"line_ids": [(5,)]}),
            (statement, {"case_line_ids": [(1, line.id, {"remark": "x"})]}),
            (statement, {"ratio_ids": [(1, row.id, {"comment": "x"})]}),
            (line, {"remark": "x"}),
            (line, {"amount": 1}),
            (row, {"comment": "x"}),
            (row, {"ratio": 1}),
        ):
            for env in (record.with_user(manager), record.sudo()):
                with self.subTest(vals=vals), self.assertRaises(UserError):
                    env.write(vals)
        forged = statement.sudo().with_context(complaint_statement=True)
        with self.assertRaises(UserError):
            forged.write({"state": "draft"})
        for model in ("complaint.statement", "complaint.statement.line"):
            with self.subTest(model=model), self.assertRaises(UserError):
                self.env[model].create({"statement_id": statement.id, "kind": "cases"})
        with self.assertRaises(UserError):
            statement.sudo().copy()
        for record in (statement, line, row):
            with self.subTest(record=record), self.assertRaises(UserError):
                record.sudo().unlink()
        for action in ("refresh", "back_to_draft", "cancel", "issue"):
            with self.subTest(action=action), self.assertRaises(UserError):
                getattr(statement, f"action_{action}")()
        with mute_logger("odoo.models.unlink"), self.assertRaises(AccessError):
            statement.with_user(manager).unlink()

    def test_files_are_made_once_and_stay(self):
        """R502: the stored files are the ones that are downloaded."""
        statement = self._issue(self._generate())
        for name in ("pdf", "xlsx"):
            file = statement.sudo()[f"{name}_id"]
            digest = hashlib.sha256(file.raw).hexdigest()
            self.assertEqual(digest, statement[f"{name}_sha256"])
            for vals in ({"raw": b"other"}, {"res_id": 0}, {"name": "x"}):
                with self.subTest(vals=vals), self.assertRaises(UserError):
                    file.write(vals)
            with self.assertRaises(UserError):
                file.unlink()
            action = getattr(statement, f"action_download_{name}")()
            self.assertEqual(action["url"], f"/web/content/{file.id}?download=true")
        self.assertTrue(statement.are_files_intact)
        self.env.invalidate_all()
        # as a screen reads it
        seen = statement.with_context(bin_size=True).web_read({"are_files_intact": {}})
        self.assertTrue(seen[0]["are_files_intact"])
        self.assertEqual(self.prints, 1)
        self.env.cr.execute(
            "UPDATE complaint_statement SET pdf_sha256 = 'x' WHERE id = %s",
            [statement.id],
        )
        statement.invalidate_recordset()
        self.assertFalse(statement.are_files_intact)

    def test_later_changes_appear_in_the_next_statement_only(self):
        """R481: edit, reopen, cancel and close later; July stays as it was signed."""
        july = self._issue(self._generate())
        before = (july.sudo().pdf_id.raw, july.sudo().xlsx_id.raw, self._read(july))
        cases = self.cases
        with self._at(2026, 8, 20):
            liability = cases["shared"].complaint_liability_ids
            (liability[0] + liability[1]).write({"ratio": 50})
            cases["first"].action_complaint_reopen("Found again")
            late = self._create_closed((2026, 7, 1), (2026, 8, 2))
            closed = late.complaint_event_ids.filtered(lambda e: e.code == "closed")
            # its day of closing was entered wrongly: it was 30 July
            late._complaint_event(
                "closed",
                at="2026-07-30 02:00:00",
                corrects_id=closed.id,
                cycle=closed.cycle,
            )
        self.now.move_to(AFTER_AUGUST)
        august = self._generate(period=AUGUST)
        told = {row[1:4]: row[4] for row in self._corrections(august)}
        self.assertEqual(
            set(told),
            {
                (cases["shared"].complaint_number, "changed", "department"),
                (cases["first"].complaint_number, "removed", False),
                (late.complaint_number, "added", False),
            },
        )
        shared = (cases["shared"].complaint_number, "changed", "department")
        self.assertEqual(told[shared], "Machining 50 %\nPurchasing 50 %")
        self.assertEqual(august.correction_ids.source_id, july)
        self.assertEqual(self._lines(august).case_id, cases["august"])
        after = (july.sudo().pdf_id.raw, july.sudo().xlsx_id.raw, self._read(july))
        self.assertEqual(before, after)

    def test_correction_is_told_once(self):
        """R481: what an issued statement told is known from then on."""
        self._issue(self._generate())
        self.cases["shared"].complaint_liability_ids.write({"ratio": 50})
        self.now.move_to(AFTER_AUGUST)
        august = self._generate(period=AUGUST)
        self.assertEqual(len(august.correction_ids), 1)
        august.action_refresh()
        self.assertEqual(len(august.correction_ids), 1)
        self._issue(august)
        self.now.move_to("2026-10-04 02:00:00")
        september = self._generate(period=("2026-09-01", "2026-09-30"))
        self.assertFalse(september.correction_ids)
        # and a second change is compared with what was told
        liability = self.cases["shared"].complaint_liability_ids
        liability[1].ratio = 20
        liability[0].ratio = 80
        september.action_refresh()
        row = september.correction_ids
        self.assertEqual(row.old_value, "Machining 50 %\nPurchasing 50 %")

    def test_new_names_are_no_corrections(self):
        """R481: renaming a department or defect changes no figure."""
        self._issue(self._generate())
        self.departments["Machining"].name = "Workshop 1"
        self.defect.name = "Broken cage"
        self.customer.name = "Meyer SE"
        self.now.move_to(AFTER_AUGUST)
        self.assertFalse(self._generate(period=AUGUST).correction_ids)

    def test_corrections_are_not_told_by_two(self):
        """R481: who was overtaken by another statement reads the figures again."""
        self._issue(self._generate())
        self.cases["shared"].complaint_liability_ids.write({"ratio": 50})
        self.now.move_to(AFTER_AUGUST)
        august = self._generate(period=AUGUST)
        june = self._generate(period=("2026-06-01", "2026-06-30"))
        self.assertEqual(len(june.correction_ids), 1)
        self._issue(august)
        with self.assertRaisesRegex(UserError, "refresh"):
            june.action_issue()
        june.action_refresh()
        self.assertFalse(june.correction_ids)

    def test_empty_month_is_issued_without_review(self):
        """R481: nothing was closed, nobody is asked."""
        statement = self._generate(period=("2026-01-01", "2026-01-31"))
        statement.action_issue()
        self.assertEqual((statement.state, statement.case_count), ("issued", 0))

    def test_department_without_head_is_signed_by_a_supervisor(self):
        """R481: in his own name."""
        self.departments["Machining"].manager_id = False
        statement = self._generate()
        statement.action_start_review()
        row = statement.ratio_ids.filtered(lambda r: not r.reviewer_id)
        with self.assertRaisesRegex(UserError, "supervisor"):
            row.with_user(self.user_quality).action_review()
        row.with_user(self.user_supervisor).action_review()
        self.assertEqual(row.reviewed_by_id, self.user_supervisor)

    def test_two_at_once_make_one(self):
        """R259: who is second is run again and finds the first one."""
        first = self._generate()
        statements = self.env["complaint.statement"]
        nothing = patch.object(
            type(statements), "_find_live", lambda self, *args: self.browse()
        )
        with nothing, mute_logger("odoo.sql_db"), self.assertRaises(ConcurrencyError):
            statements._generate("cases", self.company, *JULY)
        self.assertEqual(statements._generate("cases", self.company, *JULY), first)

    def test_queries_do_not_grow_with_the_complaints(self):
        """R481: one statement for the rows, one for the corrections."""
        self._issue(self._generate())
        counts = []
        for number in range(2):
            if number:
                self.now.move_to("2026-08-05 02:00:00")
                for _count in range(8):
                    self._create_closed(
                        (2026, 8, 1),
                        (2026, 8, 3),
                        [(self.departments["Machining"], 100)],
                    )
            self.now.move_to(AFTER_AUGUST)
            statement = self._generate(period=AUGUST)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            statement.sudo()._refresh()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            size = len(self._lines(statement))
            if not number:
                statement.action_cancel()
        self.assertEqual(size, 9)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def _read(self, statement):
        """Return all that a statement says."""
        self.env.invalidate_all()
        statement = statement.sudo()
        skipped = {"write_date", "corrected_by_ids", "message_ids"}
        names = [
            name
            for name, field in statement._fields.items()
            if field.store and field.type != "one2many" and name not in skipped
        ]
        lines = statement.line_ids
        return (
            statement.read(names),
            lines.read([n for n, f in lines._fields.items() if f.store]),
            statement.ratio_ids.read(),
        )
