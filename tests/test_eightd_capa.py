# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_workflow import WorkflowCommon
from .test_eightd_effect import EffectCommon


@tagged("post_install", "-at_install")
class TestEightdCapa(EffectCommon):
    """An 8D is the corrective action of its complaints."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedure = cls.procedure.copy({"capa_policy": "always"})
        cls.ticket = cls.complaint.with_user(cls.user_handler)
        cls.complaint.complaint_procedure_id = cls.procedure
        cls.procedure.gate_ids = [Command.create({"phase": "closed", "kind": "capa"})]

    def _reasons(self):
        found = self.ticket._complaint_get_blocking_reasons("closed")
        return "\n".join(found[self.ticket.id])

    def test_sentence_names_the_8d_and_what_is_missing(self):
        """R426: D6 of the 8D is the corrective action."""
        self.eightd.sudo().number = "8D-26-0042"
        self.assertIn("8D-26-0042", self._reasons())
        self.assertIn("D5, D6", self._reasons())
        with self.assertRaises(ValidationError):
            self.ticket.action_complaint_close()
        for code in ("d0", "d1", "d2", "d3", "d4", "d5"):
            self._pass(self.eightd, code)
        self.assertIn("finish D6 of", self._reasons())
        self._pass(self.eightd, "d6")
        self.assertTrue(self._events("capa_done"))
        self.ticket.action_complaint_close()
        self.assertEqual(self.ticket.complaint_phase, "closed")

    def test_without_8d_one_is_offered(self):
        """R426: required and nothing there: 8D or request to a department."""
        self._leave()
        self.assertIn("open an 8D", self._reasons())

    def test_not_recorded_by_hand_beside_a_running_8d(self):
        """R426: one truth; what is ticked beside the 8D is refused."""
        event = self.env.ref("helpdesk_mgmt_complaint.event_type_capa_done")
        entry = self.env["complaint.event.entry"].with_user(self.user_handler)
        values = {"type_id": event.id, "note": "Done, I think."}
        values["ticket_ids"] = [Command.set(self.ticket.ids)]
        with self.assertRaisesRegex(UserError, "records this itself"):
            entry.create(values).action_confirm()
        self.ticket._complaint_event("capa_done")
        self.assertIn("finish", self._reasons())
        self.eightd.with_user(self.user_quality).action_cancel("Not needed.")
        self.assertFalse(self._reasons())

    def test_not_effective_blocks_again(self):
        """R446: what did not help is no corrective action."""
        self._pass(self.eightd, "d6")
        self.assertFalse(self._reasons())
        self.eightd.with_user(self.user_quality).action_effect(
            "not_effective", "Cracks again."
        )
        self.assertIn("not effective", self._reasons())

    def test_reopened_complaint_asks_again(self):
        """R426: the 8D of the first round does not close the second by itself."""
        self._pass(self.eightd, "d6")
        self.ticket.action_complaint_close()
        self.ticket.action_complaint_reopen("Customer found more.")
        self.eightd.sudo().state = "done"
        self.assertIn("opened again", self._reasons())
        self.ticket._complaint_event("capa_done")
        self.assertFalse(self._reasons())

    def test_not_needed_with_reason_although_there_is_an_8d(self):
        """R427: an answer for the customer only; the reason is what counts."""
        self.procedure.capa_policy = "when_needed"
        self.ticket.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "Misuse."}
        )
        self.assertFalse(self._reasons())

    def test_short_format_needs_an_action_that_is_carried_out(self):
        """R428: a light corrective action ends with D8 and at least one action."""
        self._leave()
        light = self._create_eightd(self.complaint, answer_type="5d")
        self.assertIn("D8", self._reasons())
        light.sudo().state = "done"
        self._pass(light, "d8")
        self.assertIn("without a corrective action", self._reasons())
        self._create_action(light)
        self._pass(light, "d8")
        self.assertFalse(self._reasons())
        self.assertTrue(self._events("capa_done"))

    def test_effect_gate(self):
        """R445: closing waits until quality verified the effect."""
        self.procedure.gate_ids = [
            Command.clear(),
            Command.create({"phase": "closed", "kind": "effect"}),
        ]
        self.assertIn("verify the effect", self._reasons())
        self._enter_validation(self.eightd)
        eightd = self.eightd.with_user(self.user_quality)
        eightd.action_effect("effective")
        self.assertFalse(self._reasons())
        eightd.action_effect("not_effective", "Cracks at the line.")
        self.assertIn("not effective", self._reasons())

    def test_effect_gate_without_8d(self):
        """R445: recorded by hand; a contrary finding asks for it again."""
        self._leave()
        self.procedure.gate_ids = [
            Command.clear(),
            Command.create({"phase": "closed", "kind": "effect"}),
        ]
        self.assertIn("effect is not verified", self._reasons())
        self.ticket._complaint_event("effect_verified")
        self.assertFalse(self._reasons())
        self.ticket._complaint_event("effect_refuted")
        self.assertIn("effect is not verified", self._reasons())

    def test_gates_of_many_complaints_ask_once(self):
        """The number of queries does not depend on the number of complaints."""
        tickets = self.env["helpdesk.ticket"]
        for _index in range(8):
            ticket = self._create_complaint(complaint_procedure_id=self.procedure.id)
            self._create_eightd(ticket)
            tickets |= ticket
        gate = self.procedure.gate_ids
        counts = []
        for batch in (tickets[:2], tickets):
            self.env.flush_all()
            self.env.invalidate_all()
            facts = batch.sudo()._complaint_read_gate_facts([gate])
            before = self.cr.sql_log_count
            for ticket in batch.sudo():
                self.assertIn("8D", gate._get_reason(ticket, facts))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestCapaRequest(EffectCommon):
    """Quality asks a department for corrective action."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._leave()
        cls.department = cls.env["hr.department"].create({"name": "Production"})
        cls.head = cls.env["hr.employee"].create(
            {
                "name": "Head of production",
                "user_id": cls.user_member.id,
                "department_id": cls.department.id,
            }
        )
        cls.department.manager_id = cls.head
        cls.complaint.complaint_line_ids = [
            Command.create(
                {
                    "product_id": cls.product.id,
                    "lot_id": cls.lot.id,
                    "defect_id": cls.defect.id,
                }
            )
        ]

    def _request(self, user=None):
        user = user or self.user_quality
        action = self.complaint.with_user(user).action_complaint_request_capa()
        requests = self.env["complaint.capa.request"].with_user(user)
        return Form(requests.with_context(**action["context"]))

    def test_request_goes_to_the_head_of_the_department(self):
        """R428, R429: at once, with goods and defect, due when quality says."""
        form = self._request()
        form.department_id = self.department
        self.assertEqual(form.leader_id, self.user_member)
        form.due_date = fields.Date.today() + timedelta(days=5)
        form.note = "Cause and measure, please."
        form.save().action_confirm()
        eightd = self.complaint.complaint_eightd_id
        self.assertEqual(eightd.department_id, self.department)
        self.assertEqual(eightd.answer_type, "5d")
        self.assertEqual(eightd.product_id, self.product)
        self.assertEqual(eightd.link_ids.ticket_id, self.complaint)
        self.assertNotIn("Meyer", eightd.name)
        self.assertEqual(self.complaint.complaint_capa_required, "yes")
        activity = eightd.activity_ids.filtered(lambda a: a.user_id == self.user_member)
        self.assertIn("Cause and measure", activity.note)
        # works in it without any right on complaints
        eightd.with_user(self.user_member).symptom = "Crack at the pocket"
        form = self._request()
        form.department_id = self.department
        with self.assertRaisesRegex(UserError, "answered by"):
            form.save().action_confirm()

    def test_only_quality_requests(self):
        """R428: neither sales nor a plain employee."""
        for user in (self.user_handler, self.user_register):
            with self.assertRaises(AccessError):
                self.env["complaint.capa.request"].with_user(user).create(
                    {"ticket_id": self.complaint.id, "name": "x"}
                )


