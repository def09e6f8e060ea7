# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_eightd_answer import AnswerCommon


@tagged("post_install", "-at_install")
class TestEightdLinks(AnswerCommon):
    """A complaint that an 8D answers keeps what is its customer's own (R420)."""

    def _links(self, user=None):
        return self.env["complaint.eightd.link"].with_user(user or self.user_quality)

    def test_link_is_filled_from_the_complaint(self):
        """R420: wording, quantities, format, language, reference of the customer."""
        self.customer.complaint_answer_type = "3d"
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer_contact.lang = "zh_CN"
        complaint = self._create_complaint(
            complaint_customer_reference="QM-1",
            complaint_line_ids=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "delivered_qty": 500,
                        "claimed_qty": 12,
                        "symptom": "Noise",
                    }
                ),
                Command.create(
                    {
                        "product_id": self.product.id,
                        "delivered_qty": 100,
                        "defective_qty": 3,
                    }
                ),
            ],
        )
        link = self._links().create(
            {"eightd_id": self.eightd.id, "ticket_id": complaint.id}
        )
        self.assertRecordValues(
            link,
            [
                {
                    "answer_type": "3d",
                    "lang": "zh_CN",
                    "customer_reference": "QM-1",
                    "delivered_qty": 600,
                    "claimed_qty": 15,
                    "verdict": "none",
                }
            ],
        )
        self.assertIn("cracked cages", link.customer_wording)
        self.assertIn("Noise", link.customer_wording)

    def test_said_values_win(self):
        """R420: what one says when linking is not overwritten."""
        complaint = self._create_complaint()
        vals = {"eightd_id": self.eightd.id, "ticket_id": complaint.id}
        link = self._links().create({**vals, "customer_wording": "Own words"})
        self.assertEqual(link.customer_wording, "Own words")

    def test_complaint_without_customer_or_goods_can_be_linked(self):
        """R420: an anonymous one has neither language nor format."""
        complaint = self._create_complaint(
            partner_id=False, complaint_anonymous=True, complaint_content="Broken"
        )
        link = self._links().create(
            {"eightd_id": self.eightd.id, "ticket_id": complaint.id}
        )
        self.assertEqual(link.customer_wording, "Broken")
        self.assertEqual(link._get_wanted_type(), "8d")

    def test_one_live_link_per_complaint(self):
        """R420: linked again only after the first ended."""
        vals = {"eightd_id": self.eightd.id, "ticket_id": self.complaint.id}
        with self.assertRaises(psycopg2.errors.UniqueViolation):
            with mute_logger("odoo.sql_db"), self.cr.savepoint():
                self._links().create(vals)
        # sudo: ended by its button, which has its own tests
        self.link.sudo().date_to = "2026-07-06 10:00:00"
        self.assertTrue(self._links().create(vals))

    def test_complaint_of_another_company_is_refused(self):
        """R524: an 8D answers complaints of its own company."""
        team = self.team.copy({"company_id": self.company_b.id})
        foreign = self._create_complaint(company_id=self.company_b.id, team_id=team.id)
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.env["complaint.eightd.link"].create(
                {"eightd_id": self.eightd.id, "ticket_id": foreign.id}
            )

    def test_plain_ticket_is_refused(self):
        """R420: an 8D answers complaints."""
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Printer", "description": "Paper jam"}
        )
        with self.assertRaisesRegex(ValidationError, "not other tickets"):
            self.env["complaint.eightd.link"].create(
                {"eightd_id": self.eightd.id, "ticket_id": ticket.id}
            )

    def test_released_link_is_neither_moved_nor_deleted(self):
        """R420: what the customer got stays with his complaint."""
        self._release()
        link = self.link.with_user(self.user_quality)
        with self.assertRaisesRegex(UserError, "released"):
            link.ticket_id = self._create_complaint()
        with self.assertRaisesRegex(UserError, "released"):
            link.unlink()
        # the other one was not released
        self.link_b.with_user(self.user_quality).unlink()

    def test_receipt_and_verdict_cannot_be_forged(self):
        """R301, R452: they follow from what happens."""
        for vals in ({"verdict": "accepted"}, {"received_at": "2026-07-06 10:00:00"}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.mine.write(vals)
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._links().create(
                    {
                        "eightd_id": self.eightd.id,
                        "ticket_id": self._create_complaint().id,
                        **vals,
                    }
                )
        self.link._mark_received()
        with self.assertRaises(UserError):
            self.mine.write({"received_at": False})

    def test_link_is_as_confidential_as_its_complaint(self):
        """R520: a team member without rights on complaints sees no customer."""
        for user in (self.user_member, self.user_register, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.link.with_user(user).read(["customer_wording"])
        self.assertTrue(self.mine.read(["customer_wording"]))
        with self.assertRaises(AccessError):
            self.link.with_user(self.user_handler_b).read(["customer_wording"])

    def test_ended_link_answers_nothing(self):
        """R420: the 8D that followed answers."""
        # sudo: ended by its button, which has its own tests
        self.link.sudo().date_to = "2026-07-06 10:00:00"
        with self.assertRaisesRegex(UserError, "not answered by this 8D"):
            self._release()

    def test_complaint_leads_to_its_links(self):
        """R370: from the complaint to the 8D and back."""
        self.assertEqual(self.complaint.complaint_eightd_link_ids, self.link)
        self.assertEqual(self.link.eightd_id, self.eightd)
        self.assertEqual(self.mine.action_open()["res_id"], self.link.id)
