# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_statement_guard_mixin import is_working


class ComplaintStatementCorrection(models.Model):
    """What an earlier, issued statement says differently from the records today.

    The earlier statement keeps its figures. Each difference is told once: what an
    issued statement reported is from then on the known value.
    """

    _name = "complaint.statement.correction"
    _description = "Correction in a Complaint Statement"
    _order = "statement_id, source_id, section, number, key, id"

    statement_id = fields.Many2one(
        "complaint.statement", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one(
        "complaint.statement",
        string="Corrects",
        required=True,
        ondelete="restrict",
        index=True,
    )
    section = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    case_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    number = fields.Char(readonly=True)
    name = fields.Char(string="Title", readonly=True)
    kind = fields.Selection(
        [
            ("changed", "Changed"),
            ("added", "Counts additionally"),
            ("removed", "Counts no more"),
        ],
        required=True,
        readonly=True,
    )
    field_name = fields.Char(readonly=True)
    field_label = fields.Char(string="Figure", compute="_compute_field_label")
    old_value = fields.Text(readonly=True)
    new_value = fields.Text(readonly=True)
    values_after = fields.Json(
        readonly=True, help="All compared values of the row from now on."
    )

    @api.depends("field_name", "section")
    @api.depends_context("lang")
    def _compute_field_label(self):
        lines = self.env["complaint.statement.line"]
        for correction in self:
            field = lines._fields.get(correction.field_name)
            correction.field_label = (
                field._description_string(self.env) if field else ""
            )

    @api.model_create_multi
    # pylint: disable-next=method-required-super
    def create(self, vals_list):  # only the query writes rows
        raise UserError(self._get_refusal())

    def write(self, vals):
        if not is_working(self.env):
            raise UserError(self._get_refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not is_working(self.env):
            raise UserError(self._get_refusal())

    def _get_refusal(self):
        return self.env._("Corrections are found by comparing: use Refresh.")
