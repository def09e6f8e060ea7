# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_gate_mixin import COMPLAINT_PHASES


class HelpdeskTicketStage(models.Model):
    _inherit = "helpdesk.ticket.stage"

    complaint_phase = fields.Selection(
        COMPLAINT_PHASES,
        help="What this stage means for a complaint. Empty: not for complaints.",
    )

    @api.constrains("active")
    def _check_complaint_phase_has_stage(self):
        """Without a stage for drafts nothing can be registered any more."""
        if any(s.complaint_phase and not s.active for s in self):
            self._check_complaint_phase_remains()

    def write(self, vals):
        if "complaint_phase" in vals:
            self._check_complaint_phase_unused(vals["complaint_phase"])
        result = super().write(vals)
        if "complaint_phase" in vals:
            # rules were checked for the old phase, not for the new one
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last_of_phase(self):
        self._check_complaint_phase_remains()

    def _check_complaint_phase_remains(self):
        for stage in self.filtered("complaint_phase"):
            # sudo: stages are shared vocabulary
            others = self.sudo().search_count(
                [
                    ("complaint_phase", "=", stage.complaint_phase),
                    ("id", "not in", self.ids),
                    ("team_ids", "=", False),
                    ("company_id", "in", [False, stage.company_id.id]),
                ],
                limit=1,
            )
            if not others and not stage.team_ids:
                raise UserError(
                    self.env._(
                        "%(stage)s is the last stage for this phase of complaints. "
                        "Add another one first.",
                        stage=stage.name,
                    )
                )

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
