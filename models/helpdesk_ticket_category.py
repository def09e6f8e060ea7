# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class HelpdeskTicketCategory(models.Model):
    _name = "helpdesk.ticket.category"
    _inherit = ["helpdesk.ticket.category", "complaint.sla.condition.value.mixin"]
    _rec_names_search = ["name", "complaint_code"]

    complaint_default = fields.Boolean(
        string="Complaints",
        help="Tickets of this category are complaints, whatever their team.",
    )
    complaint_code = fields.Char(string="Code", index="btree_not_null")
    complaint_class = fields.Selection(
        [
            ("1", "Class 1: own management and service"),
            ("2", "Class 2: developer, construction, facilities"),
            ("3", "Class 3: external environment"),
        ],
        groups="base.group_user",
    )
    complaint_nature = fields.Selection(
        [
            ("enquiry", "Enquiry"),
            ("repair", "Product failure, repair"),
            ("complaint", "Complaint"),
            ("adverse_event", "Adverse event"),
            ("suggestion", "Suggestion or requirement"),
        ],
        string="Nature",
        groups="base.group_user",
    )
    complaint_cause_class = fields.Selection(
        [("quality", "Quality"), ("non_quality", "Non-quality (human)")],
        string="Cause Class",
        groups="base.group_user",
    )

    _complaint_code_unique = models.UniqueIndex(
        "(complaint_code, COALESCE(company_id, 0)) WHERE complaint_code IS NOT NULL",
        "This category code exists already.",
    )

    def _complaint_get_path_ids(self):
        """Return the ids of this category and of those above it, as a tuple."""
        return tuple(int(part) for part in (self.parent_path or "").split("/") if part)
