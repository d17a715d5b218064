"""Equations as MathML, which browsers draw themselves: no script, and nothing loaded from a network."""

from __future__ import annotations

from html import escape, unescape
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element

# No links, styles or events: an equation may come from anybody.
ATTRIBUTES = {
    *("xmlns", "display", "form", "fence", "stretchy", "minsize", "maxsize", "movablelimits", "mathvariant"),
    *("lspace", "rspace", "width", "height", "depth", "columnalign", "columnlines", "rowlines", "linethickness"),
    *("accent", "accentunder", "displaystyle", "scriptlevel"),
}
# Definitions can grow without bounds when they are expanded.
DEFINITIONS = ("\\newcommand", "\\renewcommand", "\\def", "\\let")


def mathml(latex: str, display: str = "inline") -> str:
    """An equation for HTML; one that cannot be converted is shown as it is written.

    Parameters
    ----------
    latex : str
        Without the dollars around it.
    display : {"inline", "block"}
    """
    if any(definition in latex for definition in DEFINITIONS):
        return f"<code>{escape(latex)}</code>"
    try:
        equation = convert_to_element(latex, display=display)
        for element in equation.iter():
            element.text = unescape(element.text) if element.text else None
            element.attrib = {name: value for name, value in element.attrib.items() if name in ATTRIBUTES}
        return tostring(equation, encoding="unicode")
    except Exception:  # whatever is wrong with it
        return f"<code>{escape(latex)}</code>"
