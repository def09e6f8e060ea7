# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import dataclass
from datetime import datetime

from odoo import fields, models


@dataclass(frozen=True)
class _Past:
    """Value of the context key; an object that no client can send."""

    at: datetime


def complaint_now(env):
    """Return the time to write down: now, or the one that a script works in.

    :param env: environment of the records
    """
    past = env.context.get("complaint_past")
    return past.at if isinstance(past, _Past) else fields.Datetime.now()


class ComplaintPastMixin(models.AbstractModel):
    """Work that was done before, for scripts that bring a history along.

    The same methods, gates and rights as today's work, only dated back. The log
    still says when a row was recorded.
    """

    _name = "complaint.past.mixin"
    _description = "Work of the Past"

    def _complaint_do_past(self, at, method, *args):
        """Call a method as if it were an earlier time; for demo data and scripts.

        :param datetime at: when it was done, UTC
        :param str method: name of the method
        """
        past = _Past(fields.Datetime.to_datetime(at))
        return getattr(self.with_context(complaint_past=past), method)(*args)
