# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "complaint.counter.mixin"]
    _complaint_line_field = "product_id.product_tmpl_id"

    def _compute_complaint_count(self):
        """Sum up by template; a path cannot be counted distinctly by group."""
        pairs = set()
        if self.ids:
            for product, ticket in self.env["complaint.line"]._read_group(
                [("product_id.product_tmpl_id", "in", self.ids)],
                ["product_id", "ticket_id"],
            ):
                pairs.add((product.product_tmpl_id.id, ticket.id))
        for template in self:
            template.complaint_count = sum(
                pair[0] == template._origin.id for pair in pairs
            )
