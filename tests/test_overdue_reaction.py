# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import Form, HttpCase, tagged

from .common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestOverdueReaction(EscalationCommon):
    """Overdue cases and steps, and the record that somebody reacted (R323)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reactions = cls.env["complaint.deadline.reaction"]

    def _late(self, **vals):
        ticket = self._case()
        vals = {"department_id": self.department.id, **vals}
        return self._deadline(ticket, start=-96, due=-48, **vals)

    def _react(self, deadlines, user=None, **vals):
        deadlines = deadlines.with_user(user or self.user_handler)
        action = deadlines.action_react()
        form = Form(
            self.env[action["res_model"]]
            .with_user(deadlines.env.user)
            .with_context(**action["context"])
        )
        form.text = "Asked the head of the department"
        for name, value in vals.items():
            setattr(form, name, value)
        form.save().action_confirm()
        return self.reactions.search([("deadline_id", "in", deadlines.ids)])

    def test_reaction_is_stored_with_who_when_and_how_late(self):
        """R323: on the deadline, on the complaint and in its log."""
        deadline = self._late()
        reaction = self._react(
            deadline, measure="Two more people", expected_date=date(2030, 1, 2)
        )
        self.assertEqual(reaction.user_id, self.user_handler)
        self.assertEqual(reaction.department_id, self.department)
        self.assertEqual(reaction.ticket_id, deadline.ticket_id)
        self.assertEqual(reaction.company_id, self.company)
        self.assertEqual(reaction.measure, "Two more people")
        self.assertEqual(reaction.expected_date, date(2030, 1, 2))
        self.assertAlmostEqual(reaction.days_late, 2.0, 1)
        self.assertEqual(deadline.reacted_at, reaction.at)
        ticket = deadline.ticket_id.with_user(self.user_handler)
        self.assertEqual(ticket.complaint_reaction_ids, reaction)
        event = ticket.complaint_event_ids.filtered(
            lambda row: row.code == "overdue_reacted"
        )
        self.assertEqual(event.user_id, self.user_handler)
        self.assertEqual(event.note, "Asked the head of the department")
        self.assertEqual(event.payload["reactions"], reaction.ids)

    def test_several_deadlines_in_one_go(self):
        """R323: one reaction each, one event per complaint."""
        ticket = self._case()
        first = self._deadline(ticket, due=-48)
        second = self._deadline(ticket, due=-24, occurrence=2)
        other = self._late()
        reactions = self._react(first + second + other)
        self.assertEqual(len(reactions), 3)
        for case in (ticket, other.ticket_id):
            events = case.complaint_event_ids.filtered(
                lambda row: row.code == "overdue_reacted"
            )
            self.assertEqual(len(events), 1)

    def test_missed_deadline_takes_a_reaction_too(self):
        """R323: what ended late passed its limit as well."""
        now = fields.Datetime.now()
        deadline = self._late(
            state="missed",
            breached_at=now - timedelta(hours=48),
            reached_at=now - timedelta(hours=24),
            finished_at=now - timedelta(hours=24),
        )
        self.assertTrue(self._react(deadline))

    def test_deadline_in_time_takes_none(self):
        """R323: nothing to react to; the whole selection is refused."""
        late, good = self._late(), self._deadline(due=5)
        with self.assertRaisesRegex(UserError, "not overdue"):
            (late + good).with_user(self.user_handler).action_react()
        wizard = self.env["complaint.deadline.react"].with_user(self.user_handler)
        wizard = wizard.create(
            {"deadline_ids": [Command.set((late + good).ids)], "text": "x"}
        )
        with self.assertRaisesRegex(UserError, "not overdue"):
            wizard.action_confirm()
        self.assertFalse(late.reaction_ids)

    def test_empty_words_are_refused(self):
        """R323: a reaction says something; nothing chosen is no reaction."""
        deadline = self._late()
        wizards = self.env["complaint.deadline.react"].with_user(self.user_handler)
        wizard = wizards.create(
            {"deadline_ids": [Command.set(deadline.ids)], "text": "  "}
        )
        with self.assertRaisesRegex(UserError, "Write what"):
            wizard.action_confirm()
        wizard = wizards.create({"deadline_ids": [], "text": "x"})
        with self.assertRaisesRegex(UserError, "Choose"):
            wizard.action_confirm()

    def test_obligation_without_complaint(self):
        """R323: steps that belong to no complaint are reacted to as well."""
        deadline = self._deadline(
            self.env["helpdesk.ticket"], due=-24, user_id=self.user_handler.id
        )
        reaction = self._react(deadline)
        self.assertEqual(len(reaction), 1)
        self.assertFalse(reaction.ticket_id)
        self.assertEqual(reaction.company_id, self.company)

    def test_reaction_is_for_ever(self):
        """R323: a second one is added; none is changed or deleted, by nobody."""
        deadline = self._late()
        reaction = self._react(deadline)
        for user in (self.user_handler, self.user_manager):
            row = reaction.with_user(user)
            with self.assertRaises(UserError):
                row.write({"text": "other"})
            with self.assertRaises(AccessError):
                row.unlink()
        with self.assertRaises(UserError):
            reaction.write({"text": "other"})
        with self.assertRaises(UserError):
            reaction.unlink()
        self.assertEqual(len(self._react(deadline, self.user_supervisor)), 2)

    def test_reaction_cannot_be_forged(self):
        """R323, R524: no create right, and what writes is out of reach of RPC."""
        deadline = self._late()
        vals = {
            "deadline_id": deadline.id,
            "user_id": self.user_manager.id,
            "at": fields.Datetime.now(),
            "text": "x",
        }
        for user in (self.user_handler, self.user_manager, self.user_supervisor):
            with self.assertRaises(AccessError):
                self.reactions.with_user(user).create(vals)
            with self.assertRaises(UserError):
                deadline.with_user(user).write({"reaction_ids": [Command.create(vals)]})
        with self.assertRaises(AccessError):
            get_public_method(deadline, "_react")

    def test_who_may_react(self):
        """R323: handlers, quality, supervisors; no other employee."""
        deadline = self._late()
        for user in (self.user_quality, self.user_supervisor, self.user_manager):
            with self.subTest(user=user.login):
                self._react(deadline, user)
        own = self._deadline(
            self._create_complaint(complaint_received_by_id=self.user_register.id),
            due=-1,
        ).with_user(self.user_register)
        self.assertTrue(own.has_access("read"))
        with self.assertRaisesRegex(UserError, "Only complaint handlers"):
            own.action_react()
        with self.assertRaises(AccessError):
            self.env["complaint.deadline.react"].with_user(self.user_register).create(
                {"deadline_ids": [Command.set(own.ids)], "text": "x"}
            )

    def test_other_company_and_customer_see_nothing(self):
        """R518, R524: neither the reactions nor a way to add one."""
        deadline = self._late()
        reaction = self._react(deadline)
        stranger = self.user_handler_b
        self.assertFalse(
            self.reactions.with_user(stranger).search([("id", "=", reaction.id)])
        )
        with self.assertRaises(AccessError):
            reaction.with_user(stranger).read(["text"])
        with self.assertRaises(AccessError):
            deadline.with_user(stranger).action_react()
        with self.assertRaises(AccessError):
            self.env["complaint.deadline.react"].with_user(stranger).create(
                {"deadline_ids": [Command.set(deadline.ids)], "text": "x"}
            )
        with self.assertRaises(AccessError):
            deadline.with_user(stranger)._react("x")
        self.assertEqual(deadline.reaction_ids, reaction)
        for customer in (self.portal_user, self.portal_other):
            with self.assertRaises(AccessError):
                self.reactions.with_user(customer).search([])
            with self.assertRaises(UserError):
                deadline.with_user(customer).action_react()
            with self.assertRaises(AccessError):
                deadline.ticket_id.with_user(customer).read(["complaint_reaction_ids"])

    def test_uninvolved_employee_sees_nothing(self):
        """R520: need to know holds for reactions as for their complaint."""
        reaction = self._react(self._late())
        own = self.reactions.with_user(self.user_register)
        self.assertFalse(own.search([("id", "=", reaction.id)]))

    def test_list_by_department_without_reaction(self):
        """R323: overdue units with days late; what was answered leaves the list."""
        waiting, answered, good = self._late(), self._late(), self._deadline(due=5)
        self._react(answered)
        ids = (waiting + answered + good).ids
        deadlines = self.env["complaint.deadline"].with_user(self.user_supervisor)
        late = deadlines.search([("id", "in", ids), ("is_late", "=", True)])
        self.assertEqual(set(late.ids), {waiting.id, answered.id})
        self.assertEqual(late.department_id, self.department)
        self.assertTrue(all(round(row.days_late) == 2 for row in late))
        self.assertEqual(
            deadlines.search([("id", "in", ids), ("is_late", "=", False)]).ids, good.ids
        )
        open_ones = deadlines.search(
            [("id", "in", ids), ("is_late", "=", True), ("reaction_ids", "=", False)]
        )
        self.assertEqual(open_ones.ids, waiting.ids)

    def test_reaction_stands_in_the_timeline(self):
        """R323: visible on the complaint."""
        deadline = self._late()
        self._react(deadline, measure="Night shift")
        ticket = deadline.ticket_id.with_user(self.user_handler)
        self.assertIn("reacted: Asked the head", ticket.complaint_timeline)
        self.assertIn("Night shift", ticket.complaint_timeline)


@tagged("post_install", "-at_install")
class TestOverdueTour(EscalationCommon, HttpCase):
    """The overdue list in the real browser."""

    def test_supervisor_reacts_from_the_list(self):
        """R323: select, say what was asked, the row leaves the list."""
        ticket = self._case(name="Overdue tour case")
        deadline = self._deadline(
            ticket, start=-96, due=-48, department_id=self.department.id
        )
        self.start_tour("/odoo", "complaint_overdue", login=self.user_supervisor.login)
        self.assertEqual(deadline.reaction_ids.user_id, self.user_supervisor)
        self.assertEqual(deadline.reaction_ids.text, "Asked the head of service")
