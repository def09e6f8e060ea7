# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintRoutingDryRunLine(models.TransientModel):
    """One complaint of a dry run: where it is, where it would go, and why."""

    _name = "complaint.routing.dry.run.line"
    _description = "Complaint in a Dry Run of Routing Rules"
    _order = "id"

    run_id = fields.Many2one(
        "complaint.routing.dry.run", required=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Complaint", required=True, ondelete="cascade"
    )
    rule_id = fields.Many2one(
        "complaint.routing.rule", string="Rule", ondelete="cascade"
    )
    because = fields.Char()
    note = fields.Char()
    is_changed = fields.Boolean(string="Would Change")
    old_department_id = fields.Many2one("hr.department", string="Department Now")
    new_department_id = fields.Many2one(
        "hr.department", string="Department by the Rule"
    )
    old_team_id = fields.Many2one("helpdesk.ticket.team", string="Team Now")
    new_team_id = fields.Many2one("helpdesk.ticket.team", string="Team by the Rule")
    old_user_id = fields.Many2one("res.users", string="Handler Now")
    new_user_id = fields.Many2one("res.users", string="Handler by the Rule")
