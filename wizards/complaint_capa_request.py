# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.complaint_eightd_discipline import ANSWER_TYPES


class ComplaintCapaRequest(models.TransientModel):
    """Quality asks a department for corrective action (R428, R429).

    What comes of it is an 8D of a short format, printed on the form of the company.
    """

    _name = "complaint.capa.request"
    _description = "Request Corrective Action"

    ticket_id = fields.Many2one("helpdesk.ticket", string="Complaint", required=True)
    company_id = fields.Many2one(related="ticket_id.company_id")
    name = fields.Char(
        string="Problem",
        required=True,
        compute="_compute_proposal",
        store=True,
        readonly=False,
        help="In one line, without the name of the customer.",
    )
    department_id = fields.Many2one(
        "hr.department",
        string="Department",
        required=True,
        compute="_compute_proposal",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    leader_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        compute="_compute_leader_id",
        store=True,
        readonly=False,
        domain="[('share', '=', False)]",
    )
    answer_type = fields.Selection(
        ANSWER_TYPES, string="Format", required=True, default="5d"
    )
    due_date = fields.Date(string="Due")
    note = fields.Text(string="What Is Asked For")

    @api.depends("ticket_id")
    def _compute_proposal(self):
        for request in self:
            request.name = request.ticket_id._prepare_complaint_eightd_vals()["name"]
            request.department_id = request.ticket_id.complaint_department_id

    @api.depends("department_id")
    def _compute_leader_id(self):
        for request in self:
            # sudo: employees are closed to most; only who leads the department
            request.leader_id = request.department_id.sudo().manager_id.user_id

    def action_confirm(self):
        """Create the 8D, hand it to the department and open it.

        :raise UserError: for others than quality, and where an 8D is running
        """
        self.ensure_one()
        ticket = self.ticket_id
        self.env["complaint.eightd"]._check_is_quality()
        ticket.check_access("write")
        ticket._complaint_refuse_ended()
        ticket._complaint_check_not_recused(self.env.user)
        if ticket.complaint_eightd_id:
            raise UserError(
                self.env._(
                    "%(complaint)s is answered by %(eightd)s already.",
                    complaint=ticket.display_name,
                    eightd=ticket.complaint_eightd_id.display_name,
                )
            )
        eightd = self.env["complaint.eightd"].create(self._prepare_eightd_vals())
        ticket.complaint_capa_required = "yes"
        eightd.activity_schedule(
            "helpdesk_mgmt_complaint.mail_activity_type_capa",
            date_deadline=self.due_date or None,
            user_id=self.leader_id.id,
            note=self.note or "",
        )
        return eightd._get_form_action()

    def _prepare_eightd_vals(self):
        """Hook: return the values of the 8D that is asked for."""
        return {
            **self.ticket_id._prepare_complaint_eightd_vals(),
            "name": self.name,
            "answer_type": self.answer_type,
            "department_id": self.department_id.id,
            "leader_id": self.leader_id.id,
            "sponsor_id": self.env.uid,
            "decision_reason": self.note,
            "member_ids": [
                Command.create(
                    {"user_id": self.leader_id.id, "name": self.leader_id.name}
                )
            ],
        }
