# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

DISPATCH_KINDS = [
    ("handling", "Handling"),
    ("investigation", "Investigation"),
    ("opinion", "Opinion"),
    ("check", "Check"),
    ("joint", "Joint handling"),
    ("negotiation", "Negotiation"),
    ("review", "Review"),
    ("synthesis", "Synthesis"),
    ("decision", "Decision"),
    ("answer", "Answer to the customer"),
    ("callback", "Callback"),
    ("execution", "Execution"),
    ("information", "For information"),
]


class ComplaintDispatch(models.Model):
    """A task that is sent to a department (派工单) and comes back with a result."""

    _name = "complaint.dispatch"
    _description = "Complaint Dispatch"
    _inherit = ["complaint.child.mixin"]
    _order = "ticket_id, id"
    _rec_name = "number"

    number = fields.Char(readonly=True, copy=False)
    cycle = fields.Integer(readonly=True, copy=False, default=1)
    step_id = fields.Many2one(
        "complaint.procedure.step", ondelete="restrict", copy=False
    )
    kind = fields.Selection(DISPATCH_KINDS, required=True, default="handling")
    from_department_id = fields.Many2one("hr.department", ondelete="restrict")
    from_user_id = fields.Many2one(
        "res.users", ondelete="restrict", default=lambda self: self.env.user
    )
    to_department_id = fields.Many2one("hr.department", ondelete="restrict")
    to_user_id = fields.Many2one(
        "res.users", ondelete="restrict", domain="[('share', '=', False)]"
    )
    instruction = fields.Text()
    sent_at = fields.Datetime(readonly=True, copy=False)
    accepted_at = fields.Datetime(readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False)
    result = fields.Text(copy=False)
    state = fields.Selection(
        [
            ("sent", "Sent"),
            ("accepted", "Accepted"),
            ("done", "Done"),
            ("returned", "Returned"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="sent",
    )
    returned_reason = fields.Text(readonly=True, copy=False)
    customer_told = fields.Boolean(
        help="The customer knows who deals with the matter now (R182, R183)."
    )
    opinion_ids = fields.One2many("complaint.opinion", "dispatch_id")
