# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from ..models.complaint_eightd_discipline import DISCIPLINES


class ComplaintEightdWaiveLine(models.TransientModel):
    """One finding to choose."""

    _name = "complaint.eightd.waive.line"
    _description = "Finding to Waive"

    wizard_id = fields.Many2one(
        "complaint.eightd.waive", required=True, ondelete="cascade"
    )
    key = fields.Char(readonly=True)
    discipline = fields.Selection(DISCIPLINES, readonly=True)
    level = fields.Selection(
        [("error", "Error"), ("warning", "Warning")], readonly=True
    )
    text = fields.Text(string="Finding", readonly=True)
    is_chosen = fields.Boolean(string="Waive")
