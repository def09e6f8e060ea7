# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintRole(models.Model):
    """A duty in a procedure (职责), for example "quality": who holds it is data.

    Procedures name roles; each company says which department and person holds a
    role (R225), so that the same procedure fits companies with other departments.
    """

    _name = "complaint.role"
    _description = "Complaint Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    note = fields.Text(translate=True)
    default_holder = fields.Selection(
        [
            ("user_id", "Handler of the complaint"),
            ("complaint_first_contact_id", "First contact of the complaint"),
        ],
        string="Otherwise",
        help="Who does it in a company where nobody holds the role. A step without "
        "role goes to the owner department of the complaint.",
    )
    assignment_ids = fields.One2many(
        "complaint.role.assignment", "role_id", string="Holders"
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "A role with this code exists already."
    )

    def _get_holders(self, company):
        """Return ``{role: complaint.role.assignment}`` of a company, one query.

        Roles that nobody holds map to an empty assignment.
        """
        # sudo: who holds a role is set-up; dispatches are sent by every handler
        found = self.env["complaint.role.assignment"].sudo()
        found = found.search(
            [("role_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        by_role = {row.role_id.id: row for row in found}
        return {role: by_role.get(role.id, found.browse()) for role in self}

    def _get_target(self, holder, ticket):
        """Return to whom a task of this role goes: values of a dispatch, or {}.

        The person who acts for the role now, see `_get_acting`; otherwise his
        department.

        :param holder: `complaint.role.assignment` of the company, may be empty
        :param ticket: one `helpdesk.ticket`
        """
        self.ensure_one()
        people, department = holder.user_id | holder.deputy_id, holder.department_id
        if not holder and self.default_holder:
            people = ticket[self.default_holder]
        user = self.env["complaint.routing.person"]._get_acting(
            people, department, ticket.company_id, ticket._complaint_get_recused()
        )
        target = {"to_department_id": department.id, "to_user_id": user.id}
        return target if any(target.values()) else {}

    def _get_holder_user(self, company, recused=None):
        """Return the one person who acts for this role now: the named one or his
        deputy, else the manager of the department.

        Empty when nobody does, or when the manager has no user.

        :param recused: `res.users` who must not act, if any
        """
        self.ensure_one()
        row = self._get_holders(company)[self]
        # sudo: hr.employee is protected; only the user behind it is returned
        department = row.department_id.sudo()
        people = self.env["complaint.routing.person"]
        users = self.env["res.users"] if recused is None else recused
        person = people._get_acting(
            row.user_id | row.deputy_id, department, company, users
        )
        person = person or department.manager_id.user_id - users
        return person.sudo(self.env.su)  # sudo: back to the caller
