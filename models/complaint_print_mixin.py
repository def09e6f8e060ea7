# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintPrintMixin(models.AbstractModel):
    """Printing the forms of a complaint."""

    _name = "complaint.print.mixin"
    _description = "Complaint Prints"

    def action_complaint_print_form(self):
        """Ask which form, copies and language to print."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "helpdesk_mgmt_complaint.complaint_form_print_action"
            ),
            "context": {"active_model": self._name, "active_ids": self.ids},
        }
