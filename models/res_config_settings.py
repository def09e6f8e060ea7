# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_tz = fields.Selection(related="company_id.complaint_tz", readonly=False)
    complaint_eightd_pattern = fields.Char(
        related="company_id.complaint_eightd_pattern", readonly=False
    )
    complaint_quality_manager_id = fields.Many2one(
        related="company_id.complaint_quality_manager_id", readonly=False
    )
    complaint_supervisor_id = fields.Many2one(
        related="company_id.complaint_supervisor_id", readonly=False
    )
    complaint_general_manager_id = fields.Many2one(
        related="company_id.complaint_general_manager_id", readonly=False
    )
