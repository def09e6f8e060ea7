# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintEightdCheckMixin(models.AbstractModel):
    """Lint and score."""

    _name = "complaint.eightd.check.mixin"
    _description = "Check of an 8D"
