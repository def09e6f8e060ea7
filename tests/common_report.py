# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo import Command
from odoo.tools import SQL

from .common import ComplaintCommon

# zones of the database session in which every figure must be the same
SESSION_ZONES = ("UTC", "Pacific/Auckland", "America/Los_Angeles")
DAY = timedelta(days=1)
JULY = datetime(2026, 7, 1, 4)  # noon in Shanghai


class ReportCommon(ComplaintCommon):
    """Complaints with a history, and the statistics about them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["complaint.report"]
        cls.ring = cls.env["product.product"].create(
            {"name": "Ring", "is_storable": True}
        )
        cls.category_late = cls.env["helpdesk.ticket.category"].create(
            {"name": "Late delivery", "company_id": False, "complaint_class": "2"}
        )

    def setUp(self):
        super().setUp()
        clock = freeze_time(JULY + 200 * DAY)
        clock.start()
        self.addCleanup(clock.stop)

    @classmethod
    def _history(cls, *steps, lines=(), **vals):
        """Return a complaint that went through these steps.

        :param steps: ``(moment, what)``; the first one is the report, the others
            are accept, close, cancel or reopen
        :param lines: dicts of values of `complaint.line`
        """
        reported, *others = steps
        with freeze_time(reported):
            ticket = cls._create_complaint(
                complaint_line_ids=[Command.create(dict(line)) for line in lines],
                **vals,
            )
        for at, what in others:
            with freeze_time(at):
                if what == "cancel":
                    ticket._complaint_cancel("registered twice")
                elif what == "reopen":
                    ticket.action_complaint_reopen("not solved")
                else:
                    getattr(ticket, f"action_complaint_{what}")()
        return ticket

    def _groups(self, groupby, aggregates, domain=(), user=None, report=None):
        """Return ``{key: measures}`` as a pivot asks for them, keys as tuples."""
        report = self.report if report is None else report
        report = report.with_user(user or self.user_handler)
        specs = [name if ":" in name else f"{name}:sum" for name in aggregates]
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), *domain]
        [found] = report.formatted_read_grouping_sets(domain, [groupby], specs)
        return {
            tuple(_get_key(group[name]) for name in groupby): {
                spec.partition(":")[0]: group[spec] for spec in specs
            }
            for group in found
        }

    def _set_session_zone(self, zone):
        self.env.cr.execute(SQL("SET LOCAL TIME ZONE %s", zone))
        self.env.invalidate_all()

    def _rows(self, tickets, user=None):
        self.env.flush_all()
        report = self.report.with_user(user or self.user_handler)
        return report.search([("ticket_id", "in", tickets.ids)], order="id")


def _get_key(value):
    """Groups by relations and by months come as pairs; the first one counts."""
    return value[0] if isinstance(value, tuple | list) else value


def get_local(moment, company):
    """Return the day of a moment where the company is."""
    zone = ZoneInfo(company.complaint_tz)
    return moment.replace(tzinfo=timezone.utc).astimezone(zone).date()
