# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_eightd_answer import AnswerCommon
from .common_sla import SlaCommon


@tagged("post_install", "-at_install")
class TestEightdReview(AnswerCommon, SlaCommon):
    """Where the parts of an 8D meet: people with few rights, ends, forged values."""

    def _verdict(self, verdict, answer_type="8d"):
        release = self._release(answer_type=answer_type)
        release._record_customer_verdict(verdict, "Anna", verdict_comment="No")
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # People with few rights
    # ------------------------------------------------------------------

    def test_member_without_stock_opens_the_form(self):
        """R420: a plain employee in the team sees lots by name and fills in pages."""
        self.eightd.lot_ids = self.lot
        self.eightd.containment_ids[0].lot_id = self.lot
        self.env.invalidate_all()
        with Form(self.eightd.with_user(self.user_member)) as form:
            self.assertEqual(form.lot_names, self.lot.name)
            self.assertNotIn("lot_ids", form._view["fields"])
            form.symptom = "Crack at the hook"
            form.answer_type = "3d"
        self.assertEqual(self.eightd.symptom, "Crack at the hook")
        with Form(self.eightd.with_user(self.user_quality)) as form:
            self.assertEqual(form.lot_ids[:], self.lot)

    def test_member_saves_beside_complaints_that_he_may_not_read(self):
        """R420, R520: rules and totals look at all links, the page at his."""
        member = self.eightd.with_user(self.user_member)
        spec = {
            "suspect_count": {},
            "link_count": {},
            "link_ids": {"fields": {"display_name": {}}},
            "recurrence_ids": {"fields": {"display_name": {}}},
        }
        self.env["complaint.eightd.recurrence"].sudo().create(
            {"eightd_id": self.eightd.id, "ticket_id": self.complaint_b.id}
        )
        for vals in ({"symptom": "Crack"}, {"answer_type": "3d"}):
            self.env.invalidate_all()
            [saved] = member.web_save(vals, spec)
            self.assertEqual(saved["link_ids"] + saved["recurrence_ids"], [])
            self.assertEqual((saved["link_count"], saved["suspect_count"]), (2, 1))

    # ------------------------------------------------------------------
    # What the screens offer
    # ------------------------------------------------------------------

    def test_page_customers_ends_an_answer(self):
        """R422: what D8 and the refusals ask for is on the screen."""
        with Form(self.link.with_user(self.user_quality)) as form:
            form.no_verdict_reason = "The customer wants no answer"
        self.assertTrue(self.link.no_verdict_reason)
        views = self.eightd.with_user(self.user_quality).get_view(view_type="form")
        self.assertIn('name="action_leave"', views["arch"])

    def test_ended_answer_has_no_clock(self):
        """R301: limits end when another 8D goes on; its own begin."""
        self._create_line(
            start="eightd_received",
            targets=("longterm_sent",),
            per_scope=True,
            each_start=True,
        )
        ticket = self._accept(complaint_sla_policy_id=self.policy.id).sudo()
        eightd = self._create_eightd(ticket)
        first = eightd.link_ids
        self.assertEqual(first.deadline_ids.state, "running")
        eightd.action_effect("not_effective", "Again")
        eightd.action_open_next()
        second = ticket.complaint_eightd_link_ids - first
        self.assertEqual(ticket.complaint_eightd_id, second.eightd_id)
        self.assertEqual(first.deadline_ids.state, "cancelled")
        self.assertEqual(second.deadline_ids.state, "running")
        second.with_user(self.user_quality).action_leave()
        self.assertFalse(ticket.complaint_eightd_id)
        self.assertEqual(second.deadline_ids.state, "cancelled")

    # ------------------------------------------------------------------
    # Forged values
    # ------------------------------------------------------------------
