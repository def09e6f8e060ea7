# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.web.controllers.dataset import DataSet

from .common_report import DAY, JULY, ReportCommon

_REPORTS = {
    "complaint.report": "date_reported:month",
    "complaint.liability.report": "date_closed:month",
    "complaint.ppm.report": "date:month",
    "complaint.deadline.report": "counted_date:month",
}
# what pivot, graph, list, export and a spreadsheet ask for
_METHODS = (
    "formatted_read_group",
    "formatted_read_grouping_sets",
    "get_views",
    "name_search",
    "read",
    "search_count",
    "search_read",
    "web_read",
    "web_read_group",
    "web_search_read",
)


class TestReportReadonly(ReportCommon):
    """Statistics may be read from a replica (R498, R502)."""

    def test_routes_that_serve_statistics_are_readonly(self):
        """R502: Odoo hands these calls a read-only cursor, of a replica if any."""

        for model in _REPORTS:
            for method in _METHODS:
                params = {"model": model, "method": method}
                request = SimpleNamespace(
                    registry=self.env.registry,
                    get_json_data=lambda params=params: {"params": params},
                )
                with (
                    self.subTest(**params),
                    patch("odoo.addons.web.controllers.dataset.request", request),
                ):
                    self.assertTrue(DataSet()._call_kw_readonly(None, {}))

    def test_every_query_runs_in_a_readonly_transaction(self):
        """R502: nothing is written, not even by the way."""
        ticket = self._history(
            JULY,
            (JULY + DAY, "accept"),
            (JULY + 2 * DAY, "close"),
            lines=[{"product_id": self.product.id, "symptom": "a", "accepted_qty": 1}],
        )
        self.env.cr.flush()
        self.env.invalidate_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute("SET TRANSACTION READ ONLY")
            self.env.cr.execute("SHOW transaction_read_only")
            self.assertEqual(self.env.cr.fetchone(), ("on",))
            found = {name: self._read_everything(name) for name in _REPORTS}
            savepoint.rollback()
        self.assertEqual(found["complaint.report"][0]["ticket_id"]["id"], ticket.id)
        self.assertTrue(found["complaint.ppm.report"])

    def _read_everything(self, name):
        """Ask for every measure by month, then for every column of the rows."""
        user = self.user_quality
        report = self.env[name].with_user(user)
        aggregates = [
            f"{field.name}:{field.aggregator}"
            for field in report._fields.values()
            if field.aggregator and field.name != "id"
        ]
        by = [_REPORTS[name], "company_id"]
        domain = [("company_id", "=", self.company.id)]
        report.formatted_read_grouping_sets(domain, [[], by[:1], by], aggregates)
        report.formatted_read_group(domain, by, aggregates)
        report.web_read_group(domain, by[:1], aggregates, auto_unfold=True)
        report.get_views([(False, kind) for kind in ("pivot", "graph", "list")])
        columns = {
            field.name: {"fields": {"display_name": {}}}
            if field.type == "many2one"
            else {}
            for field in report._fields.values()
            if field.name != "id"
        }
        return report.web_search_read(domain, columns, limit=5)["records"]
