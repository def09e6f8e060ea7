# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.complaint_eightd_discipline import ANSWER_TYPES


class ComplaintEightdOpen(models.TransientModel):
    """Open an 8D for a complaint, or let it join a running one (R421).

    Both starts are possible: quality opens it, sales asks for it.
    """

    _name = "complaint.eightd.open"
    _description = "Open an 8D"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    company_id = fields.Many2one(related="ticket_id.company_id")
    is_request = fields.Boolean(compute="_compute_is_request")
    start = fields.Selection(
        [("new", "A new 8D"), ("join", "A running 8D answers it, too")],
        compute="_compute_start",
        store=True,
        readonly=False,
    )
    candidate_ids = fields.Many2many(
        "complaint.eightd", compute="_compute_candidate_ids"
    )
    eightd_id = fields.Many2one(
        "complaint.eightd",
        string="Running 8D",
        compute="_compute_eightd_id",
        store=True,
        readonly=False,
        domain="[('state', '=', 'open'), ('company_id', '=', company_id)]",
    )
    name = fields.Char(
        string="Title",
        compute="_compute_name",
        store=True,
        readonly=False,
        help="The problem in one line, without the name of a customer.",
    )
    answer_type = fields.Selection(
        ANSWER_TYPES,
        string="Requested Answer",
        compute="_compute_answer_type",
        store=True,
        readonly=False,
        help="What this customer asks for; the 8D goes as deep as the deepest answer.",
    )

    @api.depends("ticket_id")
    @api.depends_context("uid")
    def _compute_is_request(self):
        is_quality = self.env["complaint.eightd"]._is_quality()
        self.is_request = not is_quality

    @api.depends("ticket_id")
    def _compute_candidate_ids(self):
        for wizard in self:
            wizard.candidate_ids = wizard.ticket_id._complaint_get_eightd_candidates()

    @api.depends("candidate_ids")
    def _compute_start(self):
        for wizard in self:
            wizard.start = "join" if wizard.candidate_ids else "new"

    @api.depends("candidate_ids", "start")
    def _compute_eightd_id(self):
        for wizard in self:
            is_join = wizard.start == "join"
            wizard.eightd_id = is_join and (
                wizard.eightd_id or wizard.candidate_ids[:1]._origin
            )

    @api.depends("ticket_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.ticket_id._prepare_complaint_eightd_vals()["name"]

    @api.depends("ticket_id")
    def _compute_answer_type(self):
        for wizard in self:
            # sudo: terms of the customer of a complaint that the user handles
            customer = wizard.ticket_id.sudo().partner_id.commercial_partner_id
            wizard.answer_type = customer.complaint_answer_type or "8d"

    def action_confirm(self):
        """Open, request or join, and show the 8D.

        :raise UserError: when the complaint has one meanwhile
        """
        self.ensure_one()
        ticket = self.ticket_id
        ticket.check_access("write")
        if ticket.complaint_eightd_id:
            raise UserError(
                self.env._(
                    "%(complaint)s is answered by %(eightd)s already.",
                    complaint=ticket.display_name,
                    # sudo: number and title only
                    eightd=ticket.sudo().complaint_eightd_id.display_name,
                )
            )
        eightd = self._join() if self.start == "join" else self._open_new()
        return eightd._get_form_action()

    def _join(self):
        if not self.eightd_id:
            raise UserError(self.env._("Choose the running 8D."))
        self.env["complaint.eightd.link"].create(
            {
                "eightd_id": self.eightd_id.id,
                "ticket_id": self.ticket_id.id,
                "answer_type": self.answer_type,
            }
        )
        return self.eightd_id

    def _open_new(self):
        vals = self.ticket_id._prepare_complaint_eightd_vals()
        for _command, _id, link_vals in vals["link_ids"]:
            link_vals["answer_type"] = self.answer_type
        return self.env["complaint.eightd"].create(
            {**vals, "name": self.name or vals["name"]}
        )
