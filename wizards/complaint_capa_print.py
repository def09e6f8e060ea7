# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models

_REPORT = "helpdesk_mgmt_complaint.action_report_complaint_capa_choice"


class ComplaintCapaPrint(models.TransientModel):
    """Choose form and language of a print of corrective action."""

    _name = "complaint.capa.print"
    _description = "Print Corrective Action Form"
    _inherit = ["complaint.form.choice.mixin"]

    eightd_ids = fields.Many2many("complaint.eightd", string="8D", required=True)
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Empty: your language.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "complaint.eightd":
            ids = self.env.context.get("active_ids", [])
            values.setdefault("eightd_ids", [Command.set(ids)])
        return values

    def action_print(self):
        """Download the chosen form."""
        self.ensure_one()
        return self.env.ref(_REPORT).report_action(self, config=False)

    @api.model
    def _get_form_choice_depends(self):
        return ["eightd_ids"]

    def _get_allowed_forms(self):
        company = self.eightd_ids.company_id[:1] or self.env.company
        return self.env["complaint.form"]._get_company_forms(company, "capa")

    def _get_file_name(self):
        numbers = [e.number or e.name for e in self.eightd_ids[:3]]
        return f"{self.form_id.name} {', '.join(numbers)}".strip()
