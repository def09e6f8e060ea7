# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..kernel.statement_figures import month_of, previous_period
from ..models.complaint_statement import KINDS

_GROUPS = ("quality", "supervisor")


class ComplaintStatementGenerate(models.TransientModel):
    """Makes the statement of a period by hand, or opens the one that is there."""

    _name = "complaint.statement.generate"
    _description = "Generate Complaint Statement"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(KINDS, required=True, default="cases")
    date_from = fields.Date(
        string="From",
        required=True,
        compute="_compute_period",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_to = fields.Date(
        string="To",
        required=True,
        compute="_compute_period",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("company_id", "kind")
    def _compute_period(self):
        for choice in self:
            first, last = month_of(choice.company_id._complaint_today())
            # what the month is reported on while it runs (R318)
            if choice.kind != "special":
                first, last = previous_period(first, last)
            choice.date_from, choice.date_to = first, last

    def action_generate(self):
        """Open the statement of the period; a new one is filled.

        :raise AccessError: for who neither leads quality nor supervises
        """
        self.ensure_one()
        if not any(
            self.env.user.has_group(f"helpdesk_mgmt_complaint.group_complaint_{name}")
            for name in _GROUPS
        ):
            raise AccessError(
                self.env._("Statements are made by quality and by supervisors.")
            )
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose one of your companies."))
        if self.date_to < self.date_from:
            raise UserError(self.env._("The period ends before it begins."))
        statement = self.env["complaint.statement"]._generate(
            self.kind, self.company_id, self.date_from, self.date_to, self.env.user
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "complaint.statement",
            "res_id": statement.id,
            "view_mode": "form",
        }
