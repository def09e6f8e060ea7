# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged, users

from .common_security import RolesCommon


@tagged("post_install", "-at_install")
class TestSecurityEscalation(RolesCommon):
    """What a plain employee tries by RPC."""

    @users("complaint_employee")
    def test_foreign_complaint_is_out_of_reach(self):
        """R524: neither written nor moved by its methods."""
        ticket = self.complaint.with_user(self.env.user)
        for vals in (
            {"name": "x"},
            {"is_complaint": False},
            {"active": False},
            {"user_id": self.env.uid},
            {"complaint_line_ids": [Command.create({"symptom": "x"})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                ticket.write(vals)
        for method in (
            "action_complaint_accept",
            "action_complaint_close",
            "action_complaint_assign_number",
            "action_complaint_confirm_lines",
            "action_complaint_link_repeat",
            "assign_to_me",
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(ticket, method)()
        with self.assertRaises(UserError):
            ticket.action_complaint_reopen("because")
        with self.assertRaises(AccessError):
            self.env["complaint.reason"].create(
                {
                    "ticket_ids": ticket.ids,
                    "kind": "cancel",
                    "reason": "because",
                }
            )

    @users("complaint_register")
    def test_own_draft_cannot_be_accepted_or_closed(self):
        """R524: everybody registers, handlers accept."""
        ticket = self.draft.with_user(self.env.user)
        for phase in ("accepted", "decision", "closed"):
            stage = self.env.ref(f"helpdesk_mgmt_complaint.stage_{phase}")
            with self.subTest(phase=phase), self.assertRaises(UserError):
                ticket.write({"stage_id": stage.id})
            with self.subTest(phase=phase), self.assertRaises(UserError):
                ticket.with_context(complaint_import=True).write({"stage_id": stage.id})
            with self.subTest(phase=phase), self.assertRaises(UserError):
                self.env["helpdesk.ticket"].create(
                    self._complaint_vals(stage_id=stage.id)
                )
        for method in ("accept", "close", "assign_number"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(ticket, f"action_complaint_{method}")()

    @users("complaint_register")
    def test_own_complaint_is_fixed_after_acceptance(self):
        """R524: the registrar writes drafts only."""
        self.draft.sudo().action_complaint_accept()
        ticket = self.draft.with_user(self.env.user)
        self.assertTrue(ticket.has_access("read"))
        with self.assertRaises(AccessError):
            ticket.write({"complaint_content": "other"})
        with self.assertRaises(AccessError):
            self.env["complaint.line"].create({"ticket_id": ticket.id})
        with self.assertRaises(AccessError):
            ticket.unlink()

    @users("complaint_register", "complaint_handler", "complaint_manager")
    def test_system_fields_are_not_written_by_clients(self):
        """R524: phase, cycle and number follow from what happened."""
        ticket = self.draft.with_user(self.env.user)
        for vals in (
            {"complaint_phase": "closed"},
            {"complaint_cycle": 7},
            {"complaint_number": "2607-99"},
            {"complaint_number_id": self.complaint.complaint_number_id.id},
        ):
            for context in ({}, {"complaint_numbering": True}):
                with self.subTest(vals=vals), self.assertRaises(UserError):
                    ticket.with_context(**context).write(vals)

    @users("complaint_register", "complaint_handler")
    def test_system_fields_are_not_set_at_creation(self):
        """R524: not by values, not by the context, not by a user's default."""
        forged = {
            "complaint_phase": "closed",
            "complaint_cycle": 7,
            "complaint_number_id": self.complaint.complaint_number_id.id,
        }
        tickets = self.env["helpdesk.ticket"]
        tickets |= tickets.create(self._complaint_vals(**forged))
        context = {f"default_{name}": value for name, value in forged.items()}
        context["default_complaint_number"] = "2607-99"
        tickets |= tickets.with_context(**context).create(self._complaint_vals())
        self.env["ir.default"].set(
            "helpdesk.ticket", "complaint_number", "2607-98", user_id=True
        )
        tickets |= tickets.create(self._complaint_vals())
        for ticket in tickets:
            self.assertEqual(ticket.complaint_phase, "draft")
            self.assertEqual(ticket.complaint_cycle, 1)
            self.assertFalse(ticket.complaint_number)
            self.assertFalse(ticket.complaint_number_id)
        with self.assertRaises(UserError):
            tickets.create(self._complaint_vals(complaint_number="2607-97"))

    @users("complaint_register")
    def test_creator_is_not_forged(self):
        """R520: who created it decides who sees it."""
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(create_uid=self.user_handler.id)
        )
        self.assertEqual(ticket.create_uid, self.env.user)
        ticket.write({"create_uid": self.user_handler.id})
        ticket.invalidate_recordset()
        self.assertEqual(ticket.create_uid, self.env.user)

    @users("complaint_register")
    def test_line_cannot_get_into_a_foreign_complaint(self):
        """R524: not created there, not moved there, not pulled from there."""
        with self.assertRaises(AccessError):
            self.env["complaint.line"].create(
                {"ticket_id": self.complaint.id, "symptom": "x"}
            )
        line = self.env["complaint.line"].create(
            {"ticket_id": self.draft.id, "symptom": "x"}
        )
        with self.assertRaises(AccessError):
            line.write({"ticket_id": self.complaint.id})
        foreign = self.children["complaint.line"]
        draft = self.draft.with_user(self.env.user)
        for command in (Command.link(foreign.id), Command.set(foreign.ids)):
            with self.assertRaises(AccessError):
                draft.write({"complaint_line_ids": [command]})
        for model in ("complaint.communication", "complaint.visit", "complaint.sample"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.children[model].with_user(self.env.user).write(
                    {"ticket_id": self.draft.id}
                )

    @users("complaint_register")
    def test_links_do_not_tell_foreign_titles(self):
        """R520: the name of a linked complaint is read with sudo by Odoo."""
        draft = self.draft.with_user(self.env.user)
        for name in ("complaint_repeat_of_id", "complaint_previous_id", "duplicate_id"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                draft.write({name: self.complaint.id})
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.env["helpdesk.ticket"].create(
                    self._complaint_vals(**{name: self.complaint.id})
                )

    @users("complaint_register", "complaint_handler")
    def test_events_cannot_be_forged(self):
        """R524: the log is written by the system only."""
        event = self.draft.with_user(self.env.user).complaint_event_ids[:1]
        vals = {
            "ticket_id": self.draft.id,
            "type_id": event.type_id.id,
            "code": "closed",
            "at": fields.Datetime.now() - timedelta(days=3),
        }
        for call in (
            lambda: self.env["complaint.event"].create(vals),
            lambda: event.write({"note": "x"}),
            lambda: event.unlink(),
            lambda: self.draft.with_user(self.env.user).write(
                {"complaint_event_ids": [Command.create(vals)]}
            ),
        ):
            with self.assertRaises(UserError):
                call()
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(
                complaint_event_ids=[Command.create({**vals, "ticket_id": False})]
            )
        )
        codes = sorted(ticket.complaint_event_ids.mapped("code"))
        self.assertEqual(codes, ["registered", "reported"])

    def test_signatures_cannot_be_forged(self):
        """R524: everybody signs with his own name."""
        signed = {
            "signed_by_id": self.user_manager.id,
            "signed_at": fields.Datetime.now(),
        }
        vals = {"ticket_id": self.complaint.id, "text": "I agree"}
        opinions = self.env["complaint.opinion"].with_user(self.user_handler)
        with self.assertRaises(UserError):
            opinions.create({**vals, **signed})
        opinion = opinions.with_context(
            complaint_signing=True,
            **{f"default_{name}": value for name, value in signed.items()},
        ).create(vals)
        self.assertFalse(opinion.signed_by_id)
        self.assertFalse(opinion.signed_at)
        with self.assertRaises(UserError):
            opinion.with_context(complaint_signing=True).write(signed)
        opinion.action_sign()
        self.assertEqual(opinion.signed_by_id, self.user_handler)
        with self.assertRaises(UserError):
            opinion.with_user(self.user_manager).write({"text": "changed"})

    def test_employee_signs_only_the_business_opinion_on_his_draft(self):
        """R524, R039: no other kind, no other complaint, no longer once accepted."""
        opinions = self.env["complaint.opinion"].with_user(self.user_register)
        own = {"ticket_id": self.draft.id, "text": "mine"}
        for vals in (
            {**own, "kind": "decision"},
            {**own, "kind": "business_opinion", "ticket_id": self.complaint.id},
        ):
            with self.assertRaises(AccessError):
                opinions.create(vals)
        opinion = opinions.create({**own, "kind": "business_opinion"})
        with self.assertRaises(AccessError):
            opinion.write({"kind": "decision"})
        opinion.action_sign()
        self.assertEqual(opinion.signed_by_id, self.user_register)
        late = opinions.create({**own, "kind": "business_opinion"})
        self.draft.with_user(self.user_handler).action_complaint_accept()
        with self.assertRaises(AccessError):
            late.action_sign()

    def test_private_methods_are_not_callable(self):
        """R524: what skips rights is out of reach of RPC."""
        for model, names in {
            "helpdesk.ticket": (
                "_complaint_event",
                "_complaint_cancel",
                "_complaint_assign_number",
                "_complaint_write_number",
                "_complaint_create_events",
            ),
            "complaint.number": ("_draw", "_register"),
            "complaint.reference": ("_lookup_typed", "_propose"),
            "res.users": (
                "complaint_access_domain",
                "complaint_write_domain",
                "complaint_stage_domain",
            ),
        }.items():
            for name in names:
                with self.subTest(model=model, name=name):
                    self.assertTrue(hasattr(self.env[model], name))
                    with self.assertRaises(AccessError):
                        get_public_method(self.env[model], name)

    # ------------------------------------------------------------------
    # Complaint or not
    # ------------------------------------------------------------------

    def test_accepted_complaint_stays_a_complaint(self):
        """R512, R524: no role leaves the gates by unticking the box."""
        stage = self.plain_stage
        for user in (self.user_handler, self.user_quality, self.user_manager):
            ticket = self.complaint.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(UserError):
                ticket.write({"is_complaint": False, "stage_id": stage.id})
        for user in (self.user_register, self.user_supervisor, self.user_helpdesk):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.complaint.with_user(user).write({"is_complaint": False})
        with self.assertRaises(UserError):
            self.draft.with_user(self.user_register).write({"is_complaint": False})

    def test_handler_returns_a_draft_to_the_helpdesk(self):
        """A question that went to the complaint address is no complaint."""
        draft = self.draft.with_user(self.user_handler)
        draft.write({"is_complaint": False, "stage_id": self.plain_stage.id})
        ticket = self.draft.with_user(self.user_helpdesk)
        self.assertFalse(ticket.is_complaint)
        ticket.write({"name": "Question"})

    def test_plain_ticket_cannot_enter_complaint_stages(self):
        """R524: it would be past the gates once it becomes a complaint."""
        plain = self.plain.with_user(self.user_helpdesk)
        for phase in ("draft", "closed"):
            stage = self.env.ref(f"helpdesk_mgmt_complaint.stage_{phase}")
            with self.subTest(phase=phase), self.assertRaises(ValidationError):
                plain.write({"stage_id": stage.id})

    def test_closed_plain_ticket_becomes_a_draft_complaint(self):
        """R524: neither by the box nor by team or category past the gates."""
        done = self.env["helpdesk.ticket.stage"].create(
            {"name": "Done now", "closed": True}
        )
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Defects", "complaint_default": True}
        )
        for vals in (
            {"is_complaint": True},
            {"team_id": self.team.id},
            {"category_id": category.id},
        ):
            ticket = self.env["helpdesk.ticket"].create(
                {"name": "x", "description": "<p>Broken</p>", "stage_id": done.id}
            )
            with self.subTest(vals=vals):
                ticket.with_user(self.user_helpdesk).write(vals)
                self.assertTrue(ticket.is_complaint)
                self.assertEqual(ticket.complaint_phase, "draft")
                self.assertEqual(ticket.complaint_content, "Broken")
                self.assertTrue(ticket.complaint_procedure_id)
                codes = sorted(ticket.complaint_event_ids.mapped("code"))
                self.assertEqual(codes, ["registered", "reported"])

    def test_set_up_does_not_turn_tickets_into_complaints(self):
        """R524: ticking a box on a category hides no tickets from the helpdesk."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Hardware"})
        self.plain.category_id = category
        category.with_user(self.user_helpdesk_manager).complaint_default = True
        self.assertFalse(self.plain.is_complaint)
        self.plain.name = "Printer again"
        self.assertFalse(self.plain.is_complaint)

    def test_helpdesk_manager_does_not_change_complaint_stages(self):
        """R524: the stages carry the gates; complaint managers set them up."""
        stage = self.complaint.stage_id.with_user(self.user_helpdesk_manager)
        for vals in ({"name": "x"}, {"closed": True}, {"active": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                stage.write(vals)
        with self.assertRaises(AccessError):
            stage.unlink()
        with self.assertRaises(AccessError):
            self.plain_stage.with_user(self.user_helpdesk_manager).write(
                {"complaint_phase": "closed"}
            )
        self.plain_stage.with_user(self.user_helpdesk_manager).write({"fold": True})

    # ------------------------------------------------------------------
    # Nothing gets lost
    # ------------------------------------------------------------------

    def test_nothing_of_a_closed_complaint_is_deleted_or_moved(self):
        """R512: not by the manager either; archiving is possible."""
        self.children["complaint.opinion"].action_sign()
        self.complaint.action_complaint_close()
        ticket = self.complaint.with_user(self.user_manager)
        with self.assertRaises(UserError):
            ticket.unlink()
        for model, record in self.children.items():
            with self.subTest(model=model), self.assertRaises(UserError):
                record.with_user(self.user_manager).unlink()
            with self.subTest(model=model), self.assertRaises(UserError):
                record.with_user(self.user_manager).write({"ticket_id": self.draft.id})
        ticket.write({"active": False})
        self.assertTrue(ticket.exists())
