# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Drawings of an analysis as inline SVG: 5-why chains and fishbone. Pure Python.

Made to be printed by an old browser engine as well: fixed sizes, plain attributes, no
style sheet, no outside font, no script. Every text is escaped here and nowhere else.
"""

import re
import unicodedata
from html import escape

# what a printed page takes: portrait, between its margins
WIDTH = 700
_PAGE_HEIGHT = 860
_SIZE, _LINE = 12, 16
# widths in parts of the letter size, on the safe side
_NARROW, _BROAD = frozenset(" .,:;'`|!()[]{}ijlftrI/\\-"), frozenset("mwMW@%&")
# may not begin a line of Chinese
_CLINGING = frozenset(
    "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u3011\u300b\u201d\u2019"
)
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_UNITS = re.compile(rf"\s+|[{_CJK}]|[^\s{_CJK}]+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_HEIGHT = re.compile(r'height="([\d.]+)"')
# (fill, frame, text)
_COLOURS = {
    "open": ("#ffffff", "#7a7a7a", "#222222"),
    "tested": ("#fff8e1", "#b28704", "#222222"),
    "rejected": ("#f4f4f4", "#b5b5b5", "#777777"),
    "verified": ("#eaf6ec", "#2e7d32", "#222222"),
    "root": ("#fdecea", "#c62828", "#222222"),
}
MARKS = ("open", "tested", "rejected", "verified", "root")


# ----------------------------------------------------------------------
# Text
# ----------------------------------------------------------------------


def clean(text):
    """Return a text that may stand in XML: escaped, without control characters.

    >>> clean("a<b> & \\x00'c'")
    'a&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return escape(_UNPRINTABLE.sub("", text or ""))


def text_width(text, size=_SIZE):
    """Return about how many pixels a text takes; rather too many than too few.

    >>> text_width("裂纹") == 2 * text_width("裂")
    True
    """
    return size * sum(map(_advance, text))


def _advance(char):
    if unicodedata.combining(char):
        return 0
    if unicodedata.east_asian_width(char) in "WF":
        return 1
    if char in _NARROW:
        return 0.42
    if char in _BROAD:
        return 1
    return 0.75 if char.isupper() else 0.63


def wrap(text, width, limit=0, size=_SIZE):
    """Return the lines of a text that is as wide as `width` pixels.

    Breaks between words, between Chinese characters, and inside a word that is longer
    than a line. Never loses a character, unless there are more lines than the limit:
    then the last one ends with dots.

    :param int limit: at most so many lines; 0: as many as it takes

    >>> wrap("Mould too cold", 60)
    ['Mould', 'too cold']
    >>> wrap("模具温度太低", 40)
    ['模具温', '度太低']
    >>> wrap("first second third", 60, limit=2)
    ['first', 'second…']
    >>> wrap("", 50)
    ['']
    """
    lines = []
    for paragraph in _UNPRINTABLE.sub("", text or "").strip().splitlines() or [""]:
        lines += _wrap_paragraph(paragraph, width, size)
    if limit and len(lines) > limit:
        last = lines[limit - 1]
        while last and text_width(last + "…", size) > width:
            last = last[:-1]
        lines = [*lines[: limit - 1], last.rstrip() + "…"]
    return lines


