# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from ..models.complaint_recusal_mixin import ComplaintRecusalMixin
from .common_dispatch import DispatchCommon

_FORGED = {
    "number": "X/1",
    "sequence": 9,
    "cycle": 7,
    "state": "done",
    "sent_at": "2020-01-01 00:00:00",
    "accepted_at": "2020-01-01 00:00:00",
    "done_at": "2020-01-01 00:00:00",
    "reviewed_at": "2020-01-01 00:00:00",
    "returned_reason": "forged",
    "result": "forged",
}


@tagged("post_install", "-at_install")
class TestDispatchSecurity(DispatchCommon):
    """What the lowest users try by RPC (R520, R524)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forged = {
            **_FORGED,
            "from_user_id": cls.stranger.id,
            "accepted_by_id": cls.stranger.id,
            "done_by_id": cls.stranger.id,
            "reviewed_by_id": cls.stranger.id,
        }

    def _recuse(self, user):
        return patch.object(
            ComplaintRecusalMixin, "_complaint_get_recused", lambda ticket: user
        )

    # ------------------------------------------------------------------
    # Need to know
    # ------------------------------------------------------------------

    def test_complaint_opens_for_recipients_only(self):
        """R520: production employees without any complaint group."""
        tickets = self.env["helpdesk.ticket"]
        for user in (self.worker, self.head, self.stranger):
            self.assertFalse(tickets.with_user(user).search(self._mine()))
        dispatch = self._send()
        for user in (self.worker, self.colleague, self.head):
            with self.subTest(user=user.login):
                ticket = tickets.with_user(user).search(self._mine())
                self.assertEqual(ticket, self.complaint)
                self.assertTrue(ticket.has_access("read"))
                self.assertTrue(ticket.complaint_content)
                self.assertFalse(ticket.has_access("write"))
                self.assertTrue(dispatch.with_user(user).has_access("write"))
        stranger = tickets.with_user(self.stranger)
        self.assertFalse(stranger.search(self._mine()))
        self.assertFalse(dispatch.with_user(self.stranger).has_access("read"))
        for method in ("action_accept", "action_review", "action_cancel"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                arguments = () if method == "action_accept" else ("x",)
                getattr(dispatch.with_user(self.stranger), method)(*arguments)

    def _mine(self):
        return [("id", "=", self.complaint.id)]

    def test_named_person_shuts_out_his_colleagues(self):
        """R520: head and person see it, the rest of the department does not."""
        dispatch = self._send(to_user_id=self.worker.id)
        for user, expected in (
            (self.worker, True),
            (self.head, True),
            (self.colleague, False),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(dispatch.with_user(user).has_access("read"), expected)
                self.assertEqual(
                    self.complaint.with_user(user).has_access("read"), expected
                )
        self.assertFalse(dispatch.with_user(self.head).has_access("write"))

    def test_returned_dispatch_can_be_read_but_not_written(self):
        """R520: they were involved; writing ends."""
        for end, user in (("return", self.worker), ("cancel", self.user_handler)):
            dispatch = self._send()
            mine = self._as(dispatch, self.worker)
            draft = self.env["complaint.opinion"].with_user(self.worker)
            draft = draft.create(
                {
                    "ticket_id": self.complaint.id,
                    "dispatch_id": dispatch.id,
                    "text": "Heat treatment",
                }
            )
            getattr(self._as(dispatch, user), f"action_{end}")("because")
            self.assertTrue(mine.has_access("read"))
            self.assertTrue(self.complaint.with_user(self.worker).has_access("read"))
            with self.assertRaises(UserError):
                mine.write({"result": "x"})
            with self.assertRaises(AccessError):
                draft.write({"text": "x"})
            with self.assertRaises(AccessError):
                draft.action_sign()
            with self.assertRaises(AccessError):
                draft.copy()

    def test_change_of_department_ends_the_access(self):
        """R520: who leaves the department leaves its tasks, at once."""
        dispatch = self._send()
        self.assertTrue(dispatch.with_user(self.worker).has_access("read"))
        employee = self.env["hr.employee"].search([("user_id", "=", self.worker.id)])
        employee.department_id = self.stores
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(dispatch.with_user(self.worker).has_access("read"))
        found = self.env["complaint.dispatch"].with_user(self.worker)
        self.assertFalse(found.search([("id", "=", dispatch.id)]))

    def test_forged_context_opens_no_department(self):
        """R520: neither archived employees nor other versions of one's own."""
        dispatch = self._send(to_department_id=self.stores.id)
        former = self._create_employee(self.worker, self.stores, self.company_b)
        former.active = False
        version = self.stores.manager_id.version_id
        for context in (
            {"active_test": False},
            {"version_id": version.id},
            {"complaint_dispatching": True},
        ):
            self.env.invalidate_all()
            mine = dispatch.with_user(self.worker).with_context(**context)
            with self.subTest(context=context):
                self.assertFalse(mine.has_access("read"))

    def test_rule_costs_no_query_per_record(self):
        """R520: many tasks of many complaints, as many queries as one."""
        tickets = self.env["helpdesk.ticket"].create(
            [self._complaint_vals() for _index in range(12)]
        )
        for ticket in tickets:
            self._send(ticket)
        mine = self.env(user=self.worker.id)["complaint.dispatch"]

        def count(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = mine.search([], limit=limit, order="id desc")
            found.read(["number", "ticket_name", "due_at", "next_step_note"])
            self.assertEqual(len(found), limit)
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertEqual(count(2), count(12))

    # ------------------------------------------------------------------
    # Forging
    # ------------------------------------------------------------------

    def test_create_by_rpc_meets_the_same_checks(self):
        """R524: a recipient sends nothing; states of a handler are not heard."""
        vals = {"ticket_id": self.complaint.id, "to_department_id": self.production.id}
        self._send()
        dispatches = self.env["complaint.dispatch"]
        for user in (self.worker, self.head, self.portal_user, self.user_handler_b):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dispatches.with_user(user).create(vals)
        own = dispatches.with_user(self.user_handler)
        context = {f"default_{name}": value for name, value in self.forged.items()}
        for found in (
            own.create({**vals, **self.forged}),
            own.with_context(**context).create(vals),
        ):
            self.assertEqual(found.state, "sent")
            self.assertEqual(found.from_user_id, self.user_handler)
            self.assertEqual(found.cycle, 1)
            self.assertEqual(found.sent_at, found.event_ids.at)
            self.assertNotEqual(found.number, "X/1")
            for name in ("accepted_by_id", "done_at", "result", "reviewed_by_id"):
                self.assertFalse(found[name], name)
        with self.assertRaises(UserError):
            own.create({"ticket_id": self.complaint.id})
        with self.assertRaises(UserError):
            own.create({"to_user_id": self.worker.id})

    def test_no_client_writes_state_or_addressee(self):
        """R524: by recipient, handler, manager; with any context."""
        dispatch = self._send()
        other = self._create_complaint()
        changes = [{name: value} for name, value in self.forged.items()]
        changes.remove({"result": "forged"})
        changes += [
            {"ticket_id": other.id},
            {"to_user_id": self.stranger.id},
            {"to_department_id": self.stores.id},
            {"kind": "information"},
            {"deadline_ids": [(5, 0, 0)]},
        ]
        for user in (self.worker, self.user_handler, self.user_manager):
            mine = dispatch.with_user(user).with_context(complaint_dispatching=True)
            for vals in changes:
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError):
                        mine.write(vals)
        with self.assertRaises(UserError):
            dispatch.with_user(self.worker).write({"instruction": "less"})
        dispatch.with_user(self.user_handler).write({"instruction": "more"})
        self._as(dispatch, self.worker).action_accept()
        with self.assertRaises(UserError):
            dispatch.with_user(self.user_handler).write({"instruction": "else"})

    def test_private_methods_are_no_rpc(self):
        """R524: what skips the checks cannot be called from outside."""
        dispatch = self._send().with_user(self.worker)
        for name in ("_write_system", "_end", "_accept", "_log", "_tell"):
            with self.subTest(method=name), self.assertRaises(AccessError):
                get_public_method(dispatch, name)
        with self.assertRaises(AccessError):
            get_public_method(self.complaint, "_complaint_send_dispatch")

    def test_dialogs_reach_no_foreign_dispatch(self):
        """R520: neither answering nor sending by a dialog of one's own."""
        dispatch = self._send()
        wizard = self.env["complaint.dispatch.answer"].with_user(self.stranger)
        with self.assertRaises(AccessError):
            wizard.create(
                {"dispatch_ids": dispatch.ids, "kind": "done", "text": "x"}
            ).action_confirm()
        with self.assertRaises(AccessError):
            self.env["complaint.dispatch.send"].with_user(self.worker).create(
                {"ticket_id": self.complaint.id, "to_user_id": self.worker.id}
            )

    def test_portal_and_other_company_reach_nothing(self):
        """R518, R524: customers and the second company."""
        dispatch = self._send()
        for user in (self.portal_user, self.portal_other, self.user_handler_b):
            own = dispatch.with_user(user)
            with self.subTest(user=user.login):
                self.assertFalse(own.has_access("read"))
                with self.assertRaises(AccessError):
                    own.action_accept()
                with self.assertRaises(AccessError):
                    own.action_cancel("x")
        report = "helpdesk_mgmt_complaint.report_complaint_dispatch"
        for user in (self.portal_user, self.stranger, self.user_handler_b):
            reports = self.env["ir.actions.report"].with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                reports._render_qweb_html(report, dispatch.ids)

    def test_member_of_two_companies_sees_each_in_its_company(self):
        """R524: tasks of a company only while it is switched on."""
        both = self._create_both_companies_user()
        dispatch = self._send(to_user_id=both.id)
        mine = dispatch.with_user(both)
        only_b = {"allowed_company_ids": self.company_b.ids}
        both_on = {"allowed_company_ids": (self.company_b + self.company).ids}
        self.assertFalse(mine.with_context(**only_b).has_access("read"))
        mine.with_context(**both_on).action_accept()
        self.assertEqual(dispatch.state, "accepted")

    # ------------------------------------------------------------------
    # Opinions
    # ------------------------------------------------------------------

    def test_recipient_writes_only_his_own_opinions_on_his_task(self):
        """R524: not on the complaint, not for others, not of others."""
        dispatch = self._send()
        other = self._send(to_department_id=self.stores.id)
        opinions = self.env["complaint.opinion"]
        vals = {"ticket_id": self.complaint.id, "text": "Cause found"}
        own = opinions.with_user(self.worker)
        signed = self._sign(dispatch, self.worker)
        self.assertEqual(signed.signed_by_id, self.worker)
        for more in ({}, {"dispatch_id": other.id}, {"kind": "instruction"}):
            with self.subTest(more=more), self.assertRaises(AccessError):
                own.create({**vals, **more})
        draft = opinions.with_user(self.colleague)
        draft = draft.create({**vals, "dispatch_id": dispatch.id})
        with self.assertRaises(AccessError):
            draft.with_user(self.worker).write({"text": "mine"})
        with self.assertRaises(AccessError):
            draft.with_user(self.worker).unlink()
        with self.assertRaises(AccessError):
            draft.write({"dispatch_id": other.id})
        handlers = opinions.create(vals)
        with self.assertRaises(AccessError):
            handlers.with_user(self.worker).action_sign()

    def test_recipient_overrules_nobody(self):
        """R524: no version in place of what others signed, no foreign department."""
        dispatch = self._send()
        decision = self.env["complaint.opinion"].with_user(self.user_handler)
        decision = decision.create(
            {"ticket_id": self.complaint.id, "kind": "decision", "text": "Exchange"}
        )
        decision.action_sign()
        vals = {
            "ticket_id": self.complaint.id,
            "dispatch_id": dispatch.id,
            "kind": "decision",
            "text": "Nothing",
            "department_id": self.stores.id,
        }
        own = self.env["complaint.opinion"].with_user(self.worker)
        with self.assertRaises(ValidationError):
            own.create({**vals, "replaces_id": decision.id})
        opinion = own.create(vals)
        with self.assertRaises(ValidationError):
            opinion.write({"replaces_id": decision.id})
        opinion.action_sign()
        self.assertEqual(opinion.department_id, self.production)
        self.assertTrue(decision.is_current)
        version = own.browse(opinion.action_new_version()["res_id"])
        version.action_sign()
        self.assertFalse(opinion.is_current)

    def test_registrar_of_a_draft_writes_no_opinion_of_others(self):
        """R524: the new right of recipients opened nothing else."""
        tickets = self.env["helpdesk.ticket"].with_user(self.user_register)
        draft = tickets.create(self._complaint_vals())
        with self.assertRaises(AccessError):
            self.env["complaint.opinion"].with_user(self.user_register).create(
                {"ticket_id": draft.id, "text": "x", "kind": "cause"}
            )

    # ------------------------------------------------------------------
    # Recusal
    # ------------------------------------------------------------------

    def test_recused_person_gets_and_answers_nothing(self):
        """R519: not as addressee, not as member, not as handler."""
        dispatch = self._send()
        with self._recuse(self.worker):
            with self.assertRaisesRegex(UserError, "recused"):
                self._send(to_user_id=self.worker.id)
            with self.assertRaisesRegex(UserError, "recused"):
                self._as(dispatch, self.worker).action_accept()
            self.assertNotIn(self.worker, dispatch._get_recipients()[dispatch])
            self._as(dispatch, self.colleague).action_accept()
        with self._recuse(self.user_handler):
            with self.assertRaisesRegex(UserError, "recused"):
                dispatch.action_cancel("x")

    # ------------------------------------------------------------------
    # Instructions (R324)
    # ------------------------------------------------------------------

    def _escalate(self, dispatch=None, users=None):
        """Return a level that fired and asks for a written instruction."""
        scope = f"dispatch,{dispatch.id}" if dispatch else ""
        event = "helpdesk_mgmt_complaint.event_type_"
        policy = self.env["complaint.sla.policy"].create(
            {
                "name": "Instruction",
                "is_preset": True,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Solved",
                            "start_type_id": self.env.ref(f"{event}reported").id,
                            "target_type_ids": self.env.ref(f"{event}executed").ids,
                            "escalation_ids": [(0, 0, {"require_instruction": True})],
                        },
                    )
                ],
            }
        )
        now = fields.Datetime.now()
        deadline = self.env["complaint.deadline"].create(
            {
                "ticket_id": self.complaint.id,
                "company_id": self.company.id,
                "department_id": self.production.id,
                "line_id": policy.line_ids.id,
                "line_key": policy.line_ids.key,
                "scope_key": scope,
                "dispatch_id": dispatch.id if dispatch else False,
                "name": "Solved",
                "started_at": now - timedelta(hours=25),
                "due_at": now - timedelta(hours=1),
            }
        )
        return self.env["complaint.escalation"].create(
            {
                "deadline_id": deadline.id,
                "ticket_id": self.complaint.id,
                "company_id": self.company.id,
                "level_id": policy.line_ids.escalation_ids.id,
                "level": 1,
                "user_ids": (self.head if users is None else users).ids,
                "fired_at": now,
                "instruction_required": True,
            }
        )

    def test_instruction_is_needed_to_finish_and_to_close(self):
        """R324: the head writes it on the task; the worker's own does not count."""
        dispatch = self._send()
        row = self._escalate(dispatch)
        mine = self._as(dispatch, self.worker)
        close = self.complaint.with_user(self.user_handler).action_complaint_close
        with self.assertRaisesRegex(UserError, "instruction"):
            mine.action_done("ok")
        with self.assertRaisesRegex(UserError, "instruction"):
            close()
        self._sign(mine, self.worker, kind="instruction")
        self.assertFalse(row.instruction_opinion_id)
        with self.assertRaisesRegex(UserError, "instruction"):
            mine.action_done("ok")
        opinion = self._sign(dispatch, self.head, kind="instruction")
        self.assertEqual(row.instruction_opinion_id, opinion)
        mine.action_done("ok")
        close()
        self.assertEqual(self.complaint.complaint_phase, "closed")

    def test_escalation_of_one_task_does_not_hold_up_another(self):
        """R324: of this dispatch, or of the complaint as a whole."""
        late, other = self._send(), self._send()
        self._escalate(late)
        self._as(other, self.worker).action_done("ok")
        self.assertEqual(other.state, "done")

    def test_who_was_told_instructs_without_any_task(self):
        """R324: the head of a complaint that nobody was sent."""
        row = self._escalate()
        self.complaint.message_subscribe(partner_ids=self.head.partner_id.ids)
        vals = {"ticket_id": self.complaint.id, "kind": "instruction", "text": "Do"}
        opinions = self.env["complaint.opinion"]
        for user in (self.worker, self.stranger):
            with self.assertRaises(AccessError):
                opinions.with_user(user).create(vals)
        with self.assertRaises(AccessError):
            opinions.with_user(self.head).create({**vals, "kind": "decision"})
        opinion = opinions.with_user(self.head).create(vals)
        opinion.action_sign()
        self.assertEqual(row.instruction_opinion_id, opinion)

    def test_instruction_before_the_escalation_does_not_count(self):
        """R324: it answers the escalation."""
        dispatch = self._send()
        early = self._sign(dispatch, self.head, kind="instruction")
        row = self._escalate(dispatch)
        self.assertTrue(early.is_signed)
        self.assertFalse(row.instruction_opinion_id)
        with self.assertRaisesRegex(UserError, "instruction"):
            self._as(dispatch, self.worker).action_done("ok")

    def test_when_nobody_is_left_a_handler_instructs(self):
        """R324: no complaint gets stuck because people have left."""
        row = self._escalate(users=self.env["res.users"])
        self.production.manager_id = False
        opinion = self.env["complaint.opinion"].with_user(self.user_handler)
        opinion = opinion.create(
            {"ticket_id": self.complaint.id, "kind": "instruction", "text": "Do"}
        )
        opinion.action_sign()
        self.assertEqual(row.instruction_opinion_id, opinion)
