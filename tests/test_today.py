# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common_dispatch import DispatchCommon


class TodayCommon(DispatchCommon):
    def _today(self, user):
        return self.env["complaint.today"].with_user(user).get_today()

    def _counts(self, user):
        return {card["code"]: card["count"] for card in self._today(user)["cards"]}

    def _set_due(self, ticket, **delta):
        due = fields.Datetime.now() + timedelta(**delta)
        ticket._complaint_write_clock_vals({"complaint_next_due_at": due})


@tagged("post_install", "-at_install")
class TestToday(TodayCommon):
    """R483: the handler sees in the morning what is his, due, overdue and waiting."""

    def test_counts_are_those_of_the_lists_behind_them(self):
        """R483: what a card counts is what its click opens."""
        late = self._create_complaint(user_id=self.user_handler.id)
        self._set_due(late, days=-2)
        self._set_due(self.complaint, days=30)
        self._create_complaint(user_id=self.user_quality.id)
        cards = self._today(self.user_handler)["cards"]
        counts = {card["code"]: card["count"] for card in cards}
        self.assertEqual((counts["mine"], counts["overdue"]), (2, 1))
        self.assertEqual(counts["today"], 0)
        for card in cards:
            action = card["action"]
            records = self.env[action["res_model"]].with_user(self.user_handler)
            self.assertEqual(
                records.search_count(action["domain"]), card["count"], card["code"]
            )

    def test_rows_come_by_due_time(self):
        """R483: the most urgent first, those without time limit last."""
        late = self._create_complaint(user_id=self.user_handler.id)
        self._set_due(late, days=-2)
        self._set_due(self.complaint, days=3)
        without = self._create_complaint(user_id=self.user_handler.id)
        rows = self._today(self.user_handler)["complaints"]
        expected = [late.id, self.complaint.id, without.id]
        self.assertEqual([row["id"] for row in rows], expected)
        self.assertTrue(rows[0]["is_late"])
        self.assertFalse(rows[1]["is_late"])

    def test_says_for_whom_a_complaint_waits(self):
        """R234: whose turn it is, and how many tasks."""
        self._send()
        self._send(instruction="Second look", kind="check")
        waiting = self._today(self.user_handler)["waiting"]
        self.assertEqual(len(waiting), 1)
        self.assertEqual(waiting[0]["who"], "Production")
        self.assertEqual(waiting[0]["count"], 2)

    def test_task_waits_for_the_worker(self):
        """R234: an employee without any group sees his department's tasks."""
        self._send()
        self.assertEqual(self._counts(self.worker)["tasks"], 1)
        self.assertEqual(self._counts(self.stranger)["tasks"], 0)
        self.assertEqual(self._counts(self.worker)["registered"], 0)
        self.assertNotIn("drafts", self._counts(self.worker))
        self.assertNotIn("all_open", self._counts(self.worker))

    def test_supervisor_sees_everything_but_what_he_is_recused_from(self):
        """R519: counts follow the same rules as lists."""
        before = self._counts(self.user_supervisor)["all_open"]
        self.complaint.complaint_recused_extra_ids = [
            Command.link(self.user_supervisor.id)
        ]
        self.assertEqual(self._counts(self.user_supervisor)["all_open"], before)
        self.complaint.complaint_procedure_id.recused_blind = True
        self.assertEqual(self._counts(self.user_supervisor)["all_open"], before - 1)

    def test_other_company_counts_nothing(self):
        """R483: companies are apart."""
        counts = self._counts(self.user_handler_b)
        self.assertEqual((counts["mine"], counts["drafts"]), (0, 0))

    def test_customer_is_refused(self):
        """R520: not for portal users."""
        with self.assertRaises(AccessError):
            self._today(self.portal_user)

    def test_number_of_queries_does_not_grow(self):
        """R483: twenty complaints cost what two cost."""
        self._today(self.user_handler)

        def count():
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._today(self.user_handler)
            return self.env.cr.sql_log_count - start

        few = count()
        for _index in range(9):
            self._create_complaint(user_id=self.user_handler.id)
        self.assertLessEqual(count(), few + 2)

    def test_works_in_a_read_only_transaction(self):
        """R502: a replica may serve it."""
        self.env.flush_all()
        self.env.cr.execute("SET TRANSACTION READ ONLY")
        self.assertTrue(self._today(self.user_handler)["cards"])


@tagged("post_install", "-at_install")
class TestTodayTour(TodayCommon, HttpCase):
    def test_start_page_in_the_browser(self):
        """R483: the page opens, a card opens its list, a number its complaint."""
        self._send()
        self.start_tour(
            "/odoo/complaint-today", "complaint_today", login="complaint_handler"
        )
