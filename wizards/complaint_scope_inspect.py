# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintScopeInspect(models.TransientModel):
    """Create an inspection for each row of an affected scope in one go (R368).

    Runs with the user's own rights on quality control; results come back into the
    rows by themselves, see `qc.inspection.write`.
    """

    _name = "complaint.scope.inspect"
    _description = "Create Inspections"
    _inherit = ["complaint.scope.wizard.mixin"]

    row_ids = fields.Many2many("complaint.scope.line", string="Rows")
    test_id = fields.Many2one(
        "qc.test",
        string="Test",
        domain="[('company_id', 'in', [False, company_id])]",
        help="Its questions are those of every inspection.",
    )
    inspector_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    def action_confirm(self):
        """Create the inspections, ready to be filled in, and show them."""
        self.ensure_one()
        rows = self.row_ids
        rows.check_access("write")
        if not self.test_id:
            raise UserError(self.env._("Choose the test."))
        todo = rows.filtered(lambda row: not self._is_being_inspected(row))
        if not todo:
            raise UserError(
                self.env._(
                    "All these rows have an inspection that is not finished. Finish "
                    "or cancel those first."
                )
            )
        inspections = self.env["qc.inspection"].create(
            [self._prepare_inspection_vals(row) for row in todo]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Inspections"),
            "res_model": "qc.inspection",
            "view_mode": "list,form",
            "domain": [("id", "in", inspections.ids)],
        }

    def _is_being_inspected(self, row):
        """Return whether pressing the button twice would inspect twice."""
        ended = ("success", "failed", "canceled")
        return row.inspection_ids.filtered(lambda i: i.state not in ended)

    def _prepare_inspection_vals(self, row):
        """Hook: return the values of the inspection of a row."""
        inspections = self.env["qc.inspection"]
        return {
            "object_id": f"stock.lot,{row.lot_id.id}",
            "complaint_scope_line_id": row.id,
            "qty": row.quantity,
            "test": self.test_id.id,
            "state": "ready",
            "user": self.inspector_id.id or self.env.uid,
            "company_id": row.company_id.id,
            "internal_notes": row.location_id.display_name,
            "inspection_lines": inspections._prepare_inspection_lines(self.test_id),
        }
