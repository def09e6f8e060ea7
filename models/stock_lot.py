# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class StockLot(models.Model):
    _name = "stock.lot"
    _inherit = ["stock.lot", "complaint.counter.mixin"]
    _complaint_line_field = "lot_id"

    # see sale.order: many spellings at once
    _complaint_name_idx = models.Index("(name)")

    @api.model_create_multi
    def create(self, vals_list):
        """A lot that a complaint named before it was known is linked now (R034)."""
        lots = super().create(vals_list)
        # sudo: the stock user who creates a lot need not know of complaints; only
        # the link to his own new lot is written
        lines = self.env["complaint.line"].sudo()
        lines.search(
            [
                ("lot_name", "in", lots.mapped("name")),
                ("lot_id", "=", False),
                ("product_id", "in", lots.product_id.ids),
            ]
        )._link_stated_lots()
        return lots
