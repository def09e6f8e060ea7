# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintCounterMixin(models.AbstractModel):
    """Smart button "Complaints" on documents that complaint lines point to (R365).

    The document says by which line field it is meant: `_complaint_line_field`.
    """

    _name = "complaint.counter.mixin"
    _description = "Complaint Counter"
    _complaint_line_field = None

    complaint_count = fields.Integer(
        string="Complaints",
        compute="_compute_complaint_count",
        groups="base.group_user",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_count(self):
        """One grouped query for all records; record rules hold."""
        path = self._complaint_line_field
        counts = {}
        if self.ids:
            for document, count in self.env["complaint.line"]._read_group(
                [(path, "in", self.ids)], [path], ["ticket_id:count_distinct"]
            ):
                counts[document.id] = count
        for document in self:
            document.complaint_count = counts.get(document._origin.id, 0)

    def action_view_complaints(self):
        """Open the complaints about these documents."""
        return self.env["helpdesk.ticket"]._get_complaint_list_action(
            [(f"complaint_line_ids.{self._complaint_line_field}", "in", self.ids)],
            self.env._("Complaints"),
        )
