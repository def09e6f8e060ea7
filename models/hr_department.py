# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class HrDepartment(models.Model):
    _inherit = "hr.department"

    complaint_deputy_id = fields.Many2one(
        "res.users",
        string="Deputy for Complaints",
        domain="[('share', '=', False)]",
        groups="base.group_user",
        help="Takes the complaints of the manager while he is absent.",
    )
