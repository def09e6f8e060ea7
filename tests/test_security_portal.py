# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_security import SECRET, PortalCommon


@tagged("post_install", "-at_install")
class TestSecurityPortal(PortalCommon, HttpCase):
    """What a customer can reach over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the helpdesk's page hides its own side bar by mistake (an attribute on a
        # t-call); show it, so that what is in it gets tested
        cls.env["ir.ui.view"].create(
            {
                "name": "helpdesk side bar shown",
                "type": "qweb",
                "mode": "extension",
                "inherit_id": cls.env.ref(
                    "helpdesk_mgmt.portal_helpdesk_ticket_page"
                ).id,
                "priority": 9999,
                "arch": """
                    <xpath
                        expr="//t[@t-call='portal.portal_record_sidebar']"
                        position="attributes"
                    ><attribute name="id" /></xpath>
                """,
            }
        )

    def _close(self, ticket, stage):
        return self.url_open(
            f"/ticket/close?ticket_id={ticket.id}&stage_id={stage.id}",
            allow_redirects=False,
        )

    def _submit(self, files=None, **data):
        self.authenticate("portal_meyer", "portal_meyer")
        self.env.flush_all()
        return self.url_open(
            "/submitted/ticket",
            {
                "csrf_token": http.Request.csrf_token(self),
                "subject": "Scratched rings",
                "description": "40 rings are scratched.",
                **data,
            },
            files=files,
        )

    # ------------------------------------------------------------------
    # /ticket/close
    # ------------------------------------------------------------------

    def test_owner_cannot_close_complaint_from_portal(self):
        """X1: the gates close a complaint, not a link."""
        self.authenticate("portal_meyer", "portal_meyer")
        stage_closed = self.env.ref("helpdesk_mgmt_complaint.stage_closed")
        stage_closed.close_from_portal = True
        before = self.complaint.stage_id
        for stage in (self.stage_done, stage_closed):
            response = self._close(self.complaint, stage)
            self.assertIn(response.status_code, (302, 303))
            self.assertIn(
                f"/my/ticket/{self.complaint.id}", response.headers["Location"]
            )
            self.assertEqual(self.complaint.stage_id, before)

    def test_other_customer_cannot_close_anything(self):
        """X1: neither complaints nor plain tickets of somebody else."""
        self.authenticate("portal_other", "portal_other")
        for ticket in (self.complaint, self.plain):
            before = ticket.stage_id
            response = self._close(ticket, self.stage_done)
            self.assertIn(response.status_code, (302, 303))
            self.assertEqual(ticket.stage_id, before)

    def test_public_cannot_close_anything(self):
        """X1: a visitor is sent to the login page."""
        for ticket in (self.complaint, self.plain):
            before = ticket.stage_id
            response = self._close(ticket, self.stage_done)
            self.assertIn("/web/login", response.headers["Location"])
            self.assertEqual(ticket.stage_id, before)

    def test_owner_closes_plain_ticket_as_before(self):
        """X1: plain helpdesk is not worse, but takes no complaint stage."""
        self.authenticate("portal_meyer", "portal_meyer")
        stage_closed = self.env.ref("helpdesk_mgmt_complaint.stage_closed")
        stage_closed.close_from_portal = True
        before = self.plain.stage_id
        self._close(self.plain, stage_closed)
        self.assertEqual(self.plain.stage_id, before)
        self._close(self.plain, self.stage_done)
        self.assertEqual(self.plain.stage_id, self.stage_done)

    def test_malformed_close_request_is_redirected(self):
        """X1: no traceback for a broken or outdated link."""
        self.authenticate("portal_meyer", "portal_meyer")
        for query in ("", "?ticket_id=x&stage_id=1", "?ticket_id=999999999&stage_id=1"):
            response = self.url_open(f"/ticket/close{query}", allow_redirects=False)
            self.assertIn(response.status_code, (302, 303), query)

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    def test_own_complaint_page_shows_number_and_status_only(self):
        """R518: number, status, dates and his reference; nothing internal."""
        self.env.ref("helpdesk_mgmt_complaint.stage_accepted").name = "QA suspects us"
        self.authenticate("portal_meyer", "portal_meyer")
        page = self.url_open(f"/my/ticket/{self.complaint.id}").text
        self.assertIn(self.complaint.complaint_number, page)
        self.assertIn("CR-4711", page)
        self.assertIn("Accepted", page)
        self.assertIn("Reported:", page)
        for internal in (
            "/ticket/close",
            "QA suspects us",
            self.user_handler.name,
            self.user_handler.email,
            self.internal_file.name,
            SECRET,
        ):
            self.assertNotIn(internal, page)
        self.assertFalse(self.internal_file.access_token)

    def test_plain_ticket_page_is_unchanged(self):
        """The helpdesk's own page keeps its stage, files and close button."""
        self._create_file("manual.txt", self.plain)
        self.authenticate("portal_meyer", "portal_meyer")
        page = self.url_open(f"/my/ticket/{self.plain.id}").text
        self.assertIn("/ticket/close", page)
        self.assertIn("manual.txt", page)
        self.assertIn(self.plain.number, page)
        self.assertIn(self.plain.stage_id.name, page)
        self.assertNotIn("Complaint No.", page)

    def test_complaint_page_shows_files_of_the_customer_and_sent_ones(self):
        """R518: his uploads and what was sent to him, no log note, no other file."""
        self._create_file("photo.txt", user=self.portal_user)
        self._create_file("foreign.txt", user=self.portal_other)
        for name, subtype in (("answer", "mail.mt_comment"), ("note", "mail.mt_note")):
            self.complaint.message_post(
                body=name,
                message_type="comment",
                subtype_xmlid=subtype,
                attachments=[(f"{name}.txt", b"content")],
            )
        self.authenticate("portal_meyer", "portal_meyer")
        page = self.url_open(f"/my/ticket/{self.complaint.id}").text
        self.assertIn("photo.txt", page)
        self.assertIn("answer.txt", page)
        self.assertNotIn("note.txt", page)
        self.assertNotIn("foreign.txt", page)
        self.assertNotIn(self.internal_file.name, page)

    def test_other_customer_cannot_open_page(self):
        """R520: not by id, not as a follower, not with a wrong token."""
        self.complaint.message_subscribe(self.other_customer.ids)
        self.authenticate("portal_other", "portal_other")
        for url in (
            f"/my/ticket/{self.complaint.id}",
            f"/my/ticket/{self.complaint.id}/0000",
        ):
            response = self.url_open(url, allow_redirects=False)
            self.assertIn(response.status_code, (302, 303))
            self.assertNotIn("/my/ticket", response.headers["Location"])
        page = self.url_open("/my/tickets").text
        self.assertNotIn(self.complaint.complaint_number, page)

    def test_token_link_shows_the_same_page_to_a_visitor(self):
        """R518: the link of a mail shows no more than the portal."""
        self.complaint._portal_ensure_token()
        token = self.complaint.access_token
        page = self.url_open(f"/my/ticket/{self.complaint.id}/{token}").text
        self.assertIn(self.complaint.complaint_number, page)
        for internal in ("/ticket/close", self.internal_file.name, SECRET):
            self.assertNotIn(internal, page)

    def test_list_shows_number_status_and_finds_it(self):
        """R515: a customer finds his complaint by our number and by his own."""
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_investigation")
        stage.name = "QA suspects us"
        self.complaint.stage_id = stage
        self.authenticate("portal_meyer", "portal_meyer")
        number = self.complaint.complaint_number
        for query in (
            "",
            "?groupby=stage",
            f"?search={number}",
            "?search=CR-4711&search_in=number",
        ):
            page = self.url_open(f"/my/tickets{query}").text
            self.assertIn(number, page, query)
            self.assertIn("In progress", page, query)
            self.assertNotIn("QA suspects us", page, query)
        page = self.url_open("/my/tickets?search=no-such-number").text
        self.assertNotIn(self.complaint.name, page)

    @mute_logger("odoo.http")
    def test_thread_data_hides_internal_files_and_notes(self):
        """R518: the web client's own routes give no internal file or note."""
        self.complaint.message_post(body=SECRET, subtype_xmlid="mail.mt_note")
        self.authenticate("portal_meyer", "portal_meyer")
        thread = {"thread_model": "helpdesk.ticket", "thread_id": self.complaint.id}
        answers = [
            self.url_open(route, json={"params": params}).text
            for route, params in (
                ("/mail/chatter_fetch", {**thread, "fetch_params": {"limit": 50}}),
                ("/mail/thread/messages", {**thread, "fetch_params": {"limit": 50}}),
                (
                    "/mail/data",
                    {
                        "fetch_params": [
                            [
                                "mail.thread",
                                {
                                    **thread,
                                    "request_list": [
                                        "attachments",
                                        "followers",
                                    ],
                                },
                            ]
                        ]
                    },
                ),
            )
        ]
        for answer in answers:
            self.assertNotIn(SECRET, answer)
            self.assertNotIn(self.internal_file.name, answer)

    @mute_logger("odoo.http")
    def test_file_route_refuses_internal_file(self):
        """R518: guessing the id of a file does not help."""
        self.authenticate("portal_meyer", "portal_meyer")
        for route in ("content", "image"):
            response = self.url_open(f"/web/{route}/{self.internal_file.id}")
            self.assertNotEqual(response.content, b"content", route)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_qweb")
    def test_customer_cannot_print_internal_forms(self):
        """R518: report routes give no form of this addon to a customer."""
        reports = self.env["ir.actions.report"].search(
            [("report_name", "=like", "helpdesk_mgmt_complaint.%")]
        )
        self.authenticate("portal_meyer", "portal_meyer")
        for report in reports:
            kind = "xlsx" if report.report_type == "xlsx" else "html"
            response = self.url_open(
                f"/report/{kind}/{report.report_name}/{self.complaint.id}"
            )
            self.assertNotEqual(response.status_code, 200, report.report_name)

    # ------------------------------------------------------------------
    # Registration in the portal
    # ------------------------------------------------------------------

    def _get_last_ticket(self):
        return self.env["helpdesk.ticket"].search([], order="id desc", limit=1)

    def test_portal_form_with_complaint_team_registers_complaint(self):
        """R022: channel web, reported by the customer, received by nobody yet."""
        self.company.helpdesk_mgmt_portal_select_team = True
        self._submit(team=self.team.id)
        ticket = self._get_last_ticket()
        self.assertEqual(ticket.name, "Scratched rings")
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.complaint_phase, "draft")
        self.assertEqual(ticket.channel_id.complaint_code, "web")
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.complaint_content, "40 rings are scratched.")
        self.assertTrue(ticket.complaint_reported_at)
        self.assertFalse(ticket.complaint_received_by_id)
        self.assertFalse(ticket.complaint_first_contact_id)
        self.assertEqual(ticket.message_partner_ids, self.customer_contact)
        events = ticket.complaint_event_ids.mapped("code")
        self.assertEqual(sorted(events), ["registered", "reported"])

    def test_portal_form_with_complaint_category_registers_complaint(self):
        """R022: the category alone makes it a complaint, in a complaint stage."""
        self.company.helpdesk_mgmt_portal_select_category = True
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Defective goods", "complaint_default": True}
        )
        self._submit(category=category.id)
        ticket = self._get_last_ticket()
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.complaint_phase, "draft")
        self.assertEqual(ticket.category_id, category)

    def test_forged_form_values_are_ignored(self):
        """R518, R524: a POST parameter fills no field of the complaint."""
        self.company.helpdesk_mgmt_portal_select_team = True
        self._submit(
            team=self.team.id,
            complaint_number="2607-99",
            complaint_phase="closed",
            complaint_lessons="forged",
            complaint_is_major="1",
            is_complaint="0",
            stage_id=str(self.env.ref("helpdesk_mgmt_complaint.stage_closed").id),
            partner_id=str(self.other_customer.id),
            user_id=str(self.user_handler.id),
            message_partner_ids=str(self.other_customer.id),
            company_id=str(self.company_b.id),
        )
        ticket = self._get_last_ticket()
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.complaint_phase, "draft")
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.company_id, self.company)
        self.assertEqual(ticket.message_partner_ids, self.customer_contact)
        for name in (
            "complaint_number",
            "complaint_lessons",
            "complaint_is_major",
            "user_id",
        ):
            self.assertFalse(ticket[name], name)

    def test_forged_team_that_is_not_offered_is_dropped(self):
        """R524: a hidden team or one of another company receives nothing."""
        self.company.helpdesk_mgmt_portal_select_team = True
        foreign = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Complaints of B",
                "complaint_team": True,
                "show_in_portal": True,
                "company_id": self.company_b.id,
            }
        )
        self._submit(team=foreign.id)
        ticket = self._get_last_ticket()
        self.assertTrue(ticket.is_complaint)
        self.assertFalse(ticket.team_id)
        self.assertEqual(ticket.company_id, self.company)

    def test_portal_form_of_plain_ticket_is_unchanged(self):
        """Without complaint team or category the helpdesk works as before."""
        self._submit()
        ticket = self._get_last_ticket()
        self.assertFalse(ticket.is_complaint)
        self.assertFalse(ticket.complaint_phase)
        self.assertTrue(ticket.stage_id)
        self.assertEqual(ticket.partner_id, self.customer_contact)

    def test_uploaded_file_is_shown_to_its_customer(self):
        """R518: the customer sees the file he sent with the form."""
        self.company.helpdesk_mgmt_portal_select_team = True
        response = self._submit(
            team=self.team.id,
            files={"attachment": ("ring.txt", b"scratch", "text/plain")},
        )
        self.assertIn("ring.txt", response.text)
