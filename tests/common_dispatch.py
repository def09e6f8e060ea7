# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import new_test_user

from .common import ComplaintCommon


class DispatchCommon(ComplaintCommon):
    """A production department with head and two workers, none of them a handler."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_departments()
        cls.complaint = cls._create_complaint(
            user_id=cls.user_handler.id,
            complaint_first_contact_id=cls.user_register.id,
        )
        cls.complaint.with_user(cls.user_handler).action_complaint_accept()

    @classmethod
    def _setup_departments(cls):
        cls.worker = cls._create_employee_user("dispatch_worker")
        cls.colleague = cls._create_employee_user("dispatch_colleague")
        cls.head = cls._create_employee_user("dispatch_head")
        cls.stranger = cls._create_employee_user("dispatch_stranger")
        cls.production = cls._create_department("Production", cls.head)
        cls.stores = cls._create_department("Stores", cls.stranger)
        for user in cls.worker | cls.colleague:
            cls._create_employee(user, cls.production)

    @classmethod
    def _create_employee_user(cls, login, **vals):
        return new_test_user(
            cls.env, login, groups="base.group_user", email=f"{login}@example.com"
        )

    @classmethod
    def _create_employee(cls, user, department, company=None):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "department_id": department.id,
                "company_id": (company or cls.company).id,
            }
        )

    @classmethod
    def _create_department(cls, name, head):
        department = cls.env["hr.department"].create(
            {"name": name, "company_id": cls.company.id}
        )
        department.manager_id = cls._create_employee(head, department)
        return department

    @classmethod
    def _create_step(cls, code="handle", **vals):
        return cls.env["complaint.procedure.step"].create(
            {
                "procedure_id": cls.procedure.id,
                "name": code.title(),
                "code": code,
                "sequence": 500,
                **vals,
            }
        )

    def _send(self, ticket=None, user=None, **vals):
        """Send as a handler; return the dispatch as he sees it."""
        ticket = (ticket or self.complaint).with_user(user or self.user_handler)
        if not {"to_department_id", "to_user_id"} & set(vals):
            vals["to_department_id"] = self.production.id
        return ticket._complaint_send_dispatch(vals)

    def _as(self, dispatch, user):
        return dispatch.with_user(user)

    def _sign(self, dispatch, user, kind="cause", text="Heat treatment"):
        opinion = (
            self.env["complaint.opinion"]
            .with_user(user)
            .create(
                {
                    "ticket_id": dispatch.ticket_id.id,
                    "dispatch_id": dispatch.id,
                    "kind": kind,
                    "text": text,
                }
            )
        )
        opinion.action_sign()
        return opinion

    def _events(self, dispatch):
        """Return the codes of the events of a dispatch, in order."""
        events = self.env["complaint.event"].search(
            [("scope_key", "=", f"dispatch,{dispatch.id}")], order="id"
        )
        return events.mapped("code")

    @classmethod
    def _create_company_b_department(cls):
        department = cls.env["hr.department"].create(
            {"name": "Werkstatt", "company_id": cls.company_b.id}
        )
        cls._create_employee(cls.user_handler_b, department, cls.company_b)
        return department

    @classmethod
    def _create_both_companies_user(cls):
        return new_test_user(
            cls.env,
            "dispatch_both",
            groups="helpdesk_mgmt_complaint.group_complaint_handler",
            company_ids=[Command.set((cls.company + cls.company_b).ids)],
        )
