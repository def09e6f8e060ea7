# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from odoo import api, fields, models
from odoo.fields import Domain

from .complaint_deadline_escalation_mixin import CONCURRENCY_ERRORS
from .complaint_statement import KINDS

_logger = logging.getLogger(__name__)


class ComplaintStatementDutyMixin(models.AbstractModel):
    """A duty that is done by issuing a statement (R259, R318, R322).

    The draft is made when the period opens, and read again every day as long as it
    is one; the clock ends when the statement is issued.
    """

    _name = "complaint.statement.duty.mixin"
    _description = "Statement of a Recurring Duty"

    statement_kind = fields.Selection(
        KINDS,
        string="Statement",
        help="The draft is made when the period opens; issuing it is the result.",
    )

    @api.model
    def _make_statements(self):
        """Make drafts for open periods, refresh those of yesterday; part of the cron.

        A statement that fails is logged and blocks no other.
        """
        # sudo: nobody writes deadlines himself; the scheduler works for all companies
        deadlines = self.env["complaint.deadline"].sudo()
        periods = deadlines.search(
            Domain("duty_id.statement_kind", "!=", False)
            & Domain("finished_at", "=", False)
        )
        for period in periods:
            try:
                with self.env.cr.savepoint():
                    self._make_statement(period)
            except CONCURRENCY_ERRORS:
                raise
            except Exception:
                _logger.warning("Statement of %s not made", period, exc_info=True)
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _make_statement(self, period):
        """Make or refresh the draft of one period, at most once a day."""
        statement = period.statement_id
        duty = period.duty_id
        if not statement:
            statement = self.env["complaint.statement"]._generate(
                duty.statement_kind,
                period.company_id,
                period.period_start,
                period.period_end,
                owner=duty.responsible_id,
            )
            period.statement_id = statement
            if statement.state == "issued":
                # somebody was faster than the scheduler
                statement.with_user(statement.issued_by_id)._meet_duties()
            return
        day_start = self.env["complaint.print.tools"]._get_day_start(
            period.company_id._complaint_today(), period.company_id
        )
        if statement.state == "draft" and statement.generated_at < day_start:
            statement._refresh()
