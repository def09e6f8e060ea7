# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ..models.complaint_dispatch import DISPATCH_KINDS


class ComplaintDispatchSend(models.TransientModel):
    """Send a task: to whom, what, and whether the customer knows (R182, R183)."""

    _name = "complaint.dispatch.send"
    _description = "Send a Complaint Dispatch"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    company_id = fields.Many2one(related="ticket_id.company_id")
    procedure_id = fields.Many2one(related="ticket_id.complaint_procedure_id")
    step_id = fields.Many2one(
        "complaint.procedure.step",
        string="Step",
        domain="[('procedure_id', '=', procedure_id), ('kind', '=', 'dispatch')]",
        help="Leave empty for a task outside of the procedure.",
    )
    role_id = fields.Many2one(
        "complaint.role",
        string="Role",
        compute="_compute_from_step",
        store=True,
        readonly=False,
        help="Fills in the department and person that hold this role.",
    )
    to_department_id = fields.Many2one(
        "hr.department",
        string="To Department",
        compute="_compute_holder",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id])]",
    )
    to_user_id = fields.Many2one(
        "res.users",
        string="To Person",
        compute="_compute_holder",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    kind = fields.Selection(
        DISPATCH_KINDS, compute="_compute_from_step", store=True, readonly=False
    )
    instruction = fields.Text(compute="_compute_from_step", store=True, readonly=False)
    customer_told = fields.Boolean(string="The Customer Was Told")

    @api.depends("step_id")
    def _compute_from_step(self):
        for wizard in self:
            step = wizard.step_id
            wizard.role_id = step.role_id or wizard.role_id
            wizard.kind = step.task_kind or wizard.kind or "handling"
            wizard.instruction = step.instruction or wizard.instruction

    @api.depends("step_id", "role_id", "ticket_id")
    def _compute_holder(self):
        """Who acts for the role now, as when the route sends the step itself."""
        for wizard in self:
            role, step, ticket = wizard.role_id, wizard.step_id, wizard.ticket_id
            target = {}
            if role:
                holder = role._get_holders(wizard.company_id)[role]
                target = role._get_target(holder, ticket)
            elif step:
                target = (step._get_targets(ticket)[0] or [{}])[0]
            if target:
                wizard.to_department_id = target["to_department_id"]
                wizard.to_user_id = target["to_user_id"]
            else:
                wizard.to_department_id = wizard.to_department_id
                wizard.to_user_id = wizard.to_user_id

    def action_send(self):
        """Send it and open the slip."""
        self.ensure_one()
        dispatch = self.ticket_id._complaint_send_dispatch(self._prepare_send_vals())
        return {
            "type": "ir.actions.act_window",
            "res_model": dispatch._name,
            "res_id": dispatch.id,
            "view_mode": "form",
        }

    def _prepare_send_vals(self):
        """Hook: return what `_complaint_send_dispatch` is told."""
        return {
            "step_id": self.step_id.id,
            "kind": self.kind,
            "to_department_id": self.to_department_id.id,
            "to_user_id": self.to_user_id.id,
            "instruction": self.instruction,
            "customer_told": self.customer_told,
        }
