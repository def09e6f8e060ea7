# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .common_procedure import ProcedureCommon


class TestInvestigation(ProcedureCommon):
    """The same problem in stock, work in progress and records (R192, R193, R197)."""

    def setUp(self):
        super().setUp()
        self.ticket.action_complaint_investigate()
        self.rows = self.ticket.complaint_investigation_ids

    def _answer(self, *results):
        for row, result in zip(self.rows, results, strict=False):
            row.write({"result": result, "note": "500 pieces looked through"})

    def _get_todos(self):
        todo = self.env.ref("helpdesk_mgmt_complaint.mail_activity_type_sample")
        return self.ticket.activity_ids.filtered(lambda a: a.activity_type_id == todo)

    def test_list_of_areas_is_made_once(self):
        """R192: pressed twice, there are still three areas."""
        self.ticket.action_complaint_investigate()
        self.assertEqual(
            set(self.ticket.complaint_investigation_ids.mapped("area")),
            {"stock", "wip", "inspection"},
        )
        self.assertEqual(len(self.ticket.complaint_investigation_ids), 3)
        self.assertEqual(self.ticket.complaint_investigation_answer, "open")

    def test_found_starts_corrective_action(self):
        """R192: one area is enough; who and when stand on the row and in the log."""
        self._answer("found")
        self.assertEqual(self.ticket.complaint_investigation_answer, "found")
        self.assertEqual(self.ticket.complaint_capa_required, "yes")
        self.assertEqual(self.rows[0].user_id, self.user_handler)
        self.assertTrue(self.rows[0].at)
        event = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "investigated"
        )
        self.assertEqual(event.payload, {"answer": "found"})
        self.assertFalse(self._get_todos())

    def test_found_keeps_an_earlier_decision_on_corrective_action(self):
        """R192: what somebody decided before is not overwritten."""
        self.ticket.complaint_capa_required = "no"
        self._answer("found")
        self.assertEqual(self.ticket.complaint_capa_required, "no")

    def test_not_found_asks_business_for_a_sample_once(self):
        """R193: a to-do for the holder of the role business."""
        self._hold_role(
            self.env.ref("helpdesk_mgmt_complaint.role_business"), self.user_supervisor
        )
        self._answer("not_found", "not_found")
        self.assertEqual(self.ticket.complaint_investigation_answer, "open")
        self._answer("not_found", "not_found", "not_checked")
        self.assertEqual(self.ticket.complaint_investigation_answer, "not_found")
        self.assertEqual(self._get_todos().user_id, self.user_supervisor)
        self._answer("not_found", "not_checked", "not_found")
        self.assertEqual(len(self._get_todos()), 1)

    def test_sample_that_was_asked_for_needs_no_todo(self):
        """R193: `sample_requested` stands in the log when business asked."""
        self.env["complaint.sample"].create(
            {
                "ticket_id": self.ticket.id,
                "name": "One ring",
                "requested_at": fields.Datetime.now(),
            }
        )
        codes = self.ticket.complaint_event_ids.mapped("code")
        self.assertIn("sample_requested", codes)
        self._answer("not_found", "not_found", "not_found")
        self.assertFalse(self._get_todos())

    def test_nothing_checked_is_no_answer(self):
        """R192: three times "not checked" says nothing."""
        self._answer("not_checked", "not_checked", "not_checked")
        self.assertEqual(self.ticket.complaint_investigation_answer, "open")

    def test_findings_are_written_down(self):
        """R192: evidence, or why an area was not checked; no time in the future."""
        for result in ("found", "not_checked"):
            with self.subTest(result=result), self.assertRaises(ValidationError):
                self.rows[0].result = result
        with self.assertRaises(ValidationError):
            self.rows[0].at = fields.Datetime.now() + timedelta(days=1)
        foreign = self.env["complaint.line"].create(
            {"ticket_id": self._create_complaint().id, "product_id": self.product.id}
        )
        with self.assertRaises(ValidationError):
            self.rows[0].line_id = foreign.id

    def test_joint_analysis_names_who_took_part(self):
        """R197: participants and result; not what answers the three areas."""
        row = self.rows.create(
            {
                "ticket_id": self.ticket.id,
                "area": "joint",
                "participant_ids": (self.user_quality + self.user_supervisor).ids,
                "result": "not_found",
                "note": "Heat treatment is stable.",
            }
        )
        self.assertEqual(len(row.participant_ids), 2)
        self.assertEqual(self.ticket.complaint_investigation_answer, "open")

    def test_gate_asks_for_the_answer_of_this_cycle(self):
        """R192: after reopening it is investigated again, the old rows stay."""
        self._add_gate("investigation")
        with self.assertRaisesRegex(ValidationError, "Check stock"):
            self.ticket.action_complaint_close()
        self._answer("not_found", "not_found", "not_found")
        self.ticket.action_complaint_close()
        self.ticket.action_complaint_reopen("Again")
        self.assertEqual(self.ticket.complaint_investigation_answer, "open")
        self.assertIn("Check stock", self._get_reasons())
        with self.assertRaisesRegex(UserError, "reopened"):
            self.rows[0].note = "No, it was there"
        with self.assertRaises(UserError):
            self.rows[0].cycle = 2
        self.ticket.action_complaint_investigate()
        self.assertEqual(len(self.ticket.complaint_investigation_ids), 6)

    def test_ended_complaint_is_not_investigated(self):
        """R512: reopen it first."""
        self.ticket.action_complaint_close()
        with self.assertRaisesRegex(UserError, "Reopen"):
            self.ticket.action_complaint_investigate()
        with self.assertRaises(UserError):
            self.rows.unlink()
