"""HTML of anybody, with what may be shown of it: tables and text, but no script, style, image or foreign attribute."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

TAGS = {
    *("a", "b", "br", "caption", "code", "div", "em", "h2", "h3", "hr", "i", "li", "ol", "p", "pre", "small", "span"),
    *("strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"id", "colspan", "rowspan"}
WITH_THEIR_CONTENT = ("script", "style")  # are left out


def harmless(html: str) -> str:
    """The HTML, written anew with `TAGS` and `ATTRIBUTES` only; links lead within the page."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.kept)


class _Cleaner(HTMLParser):
    def __init__(self):
        super().__init__()
        self.kept: list[str] = []
        self.skipped = 0

    def handle_starttag(self, tag, attrs):
        self.skipped += tag in WITH_THEIR_CONTENT
        if tag in TAGS:
            given = [(name, value or "") for name, value in attrs if name in ATTRIBUTES]
            given += [(name, value) for name, value in attrs if name == "href" and (value or "").startswith("#")]
            self.kept.append(" ".join([f"<{tag}", *(f'{name}="{escape(value)}"' for name, value in given)]) + ">")

    def handle_startendtag(self, tag, attrs):
        if tag in TAGS:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if tag in WITH_THEIR_CONTENT:
            self.skipped = max(0, self.skipped - 1)
        elif tag in TAGS:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data):
        if not self.skipped:
            self.kept.append(escape(data))
