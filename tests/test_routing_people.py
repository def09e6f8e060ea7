# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import ValidationError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from ..models.complaint_recusal_mixin import ComplaintRecusalMixin
from ..models.complaint_routing_person import Wish
from .common_routing import RoutingCommon


@tagged("post_install", "-at_install")
class TestRoutingPeople(RoutingCommon):
    """Who takes a complaint, and who stands in for somebody absent."""

    def _put_on_leave(self, user, days=3):
        now = fields.Datetime.now()
        return self._set_leave(
            user, now - timedelta(hours=1), now + timedelta(days=days)
        )

    # ------------------------------------------------------------------
    # Absent (R184)
    # ------------------------------------------------------------------

    def test_manager_on_leave_is_replaced_by_the_deputy_and_it_says_so(self):
        """R184: 主管领导不在,移交分管本领项的其它同志."""
        self.production.complaint_deputy_id = self.user_wang
        self._create_rule(responsible="manager")
        self._put_on_leave(self.user_zhang)
        ticket = self._register()
        self.assertEqual(ticket.user_id, self.user_wang)
        self.assertRegex(
            ticket.complaint_routing_reason,
            r"Wang Fang stands in \(Zhang Wei: on leave until .+\)\.",
        )

    def test_leave_before_or_later_does_not_count(self):
        """R184: only who is absent now is replaced."""
        now = fields.Datetime.now()
        for begin, end in ((-3, -1), (1, 3)):
            self._set_leave(
                self.user_zhang, now + timedelta(days=begin), now + timedelta(days=end)
            )
        self._create_rule(responsible="manager")
        self.assertEqual(self._register().user_id, self.user_zhang)

    def test_archived_person_falls_to_the_manager_of_his_department(self):
        """R184: the rule still names who has left."""
        self._create_rule(responsible="fixed", user_id=self.user_li.id)
        self.user_li.active = False
        ticket = self._register()
        self.assertEqual(ticket.user_id, self.user_zhang)
        self.assertIn("Li Na: archived", ticket.complaint_routing_reason)

    def test_manager_without_login_falls_to_the_department_above(self):
        """R184: director or other partner."""
        plant = self._create_department("Plant", self.user_wang)
        self.production.parent_id = plant
        self.production.manager_id = self.env["hr.employee"].create({"name": "Old Xu"})
        self._create_rule(responsible="manager")
        ticket = self._register()
        self.assertEqual(ticket.user_id, self.user_wang)
        self.assertIn("Old Xu: no login", ticket.complaint_routing_reason)

    def test_deputy_of_a_role_stands_in(self):
        """R184: the deputy is configured where the role is given."""
        role = self.env["complaint.role"].create({"name": "Sales", "code": "r184"})
        assignment = self.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": self.company.id,
                "user_id": self.user_li.id,
                "deputy_id": self.user_wang.id,
            }
        )
        self._create_rule(department_id=False, role_id=role.id, responsible="fixed")
        self.assertEqual(self._register().user_id, self.user_li)
        self._put_on_leave(self.user_li)
        self.assertEqual(self._register().user_id, self.user_wang)
        with self.assertRaisesRegex(ValidationError, "does not work in"):
            assignment.deputy_id = self.user_handler_b

    def test_nobody_is_available_and_the_complaint_is_registered(self):
        """R184: no crash, no absent handler; the reason names everybody."""
        self._create_rule(responsible="fixed", user_id=self.user_li.id)
        self._put_on_leave(self.user_li)
        self._put_on_leave(self.user_zhang)
        ticket = self._register()
        self.assertFalse(ticket.user_id)
        self.assertEqual(ticket.complaint_department_id, self.production)
        self.assertRegex(
            ticket.complaint_routing_reason,
            r"No handler was found \(Li Na: on leave until .*Zhang Wei: on leave",
        )

    def test_person_of_another_company_is_not_taken(self):
        """R184: he could not read it."""
        self._create_rule(responsible="fixed", user_id=self.user_li.id)
        self.user_li.write(
            {
                "company_id": self.company_b.id,
                "company_ids": self._set(self.company_b),
            }
        )
        self.assertEqual(self._register().user_id, self.user_zhang)

    def test_department_that_is_its_own_grandparent_ends(self):
        """R184: wrong data must not hang the registration."""
        production = self.production
        other = self._create_department("Loop", parent_id=production.id)
        self.env.cr.execute(
            "UPDATE hr_department SET parent_id = %s WHERE id = %s",
            [other.id, production.id],
        )
        self.env.invalidate_all()
        self._put_on_leave(self.user_zhang)
        self._create_rule(responsible="manager")
        self.assertFalse(self._register().user_id)

    def test_recused_person_is_never_chosen(self):
        """R519: neither named, nor as manager, nor by turns."""
        recused = self.user_zhang
        with patch.object(
            ComplaintRecusalMixin, "_complaint_get_recused", lambda self: recused
        ):
            for vals in (
                {"responsible": "manager"},
                {"responsible": "fixed", "user_id": recused.id},
                {
                    "responsible": "round_robin",
                    "user_ids": self._set(recused, self.user_li),
                },
                {
                    "responsible": "least_open",
                    "user_ids": self._set(recused, self.user_li),
                },
            ):
                with self.subTest(vals=vals):
                    rule = self._create_rule(**vals)
                    self.assertNotEqual(self._register().user_id, recused)
                    self.assertNotEqual(self._register().user_id, recused)
                    rule.active = False

    # ------------------------------------------------------------------
    # By turns, by load (R181)
    # ------------------------------------------------------------------

    def _register_many(self, count):
        tickets = self.env["helpdesk.ticket"].with_user(self.user_register)
        return tickets.create([self._complaint_vals() for _index in range(count)])

    def test_turns_are_fair_one_by_one_and_in_batches(self):
        """R181: 12 complaints of three people, four each."""
        people = self.user_zhang + self.user_li + self.user_wang
        self._create_rule(responsible="round_robin", user_ids=self._set(*people))
        tickets = self._register_many(2) + self._register_many(7)
        for _index in range(3):
            tickets += self._register_many(1)
        self.assertEqual(
            Counter(ticket.user_id for ticket in tickets.sudo()),
            Counter({user: 4 for user in people}),
        )

    def test_turns_leave_out_who_is_absent(self):
        """R184: the others share his complaints."""
        people = self.user_zhang + self.user_li + self.user_wang
        self._create_rule(responsible="round_robin", user_ids=self._set(*people))
        self._put_on_leave(self.user_li)
        tickets = self._register_many(8).sudo()
        self.assertEqual(
            Counter(ticket.user_id for ticket in tickets),
            Counter({self.user_zhang: 4, self.user_wang: 4}),
        )

    def test_a_chosen_handler_uses_up_no_turn(self):
        """R181: only who is chosen by the rule counts."""
        people = self.user_zhang + self.user_li
        self._create_rule(responsible="round_robin", user_ids=self._set(*people))
        first = self._register_many(1).sudo().user_id
        self._register(self.user_handler, user_id=self.user_wang.id)
        second = self._register_many(1).sudo().user_id
        self.assertEqual(first + second, people.sorted("id"))

    def test_members_of_team_or_department_are_the_group(self):
        """R181: without named persons."""
        self.user_wang.employee_id.department_id = self.production
        rule = self._create_rule(responsible="round_robin")
        self.assertEqual(self._register().user_id, self.user_wang)
        rule.team_id = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Line 1",
                "complaint_team": True,
                "user_ids": self._set(self.user_li),
            }
        )
        self.assertEqual(self._register().user_id, self.user_li)

    def test_group_without_anybody_falls_to_the_manager(self):
        """R184: and says so."""
        self._create_rule(responsible="least_open", user_ids=self._set(self.user_li))
        self._put_on_leave(self.user_li)
        ticket = self._register()
        self.assertEqual(ticket.user_id, self.user_zhang)
        self.assertIn("nobody of the group", ticket.complaint_routing_reason)

    def test_fewest_open_complaints_win_and_closed_ones_do_not_count(self):
        """R181: a batch counts its own complaints too."""
        people = self.user_zhang + self.user_li
        busy, closed = self._register_many(2).sudo()
        busy.user_id = closed.user_id = self.user_zhang
        closed.write({"complaint_cancel_reason": "twice"})
        closed.with_user(self.user_handler)._complaint_move_to_phase("cancelled")
        self._create_rule(responsible="least_open", user_ids=self._set(*people))
        tickets = self._register_many(3).sudo()
        self.assertEqual(
            Counter(ticket.user_id for ticket in tickets),
            Counter({self.user_li: 2, self.user_zhang: 1}),
        )

    # ------------------------------------------------------------------
    # Informed at the same moment (R337)
    # ------------------------------------------------------------------

    def test_superior_and_owner_department_are_told_at_once(self):
        """R337: 第一时间向上级和责任部门汇报; and they can read it."""
        employee = self.env["hr.employee"].create(
            {
                "name": "Register",
                "user_id": self.user_register.id,
                "parent_id": self.user_li.employee_id.id,
            }
        )
        self.assertEqual(self.user_register.employee_id, employee)
        self._create_rule(inform_superior=True)
        ticket = self._register()
        told = self._get_told(ticket)
        self.assertEqual(told, (self.user_li | self.user_zhang).partner_id)
        for user in self.user_li, self.user_zhang:
            self.assertTrue(ticket.with_user(user).has_access("read"))
        self.assertFalse(ticket.with_user(self.user_wang).has_access("read"))

    def test_informed_departments_are_told_once(self):
        """R337: another routing does not tell them again."""
        self._create_rule(informed_department_ids=self._set(self.quality_department))
        ticket = self._register()
        self.assertEqual(
            ticket.complaint_informed_department_ids, self.quality_department
        )
        self.assertEqual(self._get_told(ticket), self.user_li.partner_id)
        count = len(ticket.sudo().message_ids)
        ticket.action_complaint_route()
        self.assertEqual(len(ticket.sudo().message_ids), count)

    def test_nobody_is_told_of_an_import(self):
        """R337: history."""
        self._create_rule(inform_superior=True)
        tickets = self.env["helpdesk.ticket"].with_user(self.user_manager)
        ticket = tickets.with_context(complaint_import=True).create(
            self._complaint_vals(complaint_number="2001-8")
        )
        self.assertFalse(self._get_told(ticket))

    def _get_told(self, ticket):
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "helpdesk.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
                ("body", "ilike", "For your information"),
            ]
        )
        return messages.notified_partner_ids


