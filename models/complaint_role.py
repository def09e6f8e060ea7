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

    def _get_holder_user(self, company):
        """Return the one person who holds this role: the named one, else the manager.

        Empty when nobody does, or when the manager has no user.
        """
        self.ensure_one()
        row = self._get_holders(company)[self]
        # sudo: hr.employee is protected; only the user behind it is returned
        manager = row.department_id.sudo().manager_id.user_id
        return (row.user_id or manager).sudo(self.env.su)  # sudo: back to the caller
