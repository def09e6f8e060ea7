# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import html

from odoo import Command
from odoo.tests import BaseCase

from ..kernel.genealogy import build_tree, get_shown
from .test_scope import ScopeCommon


class TestGenealogyKernel(BaseCase):
    """Plain Python: no database is needed."""

    def test_shared_parts_and_loops_are_references(self):
        edges = [(1, 2, 1), (1, 3, 1), (2, 4, 1), (3, 4, 1), (4, 1, 1)]
        (tree,) = build_tree([1], edges, 100)
        two, three = tree["children"]
        self.assertFalse(two["children"][0]["is_repeat"])
        self.assertTrue(three["children"][0]["is_repeat"])
        self.assertFalse(three["children"][0]["children"])
        self.assertTrue(two["children"][0]["children"][0]["is_repeat"])

    def test_limit_counts_what_is_left_out(self):
        """What is not shown is said, at the lot where it hangs."""
        edges = [(0, number, 1) for number in range(1, 501)]
        (tree,) = build_tree([0], edges, 200)
        self.assertEqual(len(get_shown([tree])), 200)
        self.assertEqual(tree["hidden"], 301)

    def test_a_long_chain_is_cut(self):
        edges = [(number, number + 1, 1) for number in range(5000)]
        trees = build_tree([0], edges, 200)
        self.assertEqual(get_shown(trees), set(range(200)))

    def test_a_root_named_twice_is_shown_once(self):
        self.assertEqual(len(build_tree([1, 1], [], 10)), 1)


class TestScopeTree(ScopeCommon):
    def _tree(self, scope):
        self.env.invalidate_all()
        return html.fromstring(scope.with_user(self.user_handler).genealogy_html)

    def test_up_down_and_aside(self):
        """R366: the suspect lot stands out; components and sisters are shown."""
        tree = self._tree(self._scope(self.ring_lots[0]))
        down, aside, up = tree.xpath("//h4/following-sibling::ul[1]")
        self.assertEqual(down.xpath(".//b/text()"), ["R1", "L1"])
        self.assertEqual(up.xpath(".//b/text()"), ["R1", "B1"])
        self.assertEqual(aside.xpath(".//b/text()"), ["B1", "R2", "L2"])
        self.assertEqual(set(tree.xpath("//b[@class='text-danger']/text()")), {"R1"})
        text = down.text_content()
        self.assertIn("150 consumed", text)
        self.assertIn("on hand: 50 Units", text)

    def test_quantities_of_two_equal_lines_are_added(self):
        """R368: 20 and 20 pieces of one lot are 40, one line for two lots stays one."""
        mixed = self._lot(self.product, "MIX")
        ring = self.ring_lots[0]
        self._produce([(ring, 20), (ring, 20)], mixed, 40)
        scope = self.env["complaint.scope"]
        edges = scope._query_edges(ring + mixed, self.company)
        self.assertEqual(edges, [(ring.id, mixed.id, 40)])
        more = self._move(mixed, 1, self.production, self.stock)
        used = mixed.env["stock.move.line"].search(
            [("lot_id", "=", ring.id), ("quantity", "=", 20)]
        )
        more.consume_line_ids = [Command.set(used.ids)]
        edges = scope._query_edges(ring + mixed, self.company)
        self.assertEqual(edges, [(ring.id, mixed.id, 40)])

    def test_hostile_and_chinese_names(self):
        """Names are text, whatever stands in them."""
        self.bearing_lots[0].name = "<img src=x onerror=alert(1)>"
        self.ring_lots[0].name = "批次二〇二六年七月三日第一号（内圈）"
        tree = self._tree(self._scope(self.bar_lot))
        self.assertFalse(tree.xpath("//img | //script"))
        names = tree.xpath("//b/text()")
        self.assertIn("<img src=x onerror=alert(1)>", names)
        self.assertIn(self.ring_lots[0].name, names)

    def test_many_lots_are_folded_and_cost_few_queries(self):
        """R366: 250 lots of one bar; the rest is counted, queries do not grow."""
        lots = self.env["stock.lot"].create(
            [{"name": f"M{i}", "product_id": self.ring.id} for i in range(250)]
        )
        used = self._move(self.bar_lot, 10, self.stock, self.production)
        for lot in lots:
            made = self.env["stock.move.line"].create(
                {
                    "product_id": self.ring.id,
                    "lot_id": lot.id,
                    "quantity": 1,
                    "location_id": self.production.id,
                    "location_dest_id": self.stock.id,
                    "company_id": self.company.id,
                }
            )
            made.consume_line_ids = [Command.set(used.ids)]
            made.state = "done"
        scope, small = self._scope(self.bar_lot), self._scope(self.bearing_lots[1])
        tree = self._tree(scope)
        self.assertEqual(len(tree.xpath("//b")), 200)
        self.assertFalse(tree.xpath("(//details)[1]/@open"))
        self.assertIn("more lots, see the rows", tree.text_content())
        counts = []
        for each in (small, scope):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(each.genealogy_html)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_before_it_is_computed_there_is_no_tree(self):
        scope = self.env["complaint.scope"].create({})
        self.assertFalse(scope.genealogy_html)