@tagged("post_install", "-at_install")
class TestRoutingTurns(BaseCase):
    """Two transactions at once; data is committed, then removed."""

    def setUp(self):
        super().setUp()
        self.patch(Registry, "_lock", DummyRLock())
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            users = env["res.users"].create(
                [
                    {
                        "name": name,
                        "login": f"turns_{name}",
                        "group_ids": [Command.link(env.ref("base.group_user").id)],
                    }
                    for name in "abcd"
                ]
            )
            rule = env["complaint.routing.rule"].create(
                {
                    "name": "Turns",
                    "active": False,
                    "responsible": "round_robin",
                    "user_ids": [Command.set(users.ids)],
                }
            )
            self.user_ids, self.rule_id = users.ids, rule.id
        self.addCleanup(self._remove_data)

    def _remove_data(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["complaint.routing.rule"].browse(self.rule_id).unlink()
            users = env["res.users"].browse(self.user_ids)
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _pick(self, cr, count):
        env = api.Environment(cr, SUPERUSER_ID, {})
        wish = Wish(
            env["complaint.routing.rule"].browse(self.rule_id),
            env["hr.department"],
            env["helpdesk.ticket.team"],
            env["complaint.role.assignment"],
            env.company,
        )
        picked = env["complaint.routing.person"]._pick([wish] * count)
        return [user.id for user, _note in picked]

    def test_open_transactions_do_not_wait_and_get_different_people(self):
        """R181: neither lock, nor serialization failure, nor the same person."""
        with self.registry.cursor() as one, self.registry.cursor() as two:
            two.execute("SET LOCAL lock_timeout = '2s'")
            picked = self._pick(one, 1) + self._pick(two, 1) + self._pick(one, 2)
        self.assertEqual(sorted(picked), sorted(self.user_ids))

    def test_many_at_once_share_evenly(self):
        """R181: 8 threads, 3 complaints each, four people: six each."""
        picked, errors = [], []
        barrier = threading.Barrier(8)

        def work():
            try:
                barrier.wait(30)
                with self.registry.cursor() as cr:
                    picked.extend(self._pick(cr, 3))
            except BaseException as error:  # noqa: BLE001
                errors.append(error)

        threads = [threading.Thread(target=work, daemon=True) for _index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertFalse(errors)
        self.assertEqual(set(Counter(picked).values()), {6})
        self.assertEqual(len(picked), 24)
