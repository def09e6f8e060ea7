# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class QcInspectionLine(models.Model):
    _inherit = "qc.inspection.line"

    @api.depends(
        "question_type",
        "uom_id",
        "test_uom_id",
        "max_value",
        "min_value",
        "quantitative_value",
        "qualitative_value",
        "possible_ql_values",
    )
    def _compute_quality_test_check(self):
        """Convert values measured in another unit; the original cannot.

        It asks an empty unit, so that 1 m fails against 90 to 110 cm, and a scope
        would show good goods as rejected.
        """
        other_unit = self.filtered(
            lambda line: line.question_type != "qualitative"
            and line.uom_id
            and line.test_uom_id
            and line.uom_id != line.test_uom_id
        )
        result = super(
            QcInspectionLine, self - other_unit
        )._compute_quality_test_check()
        for line in other_unit:
            value = line.uom_id._compute_quantity(
                line.quantitative_value, line.test_uom_id, round=False
            )
            line.success = line.min_value <= value <= line.max_value
        return result
