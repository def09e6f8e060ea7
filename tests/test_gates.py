# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, users

from .common import ComplaintCommon


class TestGates(ComplaintCommon):
    """What happens in the wrong order, twice, or from an old screen."""

    @users("complaint_handler")
    def test_accepting_from_an_old_screen_moves_nothing_back(self):
        """R146: only a draft is accepted."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.action_complaint_accept()
        ticket._complaint_move_to_phase("decision")
        ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_phase, "decision")
        ticket.action_complaint_close()
        with self.assertRaisesRegex(UserError, "Reopen"):
            ticket.action_complaint_accept()
        with self.assertRaisesRegex(UserError, "Reopen"):
            ticket._complaint_cancel("Not ours")

    @users("complaint_handler")
    def test_undetermined_quantity_blocks_closing(self):
        """R037: the marker must be replaced by a quantity before closing."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        line = self.env["complaint.line"].create(
            {
                "ticket_id": ticket.id,
                "product_id": self.product.id,
                "demand": "return",
                "demand_undetermined": True,
            }
        )
        ticket.action_complaint_accept()
        with self.assertRaisesRegex(ValidationError, "undetermined"):
            ticket.action_complaint_close()
        line.write({"demand_undetermined": False, "demand_qty": 12})
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")

    @users("complaint_handler")
    def test_serial_is_asked_for_once(self):
        """R035: one to-do, however often the stage changes afterwards."""
        self.procedure.sudo().serial_required = True
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        self.env["complaint.line"].create(
            {"ticket_id": ticket.id, "demand": "exchange", "demand_qty": 1}
            | {"product_id": self.product.id}
        )
        ticket.action_complaint_accept()
        ticket._complaint_move_to_phase("investigation")
        ticket._complaint_move_to_phase("decision")
        self.assertEqual(len(ticket.activity_ids), 1)

    @users("complaint_handler")
    def test_linking_a_repeat_twice_keeps_the_link(self):
        """R164: the second click of a double click changes nothing."""
        first = self.env["helpdesk.ticket"].create(
            self._complaint_vals(category_id=self.category.id)
        )
        second = self.env["helpdesk.ticket"].create(
            self._complaint_vals(category_id=self.category.id)
        )
        second.action_complaint_link_repeat()
        second.action_complaint_link_repeat()
        self.assertEqual(second.complaint_repeat_of_id, first)
        with self.assertRaisesRegex(UserError, "itself"):
            first.complaint_repeat_of_id = second

    @users("complaint_handler")
    def test_handing_over_to_nobody_or_strangers_is_refused(self):
        """R185: somebody of this company is accountable until the end."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        for user in (False, self.portal_user.id, self.user_handler_b.id):
            with self.assertRaises(UserError):
                ticket._complaint_transfer(
                    {"complaint_first_contact_id": user}, "Leaving", False
                )
        ticket._complaint_cancel("Registered twice")
        with self.assertRaisesRegex(UserError, "not handed over"):
            ticket._complaint_transfer({"user_id": self.env.uid}, "Late", False)

    def test_procedure_and_stage_belong_to_the_company_of_the_complaint(self):
        """R143: another company's procedure would give its numbers."""
        foreign = self.env["complaint.procedure"].create(
            {"name": "B only", "company_id": self.company_b.id, "sequence": 1}
        )
        stage_b = self.env.ref("helpdesk_mgmt_complaint.stage_accepted").copy(
            {"company_id": self.company_b.id, "sequence": -5}
        )
        ticket = self._create_complaint(complaint_procedure_id=foreign.id)
        self.assertEqual(ticket.complaint_procedure_id, self.procedure)
        ticket.with_company(self.company_b).action_complaint_accept()
        self.assertNotEqual(ticket.stage_id, stage_b)

    def test_handler_of_another_team_does_not_pull_the_complaint(self):
        """R182: only a transfer moves it; a handler may work for many teams."""
        self.env["helpdesk.ticket.team"].create(
            {"name": "IT", "user_ids": [Command.link(self.user_quality.id)]}
        )
        ticket = self._create_complaint()
        ticket.user_id = self.user_quality
        ticket.flush_recordset()
        self.assertFalse(ticket.team_id)

    def test_old_tickets_of_a_new_complaint_team_stay_tickets(self):
        """The team's own history does not become complaints by a tick."""
        team = self.env["helpdesk.ticket.team"].create({"name": "Hotline"})
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Old", "description": "x", "team_id": team.id}
        )
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        ticket.stage_id = done
        team.complaint_team = True
        ticket.user_id = self.user_helpdesk
        ticket.flush_recordset()
        self.assertFalse(ticket.is_complaint)
        self.assertEqual(ticket.stage_id, done)
        new = self.env["helpdesk.ticket"].create(
            {"name": "New", "description": "x", "team_id": team.id}
        )
        self.assertTrue(new.is_complaint)

    def test_helpdesk_form_offers_its_own_stages_only(self):
        """Plain tickets keep the status bar they had."""
        ticket = self.env["helpdesk.ticket"].create({"name": "P", "description": "x"})
        form = Form(
            ticket.with_user(self.user_helpdesk), "helpdesk_mgmt.ticket_view_form"
        )
        domain = form._view["fields"]["stage_id"].get("domain") or ""
        node = form._view["tree"].xpath("//field[@name='stage_id']")[0]
        self.assertIn("complaint_phase", node.get("domain") or domain)

    @users("complaint_handler")
    def test_reopened_complaint_is_not_found_as_closed(self):
        """R515: the search says what the column says."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.action_complaint_accept()
        ticket.action_complaint_close()
        closed = [("complaint_closed_at", "!=", False)]
        self.assertIn(ticket, self.env["helpdesk.ticket"].search(closed))
        ticket.action_complaint_reopen("Customer is not satisfied")
        self.assertNotIn(ticket, self.env["helpdesk.ticket"].search(closed))
        self.assertIn(
            ticket,
            self.env["helpdesk.ticket"].search([("complaint_closed_at", "=", False)]),
        )

    def test_last_stage_of_a_phase_stays(self):
        """Without a stage for drafts nothing could be registered."""
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_draft")
        with self.assertRaisesRegex(UserError, "last stage"):
            stage.active = False

    @users("complaint_handler")
    def test_copy_is_a_new_case_without_the_old_verdict(self):
        """R022: who copies receives it; assessment and agreements start anew."""
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(
                complaint_established="yes",
                complaint_customer_reference="C-1",
                complaint_lessons="Check cages",
            )
        )
        copied = ticket.with_user(self.user_quality).copy()
        self.assertEqual(copied.complaint_established, "undecided")
        self.assertFalse(copied.complaint_customer_reference)
        self.assertFalse(copied.complaint_lessons)
        self.assertEqual(copied.complaint_received_by_id, self.user_quality)

    @users("complaint_handler")
    def test_content_of_an_accepted_complaint_cannot_be_emptied(self):
        """R009, R026: what the gate asked for stays."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.action_complaint_accept()
        with self.assertRaisesRegex(ValidationError, "cannot be emptied"):
            ticket.complaint_content = " "
