# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_eightd import EightdCommon
from .common_routing import RoutingCommon


@tagged("post_install", "-at_install")
class TestEightd(EightdCommon):
    """From opening an 8D to the one that follows it."""

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    def test_number_of_the_company_and_year(self):
        """R420: given at opening, by the company's pattern, without holes."""
        year = self.company._complaint_today().year
        self.assertRegex(self.eightd.number, rf"^8D-{year}-\d{{4}}$")
        self.company.complaint_eightd_pattern = "客诉8D{YY}{##}"
        numbers = [self._create_eightd([]).number for _count in range(2)]
        prefix = f"客诉8D{year % 100}"
        self.assertEqual(numbers, [f"{prefix}01", f"{prefix}02"])
        with self.assertRaises(ValidationError):
            self.company.complaint_eightd_pattern = "8D-{MM}"
        with self.assertRaisesRegex(UserError, "follow from the buttons"):
            self.eightd.number = "8D-1"
        with self.assertRaises(UserError):
            self.eightd.number_id.sudo().unlink()

    def test_format_follows_the_deepest_answer(self):
        """R432: one customer wants a short answer, the other one 5D."""
        self.customer.complaint_answer_type = "short"
        self.other_customer.complaint_answer_type = "5d"
        tickets = self._create_complaint() | self._create_complaint(
            partner_id=self.other_customer.id
        )
        eightd = self._create_eightd(tickets)
        self.assertEqual(eightd.answer_type, "5d")
        self.assertEqual(eightd.link_ids.mapped("answer_type"), ["short", "5d"])
        self.assertNotIn("d6", eightd.discipline_ids.mapped("code"))
        self.assertEqual(self._create_eightd([]).answer_type, "8d")
        self.assertEqual(self._create_eightd([], severity="major").answer_type, "5d")

    def test_later_complaint_wants_more(self):
        """R432: the format is not changed silently, the team is told."""
        eightd = self._create_eightd([], answer_type="3d")
        self.customer.complaint_answer_type = "8d"
        eightd.link_ids.create(
            {"eightd_id": eightd.id, "ticket_id": self._create_complaint().id}
        )
        self.assertEqual(eightd.answer_type, "3d")
        self.assertEqual(eightd.answer_type_note, "A customer asks for: 8D")
        self.assertIn("asks for: 8D", eightd.message_ids[0].body)

    def test_due_dates(self):
        """R422, R423: what the company plans, unless a customer's limit ends before."""
        today = self.company._complaint_today()
        self.assertEqual(self._discipline("d4").due_date, today + timedelta(days=7))
        self.env["complaint.eightd.term"].with_user(self.user_manager).create(
            {"code": "d4", "days": 3, "company_id": self.company.id}
        )
        eightd = self._create_eightd([])
        self.assertEqual(
            self._discipline("d4", eightd).due_date, today + timedelta(days=3)
        )
        self.assertEqual(eightd.next_discipline, "d0")
        self.assertEqual(eightd.next_due_date, today + timedelta(days=1))
        with self.assertRaises(AccessError):
            self.env["complaint.eightd.term"].with_user(self.user_quality).create(
                {"code": "d5", "days": 3}
            )

    def test_customer_limit_comes_first(self):
        """R422: the clock "containment sent" is the due date of D3."""
        line = self.env["complaint.sla.line"].search(
            [("target_type_ids.code", "=", "containment_sent")], limit=1
        )
        if not line:
            line = self.env["complaint.sla.line"].search([], limit=1).copy()
            line.target_type_ids = self.env.ref(
                "helpdesk_mgmt_complaint.event_type_containment_sent"
            )
        ticket = self._create_complaint()
        due = fields.Datetime.now() + timedelta(minutes=1)
        self.env["complaint.deadline"].sudo().create(
            {
                "name": "3D",
                "line_key": "containment",
                "ticket_id": ticket.id,
                "line_id": line.id,
                "company_id": self.company.id,
                "cycle": 1,
                "started_at": fields.Datetime.now(),
                "due_at": due,
                "state": "running",
            }
        )
        self.env["complaint.eightd.term"].search([("code", "=", "d3")]).days = 9
        eightd = self._create_eightd(ticket)
        wanted = fields.Datetime.context_timestamp(
            eightd.with_context(tz="Asia/Shanghai"), due
        ).date()
        self.assertEqual(self._discipline("d3", eightd).due_date, wanted)

    def test_overdue_is_found(self):
        """R422: in the list, by the search, and in words."""
        row = self._discipline("d3")
        row.due_date = self.company._complaint_today() - timedelta(days=1)
        rows = self.env["complaint.eightd.discipline"].with_user(self.user_member)
        self.assertEqual(rows.search([("is_overdue", "=", True)]), row)
        self.assertNotIn(row, rows.search([("is_overdue", "=", False)]))
        self.assertIn("overdue", str(self.eightd.d3_status))
        self.assertIn("overdue", str(self.eightd.progress_html))

    def test_page_says_what_is_missing(self):
        """R420: escaped, in words; "nothing" when it is complete."""
        self.assertIn("Fill in: Symptom", str(self.eightd.d0_status))
        self._fill("d0")
        self.eightd.invalidate_recordset()
        self.assertIn("Nothing is missing", str(self.eightd.d0_status))
        self.eightd.leader_id.name = "<b>李雷</b>"
        self.eightd.invalidate_recordset()
        self.assertIn("&lt;b&gt;李雷", str(self.eightd.d0_status))

    def test_leader_is_told(self):
        """R420: who leads follows the 8D."""
        self.eightd.leader_id = self.user_handler
        self.assertIn(self.user_handler.partner_id, self.eightd.message_partner_ids)

    # ------------------------------------------------------------------
    # Complaints
    # ------------------------------------------------------------------

    def test_many_complaints_or_none(self):
        """R437: one 8D for several complaints, or for a pattern without any."""
        tickets = self._create_complaint() | self._create_complaint()
        eightd = self._create_eightd(tickets)
        self.assertEqual(tickets.complaint_eightd_id, eightd)
        self.assertEqual(eightd.link_count, 2)
        self.assertEqual(self._create_eightd([]).state, "open")

    def test_join_a_running_one(self):
        """R421, R437: proposed by product or defect, and received at once."""
        line = {"product_id": self.product.id, "lot_id": self.lot.id}
        ticket = self._create_complaint(complaint_line_ids=[Command.create(line)])
        ticket.with_user(self.user_handler).action_complaint_accept()
        action = ticket.with_user(self.user_quality).action_complaint_eightd()
        wizards = self.env["complaint.eightd.open"].with_user(self.user_quality)
        wizard = wizards.with_context(**action["context"]).create({})
        self.assertEqual(wizard.start, "join")
        self.assertEqual(wizard.eightd_id, self.eightd)
        wizard.action_confirm()
        self.assertEqual(ticket.complaint_eightd_id, self.eightd)
        self.assertTrue(ticket.complaint_eightd_link_ids.received_at)
        with self.assertRaisesRegex(UserError, "is answered by"):
            wizard.action_confirm()
        action = ticket.with_user(self.user_quality).action_complaint_eightd()
        self.assertEqual(action["res_id"], self.eightd.id)

    def test_one_current_8d_for_a_complaint(self):
        """R420: the database keeps two at the same moment apart."""
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_eightd(self.complaint)

    def test_link_is_not_forged(self):
        """R421: neither on the complaint nor on the link."""
        other = self._create_eightd([])
        link = self.eightd.link_ids
        for user in (self.user_handler, self.user_quality):
            with self.assertRaisesRegex(UserError, "button Open 8D"):
                self.complaint.with_user(user).complaint_eightd_id = other.id
            with self.assertRaisesRegex(UserError, "changed with the buttons"):
                link.with_user(user).eightd_id = other.id
            with self.assertRaisesRegex(UserError, "changed with the buttons"):
                link.with_user(user).date_to = fields.Datetime.now()
        with self.assertRaisesRegex(UserError, "Quality has this complaint"):
            link.unlink()
        forged = self._create_complaint(complaint_eightd_id=other.id)
        handler = forged.with_user(self.user_handler)
        with self.assertRaises(AccessError):
            link.with_user(self.user_handler).create(
                {"eightd_id": other.id, "ticket_id": handler.id}
            )

    def test_complaint_leaves(self):
        """R420: it is free for another 8D, the old link stays."""
        self.eightd.link_ids.action_leave()
        self.assertFalse(self.complaint.complaint_eightd_id)
        self.assertTrue(self.eightd.link_ids.date_to)
        with self.assertRaisesRegex(UserError, "left the 8D already"):
            self.eightd.link_ids.action_leave()
        other = self._create_eightd(self.complaint)
        self.assertEqual(self.complaint.complaint_eightd_id, other)
        self.assertEqual(len(self.complaint.complaint_eightd_link_ids), 2)

    def test_plain_ticket_and_other_company(self):
        """R420: only complaints, only of its company."""
        plain = self.env["helpdesk.ticket"].create(
            {"name": "Plain", "description": "Question", "is_complaint": False}
        )
        with self.assertRaisesRegex(ValidationError, "answers complaints"):
            self._create_eightd(plain)
        self.user_quality.company_ids |= self.company_b
        with self.assertRaisesRegex(ValidationError, "another company than the 8D"):
            self._create_eightd(
                self._create_complaint(),
                company_id=self.company_b.id,
                product_id=False,
                member_ids=[],
            )

    def test_handler_outside_the_team(self):
        """R520: he reads number and state on his complaint, not the 8D."""
        self.complaint.with_user(self.user_handler).action_complaint_accept()
        ticket = self.complaint.with_user(self.user_handler)
        self.assertIn(self.eightd.number, ticket.complaint_eightd_label)
        with self.assertRaisesRegex(UserError, "for its team and for quality"):
            ticket.action_complaint_eightd()

    def test_draft_complaint_has_no_button(self):
        """R421: what is not accepted may be no complaint."""
        ticket = self._create_complaint()
        with self.assertRaisesRegex(UserError, "Accept the complaint first"):
            ticket.with_user(self.user_quality).action_complaint_eightd()
        with self.assertRaises(UserError):
            ticket.with_user(self.user_register).action_complaint_eightd()

    # ------------------------------------------------------------------
    # Ending
    # ------------------------------------------------------------------

    def test_cancel(self):
        """R420: by quality, with a reason; complaints are free."""
        with self.assertRaisesRegex(UserError, "Only quality"):
            self.eightd.with_user(self.user_member).action_cancel("No")
        with self.assertRaisesRegex(UserError, "Write the reason"):
            self.eightd.action_cancel("")
        action = self.eightd.action_cancel()
        wizard = (
            self.env["complaint.eightd.reason"]
            .with_user(self.user_quality)
            .with_context(**action["context"])
            .create({"reason": "Same as 8D 7"})
        )
        wizard.action_confirm()
        self.assertEqual(self.eightd.state, "cancelled")
        self.assertFalse(self.complaint.complaint_eightd_id)
        with self.assertRaisesRegex(UserError, "closed, it is evidence"):
            self.eightd.action_cancel("Again")

    def test_next_8d(self):
        """R420: the first one stays in history, complaints and team move on."""
        with self.assertRaisesRegex(UserError, "not effective"):
            self.eightd.action_open_next()
        self._finish("d0 d1")
        # sudo: the effect is decided elsewhere
        self.eightd.sudo().write({"state": "not_effective", "effect": "not_effective"})
        action = self.eightd.action_open_next()
        follower = self.env["complaint.eightd"].browse(action["res_id"])
        self.assertRecordValues(
            follower,
            [
                {
                    "previous_id": self.eightd.id,
                    "state": "open",
                    "effect": False,
                    "leader_id": self.user_quality.id,
                    "symptom": "Crack at the snap hook",
                }
            ],
        )
        self.assertNotEqual(follower.number, self.eightd.number)
        self.assertEqual(follower.member_ids.user_id, self.user_member)
        self.assertEqual(self.complaint.complaint_eightd_id, follower)
        self.assertTrue(self.eightd.link_ids.date_to)
        self.assertTrue(follower.link_ids.received_at)
        self.assertEqual(set(follower.discipline_ids.mapped("state")), {"open"})
        self.assertEqual(follower._get_versions(), follower | self.eightd)
        self.assertEqual(self.eightd._get_versions(), follower | self.eightd)
        with self.assertRaisesRegex(UserError, "followed already"):
            self.eightd.action_open_next()

    def test_copy_is_a_new_8d(self):
        """R420: no number, state or history is copied."""
        self._finish("d0")
        copy = self.eightd.copy()
        self.assertNotEqual(copy.number, self.eightd.number)
        self.assertEqual(set(copy.discipline_ids.mapped("state")), {"open"})
        self.assertFalse(copy.link_ids)

    def test_sees_only_his_8d(self):
        """R520: lists and to-dos of a member hold his teams only."""
        other = self._create_eightd([], member_ids=[])
        found = self.env["complaint.eightd"].with_user(self.user_member).search([])
        self.assertEqual(found, self.eightd)
        rows = self.env["complaint.eightd.discipline"].with_user(self.user_member)
        self.assertEqual(rows.search([]).eightd_id, self.eightd)
        with self.assertRaises(AccessError):
            other.with_user(self.user_member).read(["d0_status"])


