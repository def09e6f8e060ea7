# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintRoleAssignment(models.Model):
    """Which department and person of a company hold a role (R225)."""

    _name = "complaint.role.assignment"
    _description = "Holder of a Complaint Role"
    _order = "company_id, role_id"
    _rec_name = "role_id"
    _check_company_auto = True

    role_id = fields.Many2one(
        "complaint.role", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    # restrict: who deletes one is told to name another holder first
    department_id = fields.Many2one(
        "hr.department", check_company=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: the manager of the department.",
    )
    deputy_id = fields.Many2one(
        "res.users",
        string="Deputy",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Takes new complaints and tasks while the person is absent, and may sign "
        "for the role (R184).",
    )

    _role_unique = models.Constraint(
        "UNIQUE(role_id, company_id)", "This role is already held in this company."
    )

    @api.constrains("user_id", "department_id")
    def _check_holder(self):
        for row in self:
            if not row.user_id and not row.department_id:
                raise ValidationError(
                    self.env._(
                        "%(role)s: choose a department, a person or both.",
                        role=row.role_id.name,
                    )
                )

    @api.constrains("user_id", "deputy_id", "company_id")
    def _check_user_company(self):
        for row in self:
            for user in row.user_id | row.deputy_id:
                if user.share or row.company_id not in user.company_ids:
                    raise ValidationError(
                        self.env._(
                            "%(user)s does not work in %(company)s.",
                            user=user.name,
                            company=row.company_id.name,
                        )
                    )

    def _is_held_by(self, user, department):
        """Whether somebody acts for this role.

        A role with a person: he, his deputy and the manager of the department above
        him. A role with a department only: its manager and everybody in it or below
        it. Whether he was away is not asked: what a deputy signed stays signed.

        :param user: `res.users`
        :param department: `hr.department` in which he acted
        """
        # sudo: hr.employee is protected, the question is only who somebody is
        row = self.sudo()
        if not row:
            return False
        head = row.department_id.manager_id.user_id
        if user in row.user_id | row.deputy_id | head:
            return bool(user)
        if row.user_id or not row.department_id:
            return False
        path = (department.sudo().parent_path or "").split("/")  # sudo: as above
        return str(row.department_id.id) in path
