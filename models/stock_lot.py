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
        lots._link_complaint_lines()
        return lots

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            self._link_complaint_lines()
        return result

    def action_complaint_scope(self):
        """Open the affected scopes of this lot; compute one if there is none (R368)."""
        self.ensure_one()
        scopes = self.env["complaint.scope"].search([("lot_ids", "in", self.ids)])
        if not scopes:
            company = self.company_id or self.env.company
            scopes = scopes._create_for_lots(self, company_id=company.id)
        return scopes._get_open_action()

    def _link_complaint_lines(self):
        """Link the complaint lines that state one of these lots as text."""
        # sudo: the stock user who enters a lot need not know of complaints; only
        # the link to his own lot is written
        lines = self.env["complaint.line"].sudo()
        names = {lines._get_lot_key(lot.name) for lot in self}
        lines.search_fetch(
            [
                ("lot_name", "!=", False),
                ("lot_id", "=", False),
                ("product_id", "in", self.product_id.ids),
            ],
            ["lot_name", "product_id", "company_id", "lot_id"],
        ).filtered(
            lambda line: lines._get_lot_key(line.lot_name) in names
        )._link_stated_lots()
