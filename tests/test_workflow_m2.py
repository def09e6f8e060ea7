# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_workflow import WorkflowCommon


@tagged("post_install", "-at_install")
class TestWorkflowM2Slip(WorkflowCommon):
    """W03: register and handling slip in three copies (000-G 5.2)."""

    preset = "M2"
    variant = "procedure_m2_slip"
    groups_of_roles = {"business": "handler"}

    def _play_to_liability(self):
        complaint = self._register("business")
        self.assertTrue(complaint.complaint_number)
        complaint.action_complaint_accept()
        self._do(complaint, "handle", "Seal pressed in askew; advice by telephone.")
        self._do(complaint, "liability")
        return complaint

    def test_ours_corrected_until_the_customer_knows(self):
        """W03, R213: liable, corrected, told; closing asks for all of it.

        Return and replenishment (step 7) belong to the settlement: not played.
        """
        complaint = self._play_to_liability()
        self.assertFalse(self._open_dispatches(complaint, "inform"))
        self._set_established(complaint, "yes")
        states = self._states(complaint)
        self.assertEqual(states["explain"], "skipped")
        self.assertEqual(states["correct"], "now")
        self._do(complaint, "correct", "Mandrel exchanged, first article checked.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._do(complaint, "inform", "Customer told by telephone.")
        self._reason_for_no_capa(complaint)
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_not_ours_needs_the_customers_agreement(self):
        """R211: detailed explanation with evidence; his agreement is recorded."""
        complaint = self._play_to_liability()
        self._set_established(complaint, "no")
        self.assertEqual(self._states(complaint)["correct"], "skipped")
        with self.assertRaisesRegex(ValidationError, "Accepted by the customer"):
            complaint.action_complaint_close()
        self._do(complaint, "explain", "Measured together; he agrees.")
        self._do(complaint, "inform", "Confirmed in writing.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_unsatisfied_customer_takes_it_back_to_the_correction(self):
        """R213: further rounds on the same case until he is satisfied."""
        complaint = self._play_to_liability()
        self._set_established(complaint, "yes")
        self._reason_for_no_capa(complaint)
        for number in (1, 2):
            self._do(complaint, "correct", f"Sorted, round {number}.")
            self._do(complaint, "inform", "Told by telephone.")
            complaint.action_complaint_customer_rejects("Three more were found.")
            self._return_to(complaint, "correct", "Three more were found.")
            self.assertEqual(self._states(complaint)["correct"], "now")
            with self.assertRaisesRegex(ValidationError, "Correct and prevent"):
                complaint.action_complaint_close()
        self._do(complaint, "correct", "Sorted again at 100 %.")
        self._do(complaint, "inform", "Content.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")


@tagged("post_install", "-at_install")
class TestWorkflowM2Order(WorkflowCommon):
    """W04: order number and the check for the same problem inside (000-I 4)."""

    preset = "M2"
    variant = "procedure_m2_order"
    groups_of_roles = {"business": "handler", "quality": "quality"}

    def _accepted(self):
        complaint = self._register("business")
        complaint.action_complaint_accept()
        return complaint

    def test_same_problem_found_starts_corrective_action(self):
        """W04, R192, R426: found in stock; no sample is needed.

        Returned goods (steps 6 and 7) belong to returns: not played.
        """
        complaint = self._accepted()
        self._check_areas(complaint, "found")
        self._do(complaint, "same_problem", "40 pieces in stock show it.")
        self._skip(complaint, "sample")
        self._skip(complaint, "joint")
        with self.assertRaisesRegex(ValidationError, "Corrective action is required"):
            complaint.action_complaint_close()
        self._do(complaint, "capa", "Cage supplier changed.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._do(complaint, "verify", "500 pieces without finding.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_joint_analysis_with_production_and_development(self):
        """R197: three units, the step ends with the last of them."""
        complaint = self._accepted()
        self._check_areas(complaint, "found")
        self._do(complaint, "same_problem", "40 pieces in stock show it.")
        self._skip(complaint, "sample")
        self._start(complaint, "joint")
        self.assertEqual(len(self._open_dispatches(complaint, "joint")), 3)
        self._do(complaint, "joint", "Punch is worn.")
        self.assertEqual(self._states(complaint)["capa"], "now")

    def test_action_without_effect_begins_again(self):
        """R445: verified as not effective; the old verification closes nothing."""
        complaint = self._accepted()
        self._check_areas(complaint, "found")
        self._do(complaint, "same_problem", "40 pieces in stock show it.")
        self._skip(complaint, "sample")
        self._skip(complaint, "joint")
        self._do(complaint, "capa", "Cage supplier changed.")
        self._do(complaint, "verify", "Still 3 of 500.")
        self._return_to(complaint, "capa", "Not effective.")
        self.assertEqual(complaint.complaint_phase, "execution")
        with self.assertRaisesRegex(ValidationError, "Track and confirm"):
            complaint.action_complaint_close()
        self._do(complaint, "capa", "Punch changed too.")
        self._do(complaint, "verify", "500 pieces without finding.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_not_found_asks_business_for_a_sample(self):
        """W04, R193: a to-do for business; the check alone does not end it."""
        complaint = self._accepted()
        self._check_areas(complaint, "not_found")
        todo = complaint.sudo().activity_ids.filtered(
            lambda a: "ample" in (a.summary or a.note or a.activity_type_id.name or "")
        )
        self.assertEqual(len(todo), 1)
        self.assertEqual(self._states(complaint)["same_problem"], "now")
        self._do(complaint, "same_problem", "Nothing found.")
        self._start(complaint, "sample")
        self._do(complaint, "sample", "Two rings arrived.")
        self.assertIn("sample_received", self._event_codes(complaint))

    def test_corrective_action_is_not_begun_without_the_check(self):
        """R192: the answer decides, so the gate asks for it."""
        complaint = self._accepted()
        stage = complaint.team_id._get_complaint_stage("execution", self.company)
        with self.assertRaises(ValidationError):
            complaint.write({"stage_id": stage.id})


@tagged("post_install", "-at_install")
class TestWorkflowM2Letters(WorkflowCommon):
    """W08: letters, calls, visits and returned goods (003-E)."""

    preset = "M2"
    variant = "procedure_m2_letters"
    groups_of_roles = {"business": "handler"}

    def _accepted(self, reason):
        complaint = self._register("business", complaint_return_reason=reason)
        complaint.action_complaint_accept()
        return complaint

    def test_the_reason_decides_which_department_confirms(self):
        """R354: quality, technical standard, delivery: three departments.

        Receiving, refund and disposal of goods (steps 3, 4 and 7) belong to returns.
        """
        for reason, code, role in (
            ("quality", "confirm_quality", "quality"),
            ("standard", "confirm_standard", "rd"),
            ("transport", "confirm_delivery", "business_manager"),
        ):
            with self.subTest(reason=reason):
                complaint = self._accepted(reason)
                task = self._open_dispatches(complaint, code)
                self.assertEqual(task.to_department_id, self.departments[role])
                others = {"confirm_quality", "confirm_standard", "confirm_delivery"}
                states = self._states(complaint)
                for other in others - {code}:
                    self.assertEqual(states[other], "skipped")

    def test_founded_reason_with_disposition_answer_and_follow_up(self):
        """W08: confirmed, proposed, answered, followed up, closed."""
        complaint = self._accepted("quality")
        self._do(complaint, "confirm_quality", "The reason is founded.")
        self._set_established(complaint, "yes")
        self._do(complaint, "disposition", "Rework here.")
        self._skip(complaint, "leadership")
        self._do(complaint, "answer", "Goods are taken back.")
        self._do(complaint, "follow_up", "Visited; content.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_unfounded_reason_is_refused_with_an_explanation(self):
        """W08, R157: not founded, explained, closed."""
        complaint = self._accepted("transport")
        self._do(complaint, "confirm_delivery", "Our packing was in order.")
        self._set_established(complaint, "no")
        self.assertEqual(self._states(complaint)["disposition"], "skipped")
        self._skip(complaint, "leadership")
        self._do(complaint, "refuse", "Photos of the loading sent.")
        self._do(complaint, "follow_up", "Letter.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")
        self.assertEqual(self._states(complaint)["answer"], "skipped")

    def test_undecided_reason_is_not_passed_over(self):
        """R354: confirmed by the department, but nobody said founded or not."""
        complaint = self._accepted("quality")
        self._do(complaint, "confirm_quality", "See the report.")
        self._skip(complaint, "leadership")
        self.assertFalse(self._open_dispatches(complaint, "follow_up"))
        self._set_established(complaint, "yes")
        self.assertEqual(self._states(complaint)["disposition"], "now")

    def test_leadership_decides_where_its_decision_is_needed(self):
        """W08 step 2, R359: started instead of skipped."""
        complaint = self._accepted("quality")
        self._do(complaint, "confirm_quality", "The reason is founded.")
        self._set_established(complaint, "yes")
        self._do(complaint, "disposition", "Rework here.")
        self._start(complaint, "leadership")
        self._do(complaint, "leadership", "Exchange all of it.")
        self.assertEqual(self._states(complaint)["answer"], "now")


@tagged("post_install", "-at_install")
class TestWorkflowM2Notice(WorkflowCommon):
    """W09: complaint notice (003-G articles 7 to 9)."""

    preset = "M2"
    variant = "procedure_m2_notice"
    groups_of_roles = {"business": "handler"}

    def test_notice_measures_completion_and_answer(self):
        """W09, R332: the business manager knows at the same time.

        Statistics by channel (step 7) belong to the statements: not played.
        """
        complaint = self._register("business")
        complaint.action_complaint_next_step()
        informed = self._open_dispatches(complaint, "inform_head")
        self.assertEqual(
            informed.to_department_id, self.departments["business_manager"]
        )
        complaint.action_complaint_accept()
        self._do(complaint, "inform_head", "Seen.")
        self._skip(complaint, "site")
        self._do(complaint, "analysis", "Transport damage at our dock.")
        self._do(complaint, "implement", "Edge protection for every pallet.")
        self._do(complaint, "finish", "Replacement agreed.")
        with self.assertRaises(ValidationError):
            complaint.action_complaint_close()
        self._do(complaint, "inform", "Measures sent by mail.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_trip_to_the_place_is_made_only_if_necessary(self):
        """W09 step 2: started, it comes before the analysis."""
        complaint = self._register("business")
        complaint.action_complaint_next_step()
        complaint.action_complaint_accept()
        self._do(complaint, "inform_head", "Seen.")
        self.assertEqual(self._states(complaint)["site"], "next")
        self._start(complaint, "site")
        self.assertEqual(self._states(complaint)["analysis"], "pending")
        self._do(complaint, "site", "Forklift hit the pallet.")
        self.assertEqual(self._states(complaint)["analysis"], "now")
