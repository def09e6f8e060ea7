# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintEightdAnalysisMixin(models.AbstractModel):
    """Causes and their diagrams."""

    _name = "complaint.eightd.analysis.mixin"
    _description = "Analysis of an 8D"
