# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import ValidationError

_FORM_REPORTS = {
    "helpdesk_mgmt_complaint.report_complaint_form",
    "helpdesk_mgmt_complaint.report_complaint_register",
    "helpdesk_mgmt_complaint.complaint_register_xlsx",
}


class MailTemplate(models.Model):
    _inherit = "mail.template"

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
