# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Charts as SVG text, for PDFs and screens, without any library.

A chart is a dictionary: ``type`` (one of `CHART_TYPES`), ``title``, ``labels``
(list of texts) and ``series``, a list of ``(name, values)`` with one value per
label. Only what an old WebKit draws is used: shapes and text with attributes, no
style sheet. All texts are escaped.
"""

import math
from xml.sax.saxutils import escape

CHART_TYPES = ("bars", "stacked", "pareto", "lines")

_COLOURS = ("#2f6b9a", "#e08a3c", "#5b9f6b", "#b2506a", "#7a68a6", "#8a8a8a")
_GOOD_BAD = ("#5b9f6b", "#c8553d", "#b9bec4")
_FONT = (
    "Arial, 'Liberation Sans', 'Noto Sans CJK SC', 'Noto Sans SC', "
    "'Microsoft YaHei', 'WenQuanYi Micro Hei', 'WenQuanYi Zen Hei', sans-serif"
)
_WIDTH, _ROW, _TOP, _BOTTOM = 600, 20, 46, 20
_PLOT_HEIGHT, _AXIS = 190, 46
_LABEL_UNITS = 34


def draw(chart, empty="No data"):
    """Return the SVG of a chart.

    :param dict chart: see the module
    :param str empty: what is written where there is nothing to draw
    :raise ValueError: unknown type, or a series of another length than the labels

    >>> svg = draw({"type": "bars", "title": "A < B", "labels": ["x"],
    ...             "series": [("n", [2])]})
    >>> svg.startswith("<svg"), "A &lt; B" in svg
    (True, True)
    """
    kind, labels, series = chart["type"], chart["labels"], chart["series"]
    if kind not in CHART_TYPES:
        raise ValueError(kind)
    if any(len(values) != len(labels) for _name, values in series):
        raise ValueError("length")
    numbers = [value or 0 for _name, values in series for value in values]
    if not labels or not any(numbers):
        return _draw_empty(chart, empty)
    if kind in ("bars", "stacked"):
        return _draw_rows(chart)
    return _draw_columns(chart)


def nice_top(value):
    """Return the upper end of an axis: 1, 2, 2.5 or 5 times a power of ten.

    >>> [nice_top(value) for value in (0, 0.7, 1, 3, 11, 99, 260)]
    [1, 1, 1, 5, 20, 100, 500]
    """
    if value <= 1:
        return 1
    power = 10 ** math.floor(math.log10(value))
    for step in (1, 2, 2.5, 5, 10):
        if value <= step * power:
            top = step * power
            return int(top) if top == int(top) else top
    return value


def text_units(text):
    """Return how wide a text is; a Chinese character counts for two.

    >>> text_units("ab"), text_units("轴承")
    (2, 4)
    """
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def shorten(text, units):
    """Return the text, cut to a width.

    >>> shorten("保持架断裂问题", 9), shorten("short", 9)
    ('保持架断…', 'short')
    """
    if text_units(text) <= units:
        return text
    kept, used = "", 1
    for char in text:
        used += text_units(char)
        if used > units:
            break
        kept += char
    return f"{kept}…"


def number_text(value):
    """Return a short number.

    >>> number_text(3.0), number_text(12.345), number_text(1234567), number_text(None)
    ('3', '12.3', '1,234,567', '')
    """
    if value is None:
        return ""
    rounded = round(value, 1)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,}"


def _draw_empty(chart, empty):
    body = _text(_WIDTH / 2, 62, empty, anchor="middle", colour="#666")
    return _wrap(90, chart, [], [body])


def _draw_rows(chart):
    """Horizontal bars, one row per label: names of any length fit beside them."""
    labels, series = chart["labels"], chart["series"]
    stacked = chart["type"] == "stacked"
    rows = list(zip(*(values for _name, values in series), strict=True))
    rows = [[value or 0 for value in row] for row in rows]
    top = nice_top(max(sum(row) if stacked else max(row) for row in rows))
    left = 12 + 6.2 * min(_LABEL_UNITS, max(map(text_units, labels)))
    scale = (_WIDTH - left - 70) / top
    height = max(_ROW, (1 if stacked else len(series)) * 12 + 6)
    colours = _get_colours(chart)
    first = _TOP if len(series) > 1 else _TOP - 18
    parts = [_line(left, first - 4, left, first + height * len(labels), "#555")]
    draw_row = _draw_stacked if stacked else _draw_bars
    for at, (label, row) in enumerate(zip(labels, rows, strict=True)):
        y = first + height * at
        name = shorten(label, _LABEL_UNITS)
        parts.append(_text(left - 6, y + height / 2 + 3, name, anchor="end"))
        parts += draw_row(row, left, y, height, scale, colours)
    names = [name for name, _values in series] if len(series) > 1 else []
    legend = list(zip(names, colours, strict=False))
    return _wrap(first + height * len(labels) + _BOTTOM / 2, chart, legend, parts)


def _draw_stacked(row, x, y, height, scale, colours):
    parts = []
    for value, colour in zip(row, colours, strict=False):
        parts.append(_rect(x, y + 2, value * scale, height - 6, colour))
        x += value * scale
    text = " / ".join(map(number_text, row))
    parts.append(_text(x + 4, y + height / 2 + 2, text, size=9))
    return parts


def _draw_bars(row, x, y, height, scale, colours):
    parts, each = [], (height - 6) / len(row)
    for number, value in enumerate(row):
        top = y + 2 + number * each
        colour = colours[number % len(colours)]
        parts.append(_rect(x, top, value * scale, each - 1, colour))
        text_x, text_y = x + value * scale + 4, top + each / 2 + 3
        parts.append(_text(text_x, text_y, number_text(value), size=9))
    return parts


def _draw_columns(chart):
    """A Pareto (columns with cumulative line) or lines over time."""
    labels, series = chart["labels"], chart["series"]
    is_pareto = chart["type"] == "pareto"
    counted = series[:1] if is_pareto else series
    top = nice_top(max(value or 0 for _name, values in counted for value in values))
    left, right = _AXIS, _WIDTH - (_AXIS if is_pareto else 12)
    bottom, step = _TOP + _PLOT_HEIGHT, (right - left) / len(labels)
    parts = _draw_axis(left, right, bottom, top, is_pareto)
    colours = _get_colours(chart)
    units = max(4, int(step / 5.4))
    for at, label in enumerate(labels):
        middle = left + step * (at + 0.5)
        for line, piece in enumerate(_wrap_label(label, units)):
            y = bottom + 13 + 11 * line
            parts.append(_text(middle, y, piece, anchor="middle", size=9))
    if is_pareto:
        values = series[0][1]
        for at, value in enumerate(values):
            height = (value or 0) / top * _PLOT_HEIGHT
            x = left + step * (at + 0.16)
            parts.append(_rect(x, bottom - height, step * 0.68, height, colours[0]))
            text = number_text(value)
            y = bottom - height - 4
            parts.append(_text(x + step * 0.34, y, text, anchor="middle", size=9))
        parts += _draw_line(series[1][1], left, step, bottom, 100, colours[1])
    else:
        for number, (_name, values) in enumerate(series):
            colour = colours[number % len(colours)]
            parts += _draw_line(values, left, step, bottom, top, colour)
    legend = [
        (name, colours[number % len(colours)])
        for number, (name, _values) in enumerate(series)
    ]
    return _wrap(bottom + 48, chart, legend, parts)


def _draw_axis(left, right, bottom, top, with_percent):
    parts = []
    for tick in range(5):
        y = bottom - _PLOT_HEIGHT * tick / 4
        parts.append(_line(left, y, right, y, "#555" if not tick else "#d5d9dd"))
        text = number_text(top * tick / 4)
        parts.append(_text(left - 5, y + 3, text, anchor="end", size=9))
        if with_percent:
            parts.append(_text(right + 5, y + 3, f"{tick * 25} %", size=9))
    return parts


def _draw_line(values, left, step, bottom, top, colour):
    """A polyline with dots; a missing value interrupts it."""
    parts, points = [], []
    for at, value in enumerate([*values, None]):
        if value is not None:
            x, y = left + step * (at + 0.5), bottom - value / top * _PLOT_HEIGHT
            points.append(f"{x:.1f},{y:.1f}")
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>')
            continue
        if len(points) > 1:
            parts.append(
                f'<polyline points="{" ".join(points)}" fill="none" '
                f'stroke="{colour}" stroke-width="2"/>'
            )
        points = []
    return parts


def _wrap_label(label, units):
    """Cut a label into at most three lines."""
    lines, rest = [], label
    while rest and len(lines) < 3:
        if len(lines) == 2:
            lines.append(shorten(rest, units))
            break
        piece = rest
        while text_units(piece) > units:
            piece = piece[:-1]
        if len(piece) < len(rest) and " " in piece and rest[len(piece)] != " ":
            piece = piece[: piece.rindex(" ")]
        lines.append(piece.strip())
        rest = rest[len(piece) :].strip()
    return lines


def _get_colours(chart):
    return _GOOD_BAD if chart["type"] == "stacked" else _COLOURS


def _wrap(height, chart, legend, parts):
    head = [_text(0, 14, chart["title"], size=13, bold=True)]
    x = 0
    for name, colour in legend:
        name = shorten(name, 30)
        head.append(_rect(x, 23, 10, 10, colour))
        head.append(_text(x + 14, 32, name, size=10))
        x += 30 + 6.2 * text_units(name)
    height = math.ceil(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" '
        f'height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="{_FONT}">'
        f'<rect x="0" y="0" width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f"{''.join(head)}{''.join(parts)}</svg>"
    )


def _text(x, y, text, anchor="start", size=11, colour="#111", bold=False):
    weight = ' font-weight="bold"' if bold else ""
    # what XML cannot hold is left out, whoever typed it
    clean = "".join(char for char in str(text) if char >= " ")
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}"{weight}>{escape(clean)}</text>'
    )


def _rect(x, y, width, height, colour):
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}" fill="{colour}"/>'
    )


def _line(x, y, x2, y2, colour):
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="1"/>'
    )
