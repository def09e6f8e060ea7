# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from ..kernel.event_log import first_and_last
from .complaint_past import complaint_now

# a clock that runs a little fast must not make an honest entry fail
_FUTURE_TOLERANCE = timedelta(minutes=5)


class ComplaintEventMixin(models.AbstractModel):
    """The event log of a ticket and the times that are read from it."""

    _name = "complaint.event.mixin"
    _description = "Complaint Event Log"

    complaint_event_ids = fields.One2many(
        "complaint.event", "ticket_id", string="Event Log", groups="base.group_user"
    )
    complaint_cycle = fields.Integer(
        string="Cycle", default=1, copy=False, readonly=True, groups="base.group_user"
    )
    complaint_reported_at = fields.Datetime(
        string="First Reported",
        compute="_compute_complaint_event_times",
        inverse="_inverse_complaint_reported_at",
        search="_search_complaint_reported_at",
        compute_sudo=True,
        help="When the customer first reported it, to whomever in the company.",
    )
    complaint_received_at = fields.Datetime(
        string="Received on",
        compute="_compute_complaint_event_times",
        inverse="_inverse_complaint_received_at",
        search="_search_complaint_received_at",
        compute_sudo=True,
        groups="base.group_user",
        help="When the receiving employee took it in.",
    )
    complaint_accepted_at = fields.Datetime(
        string="Accepted on",
        compute="_compute_complaint_event_times",
        search="_search_complaint_accepted_at",
        compute_sudo=True,
        groups="base.group_user",
        help="When the responsible unit accepted it; deadlines may start here.",
    )
    complaint_closed_at = fields.Datetime(
        string="Closed on",
        compute="_compute_complaint_event_times",
        search="_search_complaint_closed_at",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("complaint_event_ids")
    def _compute_complaint_event_times(self):
        by_ticket = self._complaint_read_events(
            ["reported", "registered", "accepted", "closed", "reopened"]
        )
        for ticket in self:
            found = first_and_last(by_ticket.get(ticket._origin.id, ()))
            ticket.complaint_reported_at = found.get("reported", ({},))[0].get("at")
            ticket.complaint_received_at = found.get("registered", ({},))[0].get("at")
            accepted = found.get("accepted", (None, {}))[1]
            ticket.complaint_accepted_at = accepted.get("at")
            closed = found.get("closed", (None, {}))[1]
            reopened = found.get("reopened", (None, {}))[1]
            is_open = reopened.get("cycle", 0) >= closed.get("cycle", 1)
            ticket.complaint_closed_at = False if is_open else closed.get("at")

    def _inverse_complaint_reported_at(self):
        self._complaint_set_event_time("reported", "complaint_reported_at")

    def _inverse_complaint_received_at(self):
        self._complaint_set_event_time("registered", "complaint_received_at")

    def _search_complaint_reported_at(self, operator, value):
        return self._get_complaint_event_domain("reported", operator, value)

    def _search_complaint_received_at(self, operator, value):
        return self._get_complaint_event_domain("registered", operator, value)

    def _search_complaint_accepted_at(self, operator, value):
        return self._get_complaint_event_domain("accepted", operator, value)

    def _search_complaint_closed_at(self, operator, value):
        domain = self._get_complaint_event_domain("closed", operator, value)
        if operator in ("in", "not in") and False in value and operator == "in":
            return ["|", ("complaint_phase", "!=", "closed"), *domain]
        # what was reopened is closed no more, though its log says it once was
        return [("complaint_phase", "=", "closed"), *domain]

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _get_complaint_event_domain(self, code, operator, value):
        """Return the ticket domain "an effective `code` event is `operator` value"."""
        event_domain = [("code", "=", code), ("corrected_by_ids", "=", False)]
        if operator in ("in", "not in") and False in value:
            # "is (not) set"
            negated = operator == "in"
            return [
                ("complaint_event_ids", "not any" if negated else "any", event_domain)
            ]
        return [
            ("complaint_event_ids", "any", [*event_domain, ("at", operator, value)])
        ]

    def _complaint_read_events(self, codes):
        """Return ``{ticket_id: [event dict]}`` of the given codes, one query."""
        result = {}
        tickets = self._origin
        if not tickets.ids:
            return result
        events = (
            self.env["complaint.event"]
            # sudo: times of one's own complaint are shown to users (and customers) who
            # may not read the log itself; only whitelisted fields are returned
            .sudo()
            .search_fetch(
                [("ticket_id", "in", tickets.ids), ("code", "in", codes)],
                ["ticket_id", "code", "cycle", "at", "corrects_id"],
            )
        )
        for event in events:
            result.setdefault(event.ticket_id.id, []).append(
                {
                    "id": event.id,
                    "code": event.code,
                    "cycle": event.cycle,
                    "at": event.at,
                    "corrects_id": event.corrects_id.id,
                }
            )
        return result

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _complaint_event(self, code, at=None, user=None, note=None, **extra):
        """Log one event on each ticket; the only way an event is written.

        A once-only code that is already logged in the current cycle (and scope)
        is skipped, so callers need not ask first.

        :param str code: code of a `complaint.event.type`
        :param datetime at: when it happened (UTC, naive), default now
        :param user: `res.users` record who did it, default the current user
        :param str note: free text
        :param extra: further columns of `complaint.event`, for example
            ``payload`` (JSON) or ``scope_key``
        :return: the new `complaint.event` records
        :raise UserError: unknown code, or a time in the future
        """
        _type_id, once_only = self.env["complaint.event.type"]._get_type(code)
        tickets = self
        if once_only and "corrects_id" not in extra:
            tickets -= self._complaint_get_logged(code, extra.get("scope_key", ""))
        if not tickets:
            return self.env["complaint.event"]
        values = [
            ticket._prepare_complaint_event_vals(code, at, user, note, **extra)
            for ticket in tickets
        ]
        return self._complaint_create_events(values)

    @api.model
    def _complaint_create_events(self, vals_list):
        """Write prepared rows in one batch (see `_prepare_complaint_event_vals`)."""
        # sudo: nobody has create rights on the log, so that no row can be forged
        # by RPC; the values come from server code and name the real user
        log = self.env["complaint.event"].sudo()
        try:
            events = log.create(vals_list)
        except psycopg2.errors.UniqueViolation as error:
            # Somebody logged the same since this transaction began and cannot see
            # it: Odoo runs the request again, then it is skipped.
            raise ConcurrencyError(str(error)) from error
        events.ticket_id.invalidate_recordset(
            ["complaint_event_ids", *self._complaint_event_time_fields()], flush=False
        )
        return events

    @api.model
    def _complaint_event_time_fields(self):
        return [
            "complaint_reported_at",
            "complaint_received_at",
            "complaint_accepted_at",
            "complaint_closed_at",
        ]

    def _prepare_complaint_event_vals(
        self, code, at=None, user=None, note=None, **extra
    ):
        """Hook: return the values of one event of this ticket."""
        self.ensure_one()
        type_id, once_only = self.env["complaint.event.type"]._get_type(code)
        now = fields.Datetime.now()
        at = fields.Datetime.to_datetime(at) or complaint_now(self.env)
        if at > now + _FUTURE_TOLERANCE:
            raise UserError(
                self.env._(
                    "%(event)s cannot be recorded with the future time %(time)s "
                    "(UTC). Enter when it really happened.",
                    event=code,
                    time=at,
                )
            )
        user = user or self.env.user
        return {
            "ticket_id": self.id,
            "company_id": self.company_id.id,
            "cycle": self.sudo().complaint_cycle,  # sudo: field is internal only
            "type_id": type_id,
            "code": code,
            "once_only": once_only,
            "at": at,
            "recorded_at": now,
            "user_id": user.id,
            "department_id": user._complaint_get_department().id,
            "note": note,
            **extra,
        }

    def _complaint_get_logged(self, code, scope_key=""):
        """Return the tickets that have an event of this code in their cycle."""
        events = (
            self.env["complaint.event"]
            # sudo: the question is asked on behalf of users without right on the log
            .sudo()
            .search_fetch(
                [
                    ("ticket_id", "in", self.ids),
                    ("code", "=", code),
                    ("scope_key", "=", scope_key),
                    ("corrects_id", "=", False),
                ],
                ["ticket_id", "cycle"],
            )
        )
        logged = {(event.ticket_id.id, event.cycle) for event in events}
        # sudo: complaint_cycle is an internal field
        return self.filtered(lambda t: (t.id, t.sudo().complaint_cycle) in logged)

    def _complaint_set_event_time(self, code, field_name):
        """Log or correct the `code` event so that it says the field's time."""
        wanted = {ticket: ticket[field_name] for ticket in self}
        by_ticket = self._complaint_read_events([code])
        for ticket, at in wanted.items():
            found = first_and_last(by_ticket.get(ticket.id, ())).get(code)
            if not at or (found and found[0]["at"] == at):
                continue
            if not found:
                ticket._complaint_event(code, at=at)
                continue
            ticket._complaint_event(
                code,
                at=at,
                cycle=found[0]["cycle"],
                corrects_id=found[0]["id"],
                payload={
                    "old": fields.Datetime.to_string(found[0]["at"]),
                    "new": fields.Datetime.to_string(at),
                },
            )