class CapaPresetCommon(WorkflowCommon):
    """The gates of a preset with a real 8D instead of the words of a step."""

    groups_of_roles = {"business": "handler", "quality": "quality"}

    def _open_eightd(self, complaint):
        eightd = (
            self.env["complaint.eightd"]
            .with_user(self.user_quality)
            .create(
                {
                    "name": "Cracked cages",
                    "product_id": self.product.id,
                    "link_ids": [Command.create({"ticket_id": complaint.id})],
                }
            )
        )
        return eightd

    def _reasons(self, complaint):
        found = complaint._complaint_get_blocking_reasons("closed")
        return "\n".join(found[complaint.id])


@tagged("post_install", "-at_install")
class TestCapaPresetAlways(CapaPresetCommon):
    """R426: M2, every complaint needs corrective action (000-I 4.2)."""

    preset = "M2"
    variant = "procedure_m2_order"

    def test_every_complaint(self):
        """R426, R445: D6 of the 8D, then the effect that quality confirms."""
        complaint = self._register("business").with_user(self.user_handler)
        complaint.action_complaint_accept()
        self.assertIn("Corrective action is required", self._reasons(complaint))
        complaint.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "Once."}
        )
        self.assertIn("Corrective action is required", self._reasons(complaint))
        complaint.complaint_capa_required = "yes"
        eightd = self._open_eightd(complaint)
        self.assertIn("finish D0", self._reasons(complaint))
        EffectCommon._pass(eightd, "d6")
        reasons = self._reasons(complaint)
        self.assertNotIn("Corrective action", reasons)
        self.assertIn("verify the effect of the 8D", reasons)
        # past the lock of D6, which has its own tests
        eightd.sudo().write(
            {
                "validation_qty": 500,
                "validation_from": fields.Date.today(),
                "validation_to": fields.Date.today(),
                "validation_result": "0 of 500",
            }
        )
        eightd.action_effect("effective")
        self.assertNotIn("effect", self._reasons(complaint))


