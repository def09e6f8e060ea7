# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintEightdDocument(models.Model):
    """A document that D7 changes: from which revision to which, or why not."""

    _name = "complaint.eightd.document"
    _description = "8D Document Change"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, sequence, id"

    kind = fields.Selection(
        [
            ("pfmea", "Process FMEA"),
            ("dfmea", "Design FMEA"),
            ("control_plan", "Control plan"),
            ("instruction", "Work instruction"),
            ("inspection", "Inspection specification"),
            ("drawing", "Drawing"),
            ("training", "Training"),
            ("other", "Other"),
        ],
        required=True,
    )
    name = fields.Char(string="Document")
    old_revision = fields.Char()
    new_revision = fields.Char()
    changed_at = fields.Date(string="Changed on")
    owner_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    no_change_reason = fields.Char(string="Not Changed, Because")

    @api.depends("kind", "name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            parts = (kinds.get(row.kind), row.name)
            row.display_name = " ".join(part for part in parts if part)

    def _get_training_revision(self):
        """Return what stands for the revision of a training: the day it was held."""
        self.ensure_one()
        held = self.kind == "training" and self.changed_at
        return str(held) if held else ""

    def _is_answered(self):
        """Return whether it is changed, or justified why not."""
        self.ensure_one()
        if (self.no_change_reason or "").strip():
            return True
        is_named = (self.new_revision or "").strip() or self.kind == "training"
        return bool(self.changed_at and is_named)
