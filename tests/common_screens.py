# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import html

from .common_sla import SlaCommon

# a name that must never become part of a page
HOSTILE = "<script>alert('x')</script><b>Bold</b>"


def plain(text):
    """Return a text with single, common spaces."""
    return " ".join(text.split())


def text_of(value):
    """Return what a reader sees of HTML."""
    return plain(html.fromstring(value).text_content())


class ScreenCommon(SlaCommon):
    """Screens are tested by what a reader sees and by the queries they need."""

    def _count_queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        return self.env.cr.sql_log_count - before
