# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common_route import RouteCommon


class TestRoleActing(RouteCommon):
    """Who acts for a role now: one answer for tasks, gates and approvals (R184)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holder = cls.role_production.assignment_ids
        cls.deputy = cls.outsider

    def _send_away(self, user):
        now = fields.Datetime.now()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": user.employee_id.resource_id.id,
                "date_from": now - timedelta(days=1),
                "date_to": now + timedelta(days=5),
                "time_type": "leave",
            }
        )

    def _reach_fix(self):
        ticket = self._accepted()
        self._finish(ticket, "cause")
        return self._open_tasks(ticket, "fix")

    def test_deputy_gets_the_task_of_an_absent_holder(self):
        """R184: on leave, and archived."""
        self.holder.deputy_id = self.deputy
        self.assertEqual(self._reach_fix().to_user_id, self.maker)
        self._send_away(self.maker)
        self.assertEqual(self._reach_fix().to_user_id, self.deputy)
        self.assertEqual(
            self.role_production._get_holder_user(self.company), self.deputy
        )
        self.maker.active = False
        self.assertEqual(self._reach_fix().to_user_id, self.deputy)

    def test_department_takes_it_when_both_are_away(self):
        """R184: no person is named then."""
        self.holder.deputy_id = self.deputy
        self._send_away(self.maker)
        self.deputy.active = False
        task = self._reach_fix()
        self.assertFalse(task.to_user_id)
        self.assertEqual(task.to_department_id, self.dept_production)

    def test_who_is_alone_keeps_his_tasks_on_leave(self):
        """R184: nobody else could take it; nothing is lost."""
        self.step_fix.role_id = self.role_rd
        self._send_away(self.developer)
        self.assertEqual(self._reach_fix().to_user_id, self.developer)

    def test_deputy_acts_for_gates(self):
        """R343: what only the role may record, its deputy may, too."""
        assignment = self.holder
        self.assertFalse(assignment._is_held_by(self.deputy, self.office))
        assignment.deputy_id = self.deputy
        self.assertTrue(assignment._is_held_by(self.deputy, self.office))
        self.assertFalse(assignment._is_held_by(self.analyst, self.dept_quality))

    def test_deputy_approves_no_capa_of_an_absent_holder(self):
        """R350: in his own name, and nobody else."""
        self.route.write(
            {
                "no_capa_approval": "role",
                "no_capa_role_id": self.role_production.id,
                "recused_blind": False,
            }
        )
        self.holder.deputy_id = self.deputy
        ticket = self._accepted()
        ticket.write(
            {"complaint_capa_required": "no", "complaint_no_capa_reason": "Once."}
        )
        ticket.message_subscribe((self.deputy + self.maker).partner_id.ids)
        with self.assertRaisesRegex(UserError, "Maker"):
            ticket.with_user(self.deputy).action_complaint_confirm_no_capa()
        self._send_away(self.maker)
        ticket.with_user(self.deputy).action_complaint_confirm_no_capa()
        self.assertEqual(ticket.complaint_no_capa_approver_id, self.deputy)

    def test_task_sent_by_rpc_goes_to_who_acts(self):
        """R184, R225: without a target, as when the route sends the step."""
        ticket = self._accepted()
        self.holder.deputy_id = self.deputy
        self._send_away(self.maker)
        task = ticket._complaint_send_dispatch({"step_id": self.step_fix.id})
        self.assertEqual(task.to_user_id, self.deputy)
        dialog = (
            self.env["complaint.dispatch.send"]
            .with_user(self.user_handler)
            .create({"ticket_id": ticket.id, "step_id": self.step_fix.id})
        )
        self.assertEqual(dialog.to_user_id, self.deputy)

    def test_holder_cannot_be_deleted(self):
        """R225: name another holder first; the role would silently be nobody's."""
        department = self.env["hr.department"].create({"name": "Short-lived"})
        self.holder.write({"user_id": False, "department_id": department.id})
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ForeignKeyViolation),
            self.env.cr.savepoint(),
        ):
            department.unlink()

    # ------------------------------------------------------------------
    # Steps without role
    # ------------------------------------------------------------------

    def test_step_without_role_goes_to_the_owner_department(self):
        """R205: whichever one the complaint was routed to."""
        self.step_fix.role_id = False
        ticket = self._accepted(complaint_department_id=self.dept_quality.id)
        self._finish(ticket, "cause")
        task = self._open_tasks(ticket, "fix")
        self.assertEqual(task.to_department_id, self.dept_quality)
        self.assertFalse(task.to_user_id)

    def test_owner_department_changes_later(self):
        """R205: what was sent stays; returned, it goes to the new department."""
        self.step_fix.role_id = False
        ticket = self._accepted(complaint_department_id=self.dept_quality.id)
        self._finish(ticket, "cause")
        task = self._open_tasks(ticket, "fix")
        ticket._complaint_transfer(
            {"complaint_department_id": self.dept_production.id}, "Theirs", False
        )
        self.assertEqual(self._open_tasks(ticket, "fix"), task)
        task.with_user(self.analyst).action_return("Not ours.")
        ticket.action_complaint_next_step("fix")
        again = self._open_tasks(ticket, "fix")
        self.assertEqual(again.to_department_id, self.dept_production)
        again.with_user(self.maker).action_done("Replaced.")
        self.assertEqual(self._states(ticket)["fix"], "done")

    def test_step_without_role_and_department_waits_for_the_handler(self):
        """R205: he is told what to do, nothing else happens."""
        self.step_fix.role_id = False
        ticket = self._accepted(complaint_department_id=False)
        self._finish(ticket, "cause")
        self.assertFalse(self._open_tasks(ticket))
        self.assertIn("owner department", str(self._to_dos(ticket).mapped("note")))
        ticket._complaint_transfer(
            {"complaint_department_id": self.dept_production.id}, "Theirs", False
        )
        ticket.action_complaint_next_step()
        task = self._open_tasks(ticket, "fix")
        self.assertEqual(task.to_department_id, self.dept_production)

    # ------------------------------------------------------------------
    # Gates ask the route
    # ------------------------------------------------------------------

    def _get_reasons(self, ticket):
        reasons = ticket._complaint_get_blocking_reasons("closed")
        return "\n".join(reasons[ticket.id])

    def test_gate_of_a_step_follows_the_bar(self):
        """R190, R213: done, called for again, done again, skipped."""
        self.env["complaint.procedure.gate"].create(
            {
                "procedure_id": self.route.id,
                "phase": "closed",
                "kind": "step",
                "step_code": "fix",
            }
        )
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self.assertIn("Finish the step", self._get_reasons(ticket))
        self._finish(ticket, "fix")
        self.assertNotIn("Finish the step", self._get_reasons(ticket))
        ticket.action_complaint_return_to_step("cause", "Wrong cause")
        self.assertIn("Finish the step", self._get_reasons(ticket))
        self._finish(ticket, "cause")
        self._open_tasks(ticket, "fix").with_user(self.maker).action_return("No.")
        self.assertIn("Finish the step", self._get_reasons(ticket))
        ticket.with_user(
            self.env.ref("base.user_admin")
        ).sudo().action_complaint_skip_step("Not needed", "fix")
        self.assertNotIn("Finish the step", self._get_reasons(ticket))

    def test_role_of_an_event_only_where_its_gate_holds(self):
        """R346: another role signs off the critical ones."""
        gates = self.env["complaint.procedure.gate"]
        for role, operator in ((self.role_quality, "="), (self.role_production, "!=")):
            gates.create(
                {
                    "procedure_id": self.route.id,
                    "phase": "closed",
                    "kind": "event",
                    "event_type_id": self._event_type("signed_off").id,
                    "role_id": role.id,
                    "condition_domain": (
                        f"[('complaint_severity', '{operator}', 'critical')]"
                    ),
                }
            )
        self.maker.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        )
        entries = self.env["complaint.event.entry"].with_user(self.maker)
        vals = {"type_id": self._event_type("signed_off").id, "note": "Seen"}
        ticket = self._accepted(complaint_severity="critical")
        vals["ticket_ids"] = [Command.set(ticket.ids)]
        with self.assertRaisesRegex(UserError, "only the role"):
            entries.create(vals).action_confirm()
        ticket = self._accepted()
        vals["ticket_ids"] = [Command.set(ticket.ids)]
        entries.create(vals).action_confirm()
        self.assertIn("signed_off", ticket.complaint_event_ids.mapped("code"))
