# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common_escalation import EscalationCommon
from .common_procedure import ProcedureCommon


class TestRecusal(ProcedureCommon):
    """The complained-about person takes no part in it (R519)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accused = cls.user_quality
        cls.employee = cls._create_employee(cls.accused)
        cls.colleague = cls.user_handler

    def _accuse(self, user=None):
        self.ticket.with_user(user or self.colleague).write(
            {"complaint_accused_employee_ids": [Command.link(self.employee.id)]}
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def _as_accused(self, records=None):
        return (records if records is not None else self.ticket).with_user(self.accused)

    def test_accused_and_others_are_recused(self):
        """R519: the user behind the employee, and whoever is added by hand."""
        self._accuse()
        self.assertEqual(self.ticket.complaint_recused_user_ids, self.accused)
        self.ticket.complaint_recused_extra_ids = self.user_supervisor
        self.assertEqual(
            self.ticket._complaint_get_recused(), self.accused + self.user_supervisor
        )
        codes = self.ticket.complaint_event_ids.mapped("code")
        self.assertEqual(codes.count("recused"), 2)

    def test_archived_employee_stays_recused(self):
        """R519: leaving the company does not end it."""
        self._accuse()
        self.employee.active = False
        self.ticket.complaint_recused_extra_ids = self.user_supervisor
        self.assertIn(self.accused, self.ticket._complaint_get_recused())

    def test_form_offers_the_persons(self):
        """R519: a handler without rights on HR enters them."""
        form = Form(
            self.ticket.with_context(default_is_complaint=True),
            "helpdesk_mgmt_complaint.complaint_view_form",
        )
        form.complaint_accused_employee_ids.add(
            self.env["hr.employee"].with_user(self.colleague).browse(self.employee.id)
        )
        form.save()
        self.assertEqual(self.ticket.complaint_recused_user_ids, self.accused)

    def test_recused_is_no_handler_and_no_first_contact(self):
        """R519: neither chosen nor transferred to."""
        self._accuse()
        with self.assertRaisesRegex(UserError, "takes no part"):
            self.ticket.user_id = self.accused
        for field in ("user_id", "complaint_first_contact_id"):
            with self.assertRaisesRegex(UserError, "takes no part"):
                self.ticket._complaint_transfer({field: self.accused.id}, "x", False)

    def test_new_complaint_is_taken_from_the_accused(self):
        """R519: named at registration; nothing else is written to an employee."""
        tickets = self.env["helpdesk.ticket"].with_user(self.colleague)
        ticket = tickets.create(
            self._complaint_vals(
                user_id=self.accused.id,
                complaint_accused_employee_ids=[Command.link(self.employee.id)],
            )
        )
        self.assertEqual(ticket.user_id, self.colleague)
        for command in (
            Command.update(self.employee.id, {"name": "x"}),
            Command.create({"name": "x"}),
            Command.delete(self.employee.id),
        ):
            with self.assertRaisesRegex(UserError, "among your employees"):
                ticket.complaint_accused_employee_ids = [command]

    def test_recused_writes_nothing_by_rpc(self):
        """R519: not the ticket, not its parts, no button; group rules do not help."""
        self.accused.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_manager"
        ) + self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        sample = self.env["complaint.sample"].create(
            {"ticket_id": self.ticket.id, "name": "One ring"}
        )
        opinion = self.env["complaint.opinion"].create(
            {"ticket_id": self.ticket.id, "text": "x"}
        )
        dispatch = self.env["complaint.dispatch"].create(
            {"ticket_id": self.ticket.id, "to_user_id": self.accused.id}
        )
        self._accuse()
        ticket = self._as_accused()
        self.assertEqual(ticket.name, "Cracked cages")
        for index, attempt in enumerate(
            (
                lambda: ticket.write({"name": "x"}),
                lambda: ticket.write({"complaint_accused_employee_ids": [(5, 0, 0)]}),
                lambda: ticket.write({"complaint_recused_user_ids": [(5, 0, 0)]}),
                lambda: ticket.write({"complaint_recused_blind": False}),
                lambda: ticket.action_complaint_close(),
                lambda: ticket.action_complaint_cancel()
                and ticket._complaint_cancel("x"),
                lambda: ticket.action_complaint_confirm_no_capa(),
                lambda: ticket.action_complaint_investigate(),
                lambda: self._as_accused(sample).write({"name": "x"}),
                lambda: self._as_accused(sample).unlink(),
                lambda: self._as_accused(opinion).action_sign(),
                lambda: self._as_accused(dispatch).write({"result": "x"}),
                lambda: self._call_back(user=self.accused),
                lambda: self._sign("decision", self.accused),
                lambda: self._record("signed_off", self.accused),
            )
        ):
            # an AccessError is a UserError
            with self.subTest(attempt=index), self.assertRaises(UserError):
                attempt()

    def test_callback_in_his_name_is_refused(self):
        """R519: not by a colleague who enters it for him either."""
        self._accuse()
        with self.assertRaisesRegex(UserError, "takes no part"):
            self._call_back(user_id=self.accused.id)
        with self.assertRaisesRegex(UserError, "takes no part"):
            self.env["complaint.investigation"].with_user(self.colleague).create(
                {"ticket_id": self.ticket.id, "user_id": self.accused.id}
            )

    def test_his_earlier_signature_counts_no_more(self):
        """R519: a decision by the person complained about is none."""
        self._add_gate("opinion", opinion_kind="decision")
        self._sign("decision", self.accused)
        self.assertFalse(self._get_reasons())
        self._accuse()
        self.assertIn("Decision", self._get_reasons())
        self.assertFalse(self.ticket._complaint_get_current_decision())

    def test_recused_handler_is_replaced_by_the_manager(self):
        """R519: with a note in the log; to-dos follow, he is unsubscribed."""
        manager = self._create_employee(self.user_manager)
        self.department.manager_id = manager
        self.employee.department_id = self.department
        self.ticket._complaint_transfer(
            {"user_id": self.accused.id, "complaint_first_contact_id": self.accused.id},
            "Holiday",
            False,
        )
        self.ticket.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.accused.id
        )
        self._accuse()
        self.assertEqual(self.ticket.user_id, self.user_manager)
        self.assertEqual(self.ticket.complaint_first_contact_id, self.user_manager)
        self.assertEqual(self.ticket.activity_ids.user_id, self.user_manager)
        self.assertNotIn(self.accused.partner_id, self.ticket.message_partner_ids)
        event = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "transferred"
        )[:1]
        self.assertIn("recused", event.note)

    def test_without_manager_the_colleague_takes_over(self):
        """R519: whoever names the accused, if there is nobody above him."""
        self.ticket._complaint_transfer(
            {"user_id": self.accused.id}, "Holiday", customer_told=False
        )
        self._accuse()
        self.assertNotEqual(self.ticket.user_id, self.accused)
        self.assertTrue(self.ticket.user_id)

    def test_who_may_not_see_it_cannot_register_it(self):
        """R519: a complaint about himself, where the accused is blind."""
        self.procedure.recused_blind = True
        with self.assertRaisesRegex(UserError, "Ask a colleague"):
            self.env["helpdesk.ticket"].with_user(self.accused).create(
                self._complaint_vals(
                    complaint_procedure_id=self.procedure.id,
                    complaint_accused_employee_ids=[Command.link(self.employee.id)],
                )
            )

    def test_recused_by_context_is_ignored(self):
        """R519: only the persons decide, and the procedure."""
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.colleague)
            .with_context(
                default_complaint_recused_user_ids=[self.user_supervisor.id],
                default_complaint_recused_blind=True,
            )
            .create(self._complaint_vals(complaint_procedure_id=self.procedure.id))
        )
        self.assertFalse(ticket.complaint_recused_user_ids)
        self.assertFalse(ticket.complaint_recused_blind)

    # ------------------------------------------------------------------
    # Blind
    # ------------------------------------------------------------------

    def _prepare_traces(self):
        """Everything that could tell of the complaint, some of it by the accused."""
        self.ticket.message_subscribe(partner_ids=self.accused.partner_id.ids)
        self._as_accused().message_post(body="I looked at the cages")
        self.ticket.message_post(
            body="For you", partner_ids=self.accused.partner_id.ids
        )
        self.env["ir.attachment"].with_user(self.accused).create(
            {
                "name": "photo.txt",
                "datas": base64.b64encode(b"x"),
                "res_model": "helpdesk.ticket",
                "res_id": self.ticket.id,
            }
        )
        self._call_back(user=self.accused)
        self.ticket.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.accused.id
        )

    def test_blind_recused_finds_no_trace(self):
        """R519: no search, count, group, part, message, file or to-do by RPC."""
        self.procedure.recused_blind = True
        self._prepare_traces()
        self.accused.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_manager"
        ) + self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        self._accuse()
        env = self.env(user=self.accused)
        own = [("id", "=", self.ticket.id)]
        tickets = env["helpdesk.ticket"]
        self.assertFalse(tickets.search(own))
        self.assertFalse(tickets.search_count(own))
        self.assertFalse(tickets.formatted_read_group(own, ["stage_id"]))
        self.assertFalse(
            tickets.search([("complaint_number", "=", self.ticket.complaint_number)])
        )
        with self.assertRaises(AccessError):
            tickets.browse(self.ticket.id).read(["name"])
        for model in (
            "complaint.callback",
            "complaint.event",
            "complaint.deadline",
            "complaint.opinion",
            "complaint.line",
        ):
            domain = [("ticket_id", "=", self.ticket.id)]
            self.assertFalse(env[model].search_count(domain), model)
        about = [("model", "=", "helpdesk.ticket"), ("res_id", "=", self.ticket.id)]
        self.assertFalse(env["mail.message"].search(about))
        self.assertFalse(env["mail.message"].search_count(about))
        message = self.env["mail.message"].search(
            [*about, ("author_id", "=", self.accused.partner_id.id)], limit=1
        )
        self.assertTrue(message)
        with self.assertRaises(AccessError):
            self._as_accused(message).read(["body"])
        linked = [
            ("res_model", "=", "helpdesk.ticket"),
            ("res_id", "=", self.ticket.id),
        ]
        self.assertFalse(env["ir.attachment"].search(linked))
        self.assertFalse(env["mail.activity"].search(linked))

    def test_blind_recused_gets_no_mail(self):
        """R519: not by being named in a message later."""
        self.procedure.recused_blind = True
        self._accuse()
        message = self.ticket.message_post(
            body="Look at this", partner_ids=self.accused.partner_id.ids
        )
        self.assertNotIn(self.accused.partner_id, message.notified_partner_ids)

    def test_setting_of_the_procedure_decides_who_sees(self):
        """R519: switched on later, or by choosing another procedure."""
        self._accuse()
        self.assertTrue(self._as_accused().has_access("read"))
        self.procedure.recused_blind = True
        self.env.flush_all()
        self.assertFalse(self._as_accused().has_access("read"))
        self.ticket.complaint_procedure_id = self.env.ref(
            "helpdesk_mgmt_complaint.procedure_standard"
        )
        self.env.flush_all()
        self.assertTrue(self._as_accused().has_access("read"))
        self.assertFalse(self._as_accused().has_access("write"))

    def test_others_see_as_before(self):
        """R520: recusal of one hides it from nobody else."""
        self.procedure.recused_blind = True
        self._accuse()
        for user in (self.user_handler, self.user_supervisor, self.user_manager):
            self.assertTrue(self.ticket.with_user(user).has_access("read"))
        self.assertFalse(self.ticket.with_user(self.user_register).has_access("read"))
        self.assertTrue(self.ticket.with_user(self.portal_user).has_access("read"))

    def test_former_accused_may_work_again(self):
        """R519: a colleague corrects a wrong name."""
        self._accuse()
        self.ticket.complaint_accused_employee_ids = False
        self.assertFalse(self.ticket.complaint_recused_user_ids)
        self.env.flush_all()
        self.assertTrue(self._as_accused().has_access("write"))


class TestRecusalEscalation(EscalationCommon):
    """What a recused person was told by an escalation before (R519)."""

    def test_escalation_of_a_hidden_complaint_is_hidden_too(self):
        """R519: being told once opens no complaint about oneself."""
        told = self.user_register
        levels = self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline()
        ticket = deadline.ticket_id
        row = self.env["complaint.escalation"].create(
            {
                "deadline_id": deadline.id,
                "ticket_id": ticket.id,
                "company_id": self.company.id,
                "level_id": levels[:1].id,
                "level": 1,
                "fired_at": deadline.started_at,
                "user_ids": [Command.set(told.ids)],
            }
        )
        self.assertTrue(row.with_user(told).has_access("read"))
        ticket.complaint_recused_extra_ids = told
        self.env.flush_all()
        self.assertTrue(row.with_user(told).has_access("read"))
        ticket.complaint_procedure_id.recused_blind = True
        self.env.flush_all()
        self.assertFalse(row.with_user(told).has_access("read"))
