# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..models.res_users import ResUsers
from .common_report import JULY, ReportCommon

_REPORTS = ("complaint.report", "complaint.liability.report", "complaint.ppm.report")


class TestReportSecurity(ReportCommon):
    """Statistics show nobody more than the complaints do (R518-R520, R524)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._history(
            JULY,
            lines=[{"product_id": cls.ring.id, "symptom": "a", "accepted_qty": 3}],
        )
        cls.user_finance = new_test_user(
            cls.env,
            "complaint_finance",
            groups="helpdesk_mgmt_complaint.group_complaint_finance",
        )

    def _find(self, name, user):
        self.env.flush_all()
        self.env.invalidate_all()
        report = self.env[name].with_user(user)
        return report.search([("ticket_id", "=", self.ticket.id)])

    def _count(self, name, user):
        """Return the complaints that a pivot counts, with and without rows."""
        report = self.env[name].with_user(user)
        domain = [("ticket_id", "=", self.ticket.id)]
        return {
            report.formatted_read_group(domain, groupby, ["nbr:sum"])[0]["nbr:sum"]
            if report.formatted_read_group(domain, groupby, ["nbr:sum"])
            else 0
            for groupby in ([], ["company_id"], ["ticket_id"])
        }

    def test_customers_and_employees_without_role_see_nothing(self):
        """R518, R524: also who leads a department, unless he has a role."""
        head = self.user_register
        department = self.env["hr.department"].create({"name": "Production"})
        department.manager_id = self.env["hr.employee"].create(
            {"name": "Head", "user_id": head.id, "department_id": department.id}
        )
        self.ticket.complaint_department_id = department
        public = self.env.ref("base.public_user")
        users = self.portal_user | public | head | self.user_helpdesk
        for name in _REPORTS:
            for user in users | self.user_helpdesk_manager:
                with self.subTest(report=name, user=user.login):
                    with self.assertRaises(AccessError):
                        self._find(name, user)
                    with self.assertRaises(AccessError):
                        self._count(name, user)
                    with self.assertRaises(AccessError):
                        self.env[name].with_user(user).browse(1).read(["nbr"])

    def test_roles_read_and_nobody_writes(self):
        """R524: handlers, finance and supervisors; PPM quality and supervisors."""
        readers = {
            "complaint.report": self.user_handler | self.user_finance,
            "complaint.liability.report": self.user_handler | self.user_finance,
            "complaint.ppm.report": self.user_quality,
        }
        for name, users in readers.items():
            for user in users | self.user_supervisor | self.user_manager:
                with self.subTest(report=name, user=user.login):
                    row = self._find(name, user)[:1]
                    self.assertEqual(row.ticket_id, self.ticket)
                    self.assertEqual(self._count(name, user), {1})
                    for operation in ("write", "create", "unlink"):
                        with self.assertRaises(AccessError):
                            row.check_access(operation)
                    with self.assertRaises(AccessError):
                        row.unlink()
        with self.assertRaises(AccessError):
            self._find("complaint.ppm.report", self.user_handler)

    def test_other_company_is_not_counted(self):
        """R524: each company sees its own figures."""
        self.user_handler_b.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_quality"
        )
        for name in _REPORTS:
            with self.subTest(report=name):
                self.assertTrue(self._find(name, self.user_quality))
                self.assertFalse(self._find(name, self.user_handler_b))
                self.assertLessEqual(self._count(name, self.user_handler_b), {0, None})
                row = self._find(name, self.user_quality)[:1]
                self.env.invalidate_all()
                # for him there is no such row, not even one that he may not read
                self.assertFalse(row.with_user(self.user_handler_b).read(["nbr"]))

    def test_company_counts_its_own_deliveries_only(self):
        """R524: what another company delivered is none of ours."""
        domain = [("product_id", "=", self.product.id)]
        self.user_handler_b.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_quality"
        )
        for user, expected in ((self.user_quality, 500), (self.user_handler_b, 0)):
            report = self.env["complaint.ppm.report"].with_user(user)
            sums = ["delivered_qty:sum"]
            [total] = report.formatted_read_group(domain, aggregates=sums)
            self.assertEqual(total["delivered_qty:sum"] or 0, expected)

    def test_blindly_recused_does_not_see_it_in_the_figures(self):
        """R519: neither as row nor in a sum; others do."""
        self.procedure.recused_blind = True
        self.ticket.complaint_recused_extra_ids = [Command.link(self.user_quality.id)]
        for name in _REPORTS:
            with self.subTest(report=name):
                self.assertFalse(self._find(name, self.user_quality))
                self.assertLessEqual(self._count(name, self.user_quality), {0, None})
                self.assertTrue(self._find(name, self.user_supervisor))
        self.procedure.recused_blind = False
        for name in _REPORTS:
            self.assertTrue(self._find(name, self.user_quality), name)

    def test_need_to_know_holds_for_the_figures(self):
        """R520: one truth: what closes the complaint closes its statistics."""
        mine = self._history(JULY, user_id=self.user_quality.id)
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        with patch.object(ResUsers, "_complaint_reads_all", lambda _user: False):
            for name in _REPORTS:
                self.assertFalse(self._find(name, self.user_quality), name)
                self.assertLessEqual(self._count(name, self.user_quality), {0, None})
            report = self.report.with_user(self.user_quality)
            domain = [("ticket_id", "in", (mine | self.ticket).ids)]
            self.assertEqual(report.search(domain).ticket_id, mine)

    def test_context_of_a_client_opens_nothing(self):
        """R520: the keys that choose the shape of the query are no secret."""
        report = self.env["complaint.ppm.report"].with_user(self.user_handler_b)
        for context in (
            {"complaint_ppm_names": []},
            {"complaint_report_once": True},
            {"active_test": False},
        ):
            with self.assertRaises(AccessError):
                report.with_context(**context).search([])
            rows = self.report.with_user(self.user_handler_b).with_context(**context)
            self.assertFalse(rows.search([("ticket_id", "=", self.ticket.id)]))

    def test_archived_complaint_counts(self):
        """R487: archiving takes nothing out of the statistics."""
        self.ticket.active = False
        self.assertEqual(self._count("complaint.report", self.user_handler), {1})
