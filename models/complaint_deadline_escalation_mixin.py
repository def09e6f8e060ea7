# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import random
import time
from datetime import timedelta
from types import SimpleNamespace

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..kernel.clock_units import WORKING_UNITS, Ground
from ..kernel.clock_working import load_zone
from ..kernel.escalation_ladder import climb, get_alarms
from .complaint_batch_sql import get_update
from .complaint_sla_line import DEFAULT_CALENDAR

_logger = logging.getLogger(__name__)

CONCURRENCY_ERRORS = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)
_CRON = "helpdesk_mgmt_complaint.ir_cron_complaint_escalate"
_BATCH = 500
_TRIES = 5
# a row that failed is tried again after this time
_PARKED_FOR = timedelta(hours=1)
# what somebody else holds is tried again after this time
_BUSY_FOR = timedelta(minutes=1)
# A trigger that may fire before this transaction is committed would not see its
# rows: only one further away saves us our own.
_TRIGGER_MARGIN = timedelta(minutes=10)
_SECOND = timedelta(seconds=1)
# how many years after today working hours are read, as the clocks do
_HORIZON_YEARS = 5


class ComplaintDeadlineEscalationMixin(models.AbstractModel):
    """When a deadline must be looked at next, and the sweep that does it.

    `_plan_alarm` is called when deadlines change; `_cron_escalate` by one cron,
    which Odoo runs on one worker at a time. Each batch is a transaction of its own:
    rows are claimed with skip-locked, escalation rows, activities and events are
    written with the new `next_alarm_at`, then committed.
    """

    _name = "complaint.deadline.escalation.mixin"
    _description = "Escalation of Deadlines"

    next_alarm_at = fields.Datetime(
        copy=False,
        help="When the deadline is looked at next: for a level or for its due time.",
    )
    alarm_error = fields.Text(
        string="Escalation Error",
        copy=False,
        readonly=True,
        help="Why the escalation failed; it is tried again every hour.",
    )
    escalation_ids = fields.One2many(
        "complaint.escalation", "deadline_id", string="Escalations"
    )

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    def _plan_alarm(self):
        """Set when these deadlines are looked at next, and wake the cron then."""
        climbing = self.filtered("id").filtered(lambda row: row._is_climbing())
        fired, ground_cache = climbing._get_fired_levels(), {}
        nearest = None
        for deadline in climbing:
            result = deadline._climb(fired, ground_cache, fields.Datetime.now())
            at = result.fire[0].at if result.fire else result.next_at
            deadline._set_alarm(deadline._get_next_look(at))
            if deadline.next_alarm_at:
                nearest = min(nearest or deadline.next_alarm_at, deadline.next_alarm_at)
        ended = self - climbing
        ended.filtered("next_alarm_at")._set_alarm(False)
        ended._close_activities()
        if nearest:
            self._plan_trigger(nearest)

    def _set_alarm(self, at, error=False):
        """Write the next alarm where it differs."""
        for deadline in self:
            vals = {}
            if (deadline.next_alarm_at or False) != (at or False):
                vals["next_alarm_at"] = at
            if (deadline.alarm_error or False) != error:
                vals["alarm_error"] = error
            if vals:
                deadline.write(vals)

    def _is_climbing(self):
        """Return whether levels of this deadline may still be reached.

        A missed day of a daily line is over at once (the next day counts), but its
        levels after the due time are not.
        """
        self.ensure_one()
        if not self.finished_at:
            return self.state != "paused" and bool(self.due_at)
        return (
            self.state == "missed"
            and not self.reached_at
            and self._is_recurring()
            and self.finished_at == self.due_at
        )

    def _is_recurring(self):
        return self.line_id.recurrence == "daily"

    def _get_next_look(self, at, state=None):
        """Return the earlier of a level and the second after the due time."""
        self.ensure_one()
        if (state or self.state) == "running" and not self.finished_at and self.due_at:
            passed = self.due_at + _SECOND
            return min(at, passed) if at else passed
        return at

    def _get_fired_levels(self):
        """Return ``{deadline id: {level ids}}``."""
        fired = {}
        # sudo: engine; users who change a complaint need not read its escalations
        rows = self.env["complaint.escalation"].sudo()
        for row in rows.search_fetch(
            [("deadline_id", "in", self.ids)], ["deadline_id", "level_id"]
        ):
            fired.setdefault(row.deadline_id.id, set()).add(row.level_id.id)
        return fired

    def _climb(self, fired, ground_cache, now):
        """Ask the kernel what this climbing deadline needs, see `climb` there."""
        levels, deadline, ground = self._get_ladder(ground_cache)
        return climb(levels, deadline, ground, fired.get(self.id, ()), now)

    def _get_alarms(self, ground_cache):
        """Return the kernel's `Alarm` of each level, fired or not, by time.

        For screens; nothing without a due time or while the clock stands.
        """
        self.ensure_one()
        if not self.due_at or self.state == "paused":
            return []
        return get_alarms(*self._get_ladder(ground_cache))

    def _get_ladder(self, ground_cache):
        """Return ``(levels, deadline, ground)`` as the kernel takes them."""
        self.ensure_one()
        source = self._get_alarm_source()
        levels = ground_cache.get(source)
        if levels is None:
            levels = [level._get_kernel_level() for level in source.escalation_ids]
            ground_cache[source] = levels
        # the kernel knows a pause that lasts by None
        pauses = [
            (pause.start_at, pause.end_at or None)
            for pause in self.pause_ids.sorted("start_at")
        ]
        deadline = SimpleNamespace(
            started_at=self.started_at,
            due_at=self.due_at,
            finished_at=None,
            state="running",
            pauses=pauses,
        )
        return levels, deadline, self._get_alarm_ground(levels, ground_cache)

    def _get_alarm_source(self):
        """Return the time limit or duty whose levels and calendar hold."""
        self.ensure_one()
        return self.duty_id or self.line_id

    def _get_alarm_ground(self, levels, ground_cache):
        """Return the kernel's `Ground` of this deadline, read once per calendar."""
        calendar, company = self._get_alarm_source().calendar_id, self.company_id
        needs_working = any(level.unit in WORKING_UNITS for level in levels)
        calendar = calendar if needs_working else calendar.browse()
        if needs_working and not calendar:
            calendar = company.resource_calendar_id
            if self.ticket_id:
                calendar = self.ticket_id._complaint_get_calendar(DEFAULT_CALENDAR)
        year = self.started_at.year - 1
        key = company.id, calendar.id, year if calendar else 0
        if key not in ground_cache:
            working = calendar and calendar._complaint_get_working_time(
                company.id, year, fields.Datetime.now().year + _HORIZON_YEARS
            )
            zone = load_zone(company.complaint_tz or "UTC")
            ground_cache[key] = (
                Ground(working.zone, working) if working else Ground(zone)
            )
        return ground_cache[key]

    @api.model
    def _plan_trigger(self, at):
        """Wake the cron at this time, unless it will be awake before.

        `ir.cron._trigger` adds a row per call, so it is only called when no
        pending one is early enough.
        """
        # sudo: whoever saves a complaint has no rights on scheduled actions
        cron = self.env.ref(_CRON, raise_if_not_found=False)
        if not cron:
            return
        cron = cron.sudo()  # sudo: see above
        now = fields.Datetime.now()
        # whole minutes: crons are no more exact than that
        at = (max(at, now) + timedelta(seconds=59)).replace(second=0, microsecond=0)
        # sudo: see above
        triggers = self.env["ir.cron.trigger"].sudo()
        pending = triggers.search_count(
            [
                ("cron_id", "=", cron.id),
                ("call_at", ">", now + _TRIGGER_MARGIN),
                ("call_at", "<=", at),
            ],
            limit=1,
        )
        if not pending:
            cron._trigger(at=at)

    def _close_activities(self):
        """Remove the to-dos of escalations when nothing is escalated any more."""
        # sudo: the to-dos of others; the log keeps that they were told
        rows = self.env["complaint.escalation"].sudo()
        told = rows.search([("deadline_id", "in", self.ids)])
        for path in ("ticket_id", "deadline_id.duty_id"):
            documents = told.mapped(path)
            if not documents:
                continue
            waiting = rows.search(
                [(path, "in", documents.ids), ("deadline_id.finished_at", "=", False)]
            ).mapped(path)
            # sudo: as above
            self.env["mail.activity"].sudo().search(
                [
                    ("res_model", "=", documents._name),
                    ("res_id", "in", (documents - waiting).ids),
                    ("activity_type_id", "=", rows._get_activity_type(documents).id),
                    ("automated", "=", True),
                ]
            ).unlink()

    # ------------------------------------------------------------------
    # The sweep
    # ------------------------------------------------------------------

    @api.model
    def _cron_escalate(self):
        """Open periods of duties, act on what is due; the entry of the cron."""
        self._in_transaction(self.env["complaint.duty"]._open_all)
        self._in_transaction(self.env["complaint.duty"]._make_statements)
        self._sweep()

    @api.model
    def _sweep(self, limit=_BATCH):
        """Act on what is due, batch by batch, then mails and priorities.

        :return: number of deadlines that were handled
        """
        handled, busy = 0, []
        while True:
            found = self._in_transaction(self._sweep_batch, limit, busy)
            if found is None:
                break
            done, locked, seconds_left = found
            handled += done
            busy += locked
            if not seconds_left or not (done or locked):
                break
        mails_ok = self._sweep_mails()
        left = self._in_transaction(self._sweep_priorities)
        self._in_transaction(self._plan_next, bool(busy or left) or not mails_ok)
        return handled

    @api.model
    def _in_transaction(self, work, *args):
        """Run `work`, which commits; again from the start when it lost a race.

        :return: its result, None when it lost every time (the next sweep goes on)
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return work(*args)
            except CONCURRENCY_ERRORS as error:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                _logger.info(
                    "Escalation sweep, try %s of %s: %s", attempt, _TRIES, error
                )
                time.sleep(random.uniform(0, 0.1) * attempt)
        return None

    @api.model
    def _sweep_batch(self, limit, busy):
        """Claim and handle one batch, commit.

        :param busy: ids that others hold; not asked for again in this sweep
        :return: ``(number handled, ids that others hold, seconds left)``
        """
        now = fields.Datetime.now()
        due = self.search(
            [("next_alarm_at", "<=", now), ("id", "not in", list(busy))],
            order="next_alarm_at, id",
            limit=limit,
        )
        mine = due.try_lock_for_update(allow_referencing=True)._filter_free()
        mine._handle(now)
        more = 0
        if limit and len(due) == limit:
            more = self.search_count([("next_alarm_at", "<=", now)])
        seconds = self.env["ir.cron"]._commit_progress(len(mine), remaining=more)
        return len(mine), (due - mine).ids, seconds

    @api.model
    def _sweep_mails(self):
        """Queue the digests, commit; return whether all were queued."""
        failed = []
        while True:
            found = self._in_transaction(self._sweep_mail_batch, failed)
            if found is None:
                return False
            count, new_failed = found
            failed += new_failed
            if not count and not new_failed:
                return True

    @api.model
    def _sweep_mail_batch(self, failed):
        result = self.env["complaint.escalation"]._queue_digests(failed)
        self.env["ir.cron"]._commit_progress()
        return result

    @api.model
    def _sweep_priorities(self):
        left = self.env["complaint.escalation"]._raise_priorities()
        self.env["ir.cron"]._commit_progress()
        return left

    @api.model
    def _plan_next(self, soon):
        """Wake the cron for the next alarm, `soon` when something was left."""
        nearest = self.search(
            [("next_alarm_at", "!=", False)], order="next_alarm_at", limit=1
        ).next_alarm_at
        if soon:
            later = fields.Datetime.now() + _BUSY_FOR
            nearest = min(nearest, later) if nearest else later
        if nearest:
            self._plan_trigger(nearest)
        self.env["ir.cron"]._commit_progress()

    def _handle(self, now):
        """Escalate these claimed rows; one that fails is parked alone."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._escalate(now)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            if len(self) == 1:
                self._park(error, now)
                return
            half = len(self) // 2
            self[:half]._handle(now)
            self[half:]._handle(now)

    def _park(self, error, now):
        """Keep the error on the row and let the others pass."""
        _logger.warning("Escalation of %s failed", self, exc_info=error)
        self._set_alarm(now + _PARKED_FOR, f"{type(error).__name__}: {error}")

    def _escalate(self, now):
        """Fire all levels that are due, in order, and note passed due times."""
        fired, ground_cache, values, updates = self._get_fired_levels(), {}, [], []
        for deadline in self:
            vals = {"next_alarm_at": None, "alarm_error": None}
            if deadline._is_climbing():
                result = deadline._climb(fired, ground_cache, now)
                values += [
                    deadline._prepare_escalation_vals(alarm, now)
                    for alarm in result.fire
                ]
                vals |= deadline._prepare_breach_vals(now)
                vals["next_alarm_at"] = deadline._get_next_look(
                    result.next_at, vals.get("state")
                )
            updates.append(vals)
        self._write_claimed(updates)
        if values:
            self.env["complaint.escalation"]._log_levels(values)._tell()
        self._continue_recurring(now)

    def _write_claimed(self, updates):
        """Write what a sweep found out about its rows, as one flush would.

        A `write` for each row would take a third of the sweep.
        """
        names = ["next_alarm_at", "alarm_error", "state", "breached_at"]
        self.flush_recordset(names)
        vals_list = [
            {name: vals.get(name, row[name] or None) for name in names}
            for row, vals in zip(self, updates, strict=True)
        ]
        self.env.cr.execute(get_update(self, vals_list))
        self.invalidate_recordset(names, flush=False)
        self.modified(names)

    def _prepare_breach_vals(self, now):
        """The due time has passed: no event says so, only the clock."""
        if self.state != "running" or self.finished_at or self.due_at >= now:
            return {}
        if self._is_recurring():
            return {}  # see `_continue_recurring`
        return {"state": "missed", "breached_at": self.breached_at or self.due_at}

    def _filter_free(self):
        """Leave out whose complaint is being saved, where it must be written.

        That is so where the clocks are asked again: for the next day of a daily
        line (R315), and when a limit starts with the escalation (R324).
        """
        writing = self
        if not self.env["complaint.escalation"]._is_heard_by_clocks():
            writing = self.filtered(lambda row: row._is_recurring())
        tickets = writing.ticket_id
        busy = tickets - tickets.try_lock_for_update(allow_referencing=True)
        return self - writing.filtered(lambda row: row.ticket_id in busy)

    def _continue_recurring(self, now):
        """Let the next day of a daily line begin (R315)."""
        passed = self.filtered(
            lambda row: row._is_recurring()
            and row.state == "running"
            and not row.finished_at
            and row.due_at
            and row.due_at < now
        )
        passed.ticket_id._complaint_clock_refresh()

    def _prepare_escalation_vals(self, alarm, now):
        """Return the log row of a level that is reached, see `_log_levels`."""
        self.ensure_one()
        level = self.env["complaint.sla.escalation"].browse(alarm.level.key)
        level = level.with_context(lang=self.company_id.partner_id.lang)
        users, role, note = level._get_people(self)
        # without complaint or duty there is nothing to hang an activity on
        has_document = bool(self.ticket_id or self.duty_id)
        by_mail = level.do_mail or (level.do_activity and not has_document)
        return {
            "deadline_id": self.id,
            "ticket_id": self.ticket_id.id or None,
            "company_id": self.company_id.id,
            "level_id": level.id,
            "level": level.level,
            "role": role,
            "user_ids": users.ids,
            "due_at": alarm.at,
            "fired_at": now,
            "by_activity": bool(level.do_activity and has_document and users),
            "by_mail": bool(by_mail and users),
            "pending_user_ids": users.ids if by_mail else [],
            "priority_pending": bool(level.do_priority and self.ticket_id),
            "instruction_required": level.require_instruction,
            "note": note or None,
        }
