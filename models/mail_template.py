# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import ValidationError

_ADDON = "helpdesk_mgmt_complaint."
_FORM_REPORTS = {
    f"{_ADDON}{name}"
    for name in (
        "report_complaint_form",
        "report_complaint_form_choice",
        "report_complaint_form_issue",
        "report_complaint_dispatch",
        "report_complaint_visit",
        "report_complaint_callback",
        "report_complaint_communication",
        "report_complaint_objection",
        "report_complaint_register",
        "report_complaint_register_choice",
        "complaint_register_xlsx",
        "complaint_register_choice_xlsx",
        "report_complaint_statement",
        "complaint_statement_xlsx",
    )
}


class MailTemplate(models.Model):
    _inherit = "mail.template"

    @api.constrains("attachment_ids")
    def _check_no_internal_form(self):
        """R518: nor a form that was printed before."""
        for template in self.sudo():  # sudo: as below
            forms = template.attachment_ids._get_complaint_internal_forms()
            if forms:
                raise ValidationError(
                    self.env._(
                        "%(files)s is an internal complaint form and must not be sent.",
                        files=", ".join(forms.mapped("name")),
                    )
                )

    @api.constrains("report_template_ids")
    def _check_no_complaint_form(self):
        """R518: no mail attaches a handling form or a register by itself.

        Which form they print is a choice of the company, so an internal one
        could leave unseen. Customer-facing forms are sent from the print dialog.
        """
        # sudo: whoever writes templates need not read reports
        for template in self.sudo():
            ours = template.report_template_ids.filtered(
                lambda report: report.report_name in _FORM_REPORTS
            )
            if ours:
                raise ValidationError(
                    self.env._(
                        "%(reports)s cannot be attached to e-mails: complaint forms "
                        "may be internal. Send customer-facing forms with Choose "
                        "Form on the complaint.",
                        reports=", ".join(ours.mapped("name")),
                    )
                )
