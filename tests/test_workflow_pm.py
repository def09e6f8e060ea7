# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from .common_workflow import WorkflowCommon


@tagged("post_install", "-at_install")
class TestWorkflowPm(WorkflowCommon):
    """W16: property complaint (004-R): dispatch, review, callback, supervisor.

    The front desk is a handler; engineer and head of engineering are employees.
    """

    preset = "PM"
    variant = "procedure_pm_complaint"
    groups_of_roles = {"customer_service": "handler", "supervisor": "supervisor"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engineering = cls.env["hr.department"].create({"name": "Engineering"})
        cls.engineer = cls._create_employee_user("engineer", cls.engineering)
        cls.head = cls._create_employee_user("head", cls.engineering)
        cls.engineering.manager_id = cls.head.employee_id
        cls.company.complaint_supervisor_id = cls.people["supervisor"]

    def _accepted(self):
        complaint = self._register(
            "customer_service", complaint_department_id=self.engineering.id
        )
        complaint.action_complaint_accept()
        return complaint

    def _reviewed(self, complaint=None, text="Pipe sealed."):
        complaint = complaint or self._accepted()
        self._do(complaint, "handle", text, self.engineer)
        self._do(complaint, "review", "Checked on site.")
        return complaint

    def test_dispatch_review_callback_supervisor(self):
        """W16, R205, R217, R353, R451: in this order, each by its own people."""
        complaint = self._accepted()
        task = self._open_dispatches(complaint, "handle")
        self.assertEqual(task.to_department_id, self.engineering)
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._do(complaint, "handle", "Pipe sealed.", self.engineer)
        self.assertEqual(complaint.complaint_phase, "verification")
        self._do(complaint, "review", "Checked on site.")
        with self.assertRaisesRegex(ValidationError, "Call the customer back"):
            complaint.action_complaint_close()
        self._call_back(complaint, self.people["customer_service"])
        self._do(complaint, "callback", "Dry, content.")
        with self.assertRaisesRegex(ValidationError, "Check result"):
            complaint.action_complaint_close()
        self._do(complaint, "archive", "Reviewed.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_result_comes_back_to_the_front_desk(self):
        """R205: by a message to who sent it, not only by the state of the task."""
        complaint = self._accepted()
        self._do(complaint, "handle", "Pipe sealed.", self.engineer)
        front_desk = self.people["customer_service"].partner_id
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "helpdesk.ticket"),
                ("res_id", "=", complaint.id),
                ("partner_ids", "in", front_desk.ids),
                ("body", "like", "Pipe sealed."),
            ]
        )
        self.assertEqual(messages.author_id, self.engineer.partner_id)

    def test_engineer_does_not_review_his_own_work(self):
        """R353: the review goes to the head, not to any member of the department."""
        complaint = self._accepted()
        self._do(complaint, "handle", "Pipe sealed.", self.engineer)
        task = self._open_dispatches(complaint, "review")
        self.assertEqual(task.to_user_id, self.head)
        with self.assertRaises(UserError):
            task.with_user(self.engineer).action_accept()

    def test_unsatisfied_customer_sends_it_back_to_the_department(self):
        """W16 step 8: handled, reviewed, called back and checked once more."""
        complaint = self._reviewed()
        front_desk = self.people["customer_service"]
        self._call_back(complaint, front_desk, "no")
        self._do(complaint, "callback", "Still dripping.")
        self._return_to(complaint, "handle", "Still dripping.")
        states = self._states(complaint)
        self.assertEqual(states["handle"], "now")
        self.assertEqual(states["review"], "pending")
        self.assertEqual(complaint.complaint_phase, "accepted")
        # a satisfied customer on the telephone does not replace the second review
        self._call_back(complaint, front_desk)
        with self.assertRaisesRegex(ValidationError, "Review by the department head"):
            complaint.action_complaint_close()
        self._reviewed(complaint, "Pipe exchanged.")
        self._call_back(complaint, front_desk)
        self._do(complaint, "callback", "Dry, content.")
        self._do(complaint, "archive", "Reviewed.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_supervisor_review_before_the_callback_does_not_count(self):
        """R451: signed too early, or by the front desk, it archives nothing."""
        complaint = self._reviewed()
        supervisor = self.people["supervisor"]
        front_desk = self.people["customer_service"]
        task = complaint._complaint_send_dispatch(
            {"kind": "check", "to_user_id": supervisor.id}
        )
        self._sign(complaint, supervisor, "check", "Looks fine.", task)
        task.with_user(supervisor).action_done("Looks fine.")
        self._call_back(complaint, front_desk)
        self._do(complaint, "callback", "Dry, content.")
        self._sign(complaint, front_desk, "check", "Looks fine.")
        with self.assertRaisesRegex(ValidationError, "after “Called back”"):
            complaint.action_complaint_close()
        self._do(complaint, "archive", "Reviewed.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_callback_before_the_department_finished_is_no_callback(self):
        """R217: the customer was asked before anything was reviewed."""
        complaint = self._accepted()
        self._call_back(complaint, self.people["customer_service"])
        self.assertEqual(self._states(complaint)["callback"], "pending")
        self._reviewed(complaint)
        self.assertEqual(self._states(complaint)["callback"], "now")
        with self.assertRaisesRegex(ValidationError, "Call the customer back"):
            complaint.action_complaint_close()

    def _sweep(self):
        def commit(_self, processed=0, *, remaining=None, deactivate=False):
            self.env.flush_all()
            return float("inf")

        # a test may not commit
        with patch.object(IrCron, "_commit_progress", commit):
            self.env["complaint.deadline"]._sweep()

    def test_unfinished_after_a_day_needs_the_written_instruction(self):
        """W16 step 6, R314, R324: the supervisor is told, the head has to sign."""
        # steps that are younger than the first task would count as added later
        now = fields.Datetime.now() + timedelta(days=1)
        with freeze_time(now) as clock:
            complaint = self._accepted()
            task = self._open_dispatches(complaint, "handle")
            task.with_user(self.engineer).action_accept()
            clock.move_to(now + timedelta(hours=24, minutes=1))
            self._sweep()
            # sudo: reading for the assertions only
            told = complaint.sudo().complaint_escalation_ids
            self.assertIn(self.people["supervisor"], told.user_ids)
            asked = told.filtered("instruction_required")
            self.assertEqual(asked.user_ids, self.head)
            with self.assertRaisesRegex(UserError, "written instruction of"):
                task.with_user(self.engineer).action_done("Pipe sealed.")
            self.assertEqual(task.state, "accepted")
            self._sign(complaint, self.engineer, "instruction", "Myself.", task)
            with self.assertRaisesRegex(UserError, "written instruction of"):
                task.with_user(self.engineer).action_done("Pipe sealed.")
            self._sign(complaint, self.head, "instruction", "Night shift, now.")
            self.assertEqual(asked.instruction_opinion_id.signed_by_id, self.head)
            task.with_user(self.engineer).action_done("Pipe sealed.")
        self.assertEqual(self._states(complaint)["review"], "now")
