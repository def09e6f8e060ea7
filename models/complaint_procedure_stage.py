# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_gate_mixin import COMPLAINT_PHASES


class ComplaintProcedureStage(models.Model):
    """How a preset calls a phase; loading the preset makes a stage of it."""

    _name = "complaint.procedure.stage"
    _description = "Stage of a Procedure Preset"
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one(
        "complaint.procedure", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    phase = fields.Selection(COMPLAINT_PHASES, required=True)

    _phase_unique = models.Constraint(
        "UNIQUE(procedure_id, phase)", "This phase has a stage already."
    )
