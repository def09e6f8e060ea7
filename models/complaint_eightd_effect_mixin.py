# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintEightdEffectMixin(models.AbstractModel):
    """Effect and watch window."""

    _name = "complaint.eightd.effect.mixin"
    _description = "Effect of an 8D"