@tagged("post_install", "-at_install")
class TestCapaPresetInform(CapaPresetCommon):
    """R427: CON, when needed; the quality manager is told of a no (000-H 4.3.3)."""

    preset = "CON"
    variant = "procedure_con"

    def test_action_or_reason_that_the_manager_knows(self):
        """R427: either the 8D, or the reason and who was informed."""
        complaint = self._register("business").with_user(self.user_handler)
        complaint.action_complaint_accept()
        self.assertIn("Decide whether corrective action", self._reasons(complaint))
        self._reason_for_no_capa(complaint)
        self.assertIn("Inform the role", self._reasons(complaint))
        complaint.action_complaint_confirm_no_capa()
        self.assertNotIn("orrective", self._reasons(complaint))
        complaint.complaint_capa_required = "yes"
        eightd = self._open_eightd(complaint)
        self.assertIn("of the 8D", self._reasons(complaint))
        EffectCommon._pass(eightd, "d6")
        self.assertNotIn("orrective", self._reasons(complaint))


@tagged("post_install", "-at_install")
class TestCapaPresetApproved(CapaPresetCommon):
    """R427: MED, a no is approved by the management representative (003-U 4.3.3)."""

    preset = "MED"
    variant = "procedure_med"

    def test_action_or_reason_that_is_approved(self):
        """R427: either the 8D, or the reason with the approver's name."""
        complaint = self._register("business").with_user(self.user_handler)
        complaint.complaint_nature = "complaint"
        complaint.action_complaint_accept()
        self._reason_for_no_capa(complaint)
        self.assertIn("has to approve", self._reasons(complaint))
        eightd = self._open_eightd(complaint)
        complaint.complaint_capa_required = "yes"
        self.assertIn("of the 8D", self._reasons(complaint))
        EffectCommon._pass(eightd, "d6")
        self.assertNotIn("orrective", self._reasons(complaint))
