# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kernel.clock_deadlines import derive
from ..kernel.clock_rules import check_payload, events_from_rows
from ..kernel.clock_working import ClockError
from .complaint_gate_mixin import ENDED_PHASES
from .complaint_sla_line import DEFAULT_CALENDAR

_logger = logging.getLogger(__name__)

# Value of the context key that puts a refresh off. No client can send it.
_LATER = object()
# only the clocks write these; being readonly in a view stops no RPC call
_SYSTEM_FIELDS = {
    "complaint_sla_policy_id",
    "complaint_next_due_at",
    "complaint_clocks_off",
}
# what decides which policy and which of its lines hold
_MATCH_FIELDS = {
    "category_id",
    "company_id",
    "complaint_severity",
    "partner_id",
    "complaint_procedure_id",
    "complaint_routing_rule_id",
    "complaint_is_overseas",
    "complaint_is_out_of_province",
    "complaint_is_major",
    "complaint_is_key_customer",
    "complaint_nature",
    "complaint_established",
    "channel_id",
    # an archived (for example merged) complaint or a duplicate has no clocks
    "active",
    "duplicate_id",
}
# what is copied on open deadlines, or chooses their calendar
_COPIED_FIELDS = {"user_id", "complaint_department_id", "team_id"}
# dates that replace the policy's (R319) -> event that says so
_DATE_EVENTS = {
    "complaint_customer_deadline": "customer_deadline_set",
    "complaint_appointment_at": "appointment_set",
}
# how many years after today a due time may lie
_HORIZON_YEARS = 5


