# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

# which discipline says the last word on the rows of a model
_DISCIPLINE_OF = {
    "complaint.eightd.member": "d1",
    "complaint.eightd.isnot": "d2",
    "complaint.eightd.containment": "d3",
    "complaint.eightd.cause": "d4",
    "complaint.eightd.document": "d7",
    "complaint.eightd.transfer": "d7",
}


class ComplaintEightdChildMixin(models.AbstractModel):
    """What every row of an 8D has in common.

    Rows of a discipline that is done, and all rows of a closed 8D, are evidence: what
    people write to them is refused. The server itself works in superuser mode.
    """

    _name = "complaint.eightd.child.mixin"
    _description = "Part of an 8D"

    eightd_id = fields.Many2one(
        "complaint.eightd",
        string="8D",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", related="eightd_id.company_id", store=True, precompute=True
    )
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for eightd, rows in records.grouped("eightd_id").items():
            rows._check_eightd_open(eightd)
        return records

    def write(self, vals):
        self._check_eightd_rows_open(set(vals))
        result = super().write(vals)
        if "eightd_id" in vals:
            # rules were checked for the old 8D, not for the new one
            self.check_access("write")
            self._check_eightd_rows_open(set(vals))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_eightd_rows_open({"id"})

    def _get_eightd_late_fields(self):
        """Hook: return the fields that are filled in after the discipline is done."""
        return {"sequence"}

    def _check_eightd_rows_open(self, names):
        """Raise when what is written belongs to a discipline that is done."""
        is_late = names <= self._get_eightd_late_fields()
        for eightd, rows in self.grouped("eightd_id").items():
            rows._check_eightd_open(eightd, is_late)

    def _check_eightd_open(self, eightd, is_late=False):
        code = None if is_late else _DISCIPLINE_OF.get(self._name)
        eightd._check_open([code] if code else [])
