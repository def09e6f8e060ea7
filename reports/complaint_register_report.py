# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ReportComplaintRegister(models.AbstractModel):
    """Register of the selected complaints, in the first register form."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_register"
    _description = "Complaint Register"

    @api.model
    def _get_report_values(self, docids, data=None):
        tickets = self.env["helpdesk.ticket"].browse(docids)
        register = self.env["complaint.register.document"]._get_register(tickets)
        return self._prepare_values(docids, tickets, [register])

    @api.model
    def _is_internal_print(self, docids):
        """Return whether this print must not leave the company (R518)."""
        tickets = self.env["helpdesk.ticket"].browse(docids)
        company = tickets.company_id[:1] or self.env.company
        form = self.env["complaint.register.document"]._get_form(company)
        return form.is_internal

    @api.model
    def _prepare_values(self, docids, docs, registers):
        is_landscape = any(register["form"].landscape for register in registers)
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "registers": registers,
            "format_cell": self.env["complaint.register.document"]._format_cell,
            "data_report_landscape": is_landscape and "landscape" or None,
        }


class ReportComplaintRegisterChoice(models.AbstractModel):
    """Register of what was chosen in the register dialog."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_register_choice"
    _description = "Chosen Complaint Register"
    _inherit = ["report.helpdesk_mgmt_complaint.report_complaint_register"]

    @api.model
    def _get_report_values(self, docids, data=None):
        choices = self.env["complaint.register.print"].browse(docids)
        registers = [choice._get_register() for choice in choices]
        return self._prepare_values(docids, choices, registers)

    @api.model
    def _is_internal_print(self, docids):
        choices = self.env["complaint.register.print"].browse(docids)
        return any(choices.form_id.mapped("is_internal"))
