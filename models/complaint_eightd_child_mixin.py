# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdChildMixin(models.AbstractModel):
    """What every row of an 8D has in common."""

    _name = "complaint.eightd.child.mixin"
    _description = "Part of an 8D"

    eightd_id = fields.Many2one(
        "complaint.eightd",
        string="8D",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", related="eightd_id.company_id", store=True, precompute=True
    )
    sequence = fields.Integer(default=10)

    def write(self, vals):
        result = super().write(vals)
        if "eightd_id" in vals:
            # rules were checked for the old 8D, not for the new one
            self.check_access("write")
        return result
