# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_routing import RoutingCommon


@tagged("post_install", "-at_install")
class TestRoutingAgain(RoutingCommon):
    """Routing on request, choosing by hand, trying rules."""

    # ------------------------------------------------------------------
    # What must stay as it was
    # ------------------------------------------------------------------

    def _create_clocks(self):
        event = self.env["complaint.event.type"].search([])
        by_code = {kind.code: kind.id for kind in event}
        self.procedure.sla_policy_id = self.env["complaint.sla.policy"].create(
            {
                "name": "Clocks",
                "line_ids": [
                    Command.create(
                        {
                            "name": "First reply",
                            "start_type_id": by_code["registered"],
                            "target_type_ids": self._set_ids(by_code["acknowledged"]),
                            "amount": 24,
                            "unit": "hour",
                        }
                    )
                ],
            }
        )

    @staticmethod
    def _set_ids(*ids):
        return [Command.set(ids)]

    def _get_history(self, ticket):
        """Return what no routing may change."""
        # mails of tracked fields leave at the end of a transaction
        self.env.cr.flush()
        self.env.invalidate_all()
        # sudo: whatever there is, whoever may read it
        ticket = ticket.sudo()
        deadlines = ticket.complaint_deadline_ids.sorted("id")
        mails = self.env["mail.mail"].sudo().search([("res_id", "=", ticket.id)])
        return {
            "stage": ticket.stage_id,
            "phase": ticket.complaint_phase,
            "number": ticket.complaint_number,
            "cycle": ticket.complaint_cycle,
            "last_stage_update": ticket.last_stage_update,
            "events": [
                (event.id, event.code, event.at)
                for event in ticket.complaint_event_ids.sorted("id")
                if event.code != "transferred"
            ],
            "deadlines": [
                (d.id, d.started_at, d.due_at, d.state, d.policy_due_at, d.finished_at)
                for d in deadlines
            ],
            "mails": sorted(
                mail.id
                for mail in mails
                if "user_notification" not in mail.message_type
            ),
            "customer_messages": [
                message.id
                for message in ticket.message_ids
                if self.customer_contact in message.notified_partner_ids
            ],
        }

    def _accept_with_stage_mail(self, **vals):
        """Return an accepted complaint whose stage sends a mail when entered."""
        self._create_clocks()
        ticket = self._register(category_id=self.category.id, **vals)
        stage = self.team._get_complaint_stage("accepted", self.company)
        stage.mail_template_id = self.env["mail.template"].create(
            {
                "name": "Accepted",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "subject": "We are on it",
                "partner_to": "{{ object.partner_id.id }}",
                "body_html": "<p>We are on it</p>",
            }
        )
        ticket.action_complaint_accept()
        return ticket

    def test_another_department_team_and_handler_change_nothing_else(self):
        """R182: stage, log, deadlines and mails are the same but for the transfer."""
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Delivery team", "complaint_team": True}
        )
        ticket = self._accept_with_stage_mail()
        before = self._get_history(ticket)
        self.assertTrue(before["mails"] or before["customer_messages"])
        self.assertTrue(before["deadlines"])
        self._create_rule(responsible="manager", team_id=other.id)
        ticket.action_complaint_route()
        self.assertEqual(ticket.complaint_department_id, self.production)
        self.assertEqual(ticket.team_id, other)
        self.assertEqual(ticket.user_id, self.user_zhang)
        self.assertEqual(self._get_history(ticket), before)
        transfers = ticket.complaint_event_ids.filtered(
            lambda event: event.code == "transferred"
        )
        self.assertEqual(len(transfers), 1)
        self.assertIn("Rule 30: Delivery topics", transfers.note)
        self.assertEqual(
            set(transfers.payload),
            {"complaint_department_id", "team_id", "user_id", "told"},
        )

    def test_routing_twice_changes_and_logs_nothing_more(self):
        """R182: pressed twice."""
        ticket = self._register()
        self._create_rule(responsible="manager")
        ticket.action_complaint_route()
        history = self._get_history(ticket)
        count = len(ticket.complaint_event_ids)
        ticket.action_complaint_route()
        self.assertEqual(self._get_history(ticket), history)
        self.assertEqual(len(ticket.complaint_event_ids), count)

    def test_hand_over_to_another_team_keeps_stage_and_clocks(self):
        """R182: by the dialog."""
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Delivery team", "complaint_team": True}
        )
        ticket = self._accept_with_stage_mail()
        before = self._get_history(ticket)
        self._hand_over(ticket, team_id=other.id)
        self.assertEqual(ticket.team_id, other)
        self.assertEqual(self._get_history(ticket), before)

    def test_procedure_stays_once_the_complaint_has_its_number(self):
        """R181: number, steps and limits already follow from it."""
        procedure = self.env["complaint.procedure"].create(
            {"name": "Special", "sequence": 500}
        )
        ticket = self._register()
        draft = self._register()
        ticket.action_complaint_accept()
        self._create_rule(procedure_id=procedure.id)
        (ticket | draft).action_complaint_route()
        self.assertEqual(ticket.complaint_procedure_id, self.procedure)
        self.assertEqual(draft.complaint_procedure_id, procedure)

    def test_another_policy_is_logged_and_history_stays(self):
        """R321: the limits of the new rule hold from now on."""
        policy = self.env["complaint.sla.policy"].create({"name": "Of the rule"})
        ticket = self._accept_with_stage_mail()
        self._create_rule(sla_policy_id=policy.id)
        deadlines = ticket.complaint_deadline_ids
        events = ticket.complaint_event_ids
        ticket.action_complaint_route()
        self.assertEqual(ticket.complaint_sla_policy_id, policy)
        self.assertLessEqual(deadlines, ticket.complaint_deadline_ids)
        self.assertIn(
            "reclassified", (ticket.complaint_event_ids - events).mapped("code")
        )

    # ------------------------------------------------------------------
    # On request
    # ------------------------------------------------------------------

    def test_no_rule_holds_and_nothing_moves(self):
        """R181: said so."""
        ticket = self._register(complaint_department_id=self.quality_department.id)
        self._create_rule(category_ids=self._set(self.delivery))
        action = ticket.action_complaint_route()
        self.assertEqual(ticket.complaint_department_id, self.quality_department)
        self.assertEqual(
            ticket.complaint_routing_reason, "No routing rule holds for it."
        )
        self.assertIn("No routing rule", action["params"]["message"])

    def test_only_handlers_route_and_not_what_is_closed(self):
        """R524: an employee may not, and an ended case stays where it was."""
        self._create_rule()
        ticket = self._register()
        with self.assertRaisesRegex(UserError, "Only a complaint handler"):
            ticket.with_user(self.user_register).action_complaint_route()
        ticket._complaint_cancel("registered twice")
        with self.assertRaisesRegex(UserError, "Reopen"):
            ticket.action_complaint_route()
        with self.assertRaises(AccessError):
            ticket.with_user(self.user_handler_b).action_complaint_route()

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------

    def _hand_over(self, ticket, **vals):
        wizard = self.env["complaint.transfer"].with_user(self.user_handler)
        wizard.create(
            {"ticket_id": ticket.id, "reason": "They made it", **vals}
        ).action_confirm()

    def test_hand_over_says_who_chose_and_why(self):
        """R182: the reason names the person, the rule is still known."""
        rule = self._create_rule()
        ticket = self._register()
        self._hand_over(ticket, department_id=self.quality_department.id)
        self.assertEqual(ticket.complaint_department_id, self.quality_department)
        self.assertEqual(
            ticket.complaint_routing_reason,
            f"Chosen by {self.user_handler.name}: They made it\n"
            "Before: rule 30, Delivery topics.",
        )
        self.assertEqual(ticket.complaint_routing_rule_id, rule)
        event = ticket.complaint_event_ids.filtered(lambda e: e.code == "transferred")
        self.assertEqual(event.note, "They made it")

    def test_hand_over_of_the_first_contact_leaves_the_reason(self):
        """R185: that duty has nothing to do with the department."""
        self._create_rule()
        ticket = self._register()
        reason = ticket.complaint_routing_reason
        self._hand_over(ticket, first_contact_id=self.user_wang.id)
        self.assertEqual(ticket.complaint_routing_reason, reason)

    def test_a_plain_write_does_not_leave_a_wrong_reason(self):
        """R182: by import or RPC, without the dialog."""
        self._create_rule()
        ticket = self._register()
        # the context key of the server proves nothing when a client sends it
        forged = ticket.with_context(complaint_routing=True)
        forged.write({"complaint_department_id": self.quality_department.id})
        self.assertIn("without a reason", ticket.complaint_routing_reason)
        reason = ticket.complaint_routing_reason
        ticket.write({"complaint_department_id": self.quality_department.id})
        self.assertEqual(ticket.complaint_routing_reason, reason)

    def test_team_of_another_company_is_refused(self):
        """R182: it could not be read there."""
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Abroad",
                "complaint_team": True,
                "company_id": self.company_b.id,
            }
        )
        ticket = self._register()
        with self.assertRaisesRegex(UserError, "another company"):
            ticket._complaint_transfer({"team_id": team.id}, "x", False)

    # ------------------------------------------------------------------
    # Dry run
    # ------------------------------------------------------------------

    def _dry_run(self, user=None, **vals):
        runs = self.env["complaint.routing.dry.run"].with_user(
            user or self.user_manager
        )
        run = runs.create({"count": 20, **vals})
        run.action_run()
        return run

    def test_dry_run_shows_where_complaints_would_go_and_writes_nothing(self):
        """R181: an archived rule is tried before it is activated."""
        self._create_rule("Now", sequence=90)
        late = self._register(category_id=self.delivery.id)
        other = self._register()
        rule = self._create_rule(
            "Try",
            active=False,
            sequence=1,
            category_ids=self._set(self.delivery),
            department_id=self.quality_department.id,
            responsible="round_robin",
            user_ids=self._set(self.user_li),
            informed_department_ids=self._set(self.production),
        )
        histories = [self._get_history(ticket) for ticket in (late, other)]
        messages = self.env["mail.message"].search_count([])
        action = rule.action_dry_run()
        context = {**action["context"]}
        run = (
            self.env["complaint.routing.dry.run"]
            .with_user(self.user_manager)
            .with_context(**context)
            .create({"count": 20})
        )
        self.assertEqual(run.with_context(active_test=False).rule_ids, rule)
        run.action_run()
        lines = {line.ticket_id: line for line in run.line_ids}
        line = lines[late]
        self.assertEqual(line.old_department_id, self.production)
        self.assertEqual(line.new_department_id, self.quality_department)
        self.assertEqual(line.new_user_id, self.user_li)
        self.assertEqual(line.rule_id, rule)
        self.assertEqual(line.because, "Category = Delivery date")
        self.assertTrue(line.is_changed)
        self.assertFalse(lines[other].is_changed)
        self.assertEqual(
            [self._get_history(ticket) for ticket in (late, other)], histories
        )
        self.assertEqual(late.complaint_department_id, self.production)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)
        # nobody's turn was used up
        self.env.cr.execute(
            f"SELECT is_called FROM ir_sequence_{rule.sudo().turn_sequence_id.id:03d}"
        )
        self.assertFalse(self.env.cr.fetchone()[0])

    def test_dry_run_shows_one_company_and_the_last_ones_only(self):
        """R181: the manager's own company; the newest first."""
        self._create_rule()
        theirs = self.env["helpdesk.ticket"].create(
            self._complaint_vals(company_id=self.company_b.id)
        )
        tickets = [self._register() for _index in range(3)]
        run = self._dry_run(count=2)
        self.assertEqual(run.line_ids.ticket_id, tickets[2] + tickets[1])
        self.assertNotIn(theirs, self._dry_run(count=1000).line_ids.ticket_id)
        with self.assertRaises(UserError):
            self._dry_run(company_id=self.company_b.id)
        for count in (0, -1, 10_000):
            with self.assertRaisesRegex(UserError, "from 1 to"):
                self._dry_run(count=count)

    def test_dry_run_may_show_changes_only(self):
        """R181: what matters before activating."""
        moved, other = self._register(category_id=self.delivery.id), self._register()
        self._create_rule(category_ids=self._set(self.delivery))
        run = self._dry_run(only_changed=True)
        self.assertIn(moved, run.line_ids.ticket_id)
        self.assertNotIn(other, run.line_ids.ticket_id)

    def test_dry_run_is_for_managers(self):
        """R524: nobody else reads complaints by it."""
        for user in (self.user_register, self.user_handler, self.user_helpdesk_manager):
            with self.assertRaises(AccessError):
                self._dry_run(user)
