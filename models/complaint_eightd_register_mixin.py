# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintEightdRegisterMixin(models.AbstractModel):
    """Its entry in the management system."""

    _name = "complaint.eightd.register.mixin"
    _description = "Register Entry of an 8D"
