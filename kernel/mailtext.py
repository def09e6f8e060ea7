# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Plain text of mails: HTML to text, own words apart from quoted ones.

Written for reading numbers out of a mail, so table cells stay apart (tab) and rows
stay lines, and what the sender wrote himself is kept apart from what he quotes.
"""

import re
from html.parser import HTMLParser

_SKIPPED = {"script", "style", "head", "title", "template", "noscript"}
_BLOCKS = {
    "p", "div", "br", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5",
    "h6", "blockquote", "pre", "hr", "section", "article", "header", "footer", "dt",
    "dd", "address",
}  # fmt: skip
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "wbr"}
_MAX_HTML = 1_000_000
_DATA_URI = re.compile(r"""(["'])data:[^"']*\1""")
_QUOTE_CLASSES = re.compile(r"gmail_quote|yahoo_quoted|moz-cite|protonmail_quote")


class _TextBuilder(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts, self.open = [], []

    def _inside(self, name):
        return any(tag[1] == name for tag in self.open)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        style = (attrs.get("style") or "").replace(" ", "").lower()
        mark = ""
        if tag in _SKIPPED or "display:none" in style:
            mark = "skip"
        elif tag == "pre":
            mark = "pre"
        elif (
            tag == "blockquote"
            or attrs.get("data-o-mail-quote")
            or _QUOTE_CLASSES.search(attrs.get("class") or "")
        ):
            mark = "quote"
        if tag in ("td", "th"):
            self._add("\t")
        elif tag in _BLOCKS:
            self._add(self._break(tag))
        if tag not in _VOID:
            self.open.append((tag, mark))

    def handle_endtag(self, tag):
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                break
        if tag in _BLOCKS and tag != "br":
            self._add(self._break(tag))

    def _break(self, tag):
        """A new line; inside a table cell a soft one, see `_row_lines`."""
        if tag in ("table", "tr"):
            return "\n"
        for name, _mark in reversed(self.open):
            if name in ("td", "th"):
                return "\v"
            if name in ("tr", "table"):
                break
        return "\n"

    def handle_data(self, data):
        if self._inside("skip"):
            return
        if self._inside("pre"):
            for number, line in enumerate(data.splitlines() or [data]):
                if number:
                    self._add("\n")
                self._add(line)
            return
        self._add(re.sub(r"[ \t\r\n\f]+", " ", data))

    def _add(self, text):
        if not self._inside("skip"):
            self.parts.append((text, self._inside("quote")))

    def text(self):
        lines, line, quoted = [], "", False
        for text, is_quote in [*self.parts, ("\n", False)]:
            if text == "\n":
                for found in _row_lines(line):
                    if found or (lines and lines[-1]):
                        lines.append(f"> {found}" if quoted and found else found)
                line, quoted = "", False
            else:
                line += text
                quoted = quoted or (is_quote and bool(text.strip()))
        return "\n".join(lines).strip("\n")


def _row_lines(line):
    """A row of short cells is one line; cells of a page layout keep their lines."""
    cells = line.removeprefix("\t").split("\t")
    is_row = len(cells) > 1 and all(len(cell) <= 80 for cell in cells)
    cells = [" ".join(c.split()) if is_row else c.strip(" \v\r") for c in cells]
    joined = "\t".join(cells)
    return [part.strip(" \r") for part in joined.split("\v")]


def html_to_text(html):
    r"""Return the text of an HTML body; quoted blocks get a leading ``>``.

    >>> html_to_text("<table><tr><td>Order</td><td>S1</td></tr></table><p>a<br>b</p>")
    'Order\tS1\n\na\nb'
    >>> html_to_text("<p>new</p><blockquote>old</blockquote>")
    'new\n\n> old'
    """
    builder = _TextBuilder()
    # pictures inside the text are long and say nothing
    html = _DATA_URI.sub('""', str(html or ""))
    builder.feed(html[:_MAX_HTML])
    builder.close()
    return builder.text()


_HEADER_FROM = r"(?:From|Von|发件人|發件人|寄件者|差出人|送信者|De|Da)"
_HEADER_OTHER = (
    r"(?:Sent|Date|To|Subject|Cc|Gesendet|Datum|An|Betreff|发送时间|日期|收件人|主题"
    r"|抄送|時間|发送日期|寄件日期|主旨|送信日時|送信|宛先|件名|日時)"
)
_SPLITS = re.compile(
    r"^[ >*]*(?:"
    r"-{2,}\s*(?P<forward>Forwarded|Weitergeleitete|Anfang der weitergeleiteten|转发|"
    r"轉寄|転送)[^\n]*"
    r"|-{2,}[^\n-]*(?:Original|Ursprüngliche|原始|原邮件|元のメ|回复)[^\n]*"
    r"|(?P<begin>Begin forwarded message|Anfang der weitergeleiteten)[^\n]*"
    r"|On\s[^\n]{6,120}(?:\n[^\n]{0,80})?\bwrote:"
    r"|Am\s[^\n]{6,120}(?:\n[^\n]{0,80})?\bschrieb[^\n]{0,80}:"
    r"|在\s?[^\n]{4,120}(?:\n[^\n]{0,80})?写道[:：]"
    rf"|\*?{_HEADER_FROM}\*?\s*[:：][^\n]+(?=\n[ >*]*\*?{_HEADER_OTHER}\*?\s*[:：])"
    r")[ ]*$",
    re.MULTILINE | re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(
    r"^\s*(?:fwd?|wg|转发|轉寄|转|fw|転送)\s*[:：]", re.IGNORECASE
)
_FROM_LINE = re.compile(
    rf"^[ >*]*\*?{_HEADER_FROM}\*?\s*[:：]\s*(?P<who>[^\n]+)", re.MULTILINE | re.I
)
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


def is_forward_subject(subject):
    """Whether the subject says that somebody else wrote the text below."""
    return bool(_FORWARD_SUBJECT.match(subject or ""))


def split_levels(text):
    """Split a mail into [own text, first quoted mail, the one quoted in it, ...].

    >>> split_levels("Broken.\\n\\nAm 1. Mai 2024 schrieb Eva <e@x.de>:\\n> S00042")
    ['Broken.', '> S00042']
    """
    levels, start = [], 0
    for match in _SPLITS.finditer(text):
        if match.start() < start:
            continue
        levels.append(text[start : match.start()])
        # The header lines of the quoted mail belong to it.
        is_header = re.match(rf"[ >*]*\*?{_HEADER_FROM}", match[0], re.IGNORECASE)
        start = match.start() if is_header else match.end()
    levels.append(text[start:])
    own, quoted = _own_lines(levels[0])
    rest = [level.strip() for level in levels[1:] if level.strip()]
    result = [own, *([quoted] if quoted else []), *rest]
    # "On ... wrote:" right before the quoted lines is one level, not two.
    return result


def _own_lines(text):
    own, quoted = [], []
    for line in text.splitlines():
        (quoted if line.lstrip().startswith(">") else own).append(line)
    return "\n".join(own).strip(), "\n".join(quoted).strip()


def forwarded_sender(text):
    """The address of the person who wrote the forwarded mail, or an empty string.

    >>> forwarded_sender("FYI\\n发件人: 李 <li@kunde.example>\\n主题: 投诉")
    'li@kunde.example'
    """
    for match in _FROM_LINE.finditer(text):
        address = _ADDRESS.search(match["who"])
        if address:
            return address[0].lower()
    return ""
