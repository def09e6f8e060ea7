# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError

from .complaint_gate_mixin import COMPLAINT_PHASES


class HelpdeskTicketStage(models.Model):
    _inherit = "helpdesk.ticket.stage"

    complaint_phase = fields.Selection(
        COMPLAINT_PHASES,
        help="What this stage means for a complaint. Empty: not for complaints.",
    )

    def write(self, vals):
        if "complaint_phase" in vals:
            self._check_complaint_phase_unused(vals["complaint_phase"])
        result = super().write(vals)
        if "complaint_phase" in vals:
            # rules were checked for the old phase, not for the new one
            self.check_access("write")
        return result

    def _check_complaint_phase_unused(self, phase):
        """The phase of tickets is stored: it must not change under their feet."""
        changed = self.filtered(lambda s: (s.complaint_phase or False) != phase)
        # sudo: complaints the user may not see use the stage as well
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        used = tickets.search([("stage_id", "in", changed.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "The stage %(stage)s is in use, its complaint phase cannot "
                    "change. Create another stage and move the tickets there.",
                    stage=used.stage_id.name,
                )
            )
