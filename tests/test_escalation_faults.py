# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_escalation import NOW, EscalationCommon

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestEscalationFaults(EscalationCommon):
    """What goes wrong around a sweep: the cron, the clock, the calendar.

    Killed workers are in test_escalation_concurrency.py and, with two servers, in
    the stage `twoservers` of the harness.
    """

    def setUp(self):
        super().setUp()
        self.procedure.sla_policy_id = self.policy
        self.cron = self.env.ref("helpdesk_mgmt_complaint.ir_cron_complaint_escalate")

    def _accept(self):
        ticket = self._case(complaint_procedure_id=self.procedure.id)
        ticket.action_complaint_accept()
        return ticket

    def _run_cron(self):
        """What Odoo does when it is the cron's turn; nothing while it is disabled."""
        if self.cron.active:
            self.cron.ir_actions_server_id.run()

    def _read_levels(self, ticket):
        """Return the levels that were reached, in the order in which they were."""
        rows = self.env["complaint.escalation"].search(
            [("ticket_id", "=", ticket.id)], order="id"
        )
        return rows.mapped("level")

    # ------------------------------------------------------------------
    # The cron was off
    # ------------------------------------------------------------------

    def test_disabled_for_a_day_fires_in_order_once_when_back(self):
        """R323: all that was slept through, in order, in one mail per person."""
        self._levels(
            self.line,
            ("before_due", 4, "handler"),
            ("after_due", 0, "team_leader"),
            ("after_due", 8, "handler"),
            ("after_due", 72, "general_manager"),
        )
        start = NOW()
        late, answered = self._accept(), self._accept()
        self.cron.active = False
        with freeze_time(start + 23 * HOUR):
            self._run_cron()
            answered._complaint_event("acknowledged")
        with freeze_time(start + 47 * HOUR):
            self._run_cron()
            self.assertFalse(self._read_levels(late))
            self.cron.active = True
            for _turn in range(3):
                self._run_cron()
            self.assertEqual(self._read_levels(late), [1, 2, 3])
            self.assertEqual(len(self._mails(self.user_handler)), 1)
            self.assertEqual(len(self._mails(self.people["team_leader"])), 1)
            self.assertEqual(late.complaint_deadline_ids.state, "missed")
        # what was answered in the meantime tells nobody
        self.assertFalse(self._read_levels(answered))
        self.assertEqual(answered.complaint_deadline_ids.state, "met")
        with freeze_time(start + 97 * HOUR):
            self._run_cron()
        self.assertEqual(self._read_levels(late), [1, 2, 3, 4])

    # ------------------------------------------------------------------
    # The clock of the machine
    # ------------------------------------------------------------------

    def test_clock_set_back_fires_nothing_again(self):
        """R323: a sweep in the future, the clock corrected, the sweeps after it."""
        self._levels(
            self.line, ("after_due", 0, "handler"), ("after_due", 24, "team_leader")
        )
        start = NOW()
        ticket = self._accept()
        for hours, levels in ((25, [1]), (20, [1]), (25, [1]), (49, [1, 2])):
            with freeze_time(start + hours * HOUR):
                self._run_cron()
            self.assertEqual(self._read_levels(ticket), levels, hours)
        self.assertEqual(len(self._mails(self.user_handler)), 1)

    def test_levels_keep_their_distance_over_a_change_of_summer_time(self):
        """R320, R323: 24 hours after Saturday noon is not Sunday noon in Berlin."""
        self.company.complaint_tz = "Europe/Berlin"
        self._levels(self.line, ("before_due", 2, "handler"))
        with freeze_time("2026-03-28 11:00:00"):  # noon; the clocks go forward
            ticket = self._accept()
        for time, levels in (
            ("2026-03-29 08:59:59", []),
            ("2026-03-29 09:00:01", [1]),  # 11 o'clock summer time, 22 hours later
        ):
            with freeze_time(time):
                self._run_cron()
            self.assertEqual(self._read_levels(ticket), levels, time)

    # ------------------------------------------------------------------
    # The calendar is gone
    # ------------------------------------------------------------------

    def _accept_with_working_levels(self):
        calendar = self.company.resource_calendar_id
        self._levels(
            self.line,
            {
                "moment": "after_due",
                "amount": 2,
                "unit": "working_hour",
                "role": "handler",
            },
            ("after_due", 200, "team_leader"),
        )
        return calendar, self._accept()

    def test_calendar_of_the_company_cannot_be_deleted(self):
        """R320: who tries it in the middle of running clocks is refused."""
        calendar, ticket = self._accept_with_working_levels()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            calendar.unlink()
            self.env.flush_all()
        self.assertTrue(ticket.complaint_deadline_ids.due_at)

    def test_levels_fire_though_the_calendar_was_emptied(self):
        """R320, R323: working hours deleted while clocks run: late, not lost."""
        start = NOW()
        calendar, ticket = self._accept_with_working_levels()
        calendar.attendance_ids.unlink()
        self._assert_all_fire(ticket, start)

    def test_levels_fire_though_the_calendar_was_taken_away(self):
        """R320, R323: the company has no working hours any more."""
        start = NOW()
        _calendar, ticket = self._accept_with_working_levels()
        self.company.resource_calendar_id = False
        self._assert_all_fire(ticket, start)

    def _assert_all_fire(self, ticket, start):
        deadline = ticket.complaint_deadline_ids
        due = deadline.due_at
        with freeze_time(start + timedelta(days=20)):
            self._run_cron()
            self._run_cron()
        self.assertFalse(deadline.alarm_error)
        self.assertEqual(deadline.due_at, due)
        self.assertEqual(deadline.state, "missed")
        self.assertEqual(sorted(self._read_levels(ticket)), [1, 2])
