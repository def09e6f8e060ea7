# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_sla import MONDAY, SlaCommon

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestDeadlineChanges(SlaCommon):
    """What people do to running clocks, and how they end."""

    # ------------------------------------------------------------------
    # Pauses
    # ------------------------------------------------------------------

    def test_pause_by_hand_moves_the_due_time(self):
        """R320: with a reason, by a handler, all clocks of the complaint."""
        self._create_line()
        ticket = self._accept()
        self.now.tick(HOUR)
        self._wizard(ticket, "pause", reason="Waiting for the customer")
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.state, "paused")
        self.assertFalse(deadline.due_at)
        self.assertFalse(ticket.complaint_next_due_at)
        self.now.tick(10 * HOUR)
        self._wizard(ticket, "resume")
        self.assertEqual(deadline.state, "running")
        self.assertEqual(deadline.due_at, MONDAY + 34 * HOUR)
        self.assertEqual(deadline.pause_ids.reason, "Waiting for the customer")
        self.assertEqual(deadline.pause_ids.end_at, MONDAY + 11 * HOUR)
        self.assertSameAsLog(ticket)

    def test_pause_of_one_deadline_leaves_the_others(self):
        """R320: only the chosen one stands still."""
        self._create_line()
        self._create_line(targets=("solution_given",))
        ticket = self._accept()
        first, second = self._deadlines(ticket)
        self._wizard(ticket, "pause", first)
        self.assertEqual((first.state, second.state), ("paused", "running"))

    def test_pause_needs_reason_and_handler(self):
        """R320: clear errors, nothing lost."""
        self._create_line()
        ticket = self._accept()
        with self.assertRaisesRegex(UserError, "reason"):
            ticket.action_complaint_pause(" ")
        with self.assertRaisesRegex(UserError, "handler"):
            ticket.with_user(self.user_register)._complaint_pause("x")
        with self.assertRaisesRegex(UserError, "paused"):
            ticket.action_complaint_resume("x")
        self.assertEqual(
            ticket.action_complaint_pause()["res_model"], "complaint.deadline.change"
        )

    def test_phase_pauses_the_clock(self):
        """R320: it stands while the complaint is in verification."""
        self._create_line(targets=("closed",), pause_phases="verification,decision")
        ticket = self._accept()
        self.now.tick(HOUR)
        ticket._complaint_move_to_phase("verification")
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.state, "paused")
        self.now.tick(HOUR)
        ticket._complaint_move_to_phase("execution")
        self.assertEqual(deadline.state, "running")
        self.assertEqual(deadline.due_at, MONDAY + 25 * HOUR)
        self.assertSameAsLog(ticket)

    def test_every_phase_change_is_logged(self):
        """R320: old and new phase, also without any policy."""
        self.policy.active = False
        ticket = self._accept()
        ticket._complaint_move_to_phase("investigation")
        events = ticket.complaint_event_ids.sorted("id")
        self.assertEqual(
            [e.payload for e in events if e.code == "phase_changed"],
            [
                {"old": "draft", "new": "accepted"},
                {"old": "accepted", "new": "investigation"},
            ],
        )

    # ------------------------------------------------------------------
    # Other dates
    # ------------------------------------------------------------------

    def test_customer_deadline_wins_and_policy_stays_visible(self):
        """R319, R051: withdrawn, the policy's time holds again."""
        self._create_line()
        wanted = MONDAY + 3 * HOUR
        ticket = self._accept(complaint_customer_deadline=wanted)
        deadline = self._deadlines(ticket)
        ticket.complaint_customer_deadline = MONDAY + 5 * HOUR
        self.assertEqual(deadline.due_at, MONDAY + 5 * HOUR)
        self.assertEqual(deadline.due_kind, "customer_deadline")
        self.assertEqual(deadline.policy_due_at, MONDAY + 24 * HOUR)
        ticket.complaint_customer_deadline = False
        self.assertEqual(deadline.due_at, MONDAY + 24 * HOUR)
        self.assertEqual(deadline.due_kind, "policy")
        self.assertSameAsLog(ticket)

    def test_customer_deadline_at_registration_counts(self):
        """R051: given with the complaint itself."""
        self._create_line("registered")
        wanted = MONDAY + 3 * HOUR
        ticket = self._register(complaint_customer_deadline=wanted)
        self.assertEqual(self._deadlines(ticket).due_at, wanted)

    def test_appointment_wins_where_the_line_says_so(self):
        """R052: only lines that ask for it."""
        self._create_line(use_appointment=True)
        self._create_line(targets=("solution_given",))
        ticket = self._accept()
        ticket.complaint_appointment_at = MONDAY + 50 * HOUR
        first, second = self._deadlines(ticket)
        self.assertEqual(first.due_at, MONDAY + 50 * HOUR)
        self.assertEqual(first.due_kind, "appointment")
        self.assertEqual(first.policy_due_at, MONDAY + 24 * HOUR)
        self.assertEqual(second.due_at, MONDAY + 24 * HOUR)
        self.assertSameAsLog(ticket)

    def test_extension_needs_approver_and_keeps_the_old_date(self):
        """R319: who approved, why, and both dates."""
        self._create_line()
        ticket = self._accept()
        deadline = self._deadlines(ticket)
        later = MONDAY + 72 * HOUR
        with self.assertRaisesRegex(UserError, "approved"):
            self._wizard(ticket, "extend", deadline, due_at=later)
        with self.assertRaisesRegex(UserError, "supervisor"):
            self._wizard(
                ticket,
                "extend",
                deadline,
                due_at=later,
                approver_id=self.user_handler.id,
            )
        approver = {"approver_id": self.user_supervisor.id}
        with self.assertRaisesRegex(UserError, "later"):
            self._wizard(ticket, "extend", deadline, due_at=MONDAY, **approver)
        self._wizard(ticket, "extend", deadline, due_at=later, **approver)
        self.assertEqual(deadline.due_at, later)
        self.assertEqual(deadline.due_kind, "extended")
        self.assertEqual(deadline.policy_due_at, MONDAY + 24 * HOUR)
        self.assertEqual(
            [c["due_at"] for c in deadline.changes],
            ["2026-07-07 01:00:00", "2026-07-09 01:00:00"],
        )
        event = ticket.complaint_event_ids.filtered(lambda e: e.code == "extended")
        self.assertEqual(event.payload["approver_id"], self.user_supervisor.id)
        self.assertEqual(event.note, "because")
        later = deadline._complaint_format(MONDAY + 72 * HOUR)
        self.assertIn(f"due {later} (Extended)", deadline.changes_note)
        self.assertSameAsLog(ticket)

    def test_earlier_date_by_hand(self):
        """R319: a date set by hand is not moved by a new policy."""
        self._create_line()
        ticket = self._accept()
        self._wizard(ticket, "set", self._deadlines(ticket), due_at=MONDAY + 2 * HOUR)
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.due_kind, "manual")
        ticket._complaint_pause("x")
        self.assertEqual(deadline.due_at, MONDAY + 2 * HOUR)
        self.assertSameAsLog(ticket)

    def test_waiver_with_reason(self):
        """R323: the row says why, and does not count as missed."""
        self._create_line()
        ticket = self._accept()
        deadline = self._deadlines(ticket)
        self._wizard(ticket, "waive", deadline, reason="Customer withdrew")
        self.assertEqual(deadline.state, "waived")
        self.assertEqual(deadline.waive_reason, "Customer withdrew")
        self.assertFalse(ticket.complaint_next_due_at)
        with self.assertRaisesRegex(UserError, "ended"):
            self._wizard(ticket, "waive", deadline)
        self.assertSameAsLog(ticket)

    # ------------------------------------------------------------------
    # Ends
    # ------------------------------------------------------------------

    def test_miss_must_be_explained_before_closing(self):
        """R323: where the line says so."""
        self._create_line(requires_breach_reason=True)
        ticket = self._accept()
        self.now.tick(48 * HOUR)
        with self.assertRaisesRegex(ValidationError, "First reply was missed"):
            ticket.action_complaint_close()
        deadline = self._deadlines(ticket)
        self._wizard(ticket, "explain", deadline, reason="Mail server was down")
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")
        self.assertEqual(deadline.breach_reason, "Mail server was down")
        self.assertEqual(deadline.state, "missed")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self._wizard(ticket, "explain", deadline, reason="Other")
        event = ticket.complaint_event_ids.filtered(
            lambda e: e.code == "breach_explained"
        )
        self.assertEqual(event.note, "Mail server was down")
        self.assertSameAsLog(ticket)

    def test_reopening_is_a_new_cycle(self):
        """R321: old rows stay untouched."""
        self._create_line()
        ticket = self._accept()
        ticket._complaint_event("acknowledged")
        old = self._deadlines(ticket)
        before = old.sudo().read()[0]
        ticket.action_complaint_close()
        self.now.tick(HOUR)
        ticket.action_complaint_reopen("Not solved")
        new = self._deadlines(ticket) - old
        self.assertEqual(new.cycle, 2)
        self.assertEqual(new.state, "running")
        self.assertEqual(new.due_at, MONDAY + 25 * HOUR)
        self.assertEqual(old.sudo().read()[0], before)
        self.assertSameAsLog(ticket)

    def test_cancelled_complaint_stops_its_clocks(self):
        """R512: the row says why."""
        self._create_line()
        ticket = self._accept()
        ticket._complaint_cancel("Sent to us by mistake")
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.state, "cancelled")
        self.assertEqual(deadline.no_due_reason, "cancelled")
        self.assertFalse(ticket.complaint_next_due_at)
        self.assertSameAsLog(ticket)

    def test_duplicate_stops_its_clocks(self):
        """R145: the original keeps its own."""
        self._create_line()
        original, ticket = self._accept(), self._accept()
        self.now.tick(HOUR)
        ticket.duplicate_id = original
        self.assertEqual(self._deadlines(ticket).state, "cancelled")
        self.assertEqual(self._deadlines(original).state, "running")
        self.assertFalse(ticket.complaint_next_due_at)
        self.assertSameAsLog(ticket + original)

    def test_archived_complaint_stops_its_clocks(self):
        """R145: merged into another one; back again, they run on."""
        self._create_line()
        ticket = self._accept()
        self.now.tick(HOUR)
        ticket.active = False
        self.assertEqual(self._deadlines(ticket).state, "cancelled")
        self.now.tick(HOUR)
        ticket.active = True
        self.assertEqual(self._deadlines(ticket).state, "running")
        self.assertEqual(ticket.complaint_next_due_at, MONDAY + 24 * HOUR)
        self.assertSameAsLog(ticket)

    def test_closing_ends_what_was_not_needed(self):
        """R241: clocks that start with the end go on, others do not."""
        self._create_line()
        self._create_line("closed", ("called_back",), amount=1)
        ticket = self._accept()
        ticket.action_complaint_close()
        first, second = self._deadlines(ticket)
        self.assertEqual(
            (first.state, first.no_due_reason), ("cancelled", "not_needed")
        )
        self.assertEqual(second.due_at, MONDAY + HOUR)
        self.assertEqual(ticket.complaint_next_due_at, MONDAY + HOUR)

    def test_transfer_moves_the_open_rows_only(self):
        """R182: the handler is copied until the row is finished."""
        self._create_line()
        self._create_line(targets=("solution_given",))
        ticket = self._accept(user_id=self.user_handler.id)
        ticket._complaint_event("acknowledged")
        ticket.user_id = self.user_quality
        self.assertEqual(
            self._deadlines(ticket).user_id, self.user_handler + self.user_quality
        )
        self.assertEqual(
            self._deadlines(ticket, state="met").user_id, self.user_handler
        )
