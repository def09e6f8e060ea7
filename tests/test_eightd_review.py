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

    def test_handler_outside_the_team_words_the_answer(self):
        """R420: who handles the complaint mends its wording without reading the 8D."""
        self.assertFalse(self.eightd.with_user(self.user_handler).has_access("read"))
        with Form(self.mine) as form:
            form.closing_text = "Thank you"
        self.assertEqual(self.link.closing_text, "Thank you")
        self.eightd.sudo().state = "done"
        with self.assertRaisesRegex(UserError, "closed"):
            self.mine.closing_text = "Later"

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

    def test_rejected_after_the_end(self):
        """R452: an answer that is rejected late is worded anew, nothing else."""
        self._verdict("rejected")
        self.eightd.sudo().state = "done"
        self.mine.write({"cause_text": "The press", "answer_type": "3d"})
        with self.assertRaisesRegex(UserError, "closed"):
            self.mine.claimed_qty = 1
        self._verdict("accepted", "3d")
        with self.assertRaisesRegex(UserError, "closed"):
            self.mine.cause_text = "Something else"

    def test_deeper_answer_is_an_answer(self):
        """R452: who wanted a 3D and accepted an 8D is answered."""
        self.link.answer_type = "3d"
        self._finish(self.eightd.sudo(), *(f"d{number}" for number in range(8)))
        self._verdict("accepted")
        self.assertTrue(self.link.is_answered)
        self._verdict("accepted", "short")
        self.assertFalse(self.link.is_answered)

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

    def test_closed_8d_waits_for_nobody(self):
        """R428: requests to a department end with the 8D, closed or cancelled."""
        kinds = ("capa", "eightd_lead", "eightd_solve")
        for end in ("close", "cancel"):
            eightd = self.eightd if end == "close" else self._create_eightd([])
            for kind in kinds:
                eightd.sudo().activity_schedule(
                    f"helpdesk_mgmt_complaint.mail_activity_type_{kind}",
                    user_id=self.user_member.id,
                )
            if end == "close":
                eightd._after_discipline("d8")
            else:
                eightd.action_cancel("Opened by mistake")
            self.assertFalse(eightd.sudo().activity_ids, end)

    # ------------------------------------------------------------------
    # Forged values
    # ------------------------------------------------------------------

    def test_no_evidence_by_the_context(self):
        """R430, R452: defaults of a client forge no report, receipt or verdict."""
        ending = self.env["mgmtsystem.action.stage"].search(
            [("is_ending", "=", True)], limit=1
        )
        actions = self.env["mgmtsystem.action"].with_user(self.user_member)
        with self.assertRaisesRegex(UserError, "belongs to an 8D"):
            actions.with_context(
                default_complaint_implemented_by_id=self.user_member.id,
                default_complaint_effect="effective",
                default_complaint_verified_by_id=self.user_quality.id,
                default_stage_id=ending.id,
            ).create(
                {
                    "name": "Done long ago",
                    "complaint_eightd_id": self.eightd.id,
                    "user_id": self.user_member.id,
                }
            )
        links = self.env["complaint.eightd.link"].with_user(self.user_quality)
        link = links.with_context(
            default_verdict="accepted", default_received_at="2020-01-01 00:00:00"
        ).create(
            {"eightd_id": self.eightd.id, "ticket_id": self._create_complaint().id}
        )
        self.assertEqual(link.verdict, "none")
        self.assertGreater(link.received_at.year, 2020)
        eightd = self.eightd.with_user(self.user_quality)
        eightd.answer_type = "3d"
        eightd.with_context(default_state="done").answer_type = "8d"
        self.assertNotIn("done", eightd.discipline_ids.mapped("state"))

    def test_linked_complaint_stays_in_its_company(self):
        """R420: an 8D answers complaints of its company only."""
        draft = self.complaint.copy()
        self.link_b.create({"eightd_id": self.eightd.id, "ticket_id": draft.id})
        self.assertFalse(draft.complaint_number)
        with self.assertRaisesRegex(UserError, "8D of this company"):
            draft.company_id = self.company_b
        draft.company_id = self.company

    def test_8d_is_not_archived(self):
        """R446: out of sight, the watch would not find it."""
        for user in (self.user_member, self.user_quality):
            with self.assertRaisesRegex(UserError, "not archived"):
                self.eightd.with_user(user).active = False
