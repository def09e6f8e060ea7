# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common_intake import IntakeCommon

_GATEWAY = "odoo.addons.mail.models.mail_thread.MailThread"
_HELPDESK = "odoo.addons.helpdesk_mgmt.models.helpdesk_ticket.HelpdeskTicket"


class TestIntakeFaults(IntakeCommon):
    """Whatever arrives ends as a complaint, a thread entry or an intake entry."""

    def _tickets(self):
        return self.env["helpdesk.ticket"].search([])

    def _fail(self):
        return patch(f"{_HELPDESK}.message_new", side_effect=ValueError("no way"))

    def test_unknown_charset_becomes_complaint(self):
        """R003: Odoo's gateway raises on it; the text is read as well as possible."""
        ticket = self._receive_file("unknown_charset")
        self.assertIn("轴承开裂", ticket.complaint_content)
        self.assertEqual(ticket.complaint_line_ids.sale_order_id, self.order)
        self.assertEqual(self._last_intake().state, "done")

    def test_unreadable_mail_becomes_complaint_with_the_original(self):
        """R003: what cannot be repaired is rebuilt, the original is attached."""
        raw = self._read("unknown_charset")
        head, body = raw.split(b"\r\n\r\n")
        head = head.replace(b"8bit", b"base64")
        before = self._tickets()
        self._receive(head + b"\r\n\r\n" + base64.encodebytes(body))
        ticket = self._tickets() - before
        self.assertIn("轴承开裂", ticket.complaint_content)
        self.assertIn("original.eml", ticket.message_ids.attachment_ids.mapped("name"))
        intake = self._last_intake()
        self.assertEqual(intake.state, "done")
        self.assertIn("damaged", intake.error)

    def test_broken_multipart_becomes_complaint(self):
        """R003: a multipart without its boundary makes the gateway raise."""
        ticket = self._receive_file("broken_multipart")
        self.assertEqual(len(ticket), 1)
        self.assertIn("cracked", ticket.complaint_content)
        self.assertEqual(self._last_intake().state, "done")

    def test_gateway_failure_keeps_mail_and_rolls_back(self):
        """R003: the row survives, the half-made ticket does not."""
        before = self._tickets()
        with self._fail():
            result = self._receive(self._mail("Kept"))
        self.assertFalse(result)
        self.assertEqual(self._tickets(), before)
        intake = self._last_intake()
        self.assertEqual(intake.state, "error")
        self.assertIn("no way", intake.error)
        self.assertIn(b"Kept", intake._get_raw())

    def test_sender_is_not_told_that_a_kept_mail_was_lost(self):
        mails = self.env["mail.mail"].search([])
        with self._fail():
            self._receive(self._mail("Kept"))
        self.assertEqual(self.env["mail.mail"].search([]), mails)

    def test_row_is_written_before_processing(self):
        """R003: also when the worker is killed in the middle."""
        seen = []
        model = type(self.env["complaint.intake"])

        def process(intake, *_args, **_kwargs):
            seen.append(intake.search([], limit=1).state)
            raise ValueError

        with patch.object(model, "_process", process):
            self._receive(self._mail("Kept"))
        self.assertEqual(seen, ["received"])

    def test_rolled_back_transaction_is_not_done(self):
        """R003: done is noted after the commit of the ticket, never before."""
        self._receive(self._mail("Lost"), commit=False)
        self.assertEqual(self._last_intake().state, "error")

    def test_retry_makes_one_complaint(self):
        """R003: the Retry button, idempotent."""
        with self._fail():
            self._receive(self._mail("Again"))
        before = self._tickets()
        intake = self.handler_intakes.search([], limit=1)
        intake.action_retry()
        ticket = self._tickets() - before
        self.assertEqual(len(ticket), 1)
        self.assertEqual(intake.state, "done")
        self.assertEqual(intake.ticket_id, ticket)
        intake.action_retry()
        self.assertEqual(self._tickets() - before, ticket)

    def test_retry_that_fails_again_stays_in_the_list(self):
        with self._fail():
            self._receive(self._mail("Again"))
            intake = self.handler_intakes.search([], limit=1)
            with self.enter_registry_test_mode():
                intake.action_retry()
        self.assertEqual(intake.state, "error")
        self.assertEqual(intake.attempts, 2)

    def test_retry_is_for_handlers(self):
        with self._fail():
            self._receive(self._mail("Again"))
        intake = self._last_intake()
        for user in (self.user_register, self.portal_user):
            with self.assertRaises(AccessError):
                intake.with_user(user).action_retry()

    def test_killed_after_commit_is_found_by_retry(self):
        """R003: the ticket is there, the row still says received."""
        self._receive(self._mail("Half"))
        intake = self._last_intake()
        ticket = intake.ticket_id
        intake.write({"state": "received", "ticket_id": False})
        before = self._tickets()
        intake.with_user(self.user_handler).action_retry()
        self.assertEqual(intake.state, "done")
        self.assertEqual(intake.ticket_id, ticket)
        self.assertEqual(self._tickets(), before)

    def test_same_mail_twice_is_one_complaint(self):
        """R003: two mailboxes, or a mail server that sends again."""
        raw = self._mail("Twice")
        self._receive(raw)
        before = self._tickets()
        self._receive(b"Received: by other\n" + raw)
        self.assertEqual(self._tickets(), before)
        rows = self.env["complaint.intake"].search([("subject", "=", "Complaint")])
        self.assertEqual(len(rows), 1)

    def test_other_mail_under_the_same_message_id_does_not_vanish(self):
        """R003: a client that repeats its Message-Id; Odoo would drop the mail."""
        self._receive(self._mail("One", Message_Id="<same@x.example>"))
        before = self._tickets()
        self._receive(self._mail("Two", Message_Id="<same@x.example>"))
        self.assertEqual(self._tickets(), before)
        intake = self.handler_intakes.search([], limit=1)
        self.assertEqual(intake.state, "error")
        intake.action_retry()
        ticket = self._tickets() - before
        self.assertIn("Two", ticket.complaint_content)

    def test_mail_without_message_id_is_one_complaint(self):
        raw = self._mail("No id", Message_Id=None)
        self._receive(raw)
        before = self._tickets()
        self._receive(raw)
        self.assertEqual(self._tickets(), before)

    def test_unroutable_mail_is_kept_and_still_raises(self):
        """R003: no address of ours fits; the gateway's contract is unchanged."""
        with self.assertRaises(ValueError):
            self._receive(self._mail("Lost", To="nobody@unknown.example"))

    def test_unroutable_mail_can_become_a_complaint(self):
        """R003: fetchmail deletes a failed message; the row has it."""
        self._receive_failing(self._mail("Lost", To="nobody@unknown.example"))
        intake = self.handler_intakes.search([], limit=1)
        self.assertEqual(intake.state, "error")
        before = self._tickets()
        intake.action_retry()
        ticket = self._tickets() - before
        self.assertEqual(ticket.team_id, self.team)
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(intake.state, "done")

    def test_mail_to_catchall_is_kept_though_odoo_bounces_it(self):
        self._receive(self._mail("Hello", To="catchall@helpdesk.example.com"))
        intake = self.handler_intakes.search([], limit=1)
        self.assertEqual(intake.state, "error")
        before = self._tickets()
        intake.action_retry()
        self.assertEqual(len(self._tickets() - before), 1)

    def test_ignored_mail_can_become_a_complaint(self):
        """R003: what looked like an absence note was a complaint."""
        self._receive_file("auto_reply")
        intake = self.handler_intakes.search([], limit=1)
        self.assertEqual(intake.state, "ignored")
        before = self._tickets()
        intake.action_retry()
        self.assertEqual(len(self._tickets() - before), 1)

    def test_failing_mail_of_another_model_is_not_kept(self):
        """R520: the mails of others do not appear in the complaint list."""
        with self.assertRaises(ValueError):
            self._receive(
                self._mail("Private", To="nobody@unknown.example"), model="no.model"
            )
        self.assertFalse(self._last_intake())

    def test_empty_and_binary_mails_are_kept(self):
        """R003: bytes that are no mail at all."""
        for raw in (b"", b"\xff\xfe\x00\x01", b"\r\n\r\nno header"):
            self._receive_failing(raw)
            self.assertEqual(self._last_intake()._get_raw(), raw)

    @mute_logger("odoo.sql_db")
    def test_database_error_keeps_mail(self):
        """R003: also an error that breaks the transaction."""

        def process(thread, *_args, **_kwargs):
            thread.env.cr.execute("SELECT 1/0")

        before = self._tickets()
        with patch(f"{_GATEWAY}._message_route_process", process):
            self._receive(self._mail("Kept"))
        self.assertEqual(self._last_intake().state, "error")
        self.assertEqual(self._tickets(), before)

    def test_broken_acknowledgement_does_not_cost_the_complaint(self):
        """R455: a template that a user broke."""
        model = type(self.env["mail.template"])
        with (
            patch.object(model, "send_mail", side_effect=ValueError("boom")),
            self.assertLogs("odoo.addons.helpdesk_mgmt_complaint", "ERROR"),
        ):
            ticket = self._receive_new("Bad")
        self.assertEqual(len(ticket), 1)
