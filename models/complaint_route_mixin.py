# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintRouteMixin(models.AbstractModel):
    """Where a complaint stands in its procedure, and the next step."""

    _name = "complaint.route.mixin"
    _description = "Complaint Route"
