# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ComplaintScopeProductionMixin(models.AbstractModel):
    """Who made a lot where, read from manufacturing where it is installed (R369).

    Manufacturing is no dependency: this is the only place that knows of it.
    """

    _name = "complaint.scope.production.mixin"
    _description = "Production Data of the Affected Scope"

    def _add_production_data(self, rows):
        """Add manufacturing order, work centres and operators to values of rows."""
        lot_ids = {row["lot_id"] for row in rows if row.get("lot_id")}
        data = self._get_production_data(lot_ids, self._get_companies())
        for row in rows:
            row.update(data.get(row.get("lot_id"), {}))

    @api.model
    def _get_production_data(self, lot_ids, companies):
        """Return ``{lot id: values of the row}``; empty without manufacturing.

        :param lot_ids: ids of `stock.lot`
        :param companies: `res.company` whose orders are looked at
        """
        if "mrp.production" not in self.env:
            return {}
        # sudo: quality need not be a manufacturing user; names of orders, places
        # and persons only, of the scope's own companies
        lines = self.env["stock.move.line"].sudo()
        made = lines.search_fetch(
            [
                ("lot_id", "in", list(lot_ids)),
                ("state", "=", "done"),
                ("company_id", "in", companies.ids),
                ("move_id.production_id", "!=", False),
            ],
            ["lot_id", "move_id", "date"],
        )
        return {
            lot.id: self._prepare_production_vals(lines)
            for lot, lines in made.grouped("lot_id").items()
        }

    @api.model
    def _prepare_production_vals(self, lines):
        """Hook: return the values of a row from the lines that made its lot."""
        orders = lines.move_id.production_id
        works = orders.workorder_ids
        return {
            "production_orders": ", ".join(orders.mapped("name")),
            "work_centers": ", ".join(works.workcenter_id.mapped("name")),
            "operators": ", ".join(works.time_ids.user_id.mapped("name")),
            "produced_at": max(lines.mapped("date")),
        }