def _wrap_paragraph(paragraph, width, size):
    lines, line = [], ""
    for unit in _UNITS.findall(paragraph):
        fits = text_width((line + unit).rstrip(), size) <= width
        if fits or unit in _CLINGING:
            line += unit
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = "" if unit.isspace() else unit
        while text_width(line, size) > width and len(line) > 1:
            head = _longest_start(line, width, size)
            lines.append(line[:head])
            line = line[head:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _longest_start(word, width, size):
    """Return how many letters of a word fit, at least one."""
    used = 0
    for index, char in enumerate(word):
        used += size * _advance(char)
        if used > width:
            return max(index, 1)
    return len(word)


# ----------------------------------------------------------------------
# 5-why
# ----------------------------------------------------------------------


def five_why(chain, root_label):
    """Return a chain of whys as drawings, each not higher than a page.

    A cause stands below what it explains, one step further to the right.

    :param chain: dict with ``code``, ``text``, ``state`` (open, tested, rejected,
        verified), ``is_root``, ``share`` (text or empty) and ``children``, same dicts
    :param root_label: the words "root cause"
    :return: list of SVG texts

    >>> leaf = {"code": "O1.1", "text": "<why>", "state": "open", "children": []}
    >>> [svg] = five_why({**leaf, "code": "O1", "children": [leaf]}, "Root cause")
    >>> svg.count("<rect"), "&lt;why&gt;" in svg
    (2, True)
    """
    boxes = []
    _place_boxes(chain, 0, None, root_label, boxes)
    pages, start = [], 0
    for index, box in enumerate(boxes):
        if index > start and box["bottom"] - boxes[start]["top"] > _PAGE_HEIGHT:
            pages.append((start, index))
            start = index
    pages.append((start, len(boxes)))
    return [_draw_page(boxes, *page) for page in pages]


def _place_boxes(node, level, parent, root_label, boxes):
    """Append the boxes of a node and of those below it, from top to bottom."""
    left = 2 + min(level, 14) * 22
    # long outline numbers are deep in the tree, bold letters are wider
    indent = max(80, 35 + 1.1 * text_width(node["code"]))
    texts = wrap(node["text"], WIDTH - left - indent - 12)
    label = ""
    if node.get("is_root"):
        label = " · ".join(part for part in (root_label, node.get("share")) if part)
    top = boxes[-1]["bottom"] + 8 if boxes else 2
    height = (len(texts) + bool(label)) * _LINE + 12
    box = {
        "node": node,
        "left": left,
        "text_left": left + indent,
        "top": top,
        "bottom": top + height,
        "texts": texts,
        "label": label,
        "parent": parent,
    }
    boxes.append(box)
    for child in node["children"]:
        _place_boxes(child, level + 1, box, root_label, boxes)


def _draw_page(boxes, start, end):
    top, bottom = boxes[start]["top"] - 2, boxes[end - 1]["bottom"] + 2
    parts = []
    for box in boxes:
        if box["parent"]:
            line = _draw_why(box)
            # a line may come from the page before and go on to the next one
            if box["parent"]["bottom"] < bottom and box["bottom"] > top:
                parts.append(line)
    for box in boxes[start:end]:
        parts += _draw_box(box)
    return _svg(parts, WIDTH, bottom - top, WIDTH, top)


def _draw_why(box):
    parent, middle = box["parent"], box["top"] + 14
    stem = parent["left"] + 11
    end = max(box["left"], stem + 6)
    return _element(
        "path",
        d=f"M{stem} {parent['bottom']} L{stem} {middle} L{end} {middle}",
        fill="none",
        stroke="#7a7a7a",
    )


def _draw_box(box):
    node, left, top = box["node"], box["left"], box["top"]
    kind = "root" if node.get("is_root") else node["state"]
    fill, frame, colour = _COLOURS[kind]
    shape = {
        "x": left,
        "y": top,
        "width": WIDTH - left - 2,
        "height": box["bottom"] - top,
        "rx": 3,
        "fill": fill,
        "stroke": frame,
        "stroke-width": 2 if kind == "root" else 1,
    }
    if kind == "rejected":
        shape["stroke-dasharray"] = "4 3"
    parts = [_element("rect", **shape), *_mark(kind, left + 14, top + 14)]
    parts.append(_text(node["code"], left + 27, top + 18, colour, bold=True))
    for row, text in enumerate(box["texts"]):
        parts.append(_text(text, box["text_left"], top + 18 + row * _LINE, colour))
    if box["label"]:
        y = top + 18 + len(box["texts"]) * _LINE
        parts.append(_text(box["label"], box["text_left"], y, frame, bold=True))
    return parts


# ----------------------------------------------------------------------
# Fishbone
# ----------------------------------------------------------------------

_COLUMN, _INNER, _HEAD, _TAIL = 250, 172, 170, 8
_FISH = 3 * _COLUMN + _HEAD + _TAIL + 4
_TITLE = 26


def ishikawa(head, branches):
    """Return the fishbone of a problem, an SVG text.

    :param head: the problem
    :param branches: six pairs (title, causes): three above the spine, three below;
        a cause is a dict with ``code``, ``text``, ``state`` and ``is_root``

    >>> svg = ishikawa("Crack", [("Man", [])] * 6)
    >>> svg.startswith("<svg"), svg.count(">Man</text>")
    (True, 6)
    """
    columns = [_prepare_branch(causes) for _title, causes in branches]
    head_lines = wrap(head, _HEAD - 16, limit=14, size=_SIZE + 1)
    half = len(head_lines) * _LINE / 2 + 10
    above = max(90, half, *(column["height"] for column in columns[:3]))
    below = max(90, half, *(column["height"] for column in columns[3:]))
    spine = _TITLE + above
    parts = [
        _element("path", d=f"M{_TAIL} {spine} L{_FISH - _HEAD} {spine}", **_BONE),
    ]
    for index, (title, _causes) in enumerate(branches):
        x = _TAIL + index % 3 * _COLUMN
        ends = (_TITLE, spine) if index < 3 else (spine + below, spine)
        parts += _draw_branch(title, columns[index], x, *ends)
    parts += _draw_head(head_lines, spine)
    height = spine + below + _TITLE
    # as wide as a page, unless it would be too high for it then
    return _svg(parts, _FISH, height, min(WIDTH, _FISH * _PAGE_HEIGHT / height))


_BONE = {"fill": "none", "stroke": "#333333", "stroke-width": 2}


def _prepare_branch(causes):
    rows = []
    for cause in causes:
        text = " ".join(part for part in (cause["code"], cause["text"]) if part)
        rows.append((cause, wrap(text, _INNER - 18, limit=4)))
    height = sum(len(lines) * _LINE + 10 for _cause, lines in rows) + 24
    return {"rows": rows, "height": height}


def _draw_branch(title, column, x, outer, spine):
    """A bone from its title to the spine, with its causes on the left side of it."""
    top_x, bottom_x = x + _INNER + 8, x + _COLUMN - 12
    is_above = outer < spine
    parts = [_element("path", d=f"M{top_x} {outer} L{bottom_x} {spine}", **_BONE)]
    box_y = outer - _TITLE + 2 if is_above else outer
    parts.append(
        _element(
            "rect",
            x=x + 60,
            y=box_y,
            width=_COLUMN - 70,
            height=_TITLE - 3,
            rx=3,
            fill="#e8eaf6",
            stroke="#3949ab",
        )
    )
    title = wrap(title, _COLUMN - 82, limit=1)[0]
    middle = x + 60 + (_COLUMN - 70) / 2
    parts.append(_text(title, middle, box_y + 16, "#1a237e", bold=True, centre=True))
    y = outer + 8 if is_above else spine + 8
    for cause, lines in column["rows"]:
        bottom = y + len(lines) * _LINE + 4
        reach = (bottom - outer) / (spine - outer)
        parts += _draw_twig(cause, lines, x, y, top_x + (bottom_x - top_x) * reach)
        y = bottom + 6
    return parts


def _draw_twig(cause, lines, x, y, bone_x):
    kind = "root" if cause.get("is_root") else cause["state"]
    _fill, frame, colour = _COLOURS[kind]
    bottom = y + len(lines) * _LINE + 4
    parts = [
        _element(
            "path",
            d=f"M{x} {bottom} L{bone_x:.1f} {bottom}",
            fill="none",
            stroke=frame,
        ),
        *_mark(kind, x + 7, y + 8),
    ]
    for row, line in enumerate(lines):
        bold = kind == "root"
        parts.append(_text(line, x + 18, y + 12 + row * _LINE, colour, bold=bold))
    return parts


def _draw_head(lines, spine):
    height = len(lines) * _LINE + 14
    top = spine - height / 2
    x = _FISH - _HEAD
    parts = [
        _element(
            "rect",
            x=x,
            y=top,
            width=_HEAD - 2,
            height=height,
            rx=3,
            fill="#fdecea",
            stroke="#c62828",
            **{"stroke-width": 2},
        )
    ]
    for row, line in enumerate(lines):
        y = top + 19 + row * _LINE
        parts.append(_text(line, x + _HEAD / 2, y, "#222222", bold=True, centre=True))
    return parts


# ----------------------------------------------------------------------
# Pieces
# ----------------------------------------------------------------------


def legend(labels):
    """Return what the marks mean, an SVG text.

    :param dict labels: mark (see `MARKS`) -> its words

    >>> legend(dict.fromkeys(MARKS, "x")).count("<text")
    5
    """
    parts, x, y = [], 10, 12
    for mark in MARKS:
        label = wrap(labels[mark], WIDTH - 40, limit=1)[0]
        width = text_width(label) + 36
        if x + width > WIDTH and x > 10:
            x, y = 10, y + _LINE + 4
        parts += _mark(mark, x, y)
        parts.append(_text(label, x + 12, y + 4, "#444444"))
        x += width
    return _svg(parts, WIDTH, y + 12, WIDTH)


def stack(parts):
    """Return drawings below each other as one drawing.

    :param parts: list of SVG texts of this module and of pairs ``("title", text)``

    >>> one = stack([("title", "Why & how"), legend(dict.fromkeys(MARKS, "x"))])
    >>> one.count("<svg"), one.count("</svg>"), "Why &amp; how" in one
    (2, 2, True)
    """
    drawn, y = [], 0
    for part in parts:
        if isinstance(part, tuple):
            for line in wrap(part[1], WIDTH - 20):
                y += _LINE + 4
                drawn.append(_text(line, 2, y - 4, "#222222", bold=True))
            continue
        drawn.append(part.replace("<svg ", f'<svg y="{y:g}" ', 1))
        y += float(_HEIGHT.search(part)[1]) + 6
    return _svg(drawn, WIDTH, y, WIDTH)


def _mark(kind, x, y):
    """Shapes, since not every font has ticks and crosses."""
    _fill, colour, _text_colour = _COLOURS[kind]
    line = {"fill": "none", "stroke": colour, "stroke-width": 2}
    if kind == "rejected":
        d = f"M{x - 4} {y - 4} L{x + 4} {y + 4} M{x - 4} {y + 4} L{x + 4} {y - 4}"
        return [_element("path", d=d, **line)]
    if kind == "verified":
        d = f"M{x - 5} {y} L{x - 1} {y + 4} L{x + 5} {y - 5}"
        return [_element("path", d=d, **line)]
    if kind == "root":
        d = f"M{x} {y - 6} L{x + 6} {y + 5} L{x - 6} {y + 5} Z"
        return [_element("path", d=d, fill=colour, stroke=colour)]
    ring = _element("circle", cx=x, cy=y, r=5, **{**line, "stroke-width": 1})
    if kind == "open":
        return [ring]
    return [ring, _element("circle", cx=x, cy=y, r=2.5, fill=colour)]


def _text(text, x, y, colour, bold=False, centre=False):
    attributes = {"x": f"{x:g}", "y": f"{y:g}", "fill": colour}
    if bold:
        attributes["font-weight"] = "bold"
    if centre:
        attributes["text-anchor"] = "middle"
    return _element("text", clean(text), **attributes)


def _element(tag, content="", **attributes):
    # never self-closing: HTML readers take that for an open tag
    listed = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{listed}>{content}</{tag}>"


def _svg(parts, box_width, box_height, width, top=0):
    height = box_height * width / box_width
    return _element(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        width=f"{width:g}",
        height=f"{height:.0f}",
        viewBox=f"0 {top:g} {box_width:g} {box_height:g}",
        **{"font-family": "sans-serif", "font-size": _SIZE},
    )
