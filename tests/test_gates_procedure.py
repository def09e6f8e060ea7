# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .common_procedure import ProcedureCommon


class TestGatesProcedure(ProcedureCommon):
    """Gates that a procedure declares (R039, R059, R214, R217, R343-R350, R451)."""

    def _talk(self, **vals):
        return (
            self.env["complaint.communication"]
            .with_user(self.user_handler)
            .create(
                {
                    "ticket_id": self.ticket.id,
                    "channel_id": self.channel_phone.id,
                    "content": "We spoke.",
                    **vals,
                }
            )
        )

    def test_missing_opinion_blocks_every_way_in(self):
        """R039: button, drag, plain write and creating late meet the same gate."""
        self._add_gate("opinion", "investigation", opinion_kind="business_opinion")
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_investigation")
        with self.assertRaisesRegex(ValidationError, "Business opinion"):
            self.ticket.stage_id = stage
        with self.assertRaisesRegex(ValidationError, "Business opinion"):
            self.ticket._complaint_move_to_phase("investigation")
        with self.assertRaisesRegex(ValidationError, "Business opinion"):
            self.env["helpdesk.ticket"].with_user(self.user_handler).create(
                self._complaint_vals(
                    stage_id=stage.id, complaint_procedure_id=self.procedure.id
                )
            )
        self._sign("business_opinion")
        self.ticket.stage_id = stage
        self.assertEqual(self.ticket.complaint_phase, "investigation")

    def test_gate_holds_for_its_phase_only(self):
        """R039: each phase has its own gates."""
        self._add_gate("opinion", "decision", opinion_kind="synthesis")
        self.ticket._complaint_move_to_phase("investigation")
        self.assertTrue(self._get_reasons("decision"))
        self.assertFalse(self._get_reasons("closed"))

    def test_unsigned_or_replaced_or_old_opinion_does_not_count(self):
        """R039: only a signature of this cycle."""
        self._add_gate("opinion", opinion_kind="review")
        opinions = self.env["complaint.opinion"].with_user(self.user_handler)
        opinions.create({"ticket_id": self.ticket.id, "kind": "review", "text": "x"})
        self.assertIn("Review", self._get_reasons())
        self._sign("review")
        self.ticket.action_complaint_close()
        self.ticket.action_complaint_reopen("Not satisfied")
        self.assertIn("Review", self._get_reasons())
        self._sign("review")
        self.assertFalse(self._get_reasons())

    def test_role_of_the_signer_counts(self):
        """R343, R344, R345: the supervisor reviews, not just anybody."""
        self._add_gate("opinion", opinion_kind="review", role_id=self.role.id)
        self._sign("review")
        self.assertIn("Management representative", self._get_reasons())
        self._sign("review", self.user_quality)
        self.assertFalse(self._get_reasons())

    def test_role_of_a_department_is_held_by_its_members(self):
        """R225, R344: a department without named person signs by whoever is in it."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_managers_office")
        self._hold_role(role, department=self.department)
        self._add_gate("opinion", opinion_kind="comment", role_id=role.id)
        self._sign("comment")
        self.assertTrue(self._get_reasons())
        below = self.env["hr.department"].create(
            {"name": "Secretariat", "parent_id": self.department.id}
        )
        self._create_employee(self.user_quality, department_id=below.id)
        self._sign("comment", self.user_quality)
        self.assertFalse(self._get_reasons())

    def test_role_without_holder_blocks(self):
        """R225: nobody holds it, so nobody's signature counts."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_laboratory")
        self._add_gate("opinion", opinion_kind="check", role_id=role.id)
        self._sign("check")
        self.assertIn("Laboratory", self._get_reasons())

    def test_review_counts_after_the_callback_only(self):
        """R217, R451: review, callback, supervisor's review, then the archive."""
        self._add_gate("callback", after_code="dispatch_reviewed")
        self._add_gate(
            "opinion",
            opinion_kind="review",
            role_id=self.role.id,
            after_code="called_back",
        )
        now = fields.Datetime.now()
        self._call_back(at=now - timedelta(hours=5))
        self.assertIn("Dispatch reviewed", self._get_reasons())
        self.ticket._complaint_event("dispatch_reviewed", at=now - timedelta(hours=4))
        self.assertIn("Call the customer back", self._get_reasons())
        self._sign("review", self.user_quality)
        self._call_back()
        self._call_back(at=now - timedelta(hours=3))
        with self.assertRaises(ValidationError):
            # a review that was signed before the last callback
            self.env["complaint.callback"].search([], limit=1)
            self.ticket._complaint_event("called_back", at=now + timedelta(minutes=1))
            self.ticket.action_complaint_close()
        self._sign("review", self.user_quality)
        self.ticket.action_complaint_close()
        self.assertEqual(self.ticket.complaint_phase, "closed")

    def test_customer_confirms_before_execution(self):
        """R214: measures only after the customer found them feasible."""
        self._add_gate(
            "event", "execution", event_type_id=self._event_type("customer_accepted").id
        )
        with self.assertRaisesRegex(ValidationError, "Accepted by the customer"):
            self.ticket._complaint_move_to_phase("execution")
        with self.assertRaises(UserError):
            self._talk(direction="out", purpose="acceptance")
        self._talk(direction="in", purpose="acceptance")
        self.ticket._complaint_move_to_phase("execution")
        self.assertEqual(self.ticket.complaint_phase, "execution")

    def test_only_signed_off_is_closed(self):
        """R346: 核签 by whoever the procedure names, nobody else records it."""
        self._add_gate(
            "event",
            event_type_id=self._event_type("signed_off").id,
            role_id=self.role.id,
        )
        with self.assertRaisesRegex(ValidationError, "Signed off"):
            self.ticket.action_complaint_close()
        with self.assertRaisesRegex(UserError, "only the role"):
            self._record("signed_off")
        # logged by other means it still does not count
        self.ticket._complaint_event("signed_off")
        self.assertIn("Signed off", self._get_reasons())
        self._record("signed_off", self.user_quality)
        self.ticket.action_complaint_close()
        self.assertEqual(self.ticket.complaint_phase, "closed")

    def test_event_is_recorded_once(self):
        """R346: where the event type says so, a second entry is refused."""
        self._record("executed")
        with self.assertRaisesRegex(UserError, "recorded already"):
            self._record("executed")

    def test_system_events_cannot_be_recorded_by_hand(self):
        """R346: nobody types in that it was decided or closed."""
        for code in ("decided", "closed", "accepted", "called_back"):
            with self.subTest(code=code), self.assertRaises(UserError):
                self._record(code)

    def test_condition_chooses_the_complaints(self):
        """R211: not our responsibility, then the customer agrees before closing."""
        self._add_gate(
            "event",
            event_type_id=self._event_type("customer_accepted").id,
            condition_domain="[('complaint_liability_outcome', 'not in', "
            "[False, 'own'])]",
        )
        self.assertFalse(self._get_reasons())
        self.ticket.complaint_liability_outcome = "customer"
        self.assertIn("Accepted by the customer", self._get_reasons())
        self._talk(direction="in", purpose="acceptance")
        self.assertFalse(self._get_reasons())

    def test_bad_gates_are_refused(self):
        """A gate that could never be evaluated is refused when it is saved."""
        for domain in (
            "[('no_such_field', '=', 1)]",
            "name = 1",
            "__import__('os')",
            "[('name', '=', uid)]",
            "5",
        ):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self._add_gate("established", condition_domain=domain)
        for vals in (
            {"kind": "opinion"},
            {"kind": "event"},
            {"kind": "step"},
            {"kind": "established", "phase": "draft"},
            {"kind": "capa", "role_id": self.role.id},
            {"kind": "callback", "after_code": "no_such_event"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._add_gate(**vals)

    def test_gates_of_a_preset_ask_nothing(self):
        """A preset is a model; its copy holds."""
        self._add_gate("established")
        self.procedure.is_preset = True
        self.assertFalse(self._get_reasons())
        copied = self.procedure.copy()
        self.assertEqual(len(copied.gate_ids), 1)
        self.ticket.complaint_procedure_id = copied
        self.assertIn("established", self._get_reasons())
        copied.gate_ids.active = False
        self.assertFalse(self._get_reasons())

    def test_established_needs_its_grounds(self):
        """R211: decided, and why."""
        self._add_gate("established")
        self.ticket.complaint_established = "no"
        self.assertIn("grounds", self._get_reasons())
        self.ticket.complaint_established_grounds = "Stored in the rain."
        self.assertFalse(self._get_reasons())

    def test_step_gate_looks_at_the_finished_task(self):
        """R190: a task of this step, or the event that meets it."""
        steps = self.env["complaint.procedure.step"]
        base = {"procedure_id": self.procedure.id}
        step = steps.create({**base, "name": "Cause", "code": "cause"})
        steps.create(
            {
                **base,
                "name": "Assess",
                "code": "assess",
                "kind": "event",
                "event_type_id": self._event_type("assessed").id,
            }
        )
        self._add_gate("step", step_code="cause")
        self._add_gate("step", step_code="assess")
        self._add_gate("step", step_code="gone")
        reasons = self._get_reasons()
        for word in ("Cause", "Assess", "no step gone"):
            self.assertIn(word, reasons)
        self._record("assessed")
        dispatch = self.env["complaint.dispatch"].sudo()
        dispatch = dispatch.create(
            {
                "ticket_id": self.ticket.id,
                "step_id": step.id,
                "to_user_id": self.user_quality.id,
            }
        )
        self.assertIn("Cause", self._get_reasons())
        dispatch.with_user(self.user_quality).action_done("The cage was too hard.")
        reasons = self._get_reasons()
        self.assertNotIn("Cause", reasons)
        self.assertNotIn("Assess", reasons)

    def test_note_names_what_the_phases_ahead_need(self):
        """R024: not only what accepting needs."""
        self._add_gate("opinion", "decision", opinion_kind="synthesis")
        self._add_gate("established")
        note = self.ticket.complaint_blocking_note
        self.assertRegex(note, r"(?s)Decision:\n- .*Synthesised.*Closed:\n- .*grounds")
        self.ticket._complaint_move_to_phase("investigation")
        self._sign("synthesis")
        self.ticket.invalidate_recordset(["complaint_blocking_note"])
        self.assertNotIn("Synthesised", self.ticket.complaint_blocking_note)

    def test_gates_cost_the_same_for_few_and_many(self):
        """R024: facts are read for the batch, whatever the number of gates."""
        for kind in ("opinion", "event", "callback", "capa", "liability", "settlement"):
            self._add_gate(
                kind,
                opinion_kind="review",
                event_type_id=self._event_type("signed_off").id,
                role_id=self.role.id if kind in ("opinion", "event") else False,
                after_code="investigated" if kind == "opinion" else False,
            )
        self._add_gate("investigation")
        tickets = self.env["helpdesk.ticket"].create(
            [
                self._complaint_vals(complaint_procedure_id=self.procedure.id)
                for _index in range(40)
            ]
        )
        counts = []
        for size in (3, 3, 40):
            self.env.flush_all()
            self.env.invalidate_all()
            batch = tickets[:size].with_user(self.user_handler)
            before = self.env.cr.sql_log_count
            reasons = batch._complaint_get_blocking_reasons("closed")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(reasons[batch[-1].id]), 7)
        self.assertEqual(counts[1], counts[2])

    # ------------------------------------------------------------------
    # Promises
    # ------------------------------------------------------------------

    def test_no_promise_before_the_decision(self):
        """R341, R342: neither promise nor decision reaches the customer before it."""
        self.procedure.no_promise_before_decision = True
        self._talk(direction="out", purpose="progress")
        for vals in (
            {"promise": "A new delivery"},
            {"purpose": "decision"},
            {"purpose": "solution"},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "decided"):
                self._talk(direction="out", **vals)
        with self.assertRaisesRegex(UserError, "decided"):
            self.ticket._complaint_event("customer_informed")
        self._sign("decision")
        self._talk(direction="out", purpose="decision", promise="A new delivery")
        codes = self.ticket.complaint_event_ids.mapped("code")
        self.assertIn("customer_informed", codes)

    def test_decision_counts_with_the_authority_the_gate_names(self):
        """R341: a decision by somebody without authority opens no promise."""
        self.procedure.no_promise_before_decision = True
        self._add_gate(
            "opinion", "execution", opinion_kind="decision", role_id=self.role.id
        )
        self._sign("decision")
        with self.assertRaisesRegex(UserError, "decided"):
            self._talk(direction="out", promise="A new delivery")
        self._sign("decision", self.user_quality)
        self.assertTrue(self._talk(direction="out", promise="A new delivery"))

    def test_editing_a_talk_into_a_promise_is_refused(self):
        """R342: not in two steps either; the customer's own words are free."""
        self.procedure.no_promise_before_decision = True
        talk = self._talk(direction="out", purpose="progress")
        with self.assertRaisesRegex(UserError, "decided"):
            talk.promise = "A new delivery"
        self.assertTrue(self._talk(direction="in", promise="Will send the goods back"))

    def test_signatures_log_what_they_mean(self):
        """R343: clocks and gates hear of a decision, synthesis or negotiation."""
        for kind, code in (
            ("negotiation", "negotiated"),
            ("synthesis", "synthesised"),
            ("decision", "decided"),
            ("review", "reviewed"),
        ):
            self._sign(kind)
            with self.subTest(kind=kind):
                codes = self.ticket.complaint_event_ids.mapped("code")
                self.assertEqual(codes.count(code), 1)

    # ------------------------------------------------------------------
    # Corrective action
    # ------------------------------------------------------------------

    def test_no_capa_needs_a_reason(self):
        """R059: mandatory before closing."""
        self._add_gate("capa")
        self.assertIn("Decide whether", self._get_reasons())
        self.ticket.complaint_capa_required = "no"
        self.assertIn("Write the reason", self._get_reasons())
        self.ticket.complaint_no_capa_reason = "  "
        self.assertIn("Write the reason", self._get_reasons())
        self.ticket.complaint_no_capa_reason = "Isolated handling damage."
        self.ticket.action_complaint_close()
        self.assertEqual(self.ticket.complaint_phase, "closed")

    def test_required_capa_has_to_be_done(self):
        """R426, R427: by decision, or always by the procedure."""
        self._add_gate("capa")
        self.ticket.complaint_capa_required = "yes"
        self.assertIn("carry it out", self._get_reasons())
        self.procedure.capa_policy = "always"
        self.ticket.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "No time"}
        )
        self.assertIn("carry it out", self._get_reasons())
        self._record("capa_done")
        self.assertFalse(self._get_reasons())

    def test_reason_is_approved_by_the_role_only(self):
        """R349: the management representative, nobody else and not by RPC."""
        self._add_gate("capa")
        self.procedure.write(
            {"no_capa_approval": "role", "no_capa_role_id": self.role.id}
        )
        self.ticket.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "Misuse"}
        )
        with self.assertRaisesRegex(UserError, "Only .* may approve"):
            self.ticket.action_complaint_confirm_no_capa()
        for vals in (
            {"complaint_no_capa_approver_id": self.user_handler.id},
            {"complaint_no_capa_approved_at": fields.Datetime.now()},
        ):
            with self.assertRaisesRegex(UserError, "own name"):
                self.ticket.write(vals)
        forged = self.env["helpdesk.ticket"].with_user(self.user_handler)
        forged = forged.with_context(
            default_complaint_no_capa_approver_id=self.user_quality.id
        ).create(self._complaint_vals())
        self.assertFalse(forged.complaint_no_capa_approver_id)
        self.assertIn("has to approve", self._get_reasons())
        self.ticket.with_user(self.user_quality).action_complaint_confirm_no_capa()
        self.assertEqual(self.ticket.complaint_no_capa_approver_id, self.user_quality)
        self.assertFalse(self._get_reasons())
        self.ticket.complaint_no_capa_reason = "Something else"
        self.assertFalse(self.ticket.complaint_no_capa_approver_id)
        self.assertIn("has to approve", self._get_reasons())

    def test_quality_manager_is_informed(self):
        """R350: he gets the reason; telling him is on record."""
        self._add_gate("capa")
        self.procedure.write(
            {"no_capa_approval": "inform", "no_capa_role_id": self.role.id}
        )
        self.ticket.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "Misuse"}
        )
        self.assertIn("Inform the role", self._get_reasons())
        self.ticket.action_complaint_confirm_no_capa()
        message = self.env["mail.message"].search(
            [
                ("model", "=", "helpdesk.ticket"),
                ("res_id", "=", self.ticket.id),
                ("notified_partner_ids", "in", self.user_quality.partner_id.ids),
                ("body", "ilike", "Misuse"),
            ]
        )
        self.assertEqual(len(message), 1)
        self.assertFalse(self._get_reasons())

    def test_approval_does_not_outlive_reopening(self):
        """R349: after reopening the reason is approved anew."""
        self.test_reason_is_approved_by_the_role_only()
        quality = self.ticket.with_user(self.user_quality)
        quality.action_complaint_confirm_no_capa()
        self.ticket.action_complaint_close()
        self.ticket.action_complaint_reopen("Again")
        self.assertIn("has to approve", self._get_reasons())
        with self.assertRaisesRegex(ValidationError, "has to approve"):
            self.ticket.action_complaint_close()

    def test_no_holder_is_said_clearly(self):
        """R349: nobody holds the role."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_quality_manager")
        self.procedure.write({"no_capa_approval": "role", "no_capa_role_id": role.id})
        self.ticket.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "Misuse"}
        )
        with self.assertRaisesRegex(UserError, "Nobody holds"):
            self.ticket.action_complaint_confirm_no_capa()
        with self.assertRaises(ValidationError):
            self.procedure.no_capa_role_id = False