@tagged("post_install", "-at_install")
class TestEightdRouting(RoutingCommon):
    """R421: a routing rule opens the 8D when the complaint is accepted."""

    def _accept(self, **vals):
        ticket = self._register(category_id=self.delivery.id, **vals)
        self.assertFalse(ticket.sudo().complaint_eightd_link_ids)
        ticket.action_complaint_accept()
        return ticket.sudo()

    def test_rule_opens_it_once(self):
        """R421: at acceptance; routing again or reopening opens no second one."""
        self._create_rule(category_ids=self._set(self.delivery), eightd_start="open")
        ticket = self._accept()
        eightd = ticket.complaint_eightd_id
        self.assertEqual(eightd.state, "open")
        self.assertTrue(eightd.number)
        ticket._complaint_open_routed_eightd()
        eightd.action_cancel("Not needed")
        ticket._complaint_open_routed_eightd()
        self.assertEqual(ticket.complaint_eightd_link_ids.eightd_id, eightd)

    def test_rule_asks_for_approval(self):
        """R347: where the rule says so; without a manager it waits, too."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_business_manager")
        role.assignment_ids.unlink()
        self._create_rule(
            category_ids=self._set(self.delivery), eightd_start="requested"
        )
        eightd = self._accept().complaint_eightd_id
        self.assertEqual(eightd.state, "requested")
        self.env["complaint.role.assignment"].create(
            {"role_id": role.id, "user_id": self.user_wang.id}
        )
        eightd.action_ask_again()
        eightd.with_user(self.user_wang).sudo(False).action_approve()
        self.assertEqual(eightd.state, "open")

    def test_same_problem_joins(self):
        """R437: product and defect of a running 8D: one 8D for both."""
        self._create_rule(category_ids=self._set(self.delivery), eightd_start="open")
        goods = {"product_id": self.product.id, "defect_id": self.defect.id}
        lines = [Command.create(goods)]
        first = self._accept(complaint_line_ids=lines)
        second = self._accept(complaint_line_ids=lines)
        self.assertEqual(first.complaint_eightd_id, second.complaint_eightd_id)
        goods["defect_id"] = False
        third = self._accept(complaint_line_ids=[Command.create(goods)])
        self.assertNotEqual(third.complaint_eightd_id, first.complaint_eightd_id)

    def test_rule_without_8d(self):
        """R421: other rules open none."""
        rule = self._create_rule(category_ids=self._set(self.delivery))
        self.assertFalse(self._accept().complaint_eightd_id)
        rule.eightd_start = "open"
        self.assertIn("8D: Open", ", ".join(rule._get_result_texts()))
