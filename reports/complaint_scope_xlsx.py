# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo import api, models
from odoo.fields import Datetime

# field and width of its column
_COLUMNS = {
    "lot_role": 12,
    "kind": 14,
    "lot_id": 16,
    "product_id": 26,
    "quantity": 10,
    "uom_id": 8,
    "location_id": 20,
    "partner_id": 24,
    "sale_order_id": 12,
    "picking_id": 14,
    "last_at": 11,
    "production_orders": 14,
    "work_centers": 14,
    "operators": 14,
    "change": 10,
    "previous_qty": 10,
    "state": 12,
    "checked_qty": 10,
    "rejected_qty": 10,
    "note": 30,
}


class ComplaintScopeXlsx(models.AbstractModel):
    """Rows of affected scopes as a workbook, one sheet per scope (R368)."""

    _name = "report.helpdesk_mgmt_complaint.complaint_scope_line_xlsx"
    _description = "Rows of an Affected Scope (XLSX)"
    _inherit = ["report.helpdesk_mgmt_complaint.complaint_register_xlsx"]

    @api.model
    def _get_registers(self, rows):
        rows.check_access("read")
        return [
            self._get_register(scope, rows.filtered(lambda r, s=scope: r.scope_id == s))
            for scope in rows.scope_id
        ]

    @api.model
    def _get_register(self, scope, rows):
        """Return the rows as the register document would, see there."""
        tools = self.env["complaint.print.tools"]
        # only columns that the user may read: customers are not for everybody
        known = rows.fields_get(list(_COLUMNS), ["string"])
        columns = [name for name in _COLUMNS if name in known]
        computed = tools._format_time(scope.computed_at, scope.company_id)
        form = self.env["complaint.form"].new(
            {
                "name": self.env._("Affected Scope"),
                "is_internal": True,
                "landscape": True,
            }
        )
        return {
            "form": form,
            "company": scope.company_id,
            "period": f"{scope.name} · {computed}",
            "columns": [
                {
                    "key": name,
                    "heading": known[name]["string"],
                    "width": _COLUMNS[name],
                }
                for name in columns
            ],
            "rows": [
                [self._get_cell(row, name, tools) for name in columns] for row in rows
            ],
        }

    @api.model
    def _get_cell(self, row, name, tools):
        field = row._fields[name]
        value = row[name]
        if field.type == "many2one":
            # sudo: names of what stands in a row, of columns the user may read
            return value.sudo().display_name or ""
        if field.type == "selection":
            return tools._get_choice(row, name)
        if isinstance(value, datetime):
            return tools._get_local(Datetime.to_datetime(value), row.company_id)
        return value


class ComplaintScopeWholeXlsx(models.AbstractModel):
    """All rows of the chosen scopes."""

    _name = "report.helpdesk_mgmt_complaint.complaint_scope_xlsx"
    _description = "Affected Scope (XLSX)"
    _inherit = ["report.helpdesk_mgmt_complaint.complaint_scope_line_xlsx"]

    @api.model
    def _get_registers(self, scopes):
        return super()._get_registers(scopes.line_ids)
