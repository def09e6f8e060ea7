# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ReportComplaintScopeLetter(models.AbstractModel):
    """Letters to the customers of affected lots, one page set per customer."""

    _name = "report.helpdesk_mgmt_complaint.report_complaint_scope_letter"
    _description = "Letter to a Customer of Affected Lots"

    @api.model
    def _get_report_values(self, docids, data=None):
        wizards = self.env["complaint.scope.letter"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": wizards._name,
            "docs": wizards,
            "letters": [
                letter for wizard in wizards for letter in wizard._get_letters()
            ],
        }
