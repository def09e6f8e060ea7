# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import io

from PIL import Image

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_eightd_answer import AnswerCommon


@tagged("post_install", "-at_install")
class TestEightdToken(AnswerCommon, HttpCase):
    """The customer's page: read and answered without login, by one token (R452)."""

    def setUp(self):
        super().setUp()
        self.release = self._release()
        self.other = self._release(self.link_b.with_user(self.user_quality))

    def _url(self, release=None, suffix="", token=None):
        release = release or self.release
        token = release.sudo().access_token if token is None else token
        return f"/complaint/8d/{release.id}{suffix}?access_token={token}"

    def _answer(self, release=None, token=None, csrf=True, **data):
        release = release or self.release
        self.url_open(self._url(release))
        data = {
            "access_token": token or release.sudo().access_token,
            "verdict": "accepted",
            "name": "Anna Meyer",
            **data,
        }
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        response = self.url_open(f"/complaint/8d/{release.id}/verdict", data)
        self.env.invalidate_all()
        return response

    @classmethod
    def _png(cls, size=(400, 120)):
        stream = io.BytesIO()
        Image.new("RGB", size, "white").save(stream, "PNG")
        return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def test_page_and_file_open_with_the_token(self):
        """R452: no login; not for search engines; the token goes nowhere else."""
        self.authenticate(None, None)
        page = self.url_open(self._url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("Rivet press set too low", page.text)
        self.assertIn("csrf_token", page.text)
        self.assertTrue(page.text.startswith("<!DOCTYPE html>"))
        for name, value in (
            ("X-Robots-Tag", "noindex"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "script-src 'self'"),
        ):
            self.assertIn(value, page.headers[name])
        file = self.url_open(self._url(suffix="/pdf"))
        self.assertEqual(file.content, self.release.sudo().attachment_id.raw)

    def test_everything_else_is_not_found(self):
        """R520: wrong, foreign, empty token, unknown number: all the same answer."""
        self.authenticate(None, None)
        foreign = self.other.sudo().access_token
        answers = set()
        for suffix in ("", "/pdf"):
            for token in ("", "x", foreign, "%00", "None", "é"):
                response = self.url_open(self._url(suffix=suffix, token=token))
                self.assertEqual(response.status_code, 404, (suffix, token))
                answers.add(response.text)
            response = self.url_open(f"/complaint/8d/{self.release.id}{suffix}")
            self.assertEqual(response.status_code, 404)
            # more than a number can be in the database: no such page at all
            for number in ("9" * 30, "999999999"):
                missing = f"/complaint/8d/{number}{suffix}?access_token={foreign}"
                response = self.url_open(missing)
                self.assertEqual(response.status_code, 404)
            answers.add(response.text)
        self.assertEqual(len(answers), 1)
        response = self._answer(token=foreign)
        self.assertEqual(response.status_code, 404)
        self.assertEqual(self.release.verdict, "sent")

    def test_superseded_and_expired_links_are_not_found(self):
        """R452: a newer release closes the page, and so does time."""
        old = self._url()
        newer = self._release(answer_type="3d")
        self.assertEqual(self.url_open(old).status_code, 404)
        self.assertEqual(self.url_open(self._url(newer)).status_code, 200)
        # the other customer's is not touched
        self.assertEqual(self.url_open(self._url(self.other)).status_code, 200)
        newer.flush_recordset()
        newer.sudo()._write({"expires_at": fields.Datetime.now()})
        newer.invalidate_recordset()
        self.assertEqual(self.url_open(self._url(newer)).status_code, 404)

    def test_token_is_read_by_nobody(self):
        """R520: who reads a release cannot answer in the name of the customer."""
        for user in (self.user_handler, self.user_quality, self.user_manager):
            rows = self.release.with_user(user)
            self.assertNotIn("access_token", rows.read()[0])
            with self.assertRaises(UserError):
                rows.read(["access_token"])
            with self.assertRaises(UserError):
                rows.search([("access_token", "like", "a")])

    def test_portal_shows_own_releases_to_the_customer(self):
        """R370, R518: on his complaint, the files and the page; nobody else's."""
        self.authenticate("portal_meyer", "portal_meyer")
        page = self.url_open(f"/my/ticket/{self.complaint.id}").text
        self.assertIn(f"/complaint/8d/{self.release.id}/pdf", page)
        self.assertNotIn(f"/complaint/8d/{self.other.id}", page)
        own = self.url_open(f"/complaint/8d/{self.release.id}/pdf")
        self.assertEqual(own.status_code, 200)
        foreign = self.url_open(f"/complaint/8d/{self.other.id}/pdf")
        self.assertEqual(foreign.status_code, 404)
        # without its token the page stays closed
        page = self.url_open(f"/complaint/8d/{self.release.id}")
        self.assertEqual(page.status_code, 404)
        self.authenticate("portal_other", "portal_other")
        foreign = self.url_open(f"/complaint/8d/{self.release.id}/pdf")
        self.assertEqual(foreign.status_code, 404)

    # ------------------------------------------------------------------
    # Answering
    # ------------------------------------------------------------------

    def test_customer_accepts_once(self):
        """R452: name, signature, time; a second answer is refused in clear words."""
        self.authenticate(None, None)
        response = self._answer(signature=self._png(), comment="Well done")
        self.assertEqual(response.status_code, 200)
        self.assertRecordValues(
            self.release,
            [
                {
                    "verdict": "accepted",
                    "verdict_name": "Anna Meyer",
                    "verdict_comment": "Well done",
                    "verdict_channel": "page",
                    "verdict_by_id": self.env["res.users"].id,
                }
            ],
        )
        self.assertTrue(self.release.verdict_signature)
        self.assertTrue(self.release.verdict_at)
        self.assertEqual(self.link.verdict, "accepted")
        event = self.complaint.complaint_event_ids.filtered(
            lambda e: e.code == "customer_accepted"
        )
        self.assertEqual(event.scope_key, f"eightd,{self.link.id}")
        response = self._answer(verdict="rejected", comment="No")
        self.assertEqual(response.status_code, 409)
        self.assertIn("given already", response.text)
        self.assertEqual(self.release.verdict, "accepted")
        self.assertEqual(self.other.verdict, "sent")

    def test_rejection_needs_a_comment_and_wakes_people_up(self):
        """R452: comment, standard reason, a task for the handler and the leader."""
        self.authenticate(None, None)
        self.complaint.user_id = self.user_handler
        response = self._answer(verdict="rejected", comment="  ")
        self.assertEqual(response.status_code, 400)
        self.assertIn("what is wrong", response.text)
        self.assertEqual(self.release.verdict, "sent")
        comment = "<script>alert('x')</script> 根本原因不充分"
        response = self._answer(verdict="rejected", comment=comment, reason="cause")
        self.assertEqual(response.status_code, 200)
        self.assertNotIn("<script>alert", response.text)
        self.assertEqual(self.release.verdict_comment, comment)
        self.assertEqual(self.release.verdict_reason, "cause")
        activities = self.complaint.activity_ids
        self.assertEqual(activities.user_id, self.user_handler | self.user_quality)
        for activity in activities:
            self.assertIn("根本原因不充分", activity.note)
            self.assertNotIn("<script>", activity.note)
        note = self.complaint.message_ids[0]
        self.assertNotIn("<script>", note.body)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        codes = self.complaint.complaint_event_ids.mapped("code")
        self.assertIn("customer_rejected", codes)

    def test_leader_who_may_not_know_the_complaint_reads_no_comment(self):
        """R520: the team of an 8D need not know the customer."""
        self.eightd.leader_id = self.user_member
        self.release._record_customer_verdict(
            "rejected", "Anna", verdict_comment="SECRET-COMMENT"
        )
        activity = self.eightd.activity_ids
        self.assertEqual(activity.user_id, self.user_member)
        self.assertNotIn("SECRET", f"{activity.note} {activity.summary}")
        self.assertNotIn("Meyer", f"{activity.note} {activity.summary}")

    def test_bad_input_is_refused(self):
        """R452: huge, foreign or broken signature, no name, long text, no verdict."""
        self.authenticate(None, None)
        bomb = self._png((9000, 9000))
        for data in (
            {"signature": bomb},
            {"signature": self._png() + "A" * 400000},
            {"signature": "data:image/png;base64,AAAA"},
            {"signature": "data:image/svg+xml;base64,PHN2Zz4="},
            {"signature": "javascript:alert(1)"},
            {"name": ""},
            {"name": "x" * 500},
            {"comment": "x" * 30000},
            {"verdict": "timed_out", "comment": "x"},
            {"verdict": ""},
        ):
            with self.subTest(data=str(data)[:60]):
                response = self._answer(**data)
                self.assertEqual(response.status_code, 400)
                self.assertEqual(self.release.verdict, "sent")

    def test_huge_request_is_refused(self):
        """R452: more than a name can need is not even read."""
        self.authenticate(None, None)
        response = self._answer(signature=self._png() + "A" * 3000000)
        self.assertGreaterEqual(response.status_code, 400)
        self.assertEqual(self.release.verdict, "sent")

    def test_answer_needs_the_form(self):
        """R452: a foreign page cannot answer for the customer (CSRF)."""
        self.authenticate(None, None)
        with mute_logger("odoo.http"):
            response = self._answer(csrf=False)
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.release.verdict, "sent")

    def test_employee_does_not_answer_for_the_customer(self):
        """R452: the mail stands on the complaint; its link is not for us."""
        self.authenticate("complaint_handler", "complaint_handler")
        response = self._answer()
        self.assertEqual(response.status_code, 400)
        self.assertIn("employee", response.text)
        self.assertEqual(self.release.verdict, "sent")
