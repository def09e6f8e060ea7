# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
from contextlib import nullcontext

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_prints import PrintCommon

_NOTE = "mail.mt_note"
_COMMENT = "mail.mt_comment"


class ConfidentialCommon(PrintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._create_complaint()
        cls.ticket.message_subscribe(cls.customer_contact.ids)
        cls.handler_ticket = cls.ticket.with_user(cls.user_handler)

    def _get_pdf(self, form=None):
        """Return the bytes of a form as the handler downloads it."""
        choice = (
            self.env["complaint.form.print"]
            .with_user(self.user_handler)
            .create(
                {
                    "ticket_ids": [Command.set(self.ticket.ids)],
                    "form_id": (form or self.form_f01).id,
                }
            )
        )
        reports = self.env["ir.actions.report"].with_user(self.user_handler)
        is_web = isinstance(self, HttpCase)
        with nullcontext() if is_web else self.allow_pdf_render():
            return reports.with_context(force_report_rendering=True)._render_qweb_pdf(
                "helpdesk_mgmt_complaint.report_complaint_form_choice", choice.ids
            )[0]

    def _upload(self, raw, name="picture.pdf", **vals):
        """Upload a file under an innocent name, as the chatter does."""
        return (
            self.env["ir.attachment"]
            .with_user(self.user_handler)
            .create(
                {
                    "name": name,
                    "raw": raw,
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                    **vals,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestFormConfidential(ConfidentialCommon):
    """R518: by no route does an internal form reach a customer; each one is tried."""

    _printed = None

    def setUp(self):
        super().setUp()
        if not self._printed:
            type(self)._printed = self._get_pdf()
        self.pdf = self._printed
        self.file = self._upload(self.pdf)

    def test_downloaded_form_is_known_under_any_name(self):
        """R518: a renamed copy, a copy of the record, the same file once more."""
        self.assertTrue(self.file.complaint_is_internal_form)
        self.assertTrue(self.file.copy({"name": "x"}).complaint_is_internal_form)
        again = self._upload(self.pdf, "holiday.bin", mimetype="text/plain")
        self.assertTrue(again.complaint_is_internal_form)
        other = self._upload(self._get_pdf(self.form_f18))
        self.assertFalse(other.complaint_is_internal_form)
        other.raw = self.pdf
        self.assertTrue(other.complaint_is_internal_form)

    def test_the_mark_cannot_be_taken_off(self):
        """R518: by RPC; the content decides."""
        with self.assertRaises(UserError):
            self.file.complaint_is_internal_form = False
        fresh = self._upload(self.pdf, complaint_is_internal_form=False)
        self.assertTrue(fresh.complaint_is_internal_form)

    def test_every_internal_print_is_marked(self):
        """R518: slips, registers and workbooks, too."""
        reports = self.env["ir.actions.report"].with_user(self.user_handler)
        book, _kind = reports._render_xlsx(
            "helpdesk_mgmt_complaint.action_report_complaint_register_xlsx",
            self.ticket.ids,
            {},
        )
        self.assertTrue(self._upload(book, "b.xlsx").complaint_is_internal_form)
        for name in ("form", "register"):
            with self.allow_pdf_render():
                raw, _kind = reports.with_context(
                    force_report_rendering=True
                )._render_qweb_pdf(
                    f"helpdesk_mgmt_complaint.report_complaint_{name}", self.ticket.ids
                )
            self.assertTrue(self._upload(raw).complaint_is_internal_form, name)

    def test_comment_to_the_following_customer_is_refused(self):
        """R518: chatter, by file and by content."""
        with self.assertRaisesRegex(UserError, "must not reach a customer"):
            self.handler_ticket.message_post(
                body="See form", attachment_ids=self.file.ids, subtype_xmlid=_COMMENT
            )
        with self.assertRaisesRegex(UserError, "must not reach a customer"):
            self.handler_ticket.message_post(
                body="See form",
                attachments=[("form.pdf", self.pdf)],
                subtype_xmlid=_COMMENT,
            )

    def test_internal_note_may_have_the_form(self):
        note = self.handler_ticket.message_post(
            body="Signed form", attachment_ids=self.file.ids, subtype_xmlid=_NOTE
        )
        self.assertTrue(note.attachment_ids)
        with self.assertRaisesRegex(UserError, "must not reach a customer"):
            self.handler_ticket.message_post(
                body="@customer",
                attachment_ids=self._upload(self.pdf).ids,
                subtype_xmlid=_NOTE,
                partner_ids=self.customer_contact.ids,
            )

    def test_note_cannot_be_made_public_afterwards(self):
        """R518: nor a form be put on a message that was sent."""
        note = self.handler_ticket.message_post(
            body="Signed", attachment_ids=self.file.ids, subtype_xmlid=_NOTE
        ).sudo()
        comment = self.handler_ticket.message_post(body="Hi", subtype_xmlid=_COMMENT)
        with self.assertRaises(UserError):
            note.subtype_id = self.env.ref(_COMMENT)
        with self.assertRaises(UserError):
            note.partner_ids = self.customer_contact
        with self.assertRaises(UserError):
            comment.sudo().attachment_ids = self._upload(self.pdf)
        with self.assertRaises(UserError):
            self.handler_ticket._message_update_content(
                comment, body="Hi", attachment_ids=self._upload(self.pdf).ids
            )

    def test_sent_file_cannot_be_exchanged_for_a_form(self):
        clean = self._upload(b"%PDF-clean")
        self.handler_ticket.message_post(
            body="Hi", attachment_ids=clean.ids, subtype_xmlid=_COMMENT
        )
        with self.assertRaisesRegex(UserError, "must not reach a customer"):
            clean.raw = self.pdf

    def test_composer_is_refused(self):
        """R518: comment and mass mail."""
        for mode in ("comment", "mass_mail"):
            composer = (
                self.env["mail.compose.message"]
                .with_user(self.user_handler)
                .with_context(
                    default_model="helpdesk.ticket",
                    default_res_ids=self.ticket.ids,
                    default_composition_mode=mode,
                )
                .create(
                    {
                        "body": "x",
                        "subject": "x",
                        "partner_ids": [Command.set(self.customer_contact.ids)],
                        "attachment_ids": [Command.set(self._upload(self.pdf).ids)],
                    }
                )
            )
            with self.subTest(mode=mode), self.assertRaises(UserError):
                composer.action_send_mail()

    def test_other_records_send_no_form_either(self):
        """R518: the customer's own contact form, a sale order."""
        for record in (self.customer_contact, self.order):
            with self.assertRaisesRegex(UserError, "must not reach a customer"):
                record.message_post(
                    body="x",
                    attachment_ids=self._upload(self.pdf).ids,
                    subtype_xmlid=_COMMENT,
                )

    def test_channel_with_customers_is_refused(self):
        """R518: colleagues may talk about a form, a customer must not be there."""
        channels = self.env["discuss.channel"].with_user(self.user_handler)
        channel = channels._create_channel(name="Quality", group_id=None)
        channel.message_post(
            body="Look",
            attachment_ids=self.file.ids,
            message_type="comment",
            subtype_xmlid=_COMMENT,
        )
        channel.sudo()._add_members(partners=self.customer_contact)
        with self.assertRaisesRegex(UserError, "must not reach a customer"):
            channel.message_post(
                body="Look",
                attachment_ids=self._upload(self.pdf).ids,
                message_type="comment",
                subtype_xmlid=_COMMENT,
            )

    def test_mail_without_record_is_refused(self):
        """R518: by partner, address or copy; afterwards, too."""
        mails = self.env["mail.mail"]
        form = self.file.sudo().copy()
        for vals in (
            {"recipient_ids": [Command.set(self.customer_contact.ids)]},
            {"email_to": "Anna <anna.meyer@meyer.example.com>"},
            {"email_to": "handler@example.com", "email_cc": "x@else.example.com"},
        ):
            with self.assertRaisesRegex(UserError, "must not be sent"):
                mails.create({**vals, "attachment_ids": [Command.set(form.ids)]})
        mail = mails.create(
            {
                "email_to": self.user_quality.email,
                "attachment_ids": [Command.set(form.ids)],
            }
        )
        with self.assertRaisesRegex(UserError, "must not be sent"):
            mail.email_to = "anna.meyer@meyer.example.com"

    def test_mail_template_is_refused(self):
        """R518: with a report of ours, or a form that was printed."""
        template = self.env["mail.template"].create(
            {
                "name": "Reply",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
            }
        )
        with self.assertRaises(ValidationError):
            template.attachment_ids = self.file.sudo().copy()
        for report in self.env["ir.actions.report"].search(
            [("report_name", "=like", "helpdesk_mgmt_complaint.%complaint_form%")]
        ):
            with self.assertRaises(ValidationError):
                template.report_template_ids = report

    def test_form_is_never_public(self):
        """R518: no public file, no address with a token."""
        with self.assertRaisesRegex(UserError, "cannot be published"):
            self.file.sudo().public = True
        with self.assertRaisesRegex(UserError, "cannot be published"):
            self.file.sudo().access_token = "abc"
        self.assertEqual(self.file.generate_access_token(), [""])
        clean = self._upload(b"%PDF-clean")
        tokens = (self.file | clean).generate_access_token()
        self.assertEqual(tokens[0], "")
        self.assertTrue(tokens[1])

    def test_customer_reads_no_form_on_his_complaint(self):
        """R518: by RPC, wherever it hangs."""
        mine = self.file.sudo().copy(
            {"res_model": "helpdesk.ticket", "res_id": self.ticket.id}
        )
        with self.assertRaises(AccessError):
            mine.with_user(self.portal_user).read(["name", "raw"])
        self.assertNotIn(mine, self.ticket._get_complaint_customer_attachments())

    def test_incoming_mail_of_the_customer_is_taken(self):
        """What the customer sends himself is not refused."""
        message = self.ticket.message_post(
            body="x",
            message_type="email",
            author_id=self.customer_contact.id,
            attachment_ids=self.file.sudo().copy().ids,
            subtype_xmlid=_COMMENT,
        )
        self.assertTrue(message.attachment_ids)


@tagged("post_install", "-at_install")
class TestFormConfidentialHttp(HttpCase, ConfidentialCommon):
    """R518: the same by address."""

    def test_no_address_gives_a_form_to_a_customer(self):
        """R518: file, file with token, issued copy, reports of records."""
        form = self._upload(self._get_pdf()).sudo()
        form.write({"res_model": "helpdesk.ticket", "res_id": self.ticket.id})
        visit = self.env["complaint.visit"].create({"ticket_id": self.ticket.id})
        issue = self.env["complaint.form.issue"].create(
            {
                "ticket_id": self.ticket.id,
                "form_id": self.form_f01.id,
                "occasion": "closing",
                "content": form.datas,
            }
        )
        token = form._get_raw_access_token()
        report = "/report/html/helpdesk_mgmt_complaint.report_complaint"
        addresses = [
            f"/web/content/{form.id}",
            f"/web/content/{form.id}?access_token={token}",
            f"/web/content/complaint.form.issue/{issue.id}/content",
            f"{report}_visit/{visit.id}",
            f"{report}_form_issue/{issue.id}",
        ]
        for login in ("portal_meyer", None):
            self.authenticate(login, login)
            for address in addresses:
                with mute_logger("odoo.http"), self.subTest(address, login=login):
                    response = self.url_open(address)
                    self.assertFalse(response.content.startswith(b"%PDF"))
                    self.assertNotIn(b"Cracked cages", response.content)
        self.authenticate("complaint_handler", "complaint_handler")
        response = self.url_open(f"/web/content/{form.id}")
        self.assertTrue(response.content.startswith(b"%PDF"))
        self.assertTrue(io.BytesIO(response.content).read())
