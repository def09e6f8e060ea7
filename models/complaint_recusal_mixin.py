# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintRecusalMixin(models.AbstractModel):
    """Who is complained about takes no part in it (R519)."""

    _name = "complaint.recusal.mixin"
    _description = "Complaint Recusal"

    def _complaint_get_recused(self):
        """Return the users who take no part in these complaints."""
        return self.env["res.users"]

    def _complaint_check_not_recused(self, users):
        """Raise when one of these users takes no part in these complaints."""
