# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintPresetLoadRole(models.TransientModel):
    """Who holds a role in the company that loads a preset."""

    _name = "complaint.preset.load.role"
    _description = "Role in a Preset to be Loaded"

    load_id = fields.Many2one(
        "complaint.preset.load", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="load_id.company_id")
    role_id = fields.Many2one("complaint.role", required=True, ondelete="cascade")
    department_id = fields.Many2one(
        "hr.department", domain="[('company_id', 'in', [company_id, False])]"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    def _save_assignments(self):
        """Write the holders that were named; who was left empty stays as it is."""
        for company, rows in self.grouped("company_id").items():
            holders = rows.role_id._get_holders(company)
            for row in rows:
                vals = {
                    name: row[name].id
                    for name in ("department_id", "user_id")
                    if row[name]
                }
                # sudo: read as superuser, written with the rights of the user
                holder = holders[row.role_id].sudo(False)
                if holder and vals:
                    holder.write(vals)
                elif vals:
                    holder.create(
                        {"role_id": row.role_id.id, "company_id": company.id, **vals}
                    )
