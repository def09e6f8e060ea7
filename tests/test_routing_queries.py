# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common_routing import RoutingCommon

FEW, MANY = 10, 100


@tagged("post_install", "-at_install")
class TestRoutingQueries(RoutingCommon):
    """Counts queries, never time; bench/bench_routing.py prints both."""

    def _count_queries(self, work):
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def _create_rules(self, count):
        """Rules of every kind of condition; only the last one holds."""
        kinds = [
            {"category_ids": self._set(self.express)},
            {"keywords": "no such word, 没有"},
            {"channel_ids": self._set(self.channel_phone)},
            {"customer_class": "potential"},
            {"domain": "[('complaint_line_ids.lot_name', '=', 'none')]"},
            {"severity": "critical"},
            {
                "product_categ_ids": self._set(
                    self.env["product.category"].create({"name": "None"})
                )
            },
            {
                "partner_category_ids": self._set(
                    self.env["res.partner.category"].create({"name": "None"})
                )
            },
            {"country_ids": self._set(self.env.ref("base.aq"))},
            {"nature": "suggestion"},
        ]
        rules = [
            {"name": f"Rule {index}", "sequence": index, **kinds[index % len(kinds)]}
            for index in range(count - 1)
        ]
        people = self.user_zhang + self.user_li
        last = {
            "name": "Last",
            "sequence": 9999,
            "category_ids": self._set(self.delivery),
            "department_id": self.production.id,
            "responsible": "least_open",
            "user_ids": self._set(*people),
        }
        self.env["complaint.routing.rule"].search([]).unlink()
        self.env["complaint.routing.rule"].create([*rules, last])

    def _get_vals(self, count):
        return [
            self._complaint_vals(
                category_id=self.delivery.id,
                complaint_line_ids=[(0, 0, {"product_id": self.product.id})],
            )
            for _index in range(count)
        ]

    def _route(self, tickets):
        routes = self.env["complaint.routing.rule"]._get_routes(tickets)
        self.assertEqual(
            {route.department for route in routes.values()}, {self.production}
        )

    def test_queries_depend_neither_on_rules_nor_on_complaints(self):
        """R181: 10 and 100 complaints, 10 and 50 rules: the same queries."""
        tickets = self.env["helpdesk.ticket"].create(self._get_vals(MANY))
        counts = {}
        for rules in (10, 50):
            self._create_rules(rules)
            self._route(tickets)
            for some in (FEW, MANY):
                counts[rules, some] = self._count_queries(
                    lambda some=some: self._route(tickets[:some])
                )
        self.assertEqual(len(set(counts.values())), 1, counts)

    def _count_creation(self, count):
        tickets = self.env(user=self.user_register, context={})["helpdesk.ticket"]
        return self._count_queries(lambda: tickets.create(self._get_vals(count)))

    def test_creation_costs_a_constant_more_per_batch(self):
        """R181: routing of a batch of 100 costs no more queries than of 10, but for
        who is told of his new complaints."""
        plain, routed = {}, {}
        self._count_creation(1)
        for some in (FEW, MANY):
            plain[some] = self._count_creation(some)
        self._create_rules(50)
        last = self.env["complaint.routing.rule"].search([("name", "=", "Last")])
        last.responsible = False
        self._count_creation(1)
        for some in (FEW, MANY):
            routed[some] = self._count_creation(some) - plain[some]
        self.assertLessEqual(abs(routed[MANY] - routed[FEW]), 2, routed)
        self.assertLessEqual(routed[MANY], 20, routed)
