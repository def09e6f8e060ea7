# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintRecusalMixin(models.AbstractModel):
    """Who is complained about takes no part in it (R519)."""

    _name = "complaint.recusal.mixin"
    _description = "Complaint Recusal"
