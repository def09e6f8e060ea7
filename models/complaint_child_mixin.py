# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_gate_mixin import ENDED_PHASES


class ComplaintChildMixin(models.AbstractModel):
    """What every record that belongs to one complaint has in common."""

    _name = "complaint.child.mixin"
    _description = "Part of a Complaint"
    _inherit = ["complaint.past.mixin"]

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", related="ticket_id.company_id", store=True, precompute=True
    )

    def write(self, vals):
        if "ticket_id" in vals:
            # leaving an ended complaint is like being deleted from it
            self._unlink_except_ended()
        result = super().write(vals)
        if "ticket_id" in vals:
            # rules were checked for the old complaint, not for the new one
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended(self):
        """R512: what belongs to an ended complaint stays."""
        ended = self.ticket_id.filtered(lambda t: t.complaint_phase in ENDED_PHASES)
        if ended:
            raise UserError(
                self.env._(
                    "%(names)s: nothing of a closed or cancelled complaint can be "
                    "deleted. Reopen it with a reason if something is wrong.",
                    names=", ".join(ended.mapped("display_name")),
                )
            )
