# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintInvestigation(models.Model):
    """Whether one area has the same problem: stock, work in progress, records (R192).

    The rows of a cycle together give the answer of the complaint, see
    `complaint_investigation_answer`.
    """

    _name = "complaint.investigation"
    _description = "Complaint Investigation"
    _inherit = ["complaint.cycle.mixin"]
    _order = "ticket_id, cycle, id"
    _rec_name = "area"

    area = fields.Selection(
        [
            ("stock", "Stock"),
            ("wip", "Work in progress"),
            ("inspection", "Inspection records"),
            ("joint", "Joint analysis"),
        ],
        required=True,
        default="stock",
    )
    line_id = fields.Many2one(
        "complaint.line",
        string="Goods",
        domain="[('ticket_id', '=', ticket_id)]",
        ondelete="set null",
        help="Order, product and lot that were looked for.",
    )
    result = fields.Selection(
        [
            ("found", "Same problem found"),
            ("not_found", "Not found"),
            ("not_checked", "Not checked"),
        ],
        help="Empty until somebody looked.",
    )
    user_id = fields.Many2one("res.users", string="Checked by", ondelete="restrict")
    at = fields.Datetime(string="Checked on")
    participant_ids = fields.Many2many(
        "res.users",
        string="Taking Part",
        domain="[('share', '=', False)]",
        help="Who was convened for a joint analysis (R197).",
    )
    note = fields.Text(string="Findings")
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")

    @api.constrains("result", "note")
    def _check_note(self):
        for row in self:
            if row.result in ("found", "not_checked") and not (row.note or "").strip():
                raise ValidationError(
                    self.env._("Write what was found, or why the area was not checked.")
                )

    @api.constrains("at")
    def _check_at(self):
        if any(row.at and row.at > fields.Datetime.now() for row in self):
            raise ValidationError(
                self.env._("Nobody can have checked in the future. Correct the time.")
            )

    @api.constrains("line_id", "ticket_id")
    def _check_line(self):
        for row in self:
            if row.line_id and row.line_id.ticket_id != row.ticket_id:
                raise ValidationError(
                    self.env._("Choose goods of the same complaint as the check.")
                )

    @api.constrains("user_id", "participant_ids", "result")
    def _check_not_recused(self):
        for row in self:
            row.ticket_id._complaint_check_not_recused(
                row.user_id | row.participant_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._complaint_after_check()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if "result" in vals:
            self._complaint_after_check()
        return result

    def _complaint_after_check(self):
        """Stamp who checked and when, then let the complaint draw its conclusion."""
        for row in self.filtered("result"):
            stamps = {}
            if not row.user_id:
                stamps["user_id"] = self.env.uid
            if not row.at:
                stamps["at"] = fields.Datetime.now()
            if stamps:
                row.write(stamps)
        self.ticket_id._complaint_after_investigation()
