# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_datetime

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# up to here the smaller unit says more
_MINUTES_UNTIL, _HOURS_UNTIL = 2 * _HOUR, 2 * _DAY


class ComplaintDueMixin(models.AbstractModel):
    """Due times as people say them: "in 3 h", "2 days late"."""

    _name = "complaint.due.mixin"
    _description = "Due Times in Words"

    def _complaint_get_due_text(self, due_at, until=None):
        """Return how far a due time is away, in the unit that fits.

        Rounded down: nobody is promised more time than there is.

        :param datetime due_at: naive UTC
        :param datetime until: naive UTC, now when left out
        """
        if not due_at:
            return ""
        span = due_at - (until or fields.Datetime.now())
        if span < timedelta():
            return self._complaint_get_late_text(-span)
        if span < _MINUTE:
            return self.env._("now")
        if span < _MINUTES_UNTIL:
            return self.env._("in %(count)s min", count=span // _MINUTE)
        if span < _HOURS_UNTIL:
            return self.env._("in %(count)s h", count=span // _HOUR)
        return self.env._("in %(count)s days", count=span // _DAY)

    def _complaint_get_late_text(self, late):
        """Return how late something is; less than a minute is one."""
        if late < _MINUTES_UNTIL:
            count = max(late // _MINUTE, 1)
            return self.env._("%(count)s min late", count=count)
        if late < _HOURS_UNTIL:
            return self.env._("%(count)s h late", count=late // _HOUR)
        return self.env._("%(count)s days late", count=late // _DAY)

    def _complaint_format(self, at):
        """Return a time in the language and zone of the reader, "" for none."""
        zone = self.env.context.get("tz") or False
        return format_datetime(self.env, at, tz=zone, dt_format="short") if at else ""
