# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager
from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import new_test_user

from ..models.complaint_statement_flow_mixin import ComplaintStatementFlowMixin
from .common_procedure import ProcedureCommon

JULY = (date(2026, 7, 1), date(2026, 7, 31))
AUGUST = (date(2026, 8, 1), date(2026, 8, 31))
# 5 August 2026, 10:00 in Shanghai
AFTER_JULY = datetime(2026, 8, 5, 2, 0)
AFTER_AUGUST = datetime(2026, 9, 4, 2, 0)


class StatementCommon(ProcedureCommon):
    """Two departments with heads, complaints closed in July 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "helpdesk_mgmt_complaint.group_complaint_"
        cls.heads = {}
        cls.departments = {}
        for name in ("Machining", "Purchasing"):
            user = new_test_user(
                cls.env,
                f"head_{name.lower()}",
                groups="base.group_user",
                name=f"Head of {name}",
            )
            employee = cls._create_employee(user)
            cls.heads[name] = user
            cls.departments[name] = cls.env["hr.department"].create(
                {"name": name, "manager_id": employee.id}
            )
        cls.user_finance = new_test_user(
            cls.env, "statement_finance", groups=f"{group}finance"
        )
        cls.user_employee = new_test_user(
            cls.env, "statement_employee", groups="base.group_user"
        )
        cls.defects = cls.env["complaint.defect"].create(
            [
                {"name": name, "code": code}
                for name, code in (("Rust", "R"), ("生锈", "S"))
            ]
        )
        cls.statements = cls.env["complaint.statement"]

    def setUp(self):
        super().setUp()
        clock = freeze_time(AFTER_JULY)
        self.now = clock.start()
        self.addCleanup(clock.stop)
        # one real print is enough: see TestStatementPrint
        self.prints = 0

        def make_pdf(statement):
            self.prints += 1
            return f"%PDF {statement.name} {self.prints}".encode()

        self.make_pdf = patch.object(ComplaintStatementFlowMixin, "_make_pdf", make_pdf)
        self.make_pdf.start()
        self.addCleanup(self.make_pdf.stop)

    @contextmanager
    def _at(self, *when):
        """Do something at another time (UTC)."""
        before = datetime.now()
        self.now.move_to(datetime(*when))
        try:
            yield
            self.env.flush_all()
        finally:
            self.now.move_to(before)

    def _create_closed(self, reported, closed, shares=(), defect=None, **vals):
        """Return a complaint that was reported, decided and closed in the past.

        :param tuple reported, closed: UTC, as for `datetime`
        :param shares: ``(department, ratio)``
        """
        loss = vals.pop("loss", 0)
        with self._at(*reported):
            ticket = self._create_complaint(
                complaint_procedure_id=self.procedure.id,
                user_id=self.user_handler.id,
                complaint_line_ids=[
                    (
                        0,
                        0,
                        {
                            "product_id": self.product.id,
                            "defect_id": (defect or self.defect).id,
                            "defective_qty": vals.pop("quantity", 3),
                        },
                    )
                ],
                **vals,
            ).with_user(self.user_handler)
            ticket.action_complaint_accept()
        if not closed:
            return ticket
        with self._at(*closed):
            for department, ratio in shares:
                self.env["complaint.liability"].create(
                    {
                        "ticket_id": ticket.id,
                        "department_id": department.id,
                        "ratio": ratio,
                    }
                )
            self._sign_text(ticket, "countermeasure", "New gauge at station 4")
            self._sign_text(ticket, "decision", "Exchange accepted")
            if loss:
                settlement = self.env["complaint.settlement"].create(
                    {
                        "ticket_id": ticket.id,
                        "line_ids": [
                            (0, 0, {"kind": "allowance", "quantity": 1, "price": loss})
                        ],
                    }
                )
                settlement.action_decide()
            ticket.action_complaint_close()
        return ticket

    def _sign_text(self, ticket, kind, text):
        opinion = self.env["complaint.opinion"].create(
            {"ticket_id": ticket.id, "kind": kind, "text": text}
        )
        opinion.action_sign()
        return opinion

    def _create_july(self):
        """Three complaints closed in July, by Shanghai's calendar."""
        machining = self.departments["Machining"]
        purchasing = self.departments["Purchasing"]
        self.cases = {
            "first": self._create_closed(
                (2026, 6, 10), (2026, 7, 2), [(machining, 100)], loss=1000
            ),
            "shared": self._create_closed(
                (2026, 7, 3),
                (2026, 7, 20),
                [(machining, 30), (purchasing, 70)],
                loss=500,
            ),
            # 1 July in Shanghai is still 30 June in UTC
            "midnight": self._create_closed(
                (2026, 6, 20),
                (2026, 6, 30, 16, 30),
                [(purchasing, 100)],
                defect=self.defects[0],
            ),
            # 1 August in Shanghai
            "august": self._create_closed(
                (2026, 7, 20), (2026, 7, 31, 16, 30), [(machining, 100)]
            ),
        }
        return self.cases

    def _generate(self, kind="cases", period=JULY, user=None, **vals):
        wizard = (
            self.env["complaint.statement.generate"]
            .with_user(user or self.user_quality)
            .create(
                {"kind": kind, "date_from": period[0], "date_to": period[1], **vals}
            )
        )
        action = wizard.action_generate()
        self.env.flush_all()
        self.env.invalidate_all()
        return self.statements.with_user(user or self.user_quality).browse(
            action["res_id"]
        )

    def _issue(self, statement, user=None):
        """Review, confirm and issue, each person for himself."""
        user = user or self.user_quality
        statement = statement.with_user(user)
        if statement.ratio_ids:
            statement.action_start_review()
            for row in statement.ratio_ids.filtered("department_id"):
                row.with_user(row.reviewer_id or self.user_supervisor).action_review()
            if statement.kind == "cases":
                statement.action_confirm_ratios()
        statement.action_issue()
        self.env.flush_all()
        return statement

    def _lines(self, statement, section="case"):
        lines = statement.sudo().line_ids
        return lines.filtered(lambda line: line.section == section)

    def _corrections(self, statement):
        """Return what is told, as comparable tuples."""
        return [
            (row.source_id, row.number, row.kind, row.field_name, row.new_value)
            for row in statement.sudo().correction_ids
        ]
