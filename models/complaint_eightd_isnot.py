# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdIsnot(models.Model):
    """What the problem is and what it could be but is not (D2)."""

    _name = "complaint.eightd.isnot"
    _description = "8D Is / Is Not"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, sequence, id"

    question = fields.Selection(
        [
            ("what", "What"),
            ("where", "Where"),
            ("when", "When"),
            ("extent", "Extent"),
        ],
        required=True,
        default="what",
    )
    is_text = fields.Text(string="Is")
    isnot_text = fields.Text(string="Is Not")
    distinction = fields.Text()
    change = fields.Text()
