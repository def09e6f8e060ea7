# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintEightdGateMixin(models.AbstractModel):
    """What disciplines still lack."""

    _name = "complaint.eightd.gate.mixin"
    _description = "Gates of an 8D"

    def _after_discipline(self, code):
        """Hook: a discipline of these 8D was just done."""
