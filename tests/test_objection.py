# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_route import RouteCommon


@tagged("post_install", "-at_install")
class TestObjection(RouteCommon):
    """Memos of departments that disagree, and of customers."""

    def _objection(self, ticket):
        return ticket.sudo().complaint_opinion_ids.filtered(
            lambda o: o.kind == "objection"
        )

    def test_department_objects_and_its_superior_decides(self):
        """R209: 签呈 goes up, is decided, and comes back as a signed decision."""
        ticket = self._accepted()
        ticket.with_user(self.analyst).action_complaint_object("It was the supplier")
        memo = self._objection(ticket)
        self.assertEqual(memo.signed_by_id, self.analyst)
        self.assertEqual(memo.department_id, self.dept_quality)
        task = memo.objection_dispatch_id
        self.assertEqual(task.to_user_id, self.head)
        self.assertEqual(task.kind, "decision")
        self.assertIn("It was the supplier", task.instruction)
        with self.assertRaisesRegex(ValidationError, "objection of Quality"):
            ticket.action_complaint_close()
        memo.with_user(self.head).action_answer("Rejected: ratio stays")
        answer = memo.answer_ids
        self.assertEqual(answer.signed_by_id, self.head)
        self.assertEqual(answer.kind, "objection_answer")
        self.assertEqual(task.state, "done")
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")

    def test_only_the_superior_decides_and_only_once(self):
        """R209: not the objector, not a handler, not somebody else."""
        ticket = self._accepted()
        ticket.with_user(self.analyst).action_complaint_object("Wrong ratio")
        memo = self._objection(ticket)
        for user in (self.analyst, self.user_handler, self.user_manager):
            with self.assertRaisesRegex(UserError, "Only the superior"):
                memo.with_user(user).action_answer("Granted")
        with self.assertRaises(UserError):
            memo.with_user(self.outsider).action_answer("Granted")
        forged = self.env["complaint.opinion"].with_user(self.user_handler)
        forged = forged.create(
            {
                "ticket_id": ticket.id,
                "kind": "objection_answer",
                "text": "Granted",
                "answers_id": memo.id,
            }
        )
        with self.assertRaisesRegex(UserError, "Only the superior"):
            forged.action_sign()
        memo.with_user(self.head).action_answer("Granted")
        with self.assertRaisesRegex(UserError, "no objection that waits"):
            memo.with_user(self.head).action_answer("Rejected")

    def test_only_who_takes_part_can_object(self):
        """R209, R520: an uninvolved employee cannot, by RPC either."""
        ticket = self._accepted()
        for user in (self.outsider, self.portal_user):
            with self.assertRaises(UserError):
                ticket.with_user(user).action_complaint_object("No")
        with self.assertRaisesRegex(UserError, "Only the departments"):
            ticket.with_user(self.user_supervisor).action_complaint_object("No")
        self.assertFalse(self._objection(ticket))

    def test_handler_signs_an_objection_in_the_list_of_opinions(self):
        """R209: the same way up, whichever form was used."""
        role = self._create_role("t_objections", False, self.head)
        self.route.objection_role_id = role
        ticket = self._accepted()
        memo = self.env["complaint.opinion"].with_user(self.user_handler)
        memo = memo.create(
            {"ticket_id": ticket.id, "kind": "objection", "text": "Too expensive"}
        )
        self.assertFalse(memo.objection_dispatch_id)
        memo.action_sign()
        self.assertEqual(memo.sudo().objection_dispatch_id.to_user_id, self.head)

    def test_objection_without_superior_waits_for_the_handler(self):
        """R209: it is not lost because nobody is above."""
        ticket = self._accepted()
        ticket.with_user(self.user_handler).action_complaint_object("Wrong")
        memo = self._objection(ticket)
        self.assertTrue(memo.is_signed)
        self.assertFalse(memo.objection_dispatch_id)
        self.assertIn("no superior", self._to_dos(ticket).note)
        ticket._complaint_send_dispatch(
            {"kind": "decision", "to_user_id": self.head.id, "instruction": "Decide"}
        )
        memo.with_user(self.head).action_answer("Granted")
        self.assertFalse(memo.is_unanswered)

    def test_general_manager_is_asked_when_no_department_is_above(self):
        """R209: the last superior is the general manager."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_general_manager")
        self.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": self.company.id,
                "user_id": self.user_supervisor.id,
            }
        )
        ticket = self._accepted()
        ticket.with_user(self.user_handler).action_complaint_object("Wrong")
        task = self._objection(ticket).objection_dispatch_id
        self.assertEqual(task.to_user_id, self.user_supervisor)

    def test_answer_belongs_to_an_objection_of_the_same_complaint(self):
        first, second = self._accepted(), self._accepted()
        first.with_user(self.analyst).action_complaint_object("Wrong")
        memo = self._objection(first)
        opinions = self.env["complaint.opinion"].with_user(self.user_handler)
        for vals in (
            {"ticket_id": second.id, "kind": "objection_answer"}
            | {"answers_id": memo.id},
            {"ticket_id": first.id, "kind": "decision", "answers_id": memo.id},
            {"ticket_id": first.id, "kind": "objection_answer"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                opinions.create({"text": "x", **vals})

    def test_unsigned_objection_does_not_block(self):
        ticket = self._accepted()
        self.env["complaint.opinion"].with_user(self.user_handler).create(
            {"ticket_id": ticket.id, "kind": "objection", "text": "Draft"}
        )
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")

    def test_customer_objects_to_not_established_and_the_superior_decides(self):
        """R210: reopened and sent to the superior."""
        role = self._create_role("t_superior", False, self.head)
        self.route.objection_role_id = role
        ticket = self._accepted()
        ticket.complaint_established = "no"
        ticket.complaint_established_grounds = "Wrong use"
        ticket.action_complaint_close()
        ticket.action_complaint_customer_rejects("We followed the manual")
        self.assertEqual(ticket.complaint_phase, "accepted")
        memo = self._objection(ticket)
        self.assertIn("We followed the manual", memo.text)
        self.assertEqual(memo.objection_dispatch_id.to_user_id, self.head)
        with self.assertRaisesRegex(ValidationError, "has not been decided"):
            ticket.action_complaint_close()
        memo.with_user(self.head).action_answer("Established after all")
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")
