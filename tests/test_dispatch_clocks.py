# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_dispatch import DispatchCommon
from .common_sla import MONDAY, SlaCommon

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestDispatchClocks(DispatchCommon, SlaCommon):
    """Every task has a clock of its own, derived from the event log (R258, R312)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._create_line(
            start="dispatched",
            targets=("dispatch_done",),
            name="Completion",
            amount=12,
            per_scope=True,
        )

    def setUp(self):
        super().setUp()
        self.ticket = self._accept()

    def _tick(self, hours):
        self.now.move_to(MONDAY + hours * HOUR)

    def test_each_dispatch_has_its_own_deadline(self):
        """R312: 12 h from the slip, for several at once; R258."""
        first = self._send(self.ticket)
        self._tick(3)
        second = self._send(self.ticket, to_user_id=self.stranger.id)
        self.assertEqual(first.due_at, MONDAY + 12 * HOUR)
        self.assertEqual(second.due_at, MONDAY + 15 * HOUR)
        self._tick(13)
        (first + second).invalidate_recordset()
        self.assertTrue(first.is_overdue)
        self.assertFalse(second.is_overdue)
        found = self.env["complaint.dispatch"].with_user(self.user_handler)
        own = [("ticket_id", "=", self.ticket.id)]
        self.assertEqual(found.search([*own, ("is_overdue", "=", True)]), first)
        self.assertEqual(found.search([*own, ("is_overdue", "=", False)]), second)
        late = [*own, ("due_at", ">", MONDAY + 13 * HOUR)]
        self.assertEqual(found.search(late), second)
        self._as(second, self.stranger).action_done("ok")
        self.assertEqual(second.deadline_ids.state, "met")
        self.assertEqual(first.deadline_ids.reached_at, False)
        self.assertFalse(found.search([*own, ("due_at", "=", False)]) - second)
        self.assertSameAsLog(self.ticket)

    def test_deadline_knows_task_department_and_person(self):
        """R258: the overdue reaction reaches the department that has the task."""
        dispatch = self._send(self.ticket)
        deadline = dispatch.deadline_ids
        self.assertEqual(deadline.dispatch_id, dispatch)
        self.assertEqual(deadline.department_id, self.production)
        self.assertEqual(deadline.user_id, self.head)
        self._as(dispatch, self.worker).action_accept()
        self.assertEqual(deadline.user_id, self.worker)
        levels = self.env["complaint.sla.escalation"]
        for role, user in (
            ("handler", self.worker),
            ("department_manager", self.head),
        ):
            level = levels.create({"line_id": self.line.id, "role": role})
            self.assertEqual(level._get_people(deadline)[0], user)

    def test_returned_or_cancelled_dispatch_needs_no_time(self):
        """R182: the clock ends, a new dispatch has a new one."""
        returned, cancelled = self._send(self.ticket), self._send(self.ticket)
        self._tick(2)
        self._as(returned, self.worker).action_return("not ours")
        cancelled.action_cancel("twice")
        for dispatch in returned + cancelled:
            deadline = dispatch.deadline_ids
            self.assertEqual(deadline.state, "cancelled")
            self.assertEqual(deadline.no_due_reason, "not_needed")
            self.assertFalse(dispatch.due_at)
        again = self._send(self.ticket)
        self.assertEqual(again.due_at, MONDAY + 14 * HOUR)
        self.assertSameAsLog(self.ticket)

    def test_limit_of_a_step_holds_for_its_dispatches_only(self):
        """R258: a table of steps and their days."""
        self.line.active = False
        for code, hours in (("check", 8), ("cause", 24)):
            self._create_step(code, task_kind="handling")
            self._create_line(
                start="dispatched",
                targets=("dispatch_done",),
                name=code,
                amount=hours,
                per_scope=True,
                start_step_code=code,
                target_step_code=code,
            )
        ticket = self._accept()
        steps = self.env["complaint.procedure.step"]
        due = {}
        for code in ("check", "cause"):
            step = steps.search(
                [("code", "=", code), ("procedure_id", "=", self.procedure.id)]
            )
            due[code] = self._send(ticket, step_id=step.id).due_at
        self.assertEqual(due["check"], MONDAY + 8 * HOUR)
        self.assertEqual(due["cause"], MONDAY + 24 * HOUR)
        self.assertFalse(self._send(ticket).due_at)
        self.assertSameAsLog(ticket)

    def test_limit_between_two_steps_is_met_by_the_second_only(self):
        """R258: target step, without a clock per dispatch."""
        self._create_line(
            start="accepted",
            targets=("dispatch_done",),
            name="Answer",
            amount=48,
            target_step_code="answer",
        )
        step = self._create_step("answer")
        ticket = self._accept()
        self._as(self._send(ticket), self.worker).action_done("ok")
        deadline = self._deadlines(ticket, name="Answer")
        self.assertEqual(deadline.state, "running")
        self._tick(4)
        answer = self._send(ticket, step_id=step.id)
        self._as(answer, self.worker).action_done("ok")
        self.assertEqual(deadline.state, "met")
        self.assertEqual(deadline.reached_at, MONDAY + 4 * HOUR)

    def test_changed_step_code_makes_a_new_version_of_the_line(self):
        """R321: complaints keep the limit they were matched with."""
        self.line.start_step_code = "other"
        self.assertFalse(self.line.active)
        self.assertEqual(
            self._send(self.ticket).due_at, MONDAY + 12 * HOUR, "the old one holds"
        )

    def test_progress_within_24_hours(self):
        """R313: what is not completed is reported on; per dispatch."""
        self._create_line(
            start="dispatched",
            targets=("progress_reported", "dispatch_done"),
            name="Progress",
            amount=24,
            per_scope=True,
        )
        ticket = self._accept()
        first, second = self._send(ticket), self._send(ticket)
        self._tick(20)
        self._as(first, self.worker).action_report_progress("Waiting for parts")
        states = {
            dispatch: dispatch.deadline_ids.filtered(
                lambda row: row.name == "Progress"
            ).state
            for dispatch in (first, second)
        }
        self.assertEqual(states, {first: "met", second: "running"})
        self.assertSameAsLog(ticket)

    def test_daily_progress_of_a_task(self):
        """R315: every day before 17:00, until the task is finished."""
        self._create_line(
            start="dispatched",
            targets=("progress_reported",),
            until_type_ids=[(6, 0, self._type("dispatch_done").ids)],
            name="Daily",
            unit="wall_clock",
            amount=1,
            at_time=17,
            recurrence="daily",
            per_scope=True,
        )
        ticket = self._accept()
        dispatch = self._send(ticket)
        mine = self._as(dispatch, self.worker)
        mine.action_report_progress("Day one")
        self._tick(9)
        daily = dispatch.deadline_ids.filtered(lambda row: row.name == "Daily")
        ticket.sudo()._complaint_clock_refresh()
        daily = self._deadlines(ticket, name="Daily")
        self.assertEqual(daily.mapped("state"), ["met", "running"])
        self.assertEqual(daily.dispatch_id, dispatch)
        mine.action_done("ok")
        self.assertEqual(
            self._deadlines(ticket, name="Daily").mapped("state"), ["met", "cancelled"]
        )
        self.assertSameAsLog(ticket)

    def test_escalation_of_a_task_asks_its_head_for_an_instruction(self):
        """R324: fired by the sweep, to the head of the department that has the task."""
        self.env["complaint.sla.escalation"].create(
            {
                "line_id": self.line.id,
                "moment": "after_due",
                "amount": 1,
                "role": "department_manager",
                "require_instruction": True,
            }
        )
        dispatch = self._send(self.ticket)
        mine = self._as(dispatch, self.worker)
        mine.action_accept()
        self._tick(14)
        dispatch.deadline_ids.sudo()._handle(MONDAY + 14 * HOUR)
        row = dispatch.deadline_ids.sudo().escalation_ids
        self.assertEqual(row.user_ids, self.head)
        with self.assertRaisesRegex(UserError, "instruction of dispatch_head"):
            mine.action_done("ok")
        self._sign(dispatch, self.head, kind="instruction")
        mine.action_done("ok")
        self.assertEqual(dispatch.state, "done")
        self.assertSameAsLog(self.ticket)

    def test_finished_dispatch_shows_when_it_had_to_be(self):
        """R312: the slip keeps its due time."""
        dispatch = self._send(self.ticket)
        self._tick(14)
        self._as(dispatch, self.worker).action_done("late")
        self.assertEqual(dispatch.due_at, MONDAY + 12 * HOUR)
        self.assertEqual(dispatch.deadline_ids.state, "missed")
        self.assertFalse(dispatch.is_overdue)
