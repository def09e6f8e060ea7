# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common_duty import DutyCommon
from .common_statement import StatementCommon


@tagged("post_install", "-at_install")
class TestStatementDuties(StatementCommon, DutyCommon):
    """The clock of a statement runs from the first draft to the issue."""

    def setUp(self):
        super().setUp()
        self._create_july()
        self.now.move_to("2026-07-15 02:00:00")

    def _create_statistics_duty(self, **vals):
        return self._create_duty(
            name="Case statistics",
            statement_kind="cases",
            period_done="next",
            due_day="day",
            day_of_month=10,
            inclusive=False,
            **vals,
        )

    def test_draft_is_made_when_the_period_opens(self):
        """R259: on 1 August; once, and read again the next day."""
        duty = self._create_statistics_duty()
        self._run("2026-07-31 17:00:00")
        row = self._rows(duty).filtered(lambda r: str(r.period_start) == "2026-07-01")
        statement = row.statement_id
        self.assertEqual((statement.kind, statement.state), ("cases", "draft"))
        self.assertEqual(statement.owner_id, self.owner)
        self.assertEqual(len(statement.line_ids), 3)
        self._create_closed((2026, 7, 1), (2026, 7, 30))
        self._run("2026-07-31 18:00:00")
        self.assertEqual(len(statement.line_ids), 3)
        self._run("2026-08-02 02:00:00")
        self.env.invalidate_all()
        self.assertEqual(len(statement.line_ids), 4)
        self.assertEqual(self.statements.search_count([("kind", "=", "cases")]), 1)

    def test_issuing_meets_the_clock(self):
        """R259, R322: its owner is nothing but an employee."""
        duty = self._create_statistics_duty()
        self._run("2026-08-03 02:00:00")
        row = self._rows(duty).filtered(lambda r: str(r.period_start) == "2026-07-01")
        self._issue(row.statement_id, user=self.owner)
        self.assertEqual(row.state, "met")
        result = row.result_ids
        self.assertEqual(result.user_id, self.owner)
        self.assertEqual(result.statement_id, row.statement_id)
        self.assertIn(row.statement_id.pdf_sha256, result.text)

    def test_issued_too_late_is_a_miss(self):
        """R259: before the 10th; on the 10th it is late."""
        duty = self._create_statistics_duty()
        self._run("2026-08-10 02:00:00")
        row = self._rows(duty).filtered(lambda r: str(r.period_start) == "2026-07-01")
        self._issue(row.statement_id, user=self.owner)
        self.assertEqual(row.state, "missed")
        self.assertTrue(row.reached_at)

    def test_statement_made_by_hand_is_taken(self):
        """R259: the period finds it and is met by it."""
        with self._at(2026, 8, 1, 2):
            statement = self._generate(user=self.user_supervisor)
        duty = self._create_statistics_duty()
        self._run("2026-08-03 02:00:00")
        rows = self._rows(duty)
        self.assertIn(statement.sudo(), rows.statement_id)
        self._issue(statement, user=self.user_supervisor)
        self.assertEqual(statement.sudo().deadline_ids.state, "met")

    def test_cancelled_draft_is_made_again(self):
        """R322: the duty is still to be done."""
        duty = self._create_statistics_duty()
        self._run("2026-08-03 02:00:00")
        rows = self._rows(duty).filtered("statement_id")
        first = rows[-1].statement_id
        first.with_user(self.owner).action_cancel()
        self._run("2026-08-03 03:00:00")
        self.env.invalidate_all()
        self.assertTrue(rows[-1].statement_id)
        self.assertNotEqual(rows[-1].statement_id, first)

    def test_failing_statement_blocks_no_other(self):
        """R322: it is logged, the rest goes on."""
        self.env["complaint.form"].search(
            [("statement_kind", "=", "special")]
        ).active = False
        bad = self._create_duty(name="Special", statement_kind="special")
        good = self._create_statistics_duty()
        with self.assertLogs(
            "odoo.addons.helpdesk_mgmt_complaint.models.complaint_statement_duty_mixin",
            "WARNING",
        ):
            self._run("2026-08-03 02:00:00")
        self.assertFalse(self._rows(bad).statement_id)
        self.assertTrue(self._rows(good).statement_id)

    def test_presets_name_their_statement(self):
        """R259, R318: what the documents demand, without further set-up."""
        for name, kind in (
            ("m1_statistics", "cases"),
            ("pm_special_report", "special"),
            ("all_feedback_analysis", "trend"),
            ("all_process_review", "ontime"),
            ("gas_briefing", "feedback"),
        ):
            master = self.env.ref(f"helpdesk_mgmt_complaint.duty_{name}")
            copied = master._load_masters(self.company)[1]
            with self.subTest(name=name):
                self.assertEqual(copied.statement_kind, kind)
