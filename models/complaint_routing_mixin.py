# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintRoutingMixin(models.AbstractModel):
    """Which department, team and person a new complaint goes to (R180, R181)."""

    _name = "complaint.routing.mixin"
    _description = "Complaint Routing"
