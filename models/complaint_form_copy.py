# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintFormCopy(models.Model):
    """A numbered copy of a form (联): who keeps it (R068, R503, R504)."""

    _name = "complaint.form.copy"
    _description = "Copy of a Complaint Form"
    _order = "form_id, sequence, id"
    _rec_name = "label"

    form_id = fields.Many2one(
        "complaint.form", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    label = fields.Char(
        string="Printed Label",
        required=True,
        translate=True,
        help='Printed on this copy, for example "Copy 1: Quality".',
    )
    role_id = fields.Many2one(
        "complaint.role",
        string="Role",
        ondelete="restrict",
        help="Who holds this role in the company gets the copy in Odoo.",
    )
    department_id = fields.Many2one(
        "hr.department",
        string="Department",
        ondelete="restrict",
        help="Gets the copy instead of the role's holder: its manager, or everybody "
        "in it when it has none.",
    )

    @api.constrains("department_id")
    def _check_department_company(self):
        for copy in self:
            company = copy.department_id.company_id
            if company and copy.form_id.company_id != company:
                raise ValidationError(
                    self.env._(
                        "%(department)s belongs to %(company)s: choose it on that "
                        "company's own form.",
                        department=copy.department_id.name,
                        company=company.name,
                    )
                )

    def _get_keeper(self, company):
        """Return department and users who keep this copy in a company.

        :return: ``(hr.department, res.users)``, both may be empty
        """
        self.ensure_one()
        # sudo: who holds a role is set-up, and hr.employee is protected; only users
        # and the department are returned
        copy = self.sudo()
        holder = copy.role_id._get_holders(company).get(copy.role_id)
        department, users = copy.department_id, copy.env["res.users"]
        if not department and holder:
            department = holder.department_id
            users = holder.user_id | holder.deputy_id
        if not users:
            users = department.manager_id.user_id
        if not users:
            users = department.member_ids.user_id
        users = users.filtered(lambda u: u.active and company in u.company_ids)
        return department, users

    def _get_keeper_name(self, company):
        """Return who keeps this copy, for the distribution list."""
        department, users = self._get_keeper(company)
        names = [department.name or self.role_id.name, *users.mapped("name")[:3]]
        return ", ".join(name for name in names if name)
