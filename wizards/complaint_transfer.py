# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintTransfer(models.TransientModel):
    """Hand a complaint over: to whom, why, and whether the customer knows (R182).

    The first contact stays accountable (R185) unless that duty is handed over
    here too; there is no other way to change it.
    """

    _name = "complaint.transfer"
    _description = "Transfer a Complaint"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    company_id = fields.Many2one(related="ticket_id.company_id")
    department_id = fields.Many2one(
        "hr.department",
        string="To Department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id])]",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="To Team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        domain="[('complaint_team', '=', True), "
        "('company_id', 'in', [False, company_id])]",
    )
    user_id = fields.Many2one(
        "res.users",
        string="To Handler",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    first_contact_id = fields.Many2one(
        "res.users",
        string="First Contact From Now On",
        compute="_compute_first_contact_id",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Stays accountable to the customer until the complaint is closed.",
    )
    reason = fields.Text(required=True)
    customer_told = fields.Boolean(string="The Customer Was Told")

    # one method each: values that a client gives for one field would leave the other
    # fields of the same method empty, and so hand the complaint over to nobody
    @api.depends("ticket_id")
    def _compute_department_id(self):
        for transfer in self:
            transfer.department_id = transfer.ticket_id.complaint_department_id

    @api.depends("ticket_id")
    def _compute_team_id(self):
        for transfer in self:
            transfer.team_id = transfer.ticket_id.team_id

    @api.depends("ticket_id")
    def _compute_user_id(self):
        for transfer in self:
            transfer.user_id = transfer.ticket_id.user_id

    @api.depends("ticket_id")
    def _compute_first_contact_id(self):
        for transfer in self:
            transfer.first_contact_id = transfer.ticket_id.complaint_first_contact_id

    def action_confirm(self):
        """Transfer, log it and notify who is concerned."""
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Write the reason of the transfer."))
        changes = self._prepare_transfer_vals()
        if not changes:
            raise UserError(
                self.env._("Choose another department, team, handler or first contact.")
            )
        self.ticket_id._complaint_transfer(changes, self.reason, self.customer_told)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_transfer_vals(self):
        """Return the ticket values that this transfer changes."""
        targets = {
            "complaint_department_id": self.department_id,
            "team_id": self.team_id,
            "user_id": self.user_id,
            "complaint_first_contact_id": self.first_contact_id,
        }
        return {
            name: target.id
            for name, target in targets.items()
            if self.ticket_id[name] != target
        }
