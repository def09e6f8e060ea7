# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import xml.etree.ElementTree as ET

from odoo.tests import BaseCase

from ..kernel.diagram_svg import (
    MARKS,
    WIDTH,
    five_why,
    ishikawa,
    legend,
    stack,
    text_width,
    wrap,
)

_NS = "{http://www.w3.org/2000/svg}"
_GERMAN = (
    "Die Werkzeugtemperatur wurde nach dem Umbau der Kühlung nicht neu eingestellt "
    "(Rüstfreigabeprotokollformularänderungsdienstanweisung)."
)
_CHINESE = (
    "换模后没有重新设定模温机参数，作业指导书没有包含模具温度确认步骤，"
    "首件检验也没有测量卡扣的拉拔力。"
)
_EVIL = "<script>alert('x')</script>\"'&\x00\x0b]]>"


def _node(code, text, state="open", children=(), **vals):
    return {
        "code": code,
        "text": text,
        "state": state,
        "children": list(children),
        **vals,
    }


def _texts(svg):
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{_NS}text")]


class TestDiagramSvg(BaseCase):
    """Drawings that any reader understands, whatever people typed."""

    def test_no_line_is_too_wide_and_no_letter_is_lost(self):
        for text in (_GERMAN, _CHINESE, "x" * 500, "短 text 混合 mixed", "a\n\nb"):
            for width in (40, 90, 172, 600):
                lines = wrap(text, width)
                self.assertEqual("".join("".join(lines).split()), "".join(text.split()))
                for line in lines:
                    # a mark of punctuation may hang out
                    self.assertLessEqual(text_width(line[:-1]), width, (width, line))

    def test_limit_of_lines_is_kept_with_dots(self):
        for text in (_GERMAN, _CHINESE, "x" * 500):
            lines = wrap(text, 120, limit=3)
            self.assertEqual(len(lines), 3)
            self.assertTrue(lines[-1].endswith("…"))
            self.assertLessEqual(text_width(lines[-1]), 120)
        self.assertEqual(wrap("short", 120, limit=3), ["short"])

    def test_text_is_text_and_never_markup(self):
        """R424: what somebody types cannot run in the reader's browser."""
        node = _node(_EVIL, _EVIL, "verified", is_root=True, share=_EVIL)
        drawings = [
            *five_why({**node, "children": [node]}, _EVIL),
            ishikawa(_EVIL, [(_EVIL, [node])] * 6),
            legend(dict.fromkeys(MARKS, _EVIL)),
            stack([("title", _EVIL), legend(dict.fromkeys(MARKS, _EVIL))]),
        ]
        known = {"svg", "text", "rect", "path", "circle"}
        for svg in drawings:
            tree = ET.fromstring(svg)
            self.assertLessEqual({e.tag.replace(_NS, "") for e in tree.iter()}, known)
            self.assertNotIn("<script", svg)
            self.assertIn("&lt;script&gt;", svg)

    def test_nothing_there_is_no_crash(self):
        [svg] = five_why(_node("", ""), "")
        ET.fromstring(svg)
        ET.fromstring(ishikawa("", [("", [])] * 6))

    def test_thirty_causes_fill_pages_without_losing_one(self):
        children = [
            _node(f"N1.{number}", _GERMAN if number % 2 else _CHINESE)
            for number in range(1, 31)
        ]
        pages = five_why(_node("N1", "Not seen", children=children), "Root cause")
        self.assertGreater(len(pages), 1)
        codes = [text for page in pages for text in _texts(page)]
        for child in children:
            self.assertEqual(codes.count(child["code"]), 1)
        for page in pages:
            self.assertLessEqual(float(ET.fromstring(page).get("height")), 880)

    def test_deep_chain_stays_on_the_page(self):
        node = _node("O" + ".1" * 20, "end", "verified", is_root=True, share="100 %")
        for level in range(19, 0, -1):
            node = _node("O" + ".1" * level, _CHINESE, children=[node])
        for page in five_why(node, "Root cause"):
            for box in ET.fromstring(page).iter(f"{_NS}rect"):
                self.assertGreater(float(box.get("width")), 200)
                right = float(box.get("x")) + float(box.get("width"))
                self.assertLessEqual(right, WIDTH)

    def test_each_state_has_a_mark_of_its_own(self):
        """R424: tested and rejected branches can be told apart without colour."""
        shapes = set()
        for state in ("open", "tested", "rejected", "verified"):
            svg = ishikawa("x", [("Man", [_node("", "same", state)])] + [("", [])] * 5)
            tree = ET.fromstring(svg)
            marks = [
                (e.tag, e.get("r")) for e in tree.iter() if e.tag == f"{_NS}circle"
            ]
            paths = [e.get("d") for e in tree.iter(f"{_NS}path")]
            shapes.add((tuple(marks), tuple(paths)))
        self.assertEqual(len(shapes), 4)

    def test_full_fishbone_fits_one_page(self):
        causes = [_node(f"O{number}", _GERMAN) for number in range(30)]
        svg = ishikawa(_CHINESE * 3, [("Man", causes)] + [("x", [])] * 5)
        tree = ET.fromstring(svg)
        self.assertLessEqual(float(tree.get("height")), 880)
        self.assertLessEqual(float(tree.get("width")), WIDTH)
        self.assertTrue(any(text.startswith("O29") for text in _texts(svg)))

    def test_old_browser_engines_understand_it(self):
        """No style sheet, variable, script or outside resource."""
        svg = stack([ishikawa("x", [("y", [_node("O1", "z")])] * 6)])
        for word in ("style", "var(", "href", "url(", "@", "/>"):
            self.assertNotIn(word, svg)
        for element in ET.fromstring(svg).iter(f"{_NS}svg"):
            self.assertTrue(element.get("viewBox") and element.get("height"))
