# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_workflow import WorkflowCommon


@tagged("post_install", "-at_install")
class TestWorkflowM3Eightd(WorkflowCommon):
    """W13: 8D complaint with returned goods (004-F)."""

    preset = "M3"
    variant = "procedure_m3_8d"
    groups_of_roles = {"business": "handler", "quality": "quality"}

    def test_approved_contained_answered_and_confirmed_by_quality(self):
        """W13, R347: goes to quality only after the manager's approval.

        Disposal of sorted goods (steps 5 to 9) belongs to returns and the 8D report
        itself to the 8D: only the steps are played here.
        """
        complaint = self._register("business")
        complaint.action_complaint_accept()
        stage = complaint.team_id._get_complaint_stage("investigation", self.company)
        with self.assertRaises(ValidationError):
            complaint.write({"stage_id": stage.id})
        self._do(complaint, "approve", "Open it.")
        self.assertEqual(complaint.complaint_phase, "investigation")
        self._do(complaint, "containment", "Stock of both plants sorted.")
        self._do(complaint, "long_term", "Camera at the press.")
        for code in ("return_review", "sort", "sampling"):
            self._skip(complaint, code)
        self._do(complaint, "confirm", "Records complete.")
        complaint.action_complaint_close()
        codes = self._event_codes(complaint)
        self.assertIn("containment_sent", codes)
        self.assertIn("longterm_sent", codes)

    def test_real_8d_contains_what_the_step_says(self):
        """W13, R347, R421: sales asks, its manager agrees, quality has it and
        contains; the procedure still closes with quality."""
        manager = self.people["business_manager"]
        self.departments["business"].manager_id = manager.employee_id
        complaint = self._register("business")
        complaint.action_complaint_accept()
        action = complaint.action_complaint_eightd()
        wizards = self.env["complaint.eightd.open"].with_user(self.people["business"])
        action = wizards.with_context(**action["context"]).create({}).action_confirm()
        eightd = self.env["complaint.eightd"].browse(action["res_id"])
        self.assertEqual(eightd.state, "requested")
        self.assertNotIn("eightd_received", self._event_codes(complaint))
        eightd.with_user(manager).action_approve()
        self._do(complaint, "approve", "Open it.")
        self.assertEqual(eightd.state, "open")
        self.assertIn("eightd_received", self._event_codes(complaint))
        quality = eightd.with_user(self.people["quality"])
        quality.leader_id = self.people["quality"]
        for place in ("stock", "wip", "transit", "customer"):
            quality.containment_ids.create({"eightd_id": quality.id, "place": place})
        member = self.env["complaint.eightd.member"].with_user(self.people["quality"])
        member.create({"eightd_id": quality.id, "name": "Li Wei"})
        quality.write({"symptom": "Crack", "decision_reason": "Cause unknown"})
        rows = quality.discipline_ids.filtered(lambda d: d.code in ("d0", "d1", "d3"))
        rows.action_done()
        self.assertIn("contained", self._event_codes(complaint))
        self._do(complaint, "containment", "Stock of both plants sorted.")
        self._do(complaint, "long_term", "Camera at the press.")
        for code in ("return_review", "sort", "sampling"):
            self._skip(complaint, code)
        self._do(complaint, "confirm", "Records complete.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_refused_8d_does_not_reach_quality(self):
        """R347: the manager gives it back; sales tries again."""
        complaint = self._register("business")
        complaint.action_complaint_accept()
        task = self._open_dispatches(complaint, "approve")
        manager = self.people["business_manager"]
        task.with_user(manager).action_return("No photos, no 8D.")
        self.assertEqual(self._states(complaint)["approve"], "waiting")
        self.assertFalse(self._open_dispatches(complaint, "containment"))
        complaint.action_complaint_next_step()
        self._do(complaint, "approve", "Now it is clear.")
        self.assertEqual(self._states(complaint)["containment"], "now")

    def test_ng_sample_sorts_again(self):
        """W13 step 6: the good part fails, production sorts again."""
        complaint = self._register("business")
        complaint.action_complaint_accept()
        for code in ("approve", "containment", "long_term"):
            self._do(complaint, code)
        self._start(complaint, "return_review")
        self._do(complaint, "return_review", "Sort.")
        self._start(complaint, "sort")
        self._do(complaint, "sort", "412 good, 88 bad.")
        self._start(complaint, "sampling")
        self._do(complaint, "sampling", "NG: 2 of 50 of the good part.")
        self._return_to(complaint, "sort", "Sample NG: 2 of 50.")
        self.assertEqual(self._states(complaint)["sort"], "now")
        self._do(complaint, "sort", "405 good, 95 bad.")
        self.assertEqual(self._states(complaint)["sampling"], "next")
        with self.assertRaisesRegex(ValidationError, "Sample the sorted goods"):
            complaint.action_complaint_close()
        self._start(complaint, "sampling")
        self._do(complaint, "sampling", "OQC PASS.")
        self._do(complaint, "confirm", "Records complete.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")


@tagged("post_install", "-at_install")
class TestWorkflowM3Product(WorkflowCommon):
    """W14: electronics product complaint (004-O)."""

    preset = "M3"
    variant = "procedure_m3_product"
    groups_of_roles = {"after_sales": "handler"}

    def test_number_only_after_the_review_of_the_product_head(self):
        """W14, R147, R348: reviewed, then numbered, judged, 8D, effect."""
        complaint = self._register("after_sales")
        complaint.action_complaint_accept()
        self.assertFalse(complaint.complaint_number)
        with self.assertRaises(UserError):
            complaint.action_complaint_assign_number()
        self._do(complaint, "emergency", "Loan unit sent.")
        stage = complaint.team_id._get_complaint_stage("investigation", self.company)
        with self.assertRaises(ValidationError):
            complaint.write({"stage_id": stage.id})
        with self.assertRaises(UserError):
            complaint.action_complaint_assign_number()
        self._do(complaint, "head_review", "Responsible: production.")
        complaint.action_complaint_assign_number()
        self.assertTrue(complaint.complaint_number)
        self._do(complaint, "judge", "Normal case, no special meeting.")
        self._do(complaint, "eightd", "Solder profile corrected.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._do(complaint, "effect", "Customer confirms.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_8d_goes_to_the_department_and_its_effect_closes(self):
        """W14, R421, R445: quality issues the 8D to the responsible department; the
        complaint waits until the effect is verified."""
        complaint = self._register("after_sales")
        complaint.action_complaint_accept()
        self._do(complaint, "emergency", "Loan unit sent.")
        self._do(complaint, "head_review", "Responsible: production.")
        complaint.action_complaint_assign_number()
        self._do(complaint, "judge", "Normal case, no special meeting.")
        department = self.env["hr.department"].create({"name": "Production"})
        head = self._create_employee_user("head_of_production", department)
        department.manager_id = head.employee_id
        # quality of the company; the holder of the role is a plain employee
        quality = self.user_quality
        request = self.env["complaint.capa.request"].with_user(quality)
        action = request.create(
            {
                "ticket_id": complaint.id,
                "name": "Cracked cage",
                "department_id": department.id,
                "leader_id": head.id,
                "answer_type": "8d",
            }
        ).action_confirm()
        eightd = self.env["complaint.eightd"].browse(action["res_id"])
        self.assertEqual(eightd.leader_id, head)
        self._do(complaint, "eightd", "Solder profile corrected.")
        self._do(complaint, "effect", "Customer confirms.")
        # what the step says does not stand in for the verdict on the 8D
        with self.assertRaisesRegex(ValidationError, "verify the effect"):
            complaint.action_complaint_close()
        today = fields.Date.today()
        eightd.with_user(head).write(
            {
                "validation_qty": 500,
                "validation_from": today,
                "validation_to": today,
                "validation_result": "500 boards, none cracked.",
            }
        )
        eightd.with_user(quality).action_effect("effective")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")
