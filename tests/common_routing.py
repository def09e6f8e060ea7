# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import new_test_user

from .common import ComplaintCommon


class RoutingCommon(ComplaintCommon):
    """Departments with managers, a manager of complaints who writes rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["complaint.routing.rule"].search([]).active = False
        cls.user_zhang = cls._create_user("Zhang Wei")
        cls.user_li = cls._create_user("Li Na")
        cls.user_wang = cls._create_user("Wang Fang")
        cls.production = cls._create_department("Production", cls.user_zhang)
        cls.quality_department = cls._create_department("Quality", cls.user_li)
        cls.delivery = cls.env["helpdesk.ticket.category"].create(
            {"name": "Delivery date", "company_id": False}
        )
        cls.express = cls.env["helpdesk.ticket.category"].create(
            {"name": "Express", "parent_id": cls.delivery.id, "company_id": False}
        )

    @classmethod
    def _create_user(cls, name):
        login = name.lower().replace(" ", ".")
        user = new_test_user(
            cls.env,
            login,
            name=name,
            groups="base.group_user",
            email=f"{login}@example.com",
        )
        cls.env["hr.employee"].create({"name": name, "user_id": user.id})
        return user

    @classmethod
    def _create_department(cls, name, manager=None, **vals):
        employee = manager.employee_id if manager else cls.env["hr.employee"]
        return cls.env["hr.department"].create(
            {"name": name, "manager_id": employee.id, **vals}
        )

    @classmethod
    def _create_rule(cls, name="Delivery topics", **vals):
        """Create a rule as the manager of complaints does."""
        rules = cls.env["complaint.routing.rule"].with_user(cls.user_manager)
        return rules.create(
            {
                "name": name,
                "sequence": 30,
                "department_id": cls.production.id,
                **vals,
            }
        )

    @classmethod
    def _set_leave(cls, user, begin, end):
        """Put a person on leave as an approved leave of hr_holidays does."""
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": user.employee_id.resource_id.id,
                "date_from": begin,
                "date_to": end,
                "time_type": "leave",
            }
        )

    @classmethod
    def _set(cls, *records):
        return [Command.set([record.id for record in records])]

    def _register(self, user=None, **vals):
        """Register as any employee, return it as a handler sees it."""
        # without the test's context: tracking and mail as in real life
        env = self.env(user=user or self.user_register, context={})
        ticket = env["helpdesk.ticket"].create(self._complaint_vals(**vals))
        return ticket.with_user(self.user_handler)
