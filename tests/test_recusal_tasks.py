# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common_route import RouteCommon


class TestRecusalTasks(RouteCommon):
    """Tasks of somebody who turns out to be complained about (R519)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mate = cls._create_employee("route_mate", "Mate")
        cls.mate.employee_id.department_id = cls.dept_quality

    def _accuse(self, ticket, user):
        # sudo: employees are protected; the handler writes the link only
        employee = user.sudo().employee_id
        ticket.with_user(self.user_handler).write(
            {"complaint_accused_employee_ids": [Command.link(employee.id)]}
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def test_task_of_the_recused_goes_to_his_department(self):
        """R519: withdrawn with the reason, the step stays under way without him."""
        ticket = self._accepted()
        task = self._open_tasks(ticket, "cause")
        task.with_user(self.analyst).action_accept()
        self._accuse(ticket, self.analyst)
        self.assertEqual(task.state, "cancelled")
        self.assertIn("recused", task.returned_reason)
        again = self._open_tasks(ticket, "cause")
        self.assertFalse(again.to_user_id)
        self.assertEqual(again.to_department_id, self.dept_quality)
        self.assertEqual(self._states(ticket)["cause"], "now")
        with self.assertRaises(UserError):
            again.with_user(self.analyst).action_done("I was not it.")
        again.with_user(self.mate).action_done("Heat treatment.")
        self.assertEqual(self._states(ticket)["cause"], "done")

    def test_handler_is_told_when_nobody_else_is_there(self):
        """R519: no second member: the handler sends it on."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self._accuse(ticket, self.maker)
        self.assertFalse(self._open_tasks(ticket))
        self.assertEqual(self._states(ticket)["fix"], "next")
        self.assertIn("recused person", str(self._to_dos(ticket).mapped("note")))

    def test_role_of_the_recused_goes_to_department_or_deputy(self):
        """R519, R184: holders of roles who are recused get nothing."""
        ticket = self._accepted()
        self._accuse(ticket, self.maker)
        deputy = self.outsider
        self.role_production.assignment_ids.deputy_id = deputy
        self._finish(ticket, "cause")
        self.assertEqual(self._open_tasks(ticket, "fix").to_user_id, deputy)

    def test_recused_has_nothing_waiting(self):
        """R519: as member of the department he sees no task that waits for him."""
        ticket = self._accepted()
        self._accuse(ticket, self.analyst)
        task = self._open_tasks(ticket, "cause").with_user(self.analyst)
        tasks = self.env["complaint.dispatch"].with_user(self.analyst)
        self.assertFalse(task.can_answer)
        self.assertFalse(tasks.search([("can_answer", "=", True)]))
        found = self.env["complaint.dispatch"].with_user(self.mate)
        self.assertEqual(found.search([("can_answer", "=", True)]), task)
        self.assertFalse(
            ticket.sudo().activity_ids.filtered(lambda a: a.user_id == self.analyst)
        )

    def test_blindly_recused_finds_no_task(self):
        """R519: neither list, count, groups, export nor events tell of it."""
        self.route.recused_blind = True
        self.analyst.group_ids += self.env.ref("base.group_allow_export")
        ticket = self._accepted()
        task = self._open_tasks(ticket, "cause")
        task.with_user(self.analyst).action_accept()
        self._accuse(ticket, self.analyst)
        tasks = self.env["complaint.dispatch"].with_user(self.analyst)
        domain = [("ticket_id", "=", ticket.id)]
        self.assertFalse(tasks.search_count(domain))
        self.assertFalse(tasks.formatted_read_group(domain, ["state"]))
        self.assertFalse(tasks.name_search(task.number))
        own = ticket.with_user(self.analyst)
        for read in (
            lambda: task.with_user(self.analyst).read(["number"]),
            lambda: task.with_user(self.analyst).export_data(["number"]),
            lambda: own.read(["complaint_dispatch_open_count"]),
            lambda: own.read(["complaint_route"]),
        ):
            with self.assertRaises(AccessError):
                read()
        to_dos = self.env["mail.activity"].with_user(self.analyst)
        self.assertFalse(to_dos.search([("user_id", "=", self.analyst.id)]))

    def test_blindly_recused_gets_no_mail_of_tasks(self):
        """R519: neither of the withdrawal nor of what follows."""
        self.route.recused_blind = True
        ticket = self._accepted()
        self.env.flush_all()
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        self._accuse(ticket, self.analyst)
        self._open_tasks(ticket, "cause").with_user(self.mate).action_done("Found.")
        told = self.env["mail.notification"].search(
            [
                ("mail_message_id", ">", last),
                ("res_partner_id", "=", self.analyst.partner_id.id),
            ]
        )
        self.assertFalse(told)

    def test_recused_neither_objects_nor_files_again(self):
        """R519, R208, R209: also with the rights of a handler."""
        ticket = self._accepted()
        self._accuse(ticket, self.analyst)
        self.analyst.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_manager"
        )
        own = ticket.with_user(self.analyst)
        for attempt in (
            lambda: own.action_complaint_object("No."),
            lambda: own.action_complaint_customer_rejects("No."),
            lambda: own.action_complaint_refile(),
            lambda: own.action_complaint_next_step(),
            lambda: own.action_complaint_skip_step("x", "cause"),
            lambda: own.action_complaint_return_to_step("cause", "x"),
            lambda: own._complaint_send_dispatch({"to_user_id": self.mate.id}),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_unsaved_complaint_knows_who_is_recused(self):
        """R519: forms and routing ask before anything is saved."""
        new = self.env["helpdesk.ticket"].new(
            {"complaint_recused_extra_ids": [Command.link(self.analyst.id)]}
        )
        self.assertEqual(new._complaint_get_recused()._origin, self.analyst)
