# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from html import unescape

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common_dispatch import DispatchCommon
from .common_duty import DutyCommon
from .common_escalation import EscalationCommon
from .common_screens import text_of
from .common_sla import MONDAY, SlaCommon

_HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestClocksOfTasks(DispatchCommon, SlaCommon, EscalationCommon):
    """Who has a task sees its clocks; who is recused sees none."""

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
        cls._levels(cls, cls.line, ("after_due", 0, "department_manager"))

    def setUp(self):
        super().setUp()
        self.ticket = self._accept(complaint_department_id=self.department.id)
        self.task = self._send(self.ticket)
        self.row = self.task.deadline_ids.sudo()

    def _get_my_deadlines(self, user):
        deadlines = self.env["complaint.deadline"].with_user(user)
        view = self.env.ref("helpdesk_mgmt_complaint.complaint_deadline_view_search")
        arch = deadlines.get_view(view.id, "search")["arch"]
        domain = arch.partition('name="mine"')[2].partition('domain="')[2]
        domain = unescape(domain.partition('"')[0])
        return deadlines.search(safe_eval(domain, {"uid": user.id}))

    def _make_late(self):
        self.now.move_to(MONDAY + 13 * _HOUR)
        self._sweep()

    def test_my_deadlines_of_who_has_only_a_task(self):
        """R520, R241: head and members until one accepts it, then that one."""
        for user in (self.head, self.worker, self.colleague):
            self.assertEqual(self._get_my_deadlines(user), self.row)
        self.assertFalse(self._get_my_deadlines(self.stranger))
        seen = self.row.with_user(self.worker)
        self.assertEqual(seen.dispatch_id.number, self.task.number)
        self.assertEqual(seen.department_id.name, "Production")
        self._as(self.task, self.worker).action_accept()
        self.assertEqual(self._get_my_deadlines(self.worker), self.row)
        self._as(self.task, self.worker).action_done("Repaired")
        self.assertEqual(self.row.state, "met")

    def test_lists_timeline_and_mails_name_the_task(self):
        """R241, R258: two tasks of one limit can be told apart."""
        other = self._send(self.ticket, to_department_id=self.stores.id)
        rows = self.row + other.deadline_ids.sudo()
        timeline = text_of(self.ticket.complaint_timeline)
        for task, row in zip(self.task + other, rows, strict=True):
            self.assertIn(f"Completion ({task.number})", row.display_name)
            self.assertIn(f"Completion ({task.number})", timeline)
            self.assertIn(task.to_department_id.name, timeline)
        self._make_late()
        told = rows.escalation_ids
        self.assertEqual(told.user_ids, self.head + self.stranger)
        for task, row in zip(self.task + other, rows, strict=True):
            self.assertIn(task.number, row.escalation_ids._get_text())
            # not that of the complaint, but that of the task
            department = task.sudo().to_department_id
            self.assertEqual(row.escalation_ids.user_ids, department.manager_id.user_id)
        event = self.ticket.sudo().complaint_event_ids.filtered(
            lambda event: event.code == "escalated"
        )
        self.assertIn(other.number, " ".join(event.mapped("note")))

    def test_blindly_recused_sees_no_clock(self):
        """R519: handler, supervisor or manager, told before or not."""
        self._make_late()
        self.row.with_user(self.user_supervisor)._react("Where is it?")
        models = (
            "complaint.deadline",
            "complaint.deadline.report",
            "complaint.escalation",
            "complaint.deadline.reaction",
            "complaint.dispatch",
        )
        domain = [("ticket_id", "=", self.ticket.id)]
        users = self.user_manager + self.user_supervisor + self.head
        for user in users:
            for model in models[:1] + models[2:]:
                self.assertTrue(self.env[model].with_user(user).search(domain), model)
        procedure = self.ticket.sudo().complaint_procedure_id
        procedure.recused_blind = True
        self.ticket.sudo().complaint_recused_extra_ids = users
        self.env.flush_all()
        self.env.invalidate_all()
        for user in users:
            for model in models:
                rows = self.env[model].with_user(user)
                if not rows.has_access("read"):
                    continue
                self.assertFalse(rows.search_count(domain), (user.login, model))
            with self.assertRaises(AccessError):
                self.row.with_user(user).read(["name"])
        self.assertTrue(
            self.env["complaint.deadline"]
            .with_user(self.user_handler)
            .search_count(domain)
        )


@tagged("post_install", "-at_install")
class TestClocksOfDuties(DutyCommon):
    """What is said of a duty is seen by who knows the duty."""

    def test_reaction_to_a_missed_duty_is_not_for_everybody(self):
        """R322, R520: its owner and who reads all, no other employee."""
        duty = self._create_duty()
        row = self._rows(duty)
        self._run(row.due_at + timedelta(days=1))
        reaction = row.with_user(self.user_supervisor)._react("Why is it missing?")
        for user in (self.owner, self.user_handler, self.user_manager):
            self.assertTrue(reaction.with_user(user).has_access("read"), user.login)
        for user in (self.user_register, self.user_handler_b, self.portal_user):
            rows = self.env["complaint.deadline.reaction"].with_user(user)
            self.assertFalse(reaction.with_user(user).has_access("read"), user.login)
            if rows.has_access("read"):
                self.assertFalse(rows.search([("id", "=", reaction.id)]))
