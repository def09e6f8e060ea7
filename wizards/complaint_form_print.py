# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.complaint_form import RECORD_TEMPLATES

_REPORT = "helpdesk_mgmt_complaint.action_report_complaint_form_choice"


class ComplaintFormPrint(models.TransientModel):
    """Choose form, copies and language of a print; send customer-facing ones."""

    _name = "complaint.form.print"
    _description = "Print Complaint Form"
    _inherit = ["complaint.form.choice.mixin"]

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Complaints", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    is_internal = fields.Boolean(related="form_id.is_internal")
    copy_ids = fields.Many2many(
        "complaint.form.copy",
        string="Copies",
        compute="_compute_copy_ids",
        store=True,
        readonly=False,
        domain="[('form_id', '=', form_id)]",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Empty: internal forms in your language, others in the customer's.",
    )

    @api.depends("ticket_ids")
    def _compute_company_id(self):
        for choice in self:
            choice.company_id = choice.ticket_ids.company_id[:1] or self.env.company

    @api.depends("ticket_ids")
    def _compute_form_id(self):
        for choice in self:
            allowed = choice._get_allowed_forms()
            # sudo: set-up of the procedure; only its forms are looked at
            usual = choice.ticket_ids.sudo().complaint_procedure_id.form_ids
            usual = allowed.filtered(lambda form, usual=usual: form in usual)
            choice.form_id = choice.form_id or usual[:1] or allowed[:1]

    @api.depends("form_id")
    def _compute_copy_ids(self):
        for choice in self:
            choice.copy_ids = choice.form_id.copy_ids

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "helpdesk.ticket":
            tickets = self.env["helpdesk.ticket"].browse(
                self.env.context.get("active_ids", [])
            )
            values.setdefault(
                "ticket_ids", [Command.set(tickets.filtered("is_complaint").ids)]
            )
        return values

    def action_print(self):
        """Download the chosen form."""
        self.ensure_one()
        return self.env.ref(_REPORT).report_action(self, config=False)

    def action_send(self):
        """Open the mail composer with the form, for the customer to receive."""
        self.ensure_one()
        reason = self._get_cannot_send_reason()
        if reason:
            raise UserError(reason)
        pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf(_REPORT, self.ids)
        attachment = self.env["ir.attachment"].create(self._prepare_file_vals(pdf))
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "helpdesk.ticket",
                "default_res_ids": self.ticket_ids.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.ticket_ids.partner_id.ids,
                "default_attachment_ids": attachment.ids,
                "default_subject": self._get_file_name(),
            },
        }

    @api.model
    def _get_form_choice_depends(self):
        return ["company_id"]

    def _get_allowed_forms(self):
        company = self.ticket_ids.company_id[:1] or self.env.company
        return self.env["complaint.form"]._get_company_forms(
            company, ["registration", *RECORD_TEMPLATES]
        )

    def _get_cannot_send_reason(self):
        """Return why this print cannot go to the customer, or False (R069, R518)."""
        self.ensure_one()
        if len(self.ticket_ids) != 1:
            return self.env._("Send one complaint at a time.")
        if self._prints_internal():
            return self.env._(
                "%(form)s is an internal form and must not be sent to a customer.",
                form=self.form_id.name,
            )
        if not self.ticket_ids.partner_id.email:
            return self.env._("The customer of this complaint has no e-mail address.")
        return False

    def _prints_internal(self):
        self.ensure_one()
        form = self.form_id._get_for_company(self.company_id)
        return self.form_id.is_internal or form.is_internal

    def _prepare_file_vals(self, pdf):
        return {
            "name": f"{self._get_file_name()}.pdf",
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": "mail.compose.message",
            "res_id": 0,
        }

    def _get_file_name(self):
        numbers = [t.complaint_number or t.number for t in self.ticket_ids[:3]]
        return f"{self.form_id.name} {', '.join(numbers)}".strip()
