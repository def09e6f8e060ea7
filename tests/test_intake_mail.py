# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, users

from .common_intake import ADDRESS, IntakeCommon


class TestIntakeMail(IntakeCommon):
    """Real raw messages through Odoo's gateway."""

    def test_mail_becomes_complaint_with_goods(self):
        """R003 R366: order, lot, quantity and date are found in the mail."""
        ticket = self._receive_file("en_plain").with_user(self.user_handler)
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.channel_id, self.channel_email)
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.complaint_phase, "draft")
        self.assertIn("cracked cages in 12 of 500", ticket.complaint_content)
        self.assertNotIn("<", ticket.complaint_content)
        self.assertRecordValues(
            ticket.complaint_line_ids.sudo(),
            [
                {
                    "sale_order_id": self.order.id,
                    "picking_id": self.picking.id,
                    "product_id": self.product.id,
                    "lot_id": self.lot.id,
                    "delivered_qty": 500,
                    "delivered_date": self.company._complaint_today(),
                    "is_proposed": True,
                }
            ],
        )
        line = ticket.complaint_line_ids.sudo()
        self.assertIn("SO26-0042", line.matched_text)
        self.assertIn("4500012345", line.matched_text)
        self.assertIn("subject", line.matched_in)
        intake = self._last_intake()
        self.assertEqual(intake.state, "done")
        self.assertEqual(intake.ticket_id, ticket)
        self.assertEqual(intake._get_raw(), self._read("en_plain"))

    def test_reported_time_is_the_mail_date_when_sane(self):
        """R023: first report and registration are two times."""
        sent = datetime.now().replace(microsecond=0) - timedelta(hours=5)
        ticket = self._receive_new("A", Date=format_datetime(sent))
        self.assertEqual(ticket.complaint_reported_at, sent)
        self.assertNotEqual(ticket.complaint_received_at, sent)
        for date in (
            "Fri, 10 Aug 2012 14:16:26 +0000",
            "Mon, 1 Jan 2096 10:00:00 +0000",
        ):
            ticket = self._receive_new(f"B {date}", Date=date)
            age = fields.Datetime.now() - ticket.complaint_reported_at
            self.assertLess(abs(age), timedelta(minutes=1))

    def test_gb18030_text_is_readable_and_recognised(self):
        """R003: "gb2312" mails need GB18030; full-width numbers are found."""
        ticket = self._receive_file("zh_gb18030")
        self.assertEqual(ticket.name, "客诉：轴承开裂")
        self.assertIn("䶮先生", ticket.complaint_content)
        self.assertEqual(ticket.complaint_line_ids.sale_order_id, self.order)
        self.assertEqual(ticket.complaint_line_ids.lot_id, self.lot)

    def test_text_without_charset_is_readable(self):
        ticket = self._receive_file("zh_no_charset")
        self.assertEqual(ticket.name, "投诉 SO26-0042")
        self.assertIn("保持架开裂", ticket.complaint_content)
        self.assertEqual(ticket.complaint_line_ids.sale_order_id, self.order)

    def test_shift_jis_text_is_readable_and_recognised(self):
        ticket = self._receive_file("ja_shift_jis")
        self.assertEqual(ticket.name, "不具合の件")
        self.assertIn("①", ticket.complaint_content)
        self.assertEqual(ticket.complaint_line_ids.sale_order_id, self.order)

    def test_html_table_is_recognised_and_sanitised(self):
        """R366: numbers in the cells of an HTML table."""
        ticket = self._receive_file("de_html_table")
        line = ticket.complaint_line_ids
        self.assertEqual(line.sale_order_id, self.order)
        self.assertEqual(line.lot_id, self.lot)
        for html in (ticket.description, *ticket.message_ids.mapped("body")):
            self.assertNotIn("alert", html)
        self.assertNotIn("alert", ticket.complaint_content)

    def test_nested_multipart_keeps_photos_and_reads_attachment_names(self):
        """R366: the number stands only in the name of an attachment."""
        ticket = self._receive_file("nested_multipart")
        names = ticket.message_ids.attachment_ids.mapped("name")
        self.assertIn("8D_SO26-0042_v2.pdf", names)
        self.assertIn("photo.png", names)
        line = ticket.complaint_line_ids
        self.assertEqual(line.sale_order_id, self.order)
        self.assertEqual(line.matched_in, "attachment name")

    def test_winmail_dat_is_kept_as_attachment(self):
        ticket = self._receive_file("winmail")
        self.assertIn("winmail.dat", ticket.message_ids.attachment_ids.mapped("name"))
        self.assertEqual(ticket.complaint_line_ids.sale_order_id, self.order)

    def test_forwarded_mail_belongs_to_the_customer_in_the_chain(self):
        """R003: our salesman forwards; he received it, the customer complains."""
        ticket = self._receive_file("forwarded_chain")
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.complaint_received_by_id, self.user_register)
        self.assertEqual(ticket.complaint_first_contact_id, self.user_register)
        self.assertIn("gerissen", ticket.complaint_content)
        line = ticket.complaint_line_ids
        self.assertEqual(line.sale_order_id, self.order)
        self.assertEqual(line.matched_in, "quoted text")

    def test_mail_without_name_and_subject_is_registered(self):
        ticket = self._receive_file("no_from_name")
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertTrue(ticket.name)
        self.assertIn("12 bearings", ticket.complaint_content)

    def test_mail_of_25_mb_is_registered_and_kept(self):
        """R003: a size limit never costs the mail."""
        mail = EmailMessage()
        mail["From"], mail["To"] = "anna.meyer@meyer.example.com", ADDRESS
        mail["Subject"], mail["Message-Id"] = "Video", "<big@meyer.example.com>"
        mail.set_content("See the video.")
        data = b"\x00\x01video" * (25 * 1024 * 1024 // 7)
        mail.add_attachment(data, maintype="video", subtype="mp4", filename="v.mp4")
        raw = mail.as_bytes()
        self._receive(raw)
        intake = self._last_intake()
        self.assertEqual(intake.state, "done")
        self.assertEqual(intake.raw_size, len(raw))
        attachment = intake.ticket_id.message_ids.attachment_ids
        self.assertEqual(attachment.file_size, len(data))

    def test_unknown_sender_is_registered_without_customer(self):
        ticket = self._receive_new("Bad", From="Bob <bob@nowhere.example.net>")
        self.assertFalse(ticket.partner_id)
        self.assertIn("bob@nowhere.example.net", ticket.partner_email)

    def test_unknown_colleague_is_recognised_by_mail_domain(self):
        """R366: a new contact of a known customer, not of a public provider."""
        ticket = self._receive_new("Bad SO26-0042", From="new@meyer.example.com")
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertIn("new@meyer.example.com", ticket.complaint_reference_note)
        self.assertEqual(ticket.complaint_line_ids.sale_order_id, self.order)
        self.env["res.partner"].create({"name": "X", "email": "x@qq.com"})
        self.assertFalse(self._receive_new("Bad", From="y@qq.com").partner_id)

    def test_plain_helpdesk_mail_is_untouched(self):
        """R003: mail of other teams and models is not kept and not changed."""
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Plain", "alias_name": "plain"}
        )
        team.alias_id.alias_domain_id = self.company.alias_domain_id
        ticket = self._receive_new("Help", To="plain@helpdesk.example.com")
        self.assertEqual(ticket.team_id, team)
        self.assertFalse(ticket.is_complaint)
        self.assertFalse(self._last_intake())

    # -- Followers ------------------------------------------------------

    def test_foreign_partner_in_cc_is_not_subscribed(self):
        """R003: a Cc to another customer must not open the case to him."""
        headers = {"Cc": "qa@huadong.example.com, handler@example.com, a@b.example"}
        ticket = self._receive_new("Bad", **headers)
        followers = ticket.message_partner_ids
        self.assertIn(self.user_handler.partner_id, followers)
        self.assertNotIn(self.other_customer, followers)
        self.assertNotIn("huadong", ticket.email_cc)
        self.assertIn("a@b.example", ticket.email_cc)
        self.assertFalse(
            self.env["mail.message"]
            .with_user(self.portal_other)
            .search([("model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)])
        )
        reply = self._mail(
            "More",
            Cc="qa@huadong.example.com",
            In_Reply_To=ticket.message_ids[-1].message_id,
        )
        self._receive(reply)
        self.assertEqual(len(ticket.message_ids.filtered("email_from")), 3)
        self.assertNotIn(self.other_customer, ticket.message_partner_ids)

    def test_foreign_follower_of_team_is_not_subscribed(self):
        """R003: also not by the automatic subscription of the team's followers."""
        subtype = self.env.ref("helpdesk_mgmt.hlp_tck_created")
        parents = self.env["mail.message.subtype"].search(
            [("parent_id", "=", subtype.id)]
        )
        self.team.message_subscribe(
            self.other_customer.ids, subtype_ids=(parents | subtype).ids
        )
        ticket = self._receive_new("Bad")
        self.assertNotIn(self.other_customer, ticket.message_partner_ids)

    def test_own_company_in_cc_is_subscribed(self):
        colleague = self.env["res.partner"].create(
            {
                "name": "Max",
                "parent_id": self.customer.id,
                "email": "max@meyer.example.com",
            }
        )
        ticket = self._receive_new("Bad", Cc="max@meyer.example.com")
        self.assertIn(colleague, ticket.message_partner_ids)

    # -- Threading ------------------------------------------------------

    def test_reply_with_headers_threads(self):
        """R373: the answer is on the case."""
        ticket = self._receive_new("First")
        sent = ticket.message_post(
            body="Please send photos",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self._receive(self._mail("Here", In_Reply_To=sent.message_id, Subject="Re: x"))
        self.assertIn("Here", ticket.message_ids[0].body)
        self.assertEqual(self._last_intake().ticket_id, ticket)
        self.assertEqual(self._last_intake().state, "done")

    def test_reply_without_headers_threads_by_number_in_subject(self):
        """R373: a client that strips the headers but keeps the reference."""
        ticket = self._receive_new("First")
        known = self.env["helpdesk.ticket"].search_count([])
        self._receive(self._mail("By ticket", Subject=f"AW: [{ticket.number}] x"))
        self.assertIn("By ticket", ticket.message_ids[0].body)
        ticket.with_user(self.user_handler).action_complaint_accept()
        self.assertTrue(ticket.complaint_number)
        subject = f"答复: [{ticket.complaint_number}] x"
        self._receive(
            self._mail(
                "To catchall", Subject=subject, To="catchall@helpdesk.example.com"
            )
        )
        self.assertIn("To catchall", ticket.message_ids[0].body)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), known)

    def test_other_customer_naming_the_number_opens_own_case(self):
        """R373: numbers are easily guessed; no threading across customers."""
        ticket = self._receive_new("First")
        count = len(ticket.message_ids)
        other = self._receive_new(
            "Mine", Subject=f"Re: [{ticket.number}]", From="qa@huadong.example.com"
        )
        self.assertEqual(len(other), 1)
        self.assertEqual(len(ticket.message_ids), count)

    def test_reply_to_closed_case_is_posted_and_somebody_is_told(self):
        """R373: an answer after the end is never lost."""
        ticket = self._receive_new("First SO26-0042")
        handler = ticket.with_user(self.user_handler)
        handler.action_complaint_confirm_lines()
        handler.action_complaint_accept()
        handler.user_id = self.user_handler
        handler.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")
        for body in ("Still broken", "Really"):
            self._receive(self._mail(body, Subject=f"Re: [{ticket.complaint_number}]"))
            self.assertIn(body, ticket.message_ids[0].body)
        self._receive(
            self._mail(
                "We saw it",
                From="register@example.com",
                Subject=f"Re: [{ticket.complaint_number}]",
            )
        )
        self.assertIn("We saw it", ticket.message_ids[0].body)
        activity = ticket.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.user_handler)

    # -- Automatic mails ------------------------------------------------

    def test_auto_reply_opens_no_complaint(self):
        """R455: no loop: an absence note gets no case and no answer."""
        self.assertFalse(self._receive_file("auto_reply"))
        self.assertEqual(self._last_intake().state, "ignored")

    def test_auto_reply_on_thread_is_kept_there(self):
        ticket = self._receive_new("First")
        mails = self._acknowledgements(ticket)
        raw = self._mail(
            "I am out",
            Auto_Submitted="auto-replied",
            In_Reply_To=mails.message_id,
            Subject="Automatic reply",
        )
        self._receive(raw)
        self.assertIn("I am out", ticket.message_ids[0].body)
        self.assertEqual(self._acknowledgements(ticket), mails)

    def test_bounce_opens_no_complaint(self):
        """R455: the bounce of our acknowledgement is noted, not answered."""
        ticket = self._receive_new("First")
        mail = self._acknowledgements(ticket)
        new = self._receive_file("bounce", parent=mail.message_id)
        self.assertFalse(new)
        intake = self._last_intake()
        self.assertEqual(intake.state, "ignored")
        self.assertEqual(intake.ticket_id, ticket)

    # -- Acknowledgement ------------------------------------------------

    def _acknowledgements(self, ticket):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "helpdesk.ticket"),
                ("res_id", "in", ticket.ids),
                ("subject", "like", ticket[:1].number),
            ]
        )

    def test_procedure_can_switch_the_acknowledgement_off(self):
        """R455: a company that answers by hand sends no automatic mail."""
        self.procedure.acknowledge = False
        ticket = self._receive_new("First")
        self.assertFalse(self._acknowledgements(ticket))
        self.assertNotIn("receipt_sent", ticket.complaint_event_ids.mapped("code"))

    def test_customer_gets_reference_once(self):
        """R455: one acknowledgement with the reference, logged as event."""
        ticket = self._receive_new("First")
        mail = self._acknowledgements(ticket)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.email_to, "anna.meyer@meyer.example.com")
        self.assertIn(ticket.number, mail.body_html)
        self.assertIn("auto-replied", mail.headers)
        self.assertTrue(mail.reply_to)
        self.assertIn("receipt_sent", ticket.complaint_event_ids.mapped("code"))
        ticket._complaint_acknowledge()
        self.assertEqual(self._acknowledgements(ticket), mail)

    def test_automatic_receipt_is_no_reply_and_a_persons_answer_is(self):
        """R243, R245, R291: the limit of the first reply waits for a person."""
        policy = self.env["complaint.sla.policy"].create({"name": "Reply"})
        types = self.env["complaint.event.type"].search(
            [("code", "in", ("registered", "acknowledged"))]
        )
        by_code = {kind.code: kind for kind in types}
        self.env["complaint.sla.line"].create(
            {
                "policy_id": policy.id,
                "name": "First reply",
                "start_type_id": by_code["registered"].id,
                "target_type_ids": by_code["acknowledged"].ids,
                "amount": 2,
                "unit": "hour",
            }
        )
        ticket = self._receive_new("First")
        deadline = ticket.complaint_deadline_ids.filtered(
            lambda row: row.line_id.policy_id == policy
        )
        self.assertEqual(len(self._acknowledgements(ticket)), 1)
        self.assertEqual(deadline.state, "running")
        self.env["complaint.communication"].create(
            {
                "ticket_id": ticket.id,
                "direction": "out",
                "channel_id": self.env.ref("helpdesk_mgmt_complaint.channel_phone").id,
                "content": "Told that we look into it",
            }
        )
        self.assertEqual(deadline.state, "met")

    def test_acknowledgement_has_the_official_number_when_given(self):
        """R455: complaint number if already assigned, else the ticket number."""
        self.procedure.number_trigger = "registration"
        ticket = self._receive_new("First")
        self.assertTrue(ticket.complaint_number)
        mail = self.env["mail.mail"].search(
            [("subject", "like", f"[{ticket.complaint_number}]")]
        )
        self.assertEqual(len(mail), 1)

    def test_acknowledgement_is_in_the_customers_language(self):
        """R455: in the language of the customer."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer_contact.lang = "zh_CN"
        template = self.env.ref("helpdesk_mgmt_complaint.mail_template_acknowledgement")
        template.with_context(
            lang="zh_CN"
        ).subject = "[{{ object.number }}] 已收到您的投诉"
        ticket = self._receive_new("First")
        self.assertIn("已收到", self._acknowledgements(ticket).subject)

    def test_machine_gets_no_acknowledgement(self):
        """R455: a customer's portal complains, but nobody reads an answer there."""
        for number, headers in enumerate(
            (
                {"From": "no-reply@meyer.example.com"},
                {"Auto_Submitted": "auto-generated"},
                {"Precedence": "bulk"},
                {"Return_Path": "<>"},
            )
        ):
            ticket = self._receive_new(f"Q-note {number}", **headers)
            self.assertEqual(len(ticket), 1, headers)
            self.assertFalse(self._acknowledgements(ticket), headers)

    def test_many_mails_of_one_address_are_not_all_acknowledged(self):
        """R455: a robot that does not say what it is cannot make a loop."""
        tickets = self.env["helpdesk.ticket"]
        for number in range(8):
            tickets |= self._receive_new(f"Loop {number}")
        self.assertEqual(len(tickets), 8)
        logged = tickets.complaint_event_ids.filtered(
            lambda event: event.code == "receipt_sent"
        )
        self.assertEqual(len(logged), 5)

    def test_own_people_get_no_acknowledgement(self):
        ticket = self._receive_new("Heard at the fair", From="register@example.com")
        self.assertEqual(len(ticket), 1)
        self.assertFalse(ticket.partner_id)
        self.assertFalse(self._acknowledgements(ticket))

    # -- Access ---------------------------------------------------------

    def test_intake_list_is_for_handlers(self):
        """R520: the original mails are not for every employee."""
        self._receive_new("First")
        self.assertTrue(self.handler_intakes.search([]))
        for user in (self.user_register, self.portal_user, self.user_helpdesk):
            with self.assertRaises(AccessError):
                self.env["complaint.intake"].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.handler_intakes.search([], limit=1).write({"state": "done"})
        with self.assertRaises(AccessError):
            self.handler_intakes.search([], limit=1).unlink()

    def test_intake_list_is_per_company(self):
        self._receive_new("First")
        intake = self._last_intake()
        self.assertEqual(intake.company_id, self.company)
        foreign = self.env["complaint.intake"].with_user(self.user_handler_b)
        self.assertFalse(foreign.search([("id", "=", intake.id)]))

    # -- Cost -----------------------------------------------------------

    def test_queries_do_not_grow_with_tokens(self):
        """Design 13: as many queries for 60 numbers as for 3."""
        self._receive_new("Warm up SO26-0042 L260703-A")

        def count(number):
            codes = ", ".join(f"ZZ9{number:03d}{i:04d}" for i in range(number))
            body = f"Order SO26-0042, lot L260703-A, codes: {codes}"
            raw = self._mail(body, Message_Id=f"<n{number}@x.example>")
            with self.enter_registry_test_mode():
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.thread.message_process(None, raw)
                self.env.flush_all()
                return self.env.cr.sql_log_count - before

        self.assertEqual(count(3), count(60))

    def test_failing_recognition_does_not_cost_the_complaint(self):
        """R003: recognition is a help, not a condition."""
        model = type(self.env["complaint.reference"])
        with (
            patch.object(model, "_propose", side_effect=ValueError("boom")),
            self.assertLogs("odoo.addons.helpdesk_mgmt_complaint", "ERROR"),
        ):
            ticket = self._receive_new("Broken")
        self.assertEqual(len(ticket), 1)
        self.assertTrue(ticket.complaint_reference_note)

    @users("complaint_handler")
    def test_handler_confirms_what_the_mail_proposed(self):
        """R366: proposals are confirmed by a person before acceptance."""
        ticket = self._receive_new("SO26-0042").with_user(self.env.user)
        self.assertTrue(ticket.complaint_line_ids.is_proposed)
        ticket.action_complaint_confirm_lines()
        ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_phase, "accepted")

    def test_second_company_does_not_see_the_orders_of_the_first(self):
        """R366: recognition is limited to the ticket's company."""
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Second complaints",
                "complaint_team": True,
                "company_id": self.company_b.id,
                "alias_name": "second",
            }
        )
        team.alias_id.alias_domain_id = self.company.alias_domain_id
        new_test_user(
            self.env,
            "second_register",
            company_id=self.company_b.id,
            company_ids=[Command.set(self.company_b.ids)],
        )
        ticket = self._receive_new("SO26-0042", To="second@helpdesk.example.com")
        self.assertEqual(ticket.company_id, self.company_b)
        self.assertFalse(ticket.complaint_line_ids.sale_order_id)
