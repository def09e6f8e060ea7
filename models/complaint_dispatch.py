# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from .complaint_dispatch_flow_mixin import DISPATCHING, ENDED_STATES

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
# what may be said when a task is sent; all else is the system's
_SEND_FIELDS = (
    "step_id",
    "kind",
    "to_department_id",
    "to_user_id",
    "instruction",
    "customer_told",
)
# what may still be written while a task is open
_OPEN_FIELDS = {"result", "customer_told", "opinion_ids"}


class ComplaintDispatch(models.Model):
    """A task that is sent to a department (派工单) and comes back with a result.

    Creating one sends it. States and times are written together with the events
    of the log, by the methods of `complaint.dispatch.flow.mixin` only.
    """

    _name = "complaint.dispatch"
    _description = "Complaint Dispatch"
    _inherit = [
        "complaint.child.mixin",
        "complaint.dispatch.flow.mixin",
        "complaint.dispatch.people.mixin",
    ]
    _order = "ticket_id, id"
    _rec_name = "number"

    number = fields.Char(readonly=True, copy=False)
    sequence = fields.Integer(string="Running Number", readonly=True, copy=False)
    cycle = fields.Integer(readonly=True, copy=False, default=1)
    step_id = fields.Many2one(
        "complaint.procedure.step", ondelete="restrict", copy=False
    )
    kind = fields.Selection(DISPATCH_KINDS, required=True, default="handling")
    from_department_id = fields.Many2one("hr.department", ondelete="restrict")
    from_user_id = fields.Many2one(
        "res.users", ondelete="restrict", default=lambda self: self.env.user
    )
    to_department_id = fields.Many2one(
        "hr.department", ondelete="restrict", index="btree_not_null"
    )
    to_user_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('share', '=', False)]",
        help="Empty: the manager and the members of the department.",
    )
    instruction = fields.Text()
    sent_at = fields.Datetime(readonly=True, copy=False)
    accepted_at = fields.Datetime(readonly=True, copy=False)
    accepted_by_id = fields.Many2one(
        "res.users", string="Accepted by", readonly=True, copy=False
    )
    done_at = fields.Datetime(string="Finished on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", string="Finished by", readonly=True, copy=False
    )
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
        index=True,
    )
    returned_reason = fields.Text(
        string="Reason", readonly=True, copy=False, help="Why returned or cancelled."
    )
    reviewed_at = fields.Datetime(string="Reviewed on", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one(
        "res.users", string="Reviewed by", readonly=True, copy=False
    )
    review_note = fields.Text(readonly=True, copy=False)
    customer_told = fields.Boolean(
        help="The customer knows who deals with the matter now (R182, R183)."
    )
    opinion_ids = fields.One2many("complaint.opinion", "dispatch_id")

    # Of the complaint, for those who only see their task
    ticket_name = fields.Char(related="ticket_id.name", string="Matter")
    ticket_content = fields.Text(
        related="ticket_id.complaint_content", string="Content"
    )
    ticket_partner_id = fields.Many2one(
        related="ticket_id.partner_id", string="Customer"
    )
    step_opinion_kind = fields.Selection(related="step_id.opinion_kind")

    # Time
    deadline_ids = fields.One2many("complaint.deadline", "dispatch_id")
    due_at = fields.Datetime(
        string="Due",
        compute="_compute_due",
        search="_search_due_at",
        compute_sudo=True,
        help="The earliest open time limit of this task; once it is finished, when "
        "it had to be.",
    )
    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_due",
        search="_search_is_overdue",
        compute_sudo=True,
    )
    event_ids = fields.Many2many(
        "complaint.event", string="History", compute="_compute_events"
    )
    progress_note = fields.Text(string="Last Progress", compute="_compute_events")
    next_step_note = fields.Text(string="What to Do", compute="_compute_next_step_note")

    _sequence_unique = models.UniqueIndex(
        "(ticket_id, sequence)", "This dispatch number was already given."
    )
    _number_unique = models.UniqueIndex(
        "(company_id, number)", "This dispatch number was already given."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("deadline_ids.due_at", "deadline_ids.finished_at")
    def _compute_due(self):
        now = fields.Datetime.now()
        for dispatch in self:
            limits = dispatch.deadline_ids.filtered("due_at")
            waiting = limits.filtered(lambda limit: not limit.finished_at)
            judged = limits.filtered(lambda limit: limit.state in ("met", "missed"))
            dispatch.due_at = min((waiting or judged).mapped("due_at"), default=False)
            dispatch.is_overdue = any(
                limit.due_at < now and limit.state in ("running", "missed")
                for limit in waiting
            )

    @api.model
    def _search_due_at(self, operator, value):
        waiting = [("finished_at", "=", False), ("due_at", "!=", False)]
        if operator in ("in", "not in") and False in value:
            return [("deadline_ids", "not any" if operator == "in" else "any", waiting)]
        return [("deadline_ids", "any", [*waiting, ("due_at", operator, value)])]

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = (True in value) == (operator == "in")
        overdue = [("is_overdue", "=", True)]
        return [("deadline_ids", "any" if wanted else "not any", overdue)]

    @api.depends("ticket_id.complaint_event_ids")
    def _compute_events(self):
        keys = {dispatch._get_scope_key(): dispatch for dispatch in self._origin}
        events = self.env["complaint.event"].search_fetch(
            [
                ("ticket_id", "in", self.ticket_id._origin.ids),
                ("scope_key", "in", list(keys)),
            ],
            ["scope_key", "code", "note"],
            order="at, id",
        )
        by_key = events.grouped("scope_key")
        for dispatch in self:
            own = by_key.get(dispatch._origin._get_scope_key(), events.browse())
            dispatch.event_ids = own
            reports = own.filtered(lambda event: event.code == "progress_reported")
            dispatch.progress_note = reports[-1:].note

    @api.depends("state", "accepted_by_id", "reviewed_at", "result", "opinion_ids")
    @api.depends_context("uid", "lang")
    def _compute_next_step_note(self):
        answered = self.filtered(lambda d: d.state in ("sent", "accepted"))
        missing = answered._get_blocking_reasons("done")
        refused = answered._get_person_reasons("done")
        for dispatch in self:
            dispatch.next_step_note = dispatch._get_next_step_note(
                missing.get(dispatch.id, []), refused.get(dispatch.id, [])
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Send tasks; whatever a client says of states and times is not heard.

        :raise UserError: naming why a task cannot be sent
        :raise ConcurrencyError: somebody sent one at the same moment; Odoo runs
            the request again, with the next number
        """
        self.check_access("create")
        prepared, last = [], {}
        for vals in vals_list:
            ticket = self.env["helpdesk.ticket"].browse(
                vals.get("ticket_id") or self.env.context.get("default_ticket_id")
            )
            said = {name: vals[name] for name in _SEND_FIELDS if name in vals}
            last[ticket] = last.get(ticket, self._get_last_sequence(ticket)) + 1
            prepared.append(self._prepare_send_vals(ticket, said, last[ticket]))
        try:
            dispatches = super().create(prepared)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
        dispatches._after_send()
        return dispatches

    def write(self, vals):
        # the key is an object of this module: no client can send it
        if self.env.context.get("complaint_dispatching") is not DISPATCHING:
            self._check_client_vals(vals)
        return super().write(vals)

    def copy(self, default=None):  # pylint: disable=method-required-super  # never copies
        raise UserError(
            self.env._("A dispatch cannot be copied. Send another one instead.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A dispatch cannot be deleted. Cancel it with a reason.")
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_client_vals(self, vals):
        """Refuse what would change a finished task or forge a state.

        :raise UserError: naming the button to use
        """
        if any(dispatch.state in ENDED_STATES for dispatch in self):
            raise UserError(
                self.env._(
                    "A finished, returned or cancelled dispatch is evidence and cannot "
                    "be changed. Send another one."
                )
            )
        allowed = set(_OPEN_FIELDS)
        is_sender = self.env.su or self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        )
        if is_sender and all(dispatch.state == "sent" for dispatch in self):
            # nobody works by it yet
            allowed.add("instruction")
        if set(vals) - allowed:
            raise UserError(
                self.env._(
                    "What was sent cannot be changed, and states follow from Accept, "
                    "Return, Finish and Cancel. Cancel this dispatch and send another "
                    "one if it went to the wrong place."
                )
            )

    @api.model
    def _get_last_sequence(self, ticket):
        # sudo: the number must not depend on which tasks one may read
        groups = self.sudo()._read_group(
            [("ticket_id", "=", ticket.id)], aggregates=["sequence:max"]
        )
        return groups[0][0] or 0

    def _get_scope_key(self):
        """Return what events and deadlines of this task are marked with."""
        return f"dispatch,{self.id}"
