# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintDeadlineChange(models.TransientModel):
    """Pause, resume, extend, set or waive deadlines, and explain a miss.

    Each asks for the reason and ends as an event in the log, from which the
    clocks follow.
    """

    _name = "complaint.deadline.change"
    _description = "Change Deadlines"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    company_id = fields.Many2one(related="ticket_id.company_id")
    kind = fields.Selection(
        [
            ("pause", "Pause"),
            ("resume", "Resume"),
            ("extend", "Extend"),
            ("set", "Set another due time"),
            ("waive", "Waive"),
            ("explain", "Explain a miss"),
        ],
        required=True,
        default="pause",
    )
    deadline_ids = fields.Many2many(
        "complaint.deadline",
        string="Deadlines",
        domain="[('ticket_id', '=', ticket_id), "
        "'|', ('finished_at', '=', False), ('state', '=', 'missed')]",
        help="Pause and resume: empty for all of the complaint.",
    )
    due_at = fields.Datetime(string="New Due Time")
    approver_id = fields.Many2one(
        "res.users",
        string="Approved by",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="A supervisor or complaint manager.",
    )
    reason = fields.Text(required=True)

    @api.onchange("kind", "ticket_id")
    def _onchange_kind(self):
        if self.kind in ("pause", "resume"):
            self.due_at = False

    def action_confirm(self):
        """Do what was asked for, with the reason."""
        self.ensure_one()
        ticket, deadlines = self.ticket_id, self.deadline_ids
        if self.kind == "pause":
            ticket._complaint_pause(self.reason, deadlines)
        elif self.kind == "resume":
            ticket._complaint_resume(self.reason, deadlines)
        elif not deadlines:
            raise UserError(self.env._("Choose the deadlines."))
        elif self.kind == "extend":
            ticket._complaint_extend(
                deadlines, self.due_at, self.approver_id, self.reason
            )
        elif self.kind == "set":
            ticket._complaint_set_due(deadlines, self.due_at, self.reason)
        elif self.kind == "waive":
            ticket._complaint_waive(deadlines, self.reason)
        else:
            ticket._complaint_explain_breach(deadlines, self.reason)
        return {"type": "ir.actions.act_window_close"}
