# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users

from .common import ComplaintCommon


class TestLifecycle(ComplaintCommon):
    def _codes(self, ticket):
        return ticket.sudo().complaint_event_ids.sorted("id").mapped("code")

    @users("complaint_handler")
    def test_events_follow_the_phases(self):
        """R022, R023: first report, registration and acceptance are own times."""
        reported = fields.Datetime.now() - timedelta(days=1)
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(complaint_reported_at=reported)
        )
        self.assertEqual(self._codes(ticket), ["reported", "registered"])
        self.assertEqual(ticket.complaint_reported_at, reported)
        self.assertGreater(ticket.complaint_received_at, reported)
        self.assertFalse(ticket.complaint_accepted_at)
        ticket.action_complaint_accept()
        self.assertTrue(ticket.complaint_accepted_at)
        ticket.action_complaint_close()
        self.assertTrue(ticket.complaint_closed_at)
        self.assertEqual(
            self._codes(ticket),
            [
                "reported",
                "registered",
                "phase_changed",
                "accepted",
                "phase_changed",
                "closed",
            ],
        )

    @users("complaint_handler")
    def test_event_time_is_corrected_by_a_new_row(self):
        """R023: a wrong time is corrected, the original stays in the log."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        earlier = fields.Datetime.now() - timedelta(days=2)
        ticket.complaint_reported_at = earlier
        rows = ticket.complaint_event_ids.filtered(lambda e: e.code == "reported")
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows.filtered("is_effective").at, earlier)
        self.assertEqual(ticket.complaint_reported_at, earlier)
        found = self.env["helpdesk.ticket"].search(
            [("complaint_reported_at", "<", fields.Datetime.now() - timedelta(days=1))]
        )
        self.assertIn(ticket, found)

    @users("complaint_manager")
    def test_log_is_append_only_for_managers_too(self):
        """R512: nobody changes, deletes or forges a row of the log."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        event = ticket.complaint_event_ids[:1]
        with self.assertRaises(UserError):
            event.note = "changed"
        with self.assertRaises(UserError):
            event.sudo().note = "changed"
        with self.assertRaises(UserError):
            event.sudo().unlink()
        with self.assertRaises(AccessError):
            event.copy({"code": "closed"})

    @users("complaint_handler")
    def test_once_only_codes_are_logged_once(self):
        """R023: pressing a button twice leaves one acceptance."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.action_complaint_accept()
        ticket._complaint_event("accepted")
        ticket.action_complaint_accept()
        self.assertEqual(self._codes(ticket).count("accepted"), 1)

    @users("complaint_handler")
    def test_future_event_and_unknown_code_are_refused(self):
        """R022: evidence cannot lie in the future; unknown codes are named."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        with self.assertRaisesRegex(UserError, "future"):
            ticket._complaint_event(
                "on_site", at=fields.Datetime.now() + timedelta(hours=1)
            )
        with self.assertRaisesRegex(UserError, "no_such_code"):
            ticket._complaint_event("no_such_code")

    @users("complaint_handler")
    def test_cancel_needs_a_reason_and_keeps_everything(self):
        """R512: mistakes are cancelled with a reason, nothing is deleted."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_cancelled")
        with self.assertRaisesRegex(ValidationError, "reason"):
            ticket.stage_id = stage
        action = ticket.action_complaint_cancel()
        wizard = (
            self.env["complaint.reason"]
            .with_context(**action["context"])
            .create({"reason": "Registered twice"})
        )
        wizard.action_confirm()
        self.assertEqual(ticket.complaint_phase, "cancelled")
        self.assertEqual(ticket.complaint_cancel_reason, "Registered twice")
        self.assertIn("cancelled", self._codes(ticket))

    @users("complaint_handler")
    def test_reopen_starts_a_new_cycle(self):
        """R512: reopening keeps the old rows and counts a new cycle."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.action_complaint_accept()
        ticket.action_complaint_close()
        with self.assertRaisesRegex(ValidationError, "Reopen"):
            ticket.stage_id = self.env.ref("helpdesk_mgmt_complaint.stage_accepted")
        ticket.action_complaint_reopen("Customer is not satisfied")
        self.assertEqual(ticket.complaint_phase, "accepted")
        self.assertEqual(ticket.complaint_cycle, 2)
        self.assertFalse(ticket.closed_date)
        self.assertFalse(ticket.complaint_closed_at)
        number = ticket.complaint_number
        ticket.action_complaint_close()
        self.assertTrue(ticket.complaint_closed_at)
        self.assertEqual(ticket.complaint_number, number)
        self.assertEqual(self._codes(ticket).count("closed"), 2)

    @users("complaint_handler")
    def test_reopening_an_open_complaint_is_refused(self):
        """There is nothing to reopen."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        with self.assertRaisesRegex(UserError, "still open"):
            ticket.action_complaint_reopen("why not")

    @users("complaint_manager")
    def test_nothing_of_an_ended_complaint_is_deleted(self):
        """R512: neither the case nor lines, files, messages or records."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        line = self.env["complaint.line"].create({"ticket_id": ticket.id})
        note = self.env["complaint.communication"].create(
            {
                "ticket_id": ticket.id,
                "channel_id": self.channel_phone.id,
                "content": "Called back",
            }
        )
        attachment = self.env["ir.attachment"].create(
            {"name": "photo.jpg", "res_model": ticket._name, "res_id": ticket.id}
        )
        message = ticket.message_post(body="Letter received")
        line.symptom = "Cracked"
        ticket.action_complaint_accept()
        ticket.action_complaint_close()
        for record in (line, note, attachment, message, ticket):
            with self.assertRaises(UserError):
                record.sudo().unlink()

    @users("complaint_manager")
    def test_only_a_draft_without_number_is_deleted(self):
        """R512: a draft may go, an accepted complaint is cancelled instead."""
        draft = self.env["helpdesk.ticket"].create(self._complaint_vals())
        accepted = self.env["helpdesk.ticket"].create(self._complaint_vals())
        accepted.action_complaint_accept()
        draft.unlink()
        self.assertFalse(draft.exists())
        with self.assertRaisesRegex(UserError, "Cancel"):
            accepted.unlink()

    @users("complaint_handler")
    def test_signed_opinion_is_immutable_and_versioned(self):
        """R039, R070: signed by oneself, never changed; a version replaces it."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        opinions = self.env["complaint.opinion"]
        with self.assertRaisesRegex(UserError, "Sign"):
            opinions.create(
                {
                    "ticket_id": ticket.id,
                    "text": "ok",
                    "signed_by_id": self.user_manager.id,
                }
            )
        opinion = opinions.create({"ticket_id": ticket.id, "text": "We accept it"})
        with self.assertRaisesRegex(UserError, "Sign"):
            opinion.with_context(
                complaint_signing=True
            ).signed_at = fields.Datetime.now()
        opinion.action_sign()
        self.assertEqual(opinion.signed_by_id, self.env.user)
        with self.assertRaisesRegex(UserError, "New Version"):
            opinion.text = "We do not"
        with self.assertRaises(UserError):
            opinion.unlink()
        version = opinions.browse(opinion.action_new_version()["res_id"])
        self.assertTrue(opinion.is_current)
        version.text = "We accept half"
        version.action_sign()
        self.assertFalse(opinion.is_current)
        self.assertTrue(version.is_current)
        self.assertEqual(self._codes(ticket).count("opinion_signed"), 2)
        self.assertEqual(
            opinions.search([("ticket_id", "=", ticket.id), ("is_current", "=", True)]),
            version,
        )

    @users("complaint_handler")
    def test_communication_visits_and_samples_feed_the_log(self):
        """R040, R054, R373, R571: records with times; the log follows."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.action_complaint_accept()
        now = fields.Datetime.now()
        self.env["complaint.communication"].create(
            {
                "ticket_id": ticket.id,
                "channel_id": self.channel_phone.id,
                "purpose": "progress",
                "content": "Analysis until Friday",
                "expected_at": now + timedelta(days=3),
            }
        )
        visit = self.env["complaint.visit"].create(
            {"ticket_id": ticket.id, "departure_at": now - timedelta(hours=3)}
        )
        visit.arrival_at = now - timedelta(hours=1)
        with self.assertRaises(ValidationError):
            visit.arrival_at = now - timedelta(hours=5)
        visit.arrival_at = now - timedelta(hours=1)
        self.env["complaint.sample"].create(
            {
                "ticket_id": ticket.id,
                "name": "2 bearings",
                "received_at": now,
                "received_by_id": self.env.uid,
                "place": "QA shelf 3",
            }
        )
        codes = self._codes(ticket)
        for code in (
            "acknowledged",
            "customer_progress_told",
            "visit_decided",
            "on_site",
            "sample_received",
        ):
            self.assertIn(code, codes)

    @users("complaint_handler")
    def test_transfer_keeps_the_evidence(self):
        """R182: a transfer stores from, to, reason, time, and who was told."""
        department = self.env["hr.department"].sudo().create({"name": "Quality"})
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(user_id=self.user_handler.id)
        )
        action = ticket.action_complaint_transfer()
        wizard = (
            self.env["complaint.transfer"]
            .with_context(**action["context"])
            .create({"reason": "Lot analysis", "customer_told": True})
        )
        with self.assertRaisesRegex(UserError, "Choose another"):
            wizard.action_confirm()
        wizard.department_id = department.with_env(self.env)
        wizard.user_id = self.user_quality
        wizard.action_confirm()
        self.assertEqual(ticket.complaint_department_id.id, department.id)
        self.assertEqual(ticket.user_id, self.user_quality)
        event = ticket.complaint_event_ids.filtered(lambda e: e.code == "transferred")
        self.assertEqual(event.note, "Lot analysis")
        self.assertEqual(event.payload["user_id"]["old"], self.user_handler.id)
        self.assertEqual(event.payload["user_id"]["new"], self.user_quality.id)
        self.assertTrue(event.payload["told"])
        self.assertEqual(ticket.complaint_phase, "draft")

    @users("complaint_handler")
    def test_first_contact_is_handed_over_formally_only(self):
        """R185: the first contact stays accountable until formally transferred."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        self.assertEqual(ticket.complaint_first_contact_id, self.env.user)
        with self.assertRaisesRegex(UserError, "Hand Over"):
            ticket.complaint_first_contact_id = self.user_quality
        ticket._complaint_transfer(
            {"complaint_first_contact_id": self.user_quality.id}, "Shift ends", False
        )
        self.assertEqual(ticket.complaint_first_contact_id, self.user_quality)
        told = (
            self.env["mail.notification"]
            .sudo()
            .search([("mail_message_id.res_id", "=", ticket.id)])
        )
        self.assertIn(self.user_quality.partner_id, told.res_partner_id)
