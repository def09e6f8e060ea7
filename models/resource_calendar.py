# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, time, timedelta, timezone

import pytz

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..kernel.clock_working import WorkingTime, load_zone, to_local, to_utc

_DAY = timedelta(days=1)


def read_working_time(calendar, start, end, domain=None):
    """Return the `WorkingTime` of a calendar over a period, one reading.

    Global leaves are taken out as `plan_hours(..., compute_leaves=True)` does it.
    A flexible calendar has no fixed hours: Odoo fills weeks from the moment it
    is asked about. Read from a Monday, 0:00, every start sees the same hours.

    :param calendar: one `resource.calendar`
    :param datetime start, end: naive UTC
    :param list domain: which leaves count, Odoo's choice when left out
    """
    zone = load_zone(calendar.tz)
    local = to_local(start, zone)
    monday = datetime.combine(local.date() - _DAY * local.weekday(), time())
    start = to_utc(monday, zone)
    intervals = calendar._work_intervals_batch(
        start.replace(tzinfo=pytz.utc), end.replace(tzinfo=pytz.utc), domain=domain
    )[False]
    slots = [(_naive(begin), _naive(stop)) for begin, stop, _meta in intervals]
    return WorkingTime(slots, calendar.tz, start, end)


def _naive(at):
    return at.astimezone(timezone.utc).replace(tzinfo=None)


class ResourceCalendar(models.Model):
    """Working time for the clocks: read once, then kept in the registry's cache."""

    _inherit = "resource.calendar"

    @api.model_create_multi
    def create(self, vals_list):
        self._complaint_clear_working_time()
        return super().create(vals_list)

    def write(self, vals):
        self._complaint_clear_working_time()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_clocks(self):
        """A clock must not lose its calendar: archive it instead."""
        # sudo: whoever deletes calendars need not read the policies of complaints
        lines = self.env["complaint.sla.line"].sudo().with_context(active_test=False)
        used = lines.search([("calendar_id", "in", self.ids)])
        # sudo: as above
        teams = self.env["helpdesk.ticket.team"].sudo()
        teams = teams.with_context(active_test=False).search(
            [("complaint_calendar_id", "in", self.ids)]
        )
        # sudo: as above
        duties = self.env["complaint.duty"].sudo().with_context(active_test=False)
        duties = duties.search([("calendar_id", "in", self.ids)])
        if used or teams or duties:
            calendars = used.calendar_id | teams.complaint_calendar_id
            calendars |= duties.calendar_id
            raise UserError(
                self.env._(
                    "%(names)s: used by the deadlines of %(policies)s. Choose "
                    "another calendar there, or archive this one.",
                    names=", ".join(calendars.mapped("name")),
                    policies=", ".join(
                        [
                            *used.policy_id.mapped("name"),
                            *teams.mapped("name"),
                            *duties.mapped("name"),
                        ]
                    ),
                )
            )
        self._complaint_clear_working_time()

    @api.model
    def _complaint_clear_working_time(self):
        self.env.registry.clear_cache()

    @tools.ormcache("self.id", "company_id", "first_year", "last_year")
    def _complaint_get_working_time(self, company_id, first_year, last_year):
        """Return the `WorkingTime` of whole years.

        :param int company_id: whose public holidays count for a shared calendar
        """
        # sudo: working hours decide deadlines for everybody
        calendar = self.sudo()
        companies = [False, calendar.company_id.id or company_id]
        domain = Domain("time_type", "=", "leave")
        domain &= Domain("company_id", "in", companies)
        return read_working_time(
            calendar,
            datetime(first_year, 1, 1),
            datetime(last_year, 12, 31),
            list(domain),
        )
