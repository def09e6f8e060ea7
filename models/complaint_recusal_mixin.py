# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintRecusalMixin(models.AbstractModel):
    """Who is complained about takes no part in it (R519)."""

    _name = "complaint.recusal.mixin"
    _description = "Complaint Recusal"

    def _complaint_get_recused(self):
        """Hook: return the users who may not handle, decide or call back (R519)."""
        return self.env["res.users"]
