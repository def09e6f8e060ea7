# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import doctest
from xml.etree import ElementTree

from odoo.tests import BaseCase, tagged

from ..kernel import chart_svg, statement_figures
from ..kernel.chart_svg import CHART_TYPES, draw
from ..kernel.statement_figures import pareto

_SVG = "{http://www.w3.org/2000/svg}"


@tagged("post_install", "-at_install")
class TestStatementKernel(BaseCase):
    """Charts and figures without a database."""

    def test_doctests(self):
        for module in (chart_svg, statement_figures):
            with self.subTest(module=module.__name__):
                self.assertEqual(doctest.testmod(module).failed, 0)
                self.assertGreater(doctest.testmod(module).attempted, 3)

    def _draw(self, kind, labels, *series):
        chart = {
            "type": kind,
            "title": "缺陷 <Defects> & more",
            "labels": labels,
            "series": [(f"S{number}", list(row)) for number, row in enumerate(series)],
        }
        return ElementTree.fromstring(draw(chart, empty="Nothing"))

    def _texts(self, svg):
        return [node.text for node in svg.iter(f"{_SVG}text")]

    def test_every_type_is_well_formed(self):
        """R502: whatever people type, also control characters and none at all."""
        labels = ["保持架断裂问题" * 20, "<b>&\"'", "a\x00b\nc", ""]
        for kind in CHART_TYPES:
            for rows in ([(1, 2, 3, 4), (25, 50, 75, 100)], [(0, 0, 0, 1), (0,) * 4]):
                with self.subTest(kind=kind, rows=rows):
                    svg = self._draw(kind, labels, *rows)
                    self.assertIn("缺陷 <Defects> & more", self._texts(svg))

    def test_nothing_to_draw_says_so(self):
        """R502: an empty month."""
        for kind in CHART_TYPES:
            for labels, rows in (([], [(), ()]), (["a"], [(0,), (None,)]), ([], [])):
                with self.subTest(kind=kind, labels=labels):
                    svg = self._draw(kind, labels, *rows)
                    self.assertIn("Nothing", self._texts(svg))

    def test_nothing_leaves_the_picture(self):
        """R502: long labels, large and small numbers stay inside."""
        labels = [f"Category with a long name number {at}" for at in range(11)]
        for kind in CHART_TYPES:
            for factor in (0.01, 1, 1e9):
                svg = self._draw(
                    kind, labels, [at * factor for at in range(11)], [100] * 11
                )
                width, height = float(svg.get("width")), float(svg.get("height"))
                with self.subTest(kind=kind, factor=factor):
                    for node in svg.iter(f"{_SVG}rect"):
                        x, y = float(node.get("x")), float(node.get("y"))
                        self.assertLessEqual(x + float(node.get("width")), width)
                        self.assertLessEqual(y + float(node.get("height")), height)
                        self.assertGreaterEqual(min(x, y), 0)

    def test_bars_are_as_long_as_their_values(self):
        """R502: twice the value, twice the bar."""
        svg = self._draw("bars", ["a", "b"], (10, 5))
        widths = [float(node.get("width")) for node in svg.iter(f"{_SVG}rect")][1:]
        self.assertAlmostEqual(widths[0], 2 * widths[1], 0)

    def test_missing_value_interrupts_a_line(self):
        """R502: no value is not zero."""
        svg = self._draw("lines", list("abcde"), (1, 2, None, 4, 5))
        self.assertEqual(len(list(svg.iter(f"{_SVG}polyline"))), 2)
        self.assertEqual(len(list(svg.iter(f"{_SVG}circle"))), 4)

    def test_pareto_keeps_others_last(self):
        """K01: even when together they are the largest."""
        rows = pareto([(str(at), 1) for at in range(30)], limit=3)
        self.assertEqual(rows[-1][:2], ("Others", 27))
        self.assertEqual(rows[-1][3], 100)

    def test_series_of_another_length_are_refused(self):
        with self.assertRaises(ValueError):
            self._draw("bars", ["a"], (1, 2))
        with self.assertRaises(ValueError):
            self._draw("pie", ["a"], (1,))
