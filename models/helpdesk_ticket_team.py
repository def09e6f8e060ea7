# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    complaint_team = fields.Boolean(
        string="Handles Complaints",
        help="Tickets of this team, and mails to its address, are complaints.",
    )
    complaint_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours for Deadlines",
        ondelete="restrict",
        groups="base.group_user",
        help="Empty: those of the company.",
    )

    def _get_applicable_stages(self):
        """Complaint teams use stages with a phase, all others those without."""
        stages = super()._get_applicable_stages()
        wants_phase = bool(self.complaint_team)
        return stages.filtered(lambda s: bool(s.complaint_phase) == wants_phase)

    def _get_complaint_stages(self, company=None):
        """Return the stages a complaint of this team (or of none) can be in.

        :param company: of the complaint; default that of the team or the user
        """
        # sudo: stages are shared vocabulary; company and team are in the domain
        stages = self.env["helpdesk.ticket.stage"].sudo()
        company = company or self.company_id or self.env.company
        found = stages.search(
            [
                ("complaint_phase", "!=", False),
                ("company_id", "in", [False, company.id]),
                "|",
                ("team_ids", "=", False),
                ("team_ids", "in", self.ids),
            ]
        )
        if company.sudo().complaint_own_stages:  # sudo: set-up of the company
            found = found.filtered("company_id")
        return found.sudo(self.env.su)  # sudo: back to the rights of the caller

    def _get_complaint_stage(self, phase, company=None):
        """Return the first stage of a phase, empty when there is none."""
        stages = self._get_complaint_stages(company)
        return stages.filtered(lambda s: s.complaint_phase == phase)[:1]