class ComplaintClockMixin(models.AbstractModel):
    """The clocks of a complaint: derived from its event log, never guessed.

    Every event, and every change of what the policy depends on, ends in
    `_complaint_clock_refresh`, which derives all deadlines anew and stores what
    differs. Listed before the helpdesk's ticket, so that its `write` sees all.
    """

    _name = "complaint.clock.mixin"
    _description = "Complaint Clocks"

    complaint_sla_policy_id = fields.Many2one(
        "complaint.sla.policy",
        string="Deadline Policy",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
    )
    complaint_deadline_ids = fields.One2many(
        "complaint.deadline", "ticket_id", string="Deadlines", groups="base.group_user"
    )
    complaint_next_due_at = fields.Datetime(
        string="Next Due",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The earliest due time that is still open.",
    )
    complaint_clocks_off = fields.Boolean(
        string="Without Clocks",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Imported from an old register: no deadline follows from it.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for name in ("complaint_sla_policy_id", "complaint_next_due_at"):
                vals.pop(name, None)
        return super().create(vals_list)

    def write(self, vals):
        if _SYSTEM_FIELDS & set(vals) and not self.env.su:
            raise UserError(
                self.env._(
                    "The clocks follow from the event log. Use Pause, Extend or "
                    "Waive, or change the policy."
                )
            )
        dates = self._complaint_read_dates(vals)
        result = super().write(vals)
        if dates:
            self._complaint_log_dates(dates)
        if _MATCH_FIELDS & set(vals):
            self._complaint_rematch_policy()
        if (_MATCH_FIELDS | _COPIED_FIELDS) & set(vals):
            self._complaint_clock_refresh()
        return result

    @api.model
    def _complaint_pop_import_vals(self, vals, extra):
        result = super()._complaint_pop_import_vals(vals, extra)
        vals["complaint_clocks_off"] = bool(extra.get("is_import"))
        return result

    # ------------------------------------------------------------------
    # Policy
    # ------------------------------------------------------------------

    def _complaint_get_chosen_policy(self):
        """Hook: return the policy of the customer, routing rule, else procedure."""
        self.ensure_one()
        partner = self.partner_id
        while partner and not partner.complaint_sla_policy_id:
            partner = partner.parent_id
        for policy in (
            partner.complaint_sla_policy_id,
            self.complaint_routing_rule_id.sla_policy_id,
            self.complaint_procedure_id.sla_policy_id,
        ):
            if policy.active and policy.company_id in (
                self.company_id,
                policy.company_id.browse(),
            ):
                return policy
        return self.env["complaint.sla.policy"]

    def _complaint_get_facts(self, codes=()):
        """Hook: return the facts that conditions of lines ask for.

        :param codes: codes of the events in the log
        """
        self.ensure_one()
        return {
            "is_overseas": bool(self.complaint_is_overseas),
            "is_out_of_province": bool(self.complaint_is_out_of_province),
            "is_major": bool(self.complaint_is_major),
            "is_key_customer": bool(self.complaint_is_key_customer),
            "visit_needed": "visit_decided" in codes,
            "nature": self.complaint_nature or "",
            "severity": self.complaint_severity or "",
            "established": self.complaint_established or "",
            "channel": self.channel_id.id,
            "categories": self.category_id._complaint_get_path_ids(),
        }

    def _complaint_rematch_policy(self):
        """Find the policy anew; what changes is logged (R321).

        Pauses, customer's dates and extensions stay, since they are in the log.
        """
        if self._complaint_is_import():
            return
        # sudo: a change of the category by anybody moves the clocks
        tickets = self.sudo().filtered(
            lambda t: t.is_complaint
            and not t.complaint_clocks_off
            and t.complaint_phase not in ENDED_PHASES
        )
        if not tickets:
            return
        policies = self.env["complaint.sla.policy"]._match(tickets)
        affected = tickets.filtered(lambda t: policies[t] or t.complaint_sla_policy_id)
        if not affected:
            return
        logs = affected._complaint_read_clock_log()
        # without its registration a ticket is still being created
        affected = affected.filtered(
            lambda t: any(row["code"] == "registered" for row in logs.get(t.id, ()))
        )
        if not affected:
            return
        rows = affected._complaint_set_policies(policies, logs)
        if rows:
            later = self.with_context(complaint_clock_later=_LATER)
            later._complaint_create_events(rows)
            affected._complaint_clock_derive()

    def _complaint_set_policies(self, policies, logs):
        """Write who matched; return the values of the events that say so."""
        rows, keys_of, by_policy = [], {}, defaultdict(self.browse)
        lines = self.env["complaint.sla.line"]
        for ticket in self:
            is_gone = ticket.duplicate_id or not ticket.active
            policy = lines.policy_id if is_gone else policies[ticket]
            events = events_from_rows(logs.get(ticket.id, ()))
            current, known = _get_logged_lines(events)
            facts = ticket._complaint_get_facts({event.code for event in events})
            is_same = policy == ticket.complaint_sla_policy_id
            memo = policy.id, known, tuple(sorted(facts.items()))
            if memo not in keys_of:
                keys_of[memo] = lines._get_applicable_keys(policy, facts, known)
            keys = keys_of[memo]
            if not is_same:
                by_policy[policy.id] |= ticket
            if set(keys) != set(current or ()):
                rows.append(ticket._prepare_complaint_match_vals(policy, keys))
        for policy_id, tickets in by_policy.items():
            tickets._complaint_write_clock_vals({"complaint_sla_policy_id": policy_id})
        self.env["complaint.sla.line"]._mark_used(
            {key for row in rows for key in row["payload"]["clock_lines"]}
        )
        return rows

    def _prepare_complaint_match_vals(self, policy, keys):
        """Return the event "these time limits are in force from now on"."""
        # sudo: the name of the policy is part of the evidence
        name = policy.sudo().name or self.env._("none")
        return self._prepare_complaint_event_vals(
            "reclassified",
            note=self.env._("Deadline policy: %(policy)s", policy=name),
            payload={"clock_lines": keys, "policy_id": policy.id},
        )

    def _complaint_write_clock_vals(self, vals):
        """Write what only the clocks write, without tracking."""
        # sudo: readonly for users; follows from the log
        self.sudo().with_context(tracking_disable=True).write(vals)

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @api.model
    def _complaint_create_events(self, vals_list):
        """Match a policy at the registration; let the clocks hear every event."""
        for vals in vals_list:
            self._complaint_check_payload(vals)
        more = self._prepare_complaint_first_events(vals_list)
        events = super()._complaint_create_events([*vals_list, *more])
        tickets = self.browse(events.ticket_id.ids)
        tickets._complaint_clock_refresh()
        decided = {
            event["ticket_id"]
            for event in vals_list
            if event["code"] == "visit_decided"
        }
        if decided:
            self.browse(decided)._complaint_rematch_policy()
        return events[: len(vals_list)]

    @api.model
    def _complaint_check_payload(self, vals):
        """Refuse a payload that would break the clocks for ever."""
        if not vals.get("payload"):
            return
        try:
            check_payload(vals["code"], vals["payload"])
        except ClockError as error:
            raise UserError(
                self.env._(
                    "The event %(event)s was not recorded, because its details are "
                    "not complete: %(detail)s",
                    event=vals["code"],
                    detail=error.detail,
                )
            ) from error

    @api.model
    def _prepare_complaint_first_events(self, vals_list):
        """Return what is logged together with the registration.

        The policy that holds, and dates the customer gave at once.
        """
        ids = [
            vals["ticket_id"]
            for vals in vals_list
            if vals["code"] == "registered" and not vals.get("corrects_id")
        ]
        # sudo: whoever registers may not read the fields of the clocks
        tickets = self.browse(ids).sudo()
        tickets = tickets.filtered(
            lambda t: not t.complaint_clocks_off and not t.complaint_sla_policy_id
        )
        if not tickets or self._complaint_is_import():
            return []
        policies = self.env["complaint.sla.policy"]._match(tickets)
        rows = [
            tickets._prepare_complaint_date_vals(ticket, name, False)
            for ticket in tickets
            for name in _DATE_EVENTS
            if ticket[name]
        ]
        matched = tickets.filtered(lambda t: policies[t])
        return rows + matched._complaint_set_policies(policies, {})

    def _complaint_read_dates(self, vals):
        """Return ``{ticket: {field: value before the write}}``."""
        names = [name for name in _DATE_EVENTS if name in vals]
        # sudo: internal fields; only compared
        return {t.id: {n: t.sudo()[n] for n in names} for t in self if names}

    def _complaint_log_dates(self, before):
        """Log the customer's deadline and the appointment when they change."""
        rows = []
        for ticket in self.sudo():  # sudo: internal fields; the write was checked
            if ticket.is_complaint:
                rows += [
                    self._prepare_complaint_date_vals(ticket, name, old)
                    for name, old in before[ticket.id].items()
                    if ticket[name] != old
                ]
        if rows:
            self._complaint_create_events(rows)

    @api.model
    def _prepare_complaint_date_vals(self, ticket, name, old):
        value = ticket[name]
        return ticket._prepare_complaint_event_vals(
            _DATE_EVENTS[name],
            user=self.env.user,
            payload={
                "due": fields.Datetime.to_string(value) if value else None,
                "old": fields.Datetime.to_string(old) if old else None,
            },
        )

    def _complaint_after_phase_change(self, before):
        """Log every change of phase: clocks may pause in some of them."""
        if self._complaint_is_import():
            return super()._complaint_after_phase_change(before)
        later = self.with_context(complaint_clock_later=_LATER)
        later._complaint_log_phases(before)
        result = super(ComplaintClockMixin, later)._complaint_after_phase_change(before)
        self._complaint_clock_refresh()
        return result

    def _complaint_log_phases(self, before):
        moved = self.filtered(
            lambda t: t.is_complaint and before.get(t.id) != t.complaint_phase
        )
        if not moved:
            return
        # locked before they are logged, see `_complaint_after_phase_change`
        moved.flush_recordset(["stage_id", "complaint_phase"])
        moved._complaint_create_events(
            [
                ticket._prepare_complaint_event_vals(
                    "phase_changed",
                    payload={
                        "old": before.get(ticket.id) or None,
                        "new": ticket.complaint_phase or None,
                    },
                )
                for ticket in moved
            ]
        )

    def _complaint_read_clock_log(self):
        """Return ``{ticket_id: [row]}`` as the kernel reads it, one query."""
        events = (
            self.env["complaint.event"]
            # sudo: clocks read the whole log, whoever causes an event
            .sudo()
            .search_fetch(
                [("ticket_id", "in", self.ids)],
                [
                    "ticket_id",
                    "code",
                    "cycle",
                    "at",
                    "corrects_id",
                    "scope_key",
                    "payload",
                    "note",
                ],
            )
        )
        logs = defaultdict(list)
        for event in events:
            logs[event.ticket_id.id].append(
                {
                    "id": event.id,
                    "code": event.code,
                    "cycle": event.cycle,
                    "at": event.at,
                    "corrects_id": event.corrects_id.id,
                    "scope_key": event.scope_key,
                    "payload": event.payload,
                    "note": event.note,
                }
            )
        return logs

    # ------------------------------------------------------------------
    # Deadlines
    # ------------------------------------------------------------------

    def _complaint_clock_refresh(self):
        """Derive all deadlines anew and store what differs, in batch.

        Costs nothing for complaints without policy.
        """
        if self.env.context.get("complaint_clock_later") is _LATER:
            return self.env["complaint.deadline"]
        # sudo: internal fields, and deadlines that nobody else may write
        tickets = self.sudo().filtered(
            lambda t: t.is_complaint and t.complaint_sla_policy_id
        )
        return tickets._complaint_clock_derive()

    def _complaint_clock_derive(self):
        """See `_complaint_clock_refresh`; also for complaints that lost a policy.

        :return: the rows that were created or changed
        """
        # sudo: nobody has write rights on deadlines, they follow from the log
        tickets = self.sudo().with_context(complaint_clock_later=None)
        changed = self.env["complaint.deadline"].sudo()  # sudo: as above
        if not tickets:
            return changed
        logs = tickets._complaint_read_clock_log()
        derived = tickets._complaint_derive_deadlines(logs)
        changed = changed._store_derived(derived, logs)
        tickets._complaint_store_next_due()
        if changed:
            changed._plan_alarm()
        return changed

    def _complaint_derive_deadlines(self, logs=None, now=None):
        """Return ``{ticket: [kernel Deadline]}`` from the log alone.

        :param dict logs: see `_complaint_read_clock_log`
        :param datetime now: naive UTC
        """
        now = now or fields.Datetime.now()
        if logs is None:
            logs = self._complaint_read_clock_log()
        lines = self.env["complaint.sla.line"]._get_kernel_lines()
        result = {}
        for ticket in self:
            try:
                result[ticket] = ticket._complaint_derive(logs[ticket.id], lines, now)
            except ClockError:
                # the complaint itself must go on; its rows stay as they are
                _logger.exception("No clock can run on ticket %s", ticket.id)
        return result

    def _complaint_derive(self, rows, lines, now):
        self.ensure_one()
        events = events_from_rows(rows)
        keys = {key for e in events for key in e.payload.get("clock_lines") or ()}
        known = sorted((lines[key] for key in keys if key in lines), key=lambda x: x[1])
        if not known:
            return []
        first_year = min(event.at for event in events).year - 1

        def find(calendar_id):
            calendar = self._complaint_get_calendar(calendar_id)
            if not calendar:
                return None
            return calendar._complaint_get_working_time(
                self.company_id.id, first_year, now.year + _HORIZON_YEARS
            )

        return derive(
            # which lines yield to which was decided when the policy was matched
            [replace(line[0], yields_to=()) for line in known],
            events,
            find,
            now,
            self.company_id.complaint_tz or "UTC",
        )

    def _complaint_get_calendar(self, calendar_id):
        """Hook: return the calendar of a line, by default the team's or company's."""
        self.ensure_one()
        calendars = self.env["resource.calendar"]
        if calendar_id != DEFAULT_CALENDAR:
            return calendars.browse(calendar_id)
        return (
            self.team_id.complaint_calendar_id or self.company_id.resource_calendar_id
        )

    def _complaint_store_next_due(self):
        """Write the sort column of lists, only where it changes."""
        groups = self.env["complaint.deadline"]._read_group(
            [("ticket_id", "in", self.ids), ("finished_at", "=", False)],
            ["ticket_id"],
            ["due_at:min"],
        )
        next_due = {ticket.id: due for ticket, due in groups}
        by_due = defaultdict(self.browse)
        for ticket in self:
            due = next_due.get(ticket.id) or False
            if ticket.complaint_next_due_at != due:
                by_due[due] |= ticket
        for due, tickets in by_due.items():
            tickets._complaint_write_clock_vals({"complaint_next_due_at": due})

    # ------------------------------------------------------------------
    # Gate
    # ------------------------------------------------------------------

    def _complaint_get_blocking_reasons(self, phase):
        """A miss must be explained before closing, where the limit asks for it."""
        reasons = super()._complaint_get_blocking_reasons(phase)
        # sudo: internal field
        clocked = self.sudo().filtered("complaint_sla_policy_id")
        if phase != "closed" or not clocked:
            return reasons
        for deadline in clocked._get_complaint_unexplained():
            reasons[deadline.ticket_id.id].append(
                self.env._(
                    "%(deadline)s was missed: enter the reason (Deadlines page).",
                    deadline=deadline.name,
                )
            )
        return reasons

    def _get_complaint_unexplained(self):
        """Return the missed deadlines of this cycle that still need a reason."""
        deadlines = self.env["complaint.deadline"].search(
            [
                ("ticket_id", "in", self._origin.ids),
                ("line_id.requires_breach_reason", "=", True),
                ("breach_reason", "=", False),
                "|",
                "|",
                ("state", "=", "missed"),
                ("breached_at", "!=", False),
                ("is_overdue", "=", True),
            ]
        )
        return deadlines.filtered(
            lambda d: d.cycle == d.ticket_id.complaint_cycle and d.state != "waived"
        )


def _get_logged_lines(events):
    """Return ``(keys that the log names last or None, all keys it ever named)``."""
    current, known = None, ()
    for event in events:
        if "clock_lines" in event.payload:
            current = event.payload["clock_lines"]
            known = (*known, *(key for key in current if key not in known))
    return current, known
