# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import new_test_user

from .common import ComplaintCommon


class RouteCommon(ComplaintCommon):
    """A procedure with steps, departments, and employees without any group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._create_employee("route_gm", "General Manager")
        cls.office = cls._create_department("GM office", manager=cls.head)
        cls.analyst = cls._create_employee("route_analyst", "Analyst")
        cls.maker = cls._create_employee("route_maker", "Maker")
        cls.developer = cls._create_employee("route_developer", "Developer")
        cls.outsider = cls._create_employee("route_outsider", "Outsider")
        cls.dept_quality = cls._create_department("Quality", cls.office, cls.analyst)
        cls.dept_production = cls._create_department(
            "Production", cls.office, cls.maker
        )
        cls.role_quality = cls._create_role("t_quality", cls.dept_quality, cls.analyst)
        cls.role_production = cls._create_role(
            "t_production", cls.dept_production, cls.maker
        )
        cls.role_rd = cls._create_role("t_rd", False, cls.developer)
        cls.role_nobody = cls.env["complaint.role"].create(
            {"name": "Laboratory", "code": "t_nobody"}
        )
        cls.route = cls.env["complaint.procedure"].create(
            {"name": "Round of the departments", "sequence": 1}
        )
        cls.step_cause = cls._create_step("cause", cls.role_quality, sequence=10)
        cls.step_fix = cls._create_step("fix", cls.role_production, sequence=20)
        cls.step_rd = cls._create_step(
            "rd", cls.role_rd, sequence=30, condition="if_needed"
        )
        cls.step_check = cls._create_step("check", cls.role_quality, sequence=40)

    @classmethod
    def _create_employee(cls, login, name):
        user = new_test_user(cls.env, login, groups="base.group_user", name=name)
        cls.env["hr.employee"].create({"name": name, "user_id": user.id})
        user.invalidate_recordset()
        return user

    @classmethod
    def _create_department(cls, name, parent=None, manager=None):
        department = cls.env["hr.department"].create(
            {
                "name": name,
                "parent_id": parent.id if parent else False,
                "manager_id": manager.employee_id.id if manager else False,
            }
        )
        if manager:
            manager.employee_id.department_id = department
        return department

    @classmethod
    def _create_role(cls, code, department, user):
        role = cls.env["complaint.role"].create({"name": code.title(), "code": code})
        cls.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": cls.company.id,
                "department_id": department.id if department else False,
                "user_id": user.id if user else False,
            }
        )
        return role

    @classmethod
    def _create_step(cls, code, role=None, **vals):
        return cls.env["complaint.procedure.step"].create(
            {
                "procedure_id": cls.route.id,
                "name": code.title(),
                "code": code,
                "role_id": role.id if role else False,
                **vals,
            }
        )

    def _accepted(self, user=None, **vals):
        """Return an accepted complaint of a handler that follows the route."""
        tickets = self.env["helpdesk.ticket"].with_user(user or self.user_handler)
        vals = {"complaint_procedure_id": self.route.id, **vals}
        vals.setdefault("user_id", self.user_handler.id)
        ticket = tickets.create(self._complaint_vals(**vals))
        ticket.action_complaint_accept()
        return ticket

    def _states(self, ticket):
        """Return ``{code: state}`` of the bar, as the handler sees it."""
        ticket.invalidate_recordset(["complaint_route"])
        return {item["code"]: item["state"] for item in ticket.complaint_route}

    def _open_tasks(self, ticket, code=None):
        found = ticket.sudo().complaint_dispatch_ids.filtered(
            lambda d: d.state in ("sent", "accepted")
        )
        if code:
            found = found.filtered(lambda d: d.step_id.code == code)
        return found

    def _finish(self, ticket, code, user=None):
        """Finish the open tasks of a step as the people who got them."""
        tasks = self._open_tasks(ticket, code)
        self.assertTrue(tasks, f"no open task for {code}")
        for task in tasks:
            task.with_user(user or task.to_user_id).action_done("Done as asked.")

    def _to_dos(self, ticket):
        kind = self.env.ref("helpdesk_mgmt_complaint.mail_activity_type_route")
        return ticket.sudo().activity_ids.filtered(lambda a: a.activity_type_id == kind)

    @classmethod
    def _event_type(cls, code):
        return cls.env.ref(f"helpdesk_mgmt_complaint.event_type_{code}")

    @classmethod
    def _set_more_roles(cls, step, *roles):
        step.more_role_ids = [Command.link(role.id) for role in roles]
