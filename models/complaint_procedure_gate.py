# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_gate_mixin import COMPLAINT_PHASES


class ComplaintProcedureGate(models.Model):
    """One condition that a procedure sets for entering a phase."""

    _name = "complaint.procedure.gate"
    _description = "Gate of a Complaint Procedure"
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one(
        "complaint.procedure", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    phase = fields.Selection(COMPLAINT_PHASES, required=True)
    kind = fields.Selection(
        [
            ("opinion", "Signed opinion"),
            ("event", "Event"),
            ("step", "Finished step"),
            ("investigation", "Check for the same problem"),
            ("established", "Established or not"),
            ("liability", "Liability adds up to 100 %"),
            ("settlement", "Decided settlement"),
            ("capa", "Corrective action, or a reason for none"),
            ("callback", "Callback with a satisfied customer"),
        ],
        required=True,
    )
    opinion_kind = fields.Selection(
        selection=lambda self: (
            self.env["complaint.opinion"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
    )
    event_type_id = fields.Many2one("complaint.event.type", ondelete="restrict")
    step_code = fields.Char(string="Step")
    condition_domain = fields.Char(
        string="Only Where", default="[]", help="Holds for these complaints only."
    )
