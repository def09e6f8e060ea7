# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command

from .common_report import DAY, JULY, ReportCommon


class TestLiabilityReport(ReportCommon):
    """Cases and losses by who is responsible (R501, K02, K05, K32)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.liabilities = cls.env["complaint.liability.report"]
        cls.casting, cls.packing = cls.env["hr.department"].create(
            [{"name": "Casting"}, {"name": "Packing"}]
        )
        steps = (JULY, (JULY, "accept"), (JULY + 3 * DAY, "close"))
        lines = [
            {"product_id": cls.product.id, "symptom": "a"},
            {"product_id": cls.ring.id, "symptom": "b"},
        ]
        cls.shared = cls._history(*steps, lines=lines)
        cls.whole = cls._history(*steps)
        cls.nobody = cls._history(*steps)
        cls.tickets = cls.shared | cls.whole | cls.nobody
        for ticket, department, ratio in (
            (cls.shared, cls.casting, 75),
            (cls.shared, False, 25),
            (cls.whole, cls.packing, 100),
        ):
            cls.env["complaint.liability"].create(
                {
                    "ticket_id": ticket.id,
                    "party_kind": "department" if department else "supplier",
                    "department_id": department and department.id,
                    "partner_id": not department and cls.other_customer.id,
                    "ratio": ratio,
                }
            )

    def _settle(self, ticket, currency=None, decided=True, **lines):
        """Enter a settlement: ``{amount name: (kind, price, line)}``."""
        settlement = self.env["complaint.settlement"].create(
            {
                "ticket_id": ticket.id,
                "currency_id": (currency or self.company.currency_id).id,
                "line_ids": [
                    Command.create(
                        {"kind": kind, "price": price, "line_id": line and line.id}
                    )
                    for kind, price, line in lines.values()
                ],
            }
        )
        self.env.flush_all()
        if decided:
            self.env.cr.execute(
                """UPDATE complaint_settlement
                      SET state = 'decided', decided_at = '2026-07-04 03:00'
                    WHERE id = %s""",
                [settlement.id],
            )
            settlement.invalidate_recordset()
        return settlement

    def _get(self, groupby, aggregates, report=None):
        domain = [("ticket_id", "in", self.tickets.ids)]
        report = self.liabilities if report is None else report
        return self._groups(groupby, aggregates, domain, report=report)

    def test_shares_add_up_to_the_cases(self):
        """K02, K32: three quarters here, a quarter there, nobody as a whole."""
        found = self._get(["liable_department_id"], ["share", "share_closed", "nbr"])
        shares = {key: list(row.values()) for (key,), row in found.items()}
        self.assertEqual(
            shares,
            {
                self.casting.id: [0.75, 0.75, 1],
                self.packing.id: [1, 1, 1],
                False: [1.25, 1.25, 2],
            },
        )
        found = self._get(["party_kind"], ["share"])
        self.assertEqual(found["supplier",]["share"], 0.25)
        [total] = self._get([], ["share", "nbr"]).values()
        self.assertEqual(list(total.values()), [3, 3])

    def test_losses_follow_the_shares(self):
        """R501, K05: what was decided, by the responsible department."""
        self._settle(self.shared, a=("allowance", 80, None), b=("reject", 999, None))
        self._settle(self.whole, a=("compensation", 50, None))
        self._settle(self.whole, decided=False, a=("compensation", 7, None))
        found = self._get(["liable_department_id"], ["loss_amount", "share"])
        losses = {key: row["loss_amount"] or 0 for (key,), row in found.items()}
        self.assertEqual(losses, {self.casting.id: 60, self.packing.id: 50, False: 20})
        [total] = self._get([], ["loss_amount"]).values()
        self.assertEqual(total["loss_amount"], 130)

    def test_losses_are_those_of_the_goods(self):
        """R501: a settlement that names goods counts for their product."""
        bearing, ring = self.shared.complaint_line_ids
        self._settle(
            self.shared,
            a=("allowance", 10, bearing),
            b=("allowance", 30, ring),
            c=("compensation", 5, None),
        )
        found = self._get(["product_id"], ["loss_amount"], self.report)
        losses = {key: row["loss_amount"] for (key,), row in found.items()}
        self.assertEqual(losses[self.product.id], 15)
        self.assertEqual(losses[self.ring.id], 30)
        for aggregates in (["loss_amount"], ["loss_amount", "nbr_lines"]):
            [total] = self._get([], aggregates, self.report).values()
            self.assertEqual(total["loss_amount"], 45)

    def test_losses_are_in_the_currency_of_the_company(self):
        """R501: at the rate of the day of the decision, as Odoo converts."""
        currency = self.env["res.currency"].create({"name": "XPT", "symbol": "x"})
        self.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": day, "rate": rate}
                for day, rate in (
                    ("2026-06-01", 4),
                    ("2026-07-03", 2),
                    ("2026-07-20", 8),
                )
            ]
        )
        settlement = self._settle(self.whole, currency, a=("allowance", 100, None))
        [total] = self._get([], ["loss_amount"], self.report).values()
        expected = currency._convert(
            settlement.amount_total,
            self.company.currency_id,
            self.company,
            settlement.decided_at.date(),
        )
        self.assertAlmostEqual(total["loss_amount"], expected)
        self.assertAlmostEqual(expected, 50)

    def test_cancelled_cases_have_no_share(self):
        """K02: what was registered by mistake is nobody's."""
        steps = (JULY, (JULY, "accept"), (JULY + DAY, "cancel"))
        cancelled = self._history(*steps)
        domain = [("ticket_id", "=", cancelled.id)]
        [row] = self._groups(
            ["party_kind"], ["share", "nbr"], domain, report=self.liabilities
        ).values()
        self.assertEqual(list(row.values()), [0, 0])
