# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain

# what may still be said about a finished row: why it was missed, and what the
# escalation notes for itself
_OPEN_COLUMNS = {"breach_reason", "next_alarm_at", "alarm_error"}


class ComplaintDeadline(models.Model):
    """What the event log says about one time limit of one complaint and cycle.

    Rows are written by `helpdesk.ticket._complaint_clock_refresh` only and can be
    derived again from the log at any time. A finished row is never rewritten:
    customer, department, handler and policy stay as they were. Only one that ended
    because another policy held runs on when its own policy comes back.
    """

    _name = "complaint.deadline"
    _description = "Complaint Deadline"
    _inherit = [
        "complaint.deadline.escalation.mixin",
        "complaint.deadline.duty.mixin",
        "complaint.deadline.screen.mixin",
        "complaint.deadline.timeline.mixin",
        "complaint.past.mixin",
    ]
    _order = "finished_at desc, due_at, id"

    # Whose
    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Complaint", ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="restrict")
    department_id = fields.Many2one("hr.department", ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Handler", ondelete="restrict")
    category_id = fields.Many2one("helpdesk.ticket.category", ondelete="restrict")

    # Which limit
    policy_id = fields.Many2one("complaint.sla.policy", ondelete="restrict")
    line_id = fields.Many2one(
        "complaint.sla.line", string="Time Limit", ondelete="restrict", index=True
    )
    line_key = fields.Char(required=True)
    scope_key = fields.Char(
        required=True,
        default="",
        help="Empty for the complaint itself, otherwise the dispatch or 8D.",
    )
    dispatch_id = fields.Many2one(
        "complaint.dispatch",
        string="Dispatch",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="The task whose time is limited, named by the scope.",
    )
    eightd_link_id = fields.Many2one(
        "complaint.eightd.link",
        string="8D Answer",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The answer whose time is limited, named by the scope.",
    )
    cycle = fields.Integer(required=True, default=1)
    occurrence = fields.Integer(required=True, default=1)
    name = fields.Char(required=True, help="As the limit was called at the start.")

    # What the log says
    started_at = fields.Datetime(string="Started", required=True)
    policy_due_at = fields.Datetime(
        string="Due by Policy", help="What the policy alone says, pauses included."
    )
    due_at = fields.Datetime(
        string="Due", help="What holds. Empty while paused, or with a reason."
    )
    due_kind = fields.Selection(
        [
            ("policy", "Policy"),
            ("customer_deadline", "Customer's deadline"),
            ("appointment", "Appointment"),
            ("manual", "Set by hand"),
            ("extended", "Extended"),
            ("next_due", "Promised in an answer"),
        ],
        string="Due by",
        required=True,
        default="policy",
    )
    changes = fields.Json(help="Every due time it ever had: when, by what, which.")
    changes_note = fields.Text(
        string="History of the Due Time", compute="_compute_changes_note"
    )
    breached_at = fields.Datetime(
        string="Missed on", help="The first due time that passed without the target."
    )
    reached_at = fields.Datetime(string="Reached")
    finished_at = fields.Datetime(
        string="Finished", help="When the last word was spoken; nothing changes then."
    )
    state = fields.Selection(
        [
            ("running", "Running"),
            ("paused", "Paused"),
            ("met", "Met"),
            ("missed", "Missed"),
            ("waived", "Waived"),
            ("cancelled", "Not needed"),
        ],
        required=True,
        default="running",
    )
    no_due_reason = fields.Selection(
        [
            ("no_calendar", "No working hours are set up"),
            ("empty_calendar", "The working hours are empty"),
            ("horizon_exceeded", "Too far in the future"),
            ("cancelled", "The complaint was cancelled"),
            ("not_needed", "Not needed any more"),
            ("reopened", "The complaint was reopened"),
            ("policy_changed", "Another policy holds"),
            ("paused", "Fell into a pause"),
        ],
        string="Why without Due Time",
    )
    pause_ids = fields.One2many(
        "complaint.deadline.pause", "deadline_id", string="Pauses"
    )
    breach_reason = fields.Text(string="Reason for the Miss")
    waive_reason = fields.Text(string="Reason for the Waiver")

    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_lateness",
        search="_search_is_overdue",
        help="Open, and the due time has passed.",
    )
    days_late = fields.Float(compute="_compute_lateness", digits=(16, 1))

    _key_unique = models.UniqueIndex(
        "(ticket_id, line_key, scope_key, cycle, occurrence)",
        "This deadline exists already.",
    )
    # the sweep asks for the next alarms, the lists for what is open by due time
    _alarm_idx = models.Index("(next_alarm_at) WHERE next_alarm_at IS NOT NULL")
    _open_due_idx = models.Index("(due_at) WHERE finished_at IS NULL")

    @api.depends("due_at", "breached_at", "reached_at", "finished_at", "state")
    def _compute_lateness(self):
        now = fields.Datetime.now()
        for deadline in self:
            due, late_to = deadline.due_at, deadline.finished_at or now
            is_late = bool(
                due and late_to > due and deadline.state in ("running", "missed")
            )
            deadline.is_overdue = is_late and not deadline.finished_at
            late = late_to - due if is_late else timedelta()
            deadline.days_late = late / timedelta(days=1)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        overdue = Domain("finished_at", "=", False)
        overdue &= Domain("due_at", "<", fields.Datetime.now())
        overdue &= Domain("state", "in", ["running", "missed"])
        wanted = (True in value) == (operator == "in")
        return overdue if wanted else ~overdue

    @api.depends("changes")
    @api.depends_context("tz", "lang")
    def _compute_changes_note(self):
        kinds = dict(self._fields["due_kind"]._description_selection(self.env))
        for deadline in self:
            lines = []
            for change in deadline.changes or []:
                at, due = (
                    deadline._complaint_format(fields.Datetime.to_datetime(value))
                    for value in (change["at"], change["due_at"])
                )
                lines.append(
                    self.env._(
                        "%(at)s: due %(due)s (%(kind)s)",
                        at=at,
                        due=due or "-",
                        kind=kinds.get(change["kind"], change["kind"]),
                    )
                )
            deadline.changes_note = "\n".join(lines)

    @api.depends("name", "ticket_id", "dispatch_id", "eightd_link_id")
    def _compute_display_name(self):
        for deadline in self:
            ticket = deadline.ticket_id.display_name
            deadline.display_name = " - ".join(
                filter(None, [ticket, deadline._get_label()])
            )

    def write(self, vals):
        if set(vals) - _OPEN_COLUMNS and any(row._is_final() for row in self):
            raise UserError(
                self.env._("A finished deadline is evidence and cannot be changed.")
            )
        if "breach_reason" in vals and any(row.breach_reason for row in self):
            raise UserError(self.env._("The reason for a miss cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Deadlines are evidence and cannot be deleted. Waive them.")
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_change(self):
        """Open the dialog to pause, extend, waive ... these deadlines."""
        return self.ticket_id[:1]._get_complaint_change_action(
            self.env.context.get("deadline_change", "extend"), self
        )

    def action_open_ticket(self):
        """Open the complaint of this deadline."""
        self.ensure_one()
        return self.ticket_id.action_complaint_open()

    def _get_label(self):
        """Return the name of the limit, with the task or 8D whose time it limits."""
        self.ensure_one()
        # sudo: the number of a task or 8D stands wherever its complaint does
        row = self.sudo()
        number = row.dispatch_id.number or row.eightd_link_id.eightd_id.number
        return f"{self.name} ({number})" if number else self.name or ""

    # ------------------------------------------------------------------
    # Writing, by the clocks
    # ------------------------------------------------------------------

    @api.model
    def _prepare_derived_vals(self, ticket, derived, line_id, policy_id):
        """Hook: return the values of a row from what the kernel derived.

        :param ticket: `helpdesk.ticket`
        :param derived: `kernel.clock_rules.Deadline`
        """
        dispatch = self._get_scope_dispatch(derived.scope)
        department, user = ticket.complaint_department_id, ticket.user_id
        if dispatch:
            department = dispatch.to_department_id or department
            user = dispatch._get_responsible()
        link = self._get_scope_link(derived.scope)
        if link:
            line = self.env["complaint.sla.line"].browse(line_id)
            department = link.eightd_id.department_id or department
            user = link._get_responsible(line) or user
        return {
            "company_id": ticket.company_id.id,
            "partner_id": ticket.partner_id.commercial_partner_id.id,
            "department_id": department.id,
            "user_id": user.id,
            "category_id": ticket.category_id.id,
            "policy_id": policy_id,
            "line_id": line_id,
            "started_at": derived.started_at,
            "policy_due_at": derived.policy_due_at or False,
            "due_at": derived.due_at or False,
            "due_kind": derived.due_kind,
            "changes": [
                {
                    "at": fields.Datetime.to_string(change.at),
                    "kind": change.kind,
                    "due_at": fields.Datetime.to_string(change.due_at)
                    if change.due_at
                    else None,
                    "event_id": change.event_id,
                }
                for change in derived.changes
            ],
            "breached_at": derived.breached_at or False,
            "reached_at": derived.reached_at or False,
            "finished_at": derived.finished_at or False,
            "state": derived.state,
            "no_due_reason": derived.reason or False,
        }

    @api.model
    def _store_derived(self, derived, logs):
        """Create and update rows so that they say what was derived, in batch.

        :param dict derived: ``{ticket: [kernel Deadline]}``
        :param dict logs: ``{ticket_id: [event row]}``, for the reasons
        :return: the rows that were created or changed
        """
        tickets = self.env["helpdesk.ticket"].browse([t.id for t in derived])
        rows = self.search([("ticket_id", "in", tickets.ids)])
        existing = {row._get_key(): row for row in rows}
        lines = self.env["complaint.sla.line"]._get_kernel_lines()
        vals_list, changed, seen = [], self.browse(), set()
        for ticket, deadlines in derived.items():
            for deadline in deadlines:
                _line, line_id, policy_id, _used = lines[deadline.line]
                log = logs[ticket.id]
                vals = self._prepare_derived_vals(ticket, deadline, line_id, policy_id)
                vals["waive_reason"] = _get_waive_reason(deadline, log)
                key = (ticket.id, *_get_derived_key(deadline))
                seen.add(key)
                pauses = _get_pauses(deadline, log)
                if key not in existing:
                    vals_list.append(self._prepare_new_vals(key, vals, line_id, pauses))
                elif existing[key]._update_open(vals, pauses):
                    changed |= existing[key]
        for key in set(existing) - seen:
            changed |= existing[key]._cancel_underived()
        return changed | self._create_derived(vals_list)

    @api.model
    def _prepare_new_vals(self, key, vals, line_id, pauses):
        ticket_id, line_key, scope_key, cycle, occurrence = key
        return {
            **vals,
            "ticket_id": ticket_id,
            "line_key": line_key,
            "scope_key": scope_key,
            "dispatch_id": self._get_scope_dispatch(scope_key).id,
            "eightd_link_id": self._get_scope_link(scope_key).id,
            "cycle": cycle,
            "occurrence": occurrence,
            "name": self.env["complaint.sla.line"].browse(line_id).name,
            "pause_ids": [fields.Command.create(pause) for pause in pauses],
        }

    @api.model
    def _get_scope_dispatch(self, scope_key):
        """Return the `complaint.dispatch` that a scope names, maybe none."""
        model, _comma, res_id = (scope_key or "").partition(",")
        ids = [int(res_id)] if model == "dispatch" else []
        return self.env["complaint.dispatch"].browse(ids)

    @api.model
    def _get_scope_link(self, scope_key):
        """Return the `complaint.eightd.link` that a scope names, maybe none."""
        model, _comma, res_id = (scope_key or "").partition(",")
        ids = [int(res_id)] if model == "eightd" else []
        return self.env["complaint.eightd.link"].browse(ids).exists()

    @api.model
    def _create_derived(self, vals_list):
        if not vals_list:
            return self.browse()
        try:
            return self.create(vals_list)
        except psycopg2.errors.UniqueViolation as error:
            # Somebody derived the same at the same moment: Odoo runs the request
            # again and then sees his rows.
            raise ConcurrencyError(str(error)) from error

    def _update_open(self, vals, pauses):
        """Write what differs on an open row; return whether anything did."""
        self.ensure_one()
        if self._is_final():
            return False
        vals = self._get_difference(vals)
        old = [
            {name: pause[name] for name in ("start_at", "end_at", "reason")}
            for pause in self.pause_ids
        ]
        if old != pauses:
            vals["pause_ids"] = [
                fields.Command.clear(),
                *(fields.Command.create(pause) for pause in pauses),
            ]
        if vals:
            self.write(vals)
        return bool(vals)

    def _cancel_underived(self):
        """End an open row that the log does not know any more.

        Its policy was replaced in the very second in which it started.
        """
        self.ensure_one()
        if self.finished_at:
            return self.browse()
        self.write(
            {
                "state": "cancelled",
                "no_due_reason": "policy_changed",
                "finished_at": fields.Datetime.now(),
            }
        )
        return self

    def _is_final(self):
        self.ensure_one()
        return bool(self.finished_at) and self.no_due_reason != "policy_changed"

    def _get_key(self):
        self.ensure_one()
        return (
            self.ticket_id.id,
            self.line_key,
            self.scope_key or "",
            self.cycle,
            self.occurrence,
        )

    def _get_difference(self, vals):
        """Return those of the values that differ from this row."""
        self.ensure_one()
        current = self._convert_to_write({name: self[name] for name in vals})
        return {
            name: value
            for name, value in vals.items()
            if (current[name] or False) != (value or False)
        }


def _get_derived_key(deadline):
    return deadline.line, deadline.scope or "", deadline.cycle, deadline.occurrence


def _get_waive_reason(deadline, log):
    """Return the note of the event that waived a deadline."""
    if deadline.state != "waived":
        return False
    notes = [
        row["note"]
        for row in log
        if row["code"] == "waived"
        and deadline.line in (row["payload"] or {}).get("lines", ())
        and row["at"] <= deadline.finished_at
    ]
    return notes[-1] if notes else False


def _get_pauses(deadline, log):
    """Return the values of the pauses, each with the reason of its begin."""
    notes = {
        row["at"]: row["note"] or (row["payload"] or {}).get("new")
        for row in sorted(log, key=lambda row: (row["code"] == "paused", row["id"]))
        if row["code"] in ("paused", "phase_changed")
    }
    return [
        {"start_at": begin, "end_at": end or False, "reason": notes.get(begin) or False}
        for begin, end in deadline.pauses
    ]
