# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from itertools import islice

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain

from ..kernel.duty_periods import cycle_days, duty_periods, local_day
from .complaint_deadline_escalation_mixin import CONCURRENCY_ERRORS

_logger = logging.getLogger(__name__)

# after years without the scheduler the rest follows with its next runs
_MAX_AT_ONCE = 100


class ComplaintDutyPeriodMixin(models.AbstractModel):
    """From a duty to its periods: opened once, made up for, cancelled (R322)."""

    _name = "complaint.duty.period.mixin"
    _description = "Periods of Recurring Duties"

    @api.model
    def _open_all(self):
        """Open what has to be opened, in every company; part of the cron.

        A duty that fails is logged and blocks no other.

        :return: the new deadlines
        """
        opened = self.search([("is_preset", "=", False)])._open_safely()
        self.env["ir.cron"]._commit_progress()
        return opened

    def _open_safely(self):
        """Open periods of all these duties together, else of each that can be."""
        opened = self.env["complaint.deadline"]
        try:
            with self.env.cr.savepoint():
                # who is next upward may depend on more than what is watched
                self.env.add_to_compute(self._fields["responsible_id"], self)
                self._sync_responsible()
                return self._open_periods()
        except CONCURRENCY_ERRORS:
            raise
        except Exception:
            if len(self) == 1:
                _logger.warning("Periods of %s not opened", self, exc_info=True)
                return opened
        for duty in self:
            opened |= duty._open_safely()
        return opened

    def _open_periods(self):
        """Create the deadlines of all periods that opened until now.

        Days on which nobody asked are made up for. A period is opened once: who
        finds the duty locked leaves it to the other, and a unique index stops one
        whose view of the database is too old.

        :return: the new deadlines
        """
        deadlines = self.env["complaint.deadline"]
        duties = self.filtered(lambda duty: duty.active and not duty.is_preset)
        last_days = duties._get_last_days()
        waiting = {
            duty: periods
            for duty in duties
            if (periods := duty._get_new_periods(last_days.get(duty.id)))
        }
        if not waiting:
            return deadlines
        mine = self.browse([duty.id for duty in waiting])
        mine = mine.try_lock_for_update(allow_referencing=True)
        vals_list = [
            duty._prepare_deadline_vals(period)
            for duty, periods in waiting.items()
            if duty in mine
            for period in periods
        ]
        try:
            # sudo: nobody writes deadlines himself
            opened = deadlines.sudo().create(vals_list)
        except psycopg2.errors.UniqueViolation as error:
            # Somebody opened them at the same moment: run again and see them.
            raise ConcurrencyError(str(error)) from error
        opened._plan_alarm()
        return opened.with_env(self.env)

    def _get_last_days(self):
        """Return ``{duty id: last day of the last period that was opened}``."""
        # sudo: see `_unlink_except_used`
        groups = self.env["complaint.deadline"].sudo()
        groups = groups._read_group(
            [("duty_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["duty_id"],
            ["period_end:max"],
        )
        return {duty.id: last_day for duty, last_day in groups}

    def _get_new_periods(self, last_day):
        """Return the periods that have opened but have no deadline, oldest first.

        :param date last_day: until when periods were opened, None for never
        :return: list of `kernel.duty_periods.DutyPeriod`
        """
        self.ensure_one()
        rule, ground = self._get_rule(), self._get_ground()
        # what is about the period before may still be due
        first = cycle_days(rule.cycle, local_day(self.start_at, ground))[0]
        day = first - first.resolution
        if last_day:
            day = max(day, last_day + last_day.resolution)
        periods = self._iter_new_periods(rule, ground, day, last_day)
        return list(islice(periods, _MAX_AT_ONCE))

    def _iter_new_periods(self, rule, ground, day, last_day):
        now = fields.Datetime.now()
        for period in duty_periods(rule, ground, day):
            if period.opens_at > now:
                return
            is_new = not last_day or period.first > last_day
            if is_new and period.due_at > self.start_at:
                yield period

    def _prepare_deadline_vals(self, period):
        """Hook: return the values of the deadline of a period.

        :param period: `kernel.duty_periods.DutyPeriod`
        """
        self.ensure_one()
        deadlines = self.env["complaint.deadline"]
        return {
            "duty_id": self.id,
            "company_id": self.company_id.id,
            "department_id": self._get_department().id,
            "user_id": self.responsible_id.id,
            "line_key": f"duty,{self.id}",
            "name": deadlines._get_duty_name(self, period.first),
            "period_start": period.first,
            "period_end": period.last,
            "started_at": period.opens_at,
            "policy_due_at": period.due_at,
            "due_at": period.due_at,
        }

    def _cancel_coming(self):
        """End the open periods of archived duties; what was missed stays missed."""
        # sudo: nobody writes deadlines himself
        rows = self.env["complaint.deadline"].sudo()
        now = fields.Datetime.now()
        rows = rows.search(
            Domain("duty_id", "in", self.ids)
            & Domain("finished_at", "=", False)
            & Domain("due_at", ">=", now)
        )
        rows.write(
            {"state": "cancelled", "no_due_reason": "not_needed", "finished_at": now}
        )
        rows._plan_alarm()

    def _sync_responsible(self):
        """Let open periods follow a change of the owner; finished ones keep theirs."""
        # sudo: nobody writes deadlines himself
        rows = self.env["complaint.deadline"].sudo()
        rows = rows.search([("duty_id", "in", self.ids), ("finished_at", "=", False)])
        for row in rows:
            duty = row.duty_id
            vals = row._get_difference(
                {
                    "user_id": duty.responsible_id.id,
                    "department_id": duty._get_department().id,
                }
            )
            if vals:
                row.write(vals)
