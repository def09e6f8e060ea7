# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_workflow import WorkflowCommon

_ROUND = (
    "cause",
    "countermeasure",
    "comment",
    "check",
    "handling",
    "release",
    "negotiation",
    "supervisor_review",
    "synthesis",
    "decision",
)


@tagged("post_install", "-at_install")
class TestWorkflowM1(WorkflowCommon):
    """W01: the round of a manufacturer with a general manager's office (001).

    Only the general manager's office, which accepts and closes, is a handler.
    """

    preset = "M1"
    variant = "procedure_m1"
    groups_of_roles = {"gm_office": "handler"}

    def _accept(self, complaint=None):
        complaint = complaint or self._register("business")
        self._sign(complaint, self.people["business"], "business_opinion")
        office = complaint.with_user(self.people["gm_office"])
        office.action_complaint_accept()
        return office

    def _play_to(self, complaint, last, first="cause"):
        """Play the steps of the round; R&D is only asked if needed."""
        for code in _ROUND[_ROUND.index(first) : _ROUND.index(last) + 1]:
            if code == "check" and self._states(complaint)["rd_opinion"] == "next":
                self._skip(complaint, "rd_opinion")
            self._do(complaint, code)

    # ------------------------------------------------------------------
    # The straight way
    # ------------------------------------------------------------------

    def test_round_from_report_to_signed_off(self):
        """W01, R189, R039, R342, R343, R346: each unit in its turn.

        Allowance, return and collection (W02, step 16) and the monthly review (step
        17) belong to settlement and statistics and are not played.
        """
        complaint = self._register("business")
        with self.assertRaisesRegex(ValidationError, "opinion"):
            complaint.with_user(self.people["gm_office"]).action_complaint_accept()
        self.assertFalse(complaint.complaint_number)
        complaint = self._accept(complaint)
        self.assertRegex(complaint.complaint_number, r"^\d{6}$")
        self.assertEqual(self._states(complaint)["cause"], "now")
        self._play_to(complaint, "decision")
        complaint.write({"complaint_liability_outcome": "customer"})
        self._do(complaint, "inform", "Told by letter.")
        self._do(complaint, "sign_off", "Signed off.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")
        states = self._states(complaint)
        self.assertEqual(states["rd_opinion"], "skipped")
        self.assertEqual(states["joint"], "skipped")
        self.assertEqual(states["close"], "done")
        self.assertEqual(
            self._get_order(complaint),
            [
                "accepted",
                "investigated",
                "released_to_negotiate",
                "negotiated",
                "reviewed",
                "synthesised",
                "decided",
                "customer_informed",
                "signed_off",
                "closed",
            ],
        )

    def _get_order(self, complaint):
        """Return the codes of the round in the order in which they were logged."""
        wanted = self.procedure.step_ids.event_type_id.mapped("code")
        log = complaint.sudo().complaint_event_ids.sorted("id").mapped("code")
        found = dict.fromkeys(code for code in log if code in wanted)
        return [code for code in found if code != "registered"]

    def test_each_unit_signs_in_its_own_name_and_department(self):
        """R189, R226: what stands on the form says who wrote it."""
        complaint = self._accept()
        self._play_to(complaint, "decision")
        signed = {
            opinion.kind: (opinion.signed_by_id, opinion.department_id)
            for opinion in complaint.sudo().complaint_opinion_ids
        }
        for kind, role in (
            ("business_opinion", "business"),
            ("cause", "quality"),
            ("countermeasure", "production"),
            ("comment", "managers_office"),
            ("instruction", "gm_office"),
            ("review", "business_manager"),
            ("decision", "general_manager"),
        ):
            with self.subTest(kind=kind):
                expected = (self.people[role], self.departments[role])
                self.assertEqual(signed[kind], expected)

    def test_development_is_asked_where_the_abnormality_needs_it(self):
        """R057: the office starts the step instead of skipping it."""
        complaint = self._accept()
        self._play_to(complaint, "comment")
        self.assertEqual(self._states(complaint)["rd_opinion"], "next")
        self._start(complaint, "rd_opinion")
        self._do(complaint, "rd_opinion", "Cage material is at its limit.")
        self.assertEqual(self._states(complaint)["check"], "now")

    # ------------------------------------------------------------------
    # What nobody may do
    # ------------------------------------------------------------------

    def test_closing_before_the_end_names_what_is_missing(self):
        """R343, R346: no shortcut by button, drag or RPC."""
        complaint = self._accept()
        with self.assertRaises(ValidationError) as caught:
            complaint.action_complaint_close()
        for word in ("Synthesised", "Decision", "Negotiation"):
            self.assertIn(word, str(caught.exception))
        stage = complaint.team_id._get_complaint_stage("closed", self.company)
        with self.assertRaises(ValidationError):
            complaint.write({"stage_id": stage.id})

    def test_nothing_is_promised_before_the_decision(self):
        """R341, R342: telling the customer comes after the decision."""
        complaint = self._accept()
        self._play_to(complaint, "negotiation")
        with self.assertRaises(UserError):
            complaint._complaint_event("customer_informed")
        self._play_to(complaint, "decision", "supervisor_review")
        self.assertTrue(complaint._complaint_event("customer_informed"))

    def test_nobody_else_finishes_the_task_of_a_department(self):
        """R225, R524: production cannot answer for quality, not even by RPC."""
        task = self._open_dispatches(self._accept(), "cause")
        production = task.with_user(self.people["production"])
        with self.assertRaises(AccessError):
            production.action_done("We did it.")
        with self.assertRaises(AccessError):
            production.write({"result": "We did it."})

    def test_business_cannot_accept_or_close_its_own_complaint(self):
        """R228: numbering and closing are the office's; the opinion stays its own."""
        complaint = self._register("business")
        business = self.people["business"]
        self._sign(complaint, business, "business_opinion")
        with self.assertRaises(UserError):
            complaint.with_user(business).action_complaint_accept()
        # only the opinion of who registers, and only until it is accepted
        with self.assertRaises(AccessError):
            self._sign(complaint, business, "decision")
        complaint.with_user(self.people["gm_office"]).action_complaint_accept()
        with self.assertRaises(AccessError):
            self._sign(complaint, business, "business_opinion", "Once more.")

    # ------------------------------------------------------------------
    # Branches
    # ------------------------------------------------------------------

    def test_supplier_liable_joint_handling(self):
        """R190: the general manager's office leads, with the departments concerned."""
        complaint = self._accept()
        complaint.write({"complaint_liability_outcome": "supplier"})
        self._do(complaint, "cause")
        joint = self._open_dispatches(complaint, "joint")
        self.assertEqual(
            set(joint.mapped("to_department_id.name")),
            {
                self.departments["gm_office"].name,
                self.departments["quality"].name,
                self.departments["purchasing"].name,
            },
        )
        for task in joint[:-1]:
            task.with_user(self._get_recipient(task)).action_done("Supplier pays.")
        self.assertEqual(self._states(complaint)["joint"], "now")
        self._do(complaint, "joint", "Supplier sorts at his cost.")
        self.assertEqual(self._states(complaint)["countermeasure"], "now")

    def test_own_quality_problem_settles_responsibility_first(self):
        """W01 step 13, R058, R358: shares of 100 % before the customer is told."""
        complaint = self._accept()
        self._play_to(complaint, "decision")
        self.assertEqual(self._states(complaint)["inform"], "now")
        complaint.write({"complaint_liability_outcome": "own"})
        self.assertEqual(self._states(complaint)["liability"], "now")
        with self.assertRaisesRegex(ValidationError, "responsib"):
            complaint.action_complaint_close()
        complaint.env["complaint.liability"].create(
            {
                "ticket_id": complaint.id,
                "party_kind": "department",
                "department_id": self.departments["production"].id,
                "ratio": 100,
            }
        )
        complaint.action_complaint_confirm_liability()
        self._do(complaint, "liability", "Penalty notice follows.")
        self._do(complaint, "inform", "Told by letter.")
        self._do(complaint, "sign_off", "Signed off.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_department_returns_a_task_with_a_reason(self):
        """R182: not ours; it is sent again and nothing is lost."""
        complaint = self._accept()
        task = self._open_dispatches(complaint, "cause")
        quality = self.people["quality"]
        task.with_user(quality).action_accept()
        task.with_user(quality).action_return("The lot is from the other plant.")
        self.assertEqual(task.state, "returned")
        self.assertEqual(self._states(complaint)["cause"], "waiting")
        complaint.action_complaint_next_step()
        self._do(complaint, "cause")
        self.assertEqual(self._states(complaint)["cause"], "done")
        self.assertEqual(task.returned_reason, "The lot is from the other plant.")

    def test_second_round_does_not_live_on_signatures_of_the_first(self):
        """R213: the offer was refused, the handling is drafted and decided again."""
        complaint = self._accept()
        self._play_to(complaint, "decision")
        self._do(complaint, "inform", "He wants a credit note.")
        self._do(complaint, "sign_off", "Signed off.")
        self._return_to(complaint, "handling", "He does not accept the exchange.")
        self.assertEqual(self._states(complaint)["handling"], "now")
        with self.assertRaisesRegex(ValidationError, "Decide by authority"):
            complaint.action_complaint_close()
        self._play_to(complaint, "decision", "handling")
        self._do(complaint, "inform", "Credit note agreed.")
        self._do(complaint, "sign_off", "Signed off again.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_objection_is_decided_by_the_superior_and_then_closable(self):
        """R209: the memo of a plain employee goes up and blocks the end until then."""
        complaint = self._accept()
        self._play_to(complaint, "decision")
        production = self.people["production"]
        complaint.with_user(production).action_complaint_object("Loss is not ours.")
        self._do(complaint, "inform", "Told by letter.")
        self._do(complaint, "sign_off", "Signed off.")
        with self.assertRaisesRegex(ValidationError, "bjection"):
            complaint.action_complaint_close()
        objection = complaint.sudo().complaint_opinion_ids.filtered("is_unanswered")
        self.assertEqual(objection.signed_by_id, production)
        general_manager = self.people["general_manager"]
        self.assertEqual(objection.objection_dispatch_id.to_user_id, general_manager)
        with self.assertRaises(UserError):
            objection.with_user(production).action_answer("We were right.")
        objection.with_user(general_manager).action_answer("Shared half and half.")
        self.assertEqual(objection.objection_dispatch_id.state, "done")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_not_established_and_the_customer_objects(self):
        """R210: it is opened again and goes to the superior.

        Collecting the receivable belongs to the settlement and is not played.
        """
        complaint = self._accept()
        self._set_established(complaint, "no")
        self._play_to(complaint, "decision")
        self._do(complaint, "inform", "Not established; measured together.")
        self._do(complaint, "sign_off", "Signed off.")
        complaint.action_complaint_close()
        complaint.action_complaint_customer_rejects("He measured 20.03 mm.")
        self.assertEqual(complaint.complaint_cycle, 2)
        self.assertNotEqual(complaint.complaint_phase, "closed")
        objection = complaint.sudo().complaint_opinion_ids.filtered("is_unanswered")
        general_manager = self.people["general_manager"]
        objection.with_user(general_manager).action_answer("Measure once more.")
        self.assertFalse(objection.is_unanswered)
        self._return_to(complaint, "decision", "The general manager wants it again.")
        with self.assertRaises(ValidationError) as caught:
            complaint.action_complaint_close()
        # what came before the decision need not be signed once more
        self.assertIn("“Decision”", str(caught.exception))
        self.assertNotIn("Negotiation", str(caught.exception))
        self._do(complaint, "decision", "Established after all.")
        self._do(complaint, "inform", "Established after all.")
        self._do(complaint, "sign_off", "Signed off.")
        complaint.action_complaint_close()
        self.assertEqual(complaint.complaint_phase, "closed")

    def test_customer_refuses_new_linked_complaint(self):
        """R208: the new form carries the original and starts from the beginning."""
        complaint = self._accept()
        self._play_to(complaint, "decision")
        self._do(complaint, "inform", "Told by telephone; he does not accept.")
        action = complaint.action_complaint_refile()
        second = complaint.browse(action["res_id"])
        self.assertEqual(second.complaint_previous_id, complaint)
        self.assertEqual(second.complaint_phase, "draft")
        self.assertEqual(second.complaint_line_ids.lot_id, self.lot)
        self.assertIn("customer_rejected", self._event_codes(complaint))
        # back to step 2: an opinion, another number, the first unit
        with self.assertRaisesRegex(ValidationError, "opinion"):
            second.action_complaint_accept()
        self._sign(second, self.people["gm_office"], "business_opinion")
        second.action_complaint_accept()
        self.assertNotEqual(second.complaint_number, complaint.complaint_number)
        self.assertEqual(self._states(second)["cause"], "now")
