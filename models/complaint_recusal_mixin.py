# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.exceptions import UserError


class ComplaintRecusalMixin(models.AbstractModel):
    """Who is complained about takes no part in it (R519)."""

    _name = "complaint.recusal.mixin"
    _description = "Complaint Recusal"

    def _complaint_get_recused(self):
        """Hook: return the users who may not take part."""
        return self.env["res.users"]

    def _complaint_check_not_recused(self, users):
        """Raise when one of these users may not take part."""
        recused = self._complaint_get_recused() & users
        if recused:
            raise UserError(
                self.env._(
                    "%(users)s: recused from this complaint.",
                    users=", ".join(recused.mapped("name")),
                )
            )
