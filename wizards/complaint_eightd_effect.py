# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

_EVIDENCE = (
    "validation_qty",
    "validation_nok_qty",
    "validation_from",
    "validation_to",
    "validation_result",
)


class ComplaintEightdEffect(models.TransientModel):
    """Verify the effect of an 8D: numbers, evidence and verdict (R445, R446)."""

    _name = "complaint.eightd.effect"
    _description = "Verify the Effect"

    eightd_id = fields.Many2one("complaint.eightd", string="8D", required=True)
    is_verified = fields.Boolean(compute="_compute_is_verified")
    validation_qty = fields.Float(string="Parts Watched", digits="Product Unit")
    validation_nok_qty = fields.Float(string="Of Them Bad", digits="Product Unit")
    validation_from = fields.Date(string="Watched from")
    validation_to = fields.Date(string="Watched until")
    validation_result = fields.Text(string="Evidence")
    effect = fields.Selection(
        [("effective", "Effective"), ("not_effective", "Not effective")],
        string="Verdict",
        required=True,
    )
    note = fields.Text()

    @api.depends("eightd_id")
    def _compute_is_verified(self):
        """The numbers are final with the verdict, or when D6 is done."""
        for entry in self:
            done = entry.eightd_id.discipline_ids.filtered(
                lambda row: row.code == "d6" and row.state == "done"
            )
            entry.is_verified = bool(entry.eightd_id.effect or done)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        eightd = self.env["complaint.eightd"].browse(values.get("eightd_id"))
        if eightd:
            values.update({name: eightd[name] for name in _EVIDENCE})
        return values

    def action_confirm(self):
        """Write the numbers, then the verdict."""
        self.ensure_one()
        if not self.is_verified:
            self.eightd_id.write({name: self[name] for name in _EVIDENCE})
        self.eightd_id.action_effect(self.effect, self.note)
        return {"type": "ir.actions.act_window_close"}
