# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    # Odoo has none; genealogy goes from lot to lot through these lines
    _complaint_lot_idx = models.Index("(lot_id) WHERE lot_id IS NOT NULL")

    def _get_complaint_documents(self):
        """Return the names of the documents that these lines belong to, each once."""
        names = [
            line.picking_id.name or line.reference or line.move_id.reference
            for line in self
        ]
        return list(dict.fromkeys(name for name in names if name))
