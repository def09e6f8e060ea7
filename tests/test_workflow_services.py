# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_workflow import WorkflowCommon


@tagged("post_install", "-at_install")
class TestWorkflowLaw(WorkflowCommon):
    """W11: law firm (003-Q)."""

    preset = "LAW"
    variant = "procedure_law"
    groups_of_roles = {"designated_person": "handler"}

    def _accepted(self, **vals):
        complaint = self._register("reception", **vals)
        complaint = complaint.with_user(self.people["designated_person"])
        complaint.action_complaint_accept()
        return complaint

    def test_opinion_investigation_partner_answer_satisfaction(self):
        """W11, R342, R352, R474: no promise before the partner decided."""
        complaint = self._accepted()
        with self.assertRaises(UserError):
            complaint._complaint_event("customer_informed")
        with self.assertRaisesRegex(ValidationError, "Handling opinion"):
            complaint._complaint_move_to_phase("decision")
        self._do(complaint, "opinion", "The fee note was wrong.")
        self._do(complaint, "investigate", "File checked, hours double.")
        self.assertEqual(self._states(complaint)["meeting"], "skipped")
        self._do(complaint, "decision", "Refund two hours.")
        self._do(complaint, "answer", "Letter of today.")
        self._call_back(complaint, self.people["designated_person"])
        self._do(complaint, "satisfaction", "Both sides content.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_matter_of_principle_needs_the_meeting(self):
        """R328: resolution of the meeting before the decision."""
        complaint = self._accepted()
        complaint.write({"complaint_is_major": True})
        self._do(complaint, "opinion")
        self._do(complaint, "investigate")
        self.assertEqual(self._states(complaint)["meeting"], "now")
        self._do(complaint, "meeting", "Resolution 7; the bar is not informed.")
        self.assertEqual(self._states(complaint)["decision"], "now")

    def test_dissatisfied_side_takes_it_back_to_the_handler(self):
        """R338: follow-up is recorded, the answer is given again."""
        complaint = self._accepted()
        for code in ("opinion", "investigate", "decision", "answer"):
            self._do(complaint, code)
        designated = self.people["designated_person"]
        self._call_back(complaint, designated, "no")
        self._do(complaint, "satisfaction", "The lawyer concerned disagrees.")
        with self.assertRaisesRegex(ValidationError, "not satisfied"):
            complaint.action_complaint_close()
        self._return_to(complaint, "answer", "The lawyer concerned disagrees.")
        self.assertEqual(self._states(complaint)["answer"], "now")
        self._call_back(complaint, designated)
        with self.assertRaisesRegex(ValidationError, "answer in writing"):
            complaint.action_complaint_close()
        self._do(complaint, "answer", "Second letter.")
        self._do(complaint, "satisfaction", "Both sides content.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_complained_about_lawyer_sees_and_does_nothing(self):
        """R519: recused in the rules, not only in views."""
        complaint = self._accepted()
        lawyer = self.people["partner"]
        complaint.write(
            {"complaint_accused_employee_ids": [(4, lawyer.employee_id.id)]}
        )
        self.assertIn(lawyer, complaint.sudo().complaint_recused_user_ids)
        found = self.env["helpdesk.ticket"].with_user(lawyer)
        self.assertFalse(found.search([("id", "=", complaint.id)]))
        with self.assertRaises(UserError):
            self._sign(complaint, lawyer, "decision")
        # nor does the route bring it to him: the task goes to nobody in person
        for code in ("opinion", "investigate"):
            self._do(complaint, code)
        for task in self._open_dispatches(complaint, "decision"):
            self.assertNotIn(lawyer, task._get_recipients()[task])
            with self.assertRaises(AccessError):
                task.with_user(lawyer).action_accept()

    def test_another_partner_decides_for_the_recused_one(self):
        """R519, R352: the office names the director; his decision counts."""
        complaint = self._accepted()
        lawyer = self.people["partner"]
        director = self._create_employee_user("director", self.departments["partner"])
        complaint.write(
            {"complaint_accused_employee_ids": [(4, lawyer.employee_id.id)]}
        )
        for code in ("opinion", "investigate"):
            self._do(complaint, code)
        self._do(complaint, "decision", "Refund two hours.", director)
        self._do(complaint, "answer", "Letter of today.")
        self.assertEqual(self._states(complaint)["satisfaction"], "now")


@tagged("post_install", "-at_install")
class TestWorkflowMed(WorkflowCommon):
    """W12: medical-device feedback (003-U 4)."""

    preset = "MED"
    variant = "procedure_med"
    groups_of_roles = {"business": "handler", "quality": "quality"}

    def _assessed(self, **vals):
        complaint = self._register("business", **vals)
        complaint = complaint.with_user(self.people["quality"])
        complaint.action_complaint_accept()
        return complaint

    def test_complaint_with_corrective_action_and_supervision(self):
        """W12, R453: action, answer, supervision by the representative."""
        complaint = self._assessed(complaint_nature="complaint")
        self._do(complaint, "nature", "Seal of the pouch; severity major.")
        states = self._states(complaint)
        self.assertEqual(states["repair"], "skipped")
        self.assertEqual(states["pass_supplier"], "skipped")
        self._do(complaint, "capa", "Sealing temperature locked.")
        self._do(complaint, "answer", "Answered by letter.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._do(complaint, "supervise", "Supervised.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_reason_for_no_action_is_approved_by_the_representative(self):
        """R349: quality writes it, only the management representative approves."""
        complaint = self._assessed(complaint_nature="complaint")
        self._do(complaint, "nature", "Device was in order, strap was worn.")
        task = self._open_dispatches(complaint, "capa")
        task.with_user(self.people["quality"]).action_cancel("Nothing to correct.")
        self._skip(complaint, "capa", "Nothing to correct.")
        self._reason_for_no_capa(complaint)
        self._do(complaint, "answer", "Answered by letter.")
        representative = self.people["management_representative"]
        with self.assertRaisesRegex(UserError, "Only wf_management_representative"):
            complaint.action_complaint_confirm_no_capa()
        task = self._open_dispatches(complaint, "supervise")
        self._sign(complaint, representative, "review", "Supervised.", task)
        task.with_user(representative).action_done("Supervised.")
        with self.assertRaisesRegex(ValidationError, "has to approve"):
            complaint.action_complaint_close()
        complaint.with_user(representative).action_complaint_confirm_no_capa()
        self.assertEqual(complaint.sudo().complaint_no_capa_approver_id, representative)
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_supplier_liable_file_goes_through_purchasing(self):
        """R191: the file is passed on and that is recorded."""
        complaint = self._assessed(complaint_nature="complaint")
        complaint.write({"complaint_liability_outcome": "supplier"})
        self._do(complaint, "nature", "Foil of the supplier.")
        task = self._open_dispatches(complaint, "pass_supplier")
        self.assertEqual(task.to_department_id, self.departments["purchasing"])
        self._do(complaint, "pass_supplier", "File sent to the foil maker.")
        self.assertEqual(self._states(complaint)["capa"], "now")

    def test_repair_is_planned_and_answered(self):
        """W12 step 5: no corrective action is asked for; goods belong to returns."""
        complaint = self._assessed(complaint_nature="repair")
        self._do(complaint, "nature", "Battery does not charge.")
        self.assertEqual(self._states(complaint)["capa"], "skipped")
        self._do(complaint, "repair", "Battery exchanged on site.")
        self._do(complaint, "answer", "Repaired.")
        self._do(complaint, "supervise", "Supervised.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")


@tagged("post_install", "-at_install")
class TestWorkflowLab(WorkflowCommon):
    """W18: laboratory complaint or appeal (004-K)."""

    preset = "LAB"
    variant = "procedure_lab"
    groups_of_roles = {"laboratory": "handler"}

    def test_team_cause_approval_monitoring_verification(self):
        """W18, R199, R351, R446: the director approves and verifies."""
        complaint = self._register("laboratory")
        complaint.action_complaint_accept()
        self._do(complaint, "team", "Team: Chen, Wang.")
        self._do(complaint, "cause", "Balance drifted.")
        self._do(complaint, "inform", "Told by mail.")
        self._do(complaint, "proposal", "Daily check weight.")
        with self.assertRaises(ValidationError):
            complaint._complaint_move_to_phase("execution")
        for code in ("approval", "implement", "monitor", "verify"):
            self._do(complaint, code)
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_not_effective_starts_the_action_again(self):
        """W18 step 7: back to the proposal; approval is needed anew."""
        complaint = self._register("laboratory")
        complaint.action_complaint_accept()
        for code in ("team", "cause", "inform", "proposal", "approval", "implement"):
            self._do(complaint, code)
        self._do(complaint, "monitor")
        self._do(complaint, "verify", "Drift seen again after a week.")
        self._return_to(complaint, "proposal", "Drift seen again after a week.")
        self.assertEqual(self._states(complaint)["proposal"], "now")
        # the director's approval and verification of the first round say nothing
        with self.assertRaisesRegex(ValidationError, "Verify the effectiveness"):
            complaint.action_complaint_close()
        self._do(complaint, "proposal", "Exchange the load cell.")
        with self.assertRaisesRegex(ValidationError, "Approve the corrective action"):
            complaint._complaint_move_to_phase("execution")
        for code in ("approval", "implement", "monitor", "verify"):
            self._do(complaint, code)
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")


@tagged("post_install", "-at_install")
class TestWorkflowGen(WorkflowCommon):
    """W19: generic intake (003-F, 003-H, 004-A, 004-I)."""

    preset = "GEN"
    variant = "procedure_gen"
    groups_of_roles = {"customer_service": "handler"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.repair = cls.env["hr.department"].create({"name": "Repair shop"})
        cls.mechanic = cls._create_employee_user("mechanic", cls.repair)
        cls.repair.manager_id = cls.mechanic.employee_id

    def _to_solution(self):
        complaint = self._register(
            "customer_service", complaint_department_id=self.repair.id
        )
        self.assertTrue(complaint.complaint_number)
        complaint.action_complaint_accept()
        self._do(complaint, "investigate", "Wrong spare part.")
        self._do(complaint, "solution", "Exchange on Friday.")
        return complaint

    def test_solution_carried_out_and_confirmed(self):
        """W19, R148, R474: closed only with a satisfied customer."""
        complaint = self._to_solution()
        self._do(complaint, "execute", "Exchanged.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._call_back(complaint, self.people["customer_service"])
        self._do(complaint, "confirm", "Content.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_unsatisfied_customer_gets_another_solution(self):
        """W19 step 6, R213: back to the solution on the same case."""
        complaint = self._to_solution()
        self._do(complaint, "execute", "Exchanged.")
        self._call_back(complaint, self.people["customer_service"], "no")
        self._return_to(complaint, "solution", "Wants his money back.")
        self._do(complaint, "solution", "Refund.")
        self._do(complaint, "execute", "Refunded.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._call_back(complaint, self.people["customer_service"])
        self._do(complaint, "confirm", "Content.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")
