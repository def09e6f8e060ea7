# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json

from odoo.fields import Domain
from odoo.tests import HttpCase, tagged

from .common import ComplaintCommon


class DashboardCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref(
            "helpdesk_mgmt_complaint.spreadsheet_dashboard_complaint"
        )
        cls.data = json.loads(cls.dashboard.spreadsheet_data)


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCommon):
    """R502: the figures of a meeting on one page."""

    def _as_reader(self):
        return self.env(user=self.user_supervisor)

    def test_every_pivot_can_be_read_by_its_reader(self):
        """R502: models, fields and domains exist; an empty database is no error."""
        env = self._as_reader()
        for pivot in self.data["pivots"].values():
            groupby = [row["fieldName"] for row in pivot["rows"]]
            measures = [
                name
                if name == "__count"
                else f"{name}:{self._aggregator(env, pivot, name)}"
                for name in (measure["fieldName"] for measure in pivot["measures"])
            ]
            rows = env[pivot["model"]].formatted_read_group(
                pivot["domain"], groupby, measures
            )
            self.assertIsInstance(rows, list, pivot["name"])

    def _aggregator(self, env, pivot, name):
        aggregator = env[pivot["model"]]._fields[name].aggregator
        self.assertTrue(aggregator, f"{pivot['model']}.{name} has no total")
        return aggregator

    def test_filters_reach_fields_that_exist(self):
        """R502: period, department, category and customer of every figure."""
        charts = [
            figure["data"]
            for sheet in self.data["sheets"]
            for figure in sheet["figures"]
        ]
        known = {item["id"]: item for item in self.data["globalFilters"]}
        matched = [
            (p["model"], p["fieldMatching"]) for p in self.data["pivots"].values()
        ]
        matched += [
            (chart["metaData"]["resModel"], chart["fieldMatching"])
            for chart in charts
            if chart["type"].startswith("odoo_")
        ]
        for model, matching in matched:
            for filter_id, match in matching.items():
                field = self.env[model]._fields[match["chain"]]
                self.assertEqual(field.type, match["type"])
                relation = known[filter_id].get("modelName")
                if relation:
                    self.assertEqual(field.comodel_name, relation)

    def test_drill_down_opens_menus_and_domains_that_exist(self):
        """R502: figures and titles lead to the complaints behind them."""
        for menu in self.data["chartOdooMenusReferences"].values():
            self.assertTrue(self.env.ref(menu).action, menu)
        for cell in self.data["sheets"][0]["cells"].values():
            if "odoo://view/" not in cell:
                continue
            view = json.loads(cell.split("odoo://view/", 1)[1][:-1])
            model = self._as_reader()[view["action"]["modelName"]]
            model.search_count(Domain(view["action"]["domain"]))
            for name in view["action"]["context"]["group_by"]:
                self.assertIn(name.split(":")[0], model._fields)

    def test_is_for_quality_and_supervisors(self):
        """R524: employees and handlers without these roles do not see it."""
        dashboards = self.env["spreadsheet.dashboard"]
        for user, seen in (
            (self.user_supervisor, True),
            (self.user_quality, True),
            (self.user_handler, False),
            (self.user_register, False),
        ):
            found = dashboards.with_user(user).search([("id", "=", self.dashboard.id)])
            self.assertEqual(bool(found), seen, user.login)


@tagged("post_install", "-at_install")
class TestDashboardTour(DashboardCommon, HttpCase):
    def test_no_cell_in_error_without_any_complaint(self):
        """R502: opens on a database that has no complaint yet."""
        self.env["helpdesk.ticket"].search([]).write({"active": False})
        self._open()

    def test_no_cell_in_error_with_complaints(self):
        """R502: open, overdue and categories are counted on the page."""
        self._create_complaint(category_id=self.category.id)
        self._open()

    def _open(self):
        self.start_tour(
            "/odoo/action-helpdesk_mgmt_complaint.complaint_dashboard_action",
            "complaint_dashboard",
            login="complaint_supervisor",
        )
