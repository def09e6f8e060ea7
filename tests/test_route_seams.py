# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from psycopg2.errors import ForeignKeyViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common_route import RouteCommon


class TestRouteSeams(RouteCommon):
    """A route beside imports, conversion, copies, companies and changed set-up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step_rd.write(
            {
                "condition": "domain",
                "condition_domain": "[('complaint_is_major', '=', True)]",
                "sequence": 5,
            }
        )

    def _import(self, **vals):
        manager = self.user_handler.copy(
            {"login": "route_importer", "email": "route_importer@example.com"}
        )
        manager.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_manager"
        )
        tickets = self.env["helpdesk.ticket"].with_user(manager)
        return tickets.with_context(complaint_import=True).create(
            self._complaint_vals(
                complaint_procedure_id=self.route.id,
                user_id=self.user_handler.id,
                **vals,
            )
        )

    def test_imported_complaint_starts_nothing_by_itself(self):
        """R372: history sends no task, neither then nor when it is edited."""
        stage = self.user_handler.env["helpdesk.ticket.stage"].search(
            [("complaint_phase", "=", "investigation")], limit=1
        )
        ticket = self._import(complaint_number="OLD-1", stage_id=stage.id)
        self.assertEqual(ticket.complaint_phase, "investigation")
        self.assertFalse(self._open_tasks(ticket))
        ticket = (
            self.env["helpdesk.ticket"].with_user(self.user_handler).browse(ticket.id)
        )
        ticket.complaint_is_major = True
        self.assertFalse(self._open_tasks(ticket))
        ticket.action_complaint_return_to_step("cause", "That is where it stands")
        self._finish(ticket, "cause")
        self.assertEqual(self._open_tasks(ticket).step_id, self.step_fix)

    def test_copy_begins_anew(self):
        """R208: no task, no route, no recusal and no liability is copied."""
        ticket = self._accepted(complaint_is_major=True)
        self.env["complaint.liability"].create(
            {
                "ticket_id": ticket.id,
                "party_kind": "supplier",
                "partner_id": self.other_customer.id,
            }
        )
        ticket.complaint_recused_extra_ids = [Command.link(self.outsider.id)]
        copy = ticket.copy()
        self.assertFalse(copy.complaint_dispatch_ids)
        self.assertFalse(copy.complaint_liability_ids)
        self.assertFalse(copy.complaint_recused_user_ids)
        self.assertFalse(copy.complaint_routing_reason)
        self.assertEqual(copy.complaint_route_revision, 0)
        self.assertEqual(set(self._states(copy).values()) & {"done", "now"}, set())

    def test_plain_ticket_becomes_a_complaint_without_tasks(self):
        """R143: the route begins with acceptance."""
        plain = self.env["helpdesk.ticket"].create(
            {
                "name": "Noise",
                "description": "<p>It is loud</p>",
                "partner_id": self.customer_contact.id,
                "company_id": self.company.id,
            }
        )
        plain.write({"is_complaint": True, "complaint_procedure_id": self.route.id})
        self.assertFalse(plain.complaint_dispatch_ids)

    def test_cancelled_and_reopened_begins_where_the_handler_says(self):
        """R213: tasks of the first round are withdrawn and stay evidence."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        task = self._open_tasks(ticket, "fix")
        ticket._complaint_cancel("Filed twice")
        self.assertEqual(task.state, "cancelled")
        with self.assertRaises(UserError):
            ticket.action_complaint_next_step()
        ticket.action_complaint_reopen("Not twice")
        self.assertFalse(self._open_tasks(ticket))
        self.assertEqual(self._states(ticket)["cause"], "next")
        ticket.action_complaint_return_to_step("fix", "The cause is known")
        self.assertEqual(self._states(ticket)["cause"], "skipped")
        self.assertEqual(self._open_tasks(ticket).step_id.code, "fix")
        self.assertEqual(len(ticket.complaint_dispatch_ids), 3)

    def test_company_with_tasks_stays(self):
        """R524: numbers, roles and tasks are of one company."""
        self.route.number_trigger = "review"
        ticket = self._accepted()
        self.assertFalse(ticket.complaint_number)
        both = self.user_handler
        both.company_ids = [Command.link(self.company_b.id)]
        with self.assertRaises(UserError):
            ticket.with_context(
                allowed_company_ids=(self.company + self.company_b).ids
            ).company_id = self.company_b
            self.env.flush_all()

    def test_set_up_changes_while_complaints_run(self):
        """R222: archived roles, departments, steps and procedures stop nothing."""
        ticket = self._accepted()
        self.route.active = False
        self.role_quality.active = False
        self.dept_quality.active = False
        self.step_cause.active = False
        self.assertEqual(self._states(ticket)["cause"], "now")
        self._finish(ticket, "cause")
        self.assertEqual(self._open_tasks(ticket).step_id, self.step_fix)
        self._finish(ticket, "fix")
        # the role of the last step is archived: whoever holds it still does it
        self.assertEqual(self._open_tasks(ticket).step_id, self.step_check)

    def test_step_that_comes_while_complaints_run_is_taken(self):
        """R222: added before what is in work it is passed over, after it counts."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self._create_step("late", self.role_quality, sequence=50)
        self._finish(ticket, "fix")
        self._finish(ticket, "check")
        self.assertEqual(self._open_tasks(ticket).step_id.code, "late")

    def test_referenced_people_and_departments_cannot_be_deleted(self):
        """R512: tasks are evidence."""
        ticket = self._accepted()
        task = self._open_tasks(ticket)
        self.env.flush_all()
        for record in (task.to_department_id, task.to_user_id, self.route):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(ForeignKeyViolation),
                self.env.cr.savepoint(),
            ):
                record.sudo().unlink()
        with self.assertRaisesRegex(UserError, "Archive them"):
            self.step_cause.unlink()
        self.assertTrue(task.exists().to_department_id.exists())

    def test_changed_procedure_keeps_what_was_sent(self):
        """R222: its tasks are finished, and the route of the new one goes on."""
        other = self.route.copy({"name": "Other round"})
        ticket = self._accepted()
        task = self._open_tasks(ticket)
        ticket.complaint_procedure_id = other
        self.assertEqual(task.state, "sent")
        task.with_user(self.analyst).action_done("Heat treatment.")
        self.assertEqual(task.state, "done")
        self.assertEqual(self._states(ticket)["cause"], "done")
