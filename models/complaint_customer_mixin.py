# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintCustomerMixin(models.AbstractModel):
    """What one should know about the customer while handling (R555)."""

    _name = "complaint.customer.mixin"
    _description = "Customer of a Complaint"

    complaint_customer_class = fields.Selection(
        selection=lambda self: self.env["res.partner"]
        ._fields["complaint_class"]
        ._description_selection(self.env),
        string="Customer Class",
        compute="_compute_complaint_customer",
        groups="base.group_user",
    )
    complaint_customer_count = fields.Integer(
        string="Complaints of the Customer",
        compute="_compute_complaint_customer",
        groups="base.group_user",
    )
    complaint_customer_open_count = fields.Integer(
        string="Open Complaints of the Customer",
        compute="_compute_complaint_customer",
        groups="base.group_user",
    )
    complaint_credit_warning = fields.Char(
        string="Credit Warning",
        compute="_compute_complaint_customer",
        groups="base.group_user",
    )

    @api.depends("partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_customer(self):
        for ticket in self:
            customer = ticket.partner_id.commercial_partner_id
            ticket.complaint_customer_class = customer.complaint_class
            ticket.complaint_customer_count = customer.complaint_count
            ticket.complaint_customer_open_count = customer.complaint_open_count
            ticket.complaint_credit_warning = ticket._get_complaint_credit_warning()

    def _get_complaint_credit_warning(self):
        """Return a sentence when the customer is over his credit limit."""
        self.ensure_one()
        if not self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        ):
            return False
        # sudo: handlers may know that the limit is exceeded, not the figures
        company = (self.company_id or self.env.company).sudo()
        customer = self.partner_id.commercial_partner_id.with_env(company.env)
        customer = customer.with_company(company)
        if not (customer and company.account_use_credit_limit):
            return False
        if not customer.credit_limit or customer.credit <= customer.credit_limit:
            return False
        return self.env._("The customer is over his credit limit.")
