# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_dispatch import DISPATCH_KINDS
from .complaint_gate_mixin import COMPLAINT_PHASES


class ComplaintProcedureStep(models.Model):
    """One step of a procedure: who does what, and what has to come out.

    A step is either a task of a department, which opens a dispatch, or met by an
    event that is logged elsewhere (accepted, decided, closed ...).
    """

    _name = "complaint.procedure.step"
    _description = "Step of a Complaint Procedure"
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one(
        "complaint.procedure", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Names this step in the event log and in time limits; stays the same in "
        "copies of the procedure.",
    )
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("dispatch", "Task of a department"), ("event", "Met by an event")],
        required=True,
        default="dispatch",
    )
    task_kind = fields.Selection(DISPATCH_KINDS, string="Task", default="handling")
    role_id = fields.Many2one("complaint.role", ondelete="restrict")
    instruction = fields.Text(
        translate=True, help="What is asked for; stands on the dispatch slip."
    )
    is_parallel = fields.Boolean(
        string="Together with the Previous Step",
        help="Starts at the same time as the step before it.",
    )
    condition = fields.Selection(
        [
            ("always", "Always"),
            ("if_needed", "Only if needed"),
            ("domain", "Where a condition holds"),
        ],
        required=True,
        default="always",
        help="Only if needed: the handler starts or skips it.",
    )
    condition_domain = fields.Char(string="Condition as Domain", default="[]")
    phase = fields.Selection(
        COMPLAINT_PHASES, help="The complaint enters this phase when the step starts."
    )
    opinion_kind = fields.Selection(
        selection=lambda self: (
            self.env["complaint.opinion"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
        string="Required Opinion",
        help="The task can only be finished with a signed opinion of this kind.",
    )
    needs_result = fields.Boolean(
        string="Required Result", help="The task is finished with a written result."
    )
    event_type_id = fields.Many2one(
        "complaint.event.type",
        string="Event",
        ondelete="restrict",
        help="Meets the step, or is logged when its task is finished.",
    )

    _code_unique = models.Constraint(
        "UNIQUE(procedure_id, code)", "A step with this code exists already."
    )
