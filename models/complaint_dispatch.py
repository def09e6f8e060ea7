# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError

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

    def action_done(self, result=None):
        """Finish these tasks; the route of their complaint goes on."""
        for dispatch in self:
            dispatch._finish(
                "done", {"result": result, "done_at": fields.Datetime.now()}
            )
        return True

    def action_return(self, reason=None):
        """Send these tasks back with a reason."""
        for dispatch in self:
            dispatch._finish("returned", {"returned_reason": reason})
        return True

    def action_cancel(self, reason=None):
        """Take these tasks back with a reason."""
        for dispatch in self:
            dispatch._finish("cancelled", {"returned_reason": reason})
        return True

    def _finish(self, state, vals):
        self.check_access("write")
        if self.state not in ("sent", "accepted"):
            raise UserError(self.env._("This task has ended already."))
        # sudo: the right to write was checked; the state changes only here
        self.sudo().write({"state": state, **vals})
        self.ticket_id._complaint_event(
            "dispatch_done" if state == "done" else "dispatch_returned",
            scope_key=f"dispatch,{self.id}",
            note=vals.get("returned_reason"),
            payload={
                "kind": self.step_id.code or self.kind,
                "dispatch_id": self.id,
                "cancelled": state == "cancelled",
            },
        )
        self.ticket_id._complaint_after_dispatch(self)
