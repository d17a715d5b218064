"""One HTML page of a notebook's cells, which nothing runs in and which loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape

from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from meanfield.runs.report.harmless import harmless
from meanfield.runs.report.mathml import mathml

# What is shown of an output, the first that it has.
SHOWN = ("text/html", "image/png", "text/plain")

STYLE = """
body { max-width: 54em; margin: 2em auto; padding: 0 1em; font-family: sans-serif; line-height: 1.5; color: #222 }
math { font-family: "Cambria Math", "STIX Two Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math }
math[display=block] { margin: 1em 0 }
img { max-width: 100%; display: block; margin: 1em 0 }
pre { font-size: .85em; line-height: 1.35; overflow-x: auto; white-space: pre-wrap; margin: .7em 0 }
.input_area pre, code { background: #f3f3f3 }
.input_area pre { padding: .6em; white-space: pre }
table { border-collapse: collapse; font-size: .85em; display: block; overflow-x: auto; margin: 1em 0 }
th, td { padding: .15em .7em; text-align: right; border-bottom: 1px solid #ddd }
th { text-align: left }
h1, h2, h3 { line-height: 1.2; margin-top: 1.6em }
@media print { body { max-width: none; margin: 0 } }
"""


class _Renderer(IPythonRenderer):
    """Markdown of anybody: text is escaped, equations become MathML, and no image is fetched."""

    def block_math(self, body: str) -> str:
        return mathml(body.strip(), "block")

    def inline_math(self, body: str) -> str:
        return mathml(body.strip())

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return escape(text)

    def inline_html(self, html: str) -> str:
        return escape(html)

    def block_html(self, html: str) -> str:
        return f"<p>{escape(html)}</p>"


def text(markdown: str) -> NotebookNode:
    """A cell of text."""
    return new_markdown_cell(markdown)


def html(content: str) -> NotebookNode:
    """A cell that shows HTML, of which only what is harmless stays."""
    return _shown({"text/html": content})


def picture(png: bytes) -> NotebookNode:
    """A cell that shows a PNG."""
    return _shown({"image/png": base64.b64encode(png).decode()})


def lines(plain: str) -> NotebookNode:
    """A cell that shows lines of text as they stand."""
    return _shown({"text/plain": plain})


def _shown(data: dict[str, str]) -> NotebookNode:
    return new_code_cell(outputs=[new_output("display_data", data)])


def page_of(title: str, cells: Iterable[NotebookNode], code: bool = False) -> str:
    """The page.

    Parameters
    ----------
    title : str
    cells : iterable of NotebookNode
        Of notebooks, whoever wrote them.
    code : bool
        Whether code is shown too.
    """
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=not code,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_raw=True,
    )
    exporter.register_filter("markdown2html", _html_of)
    body, _ = exporter.from_notebook_node(new_notebook(cells=[as_shown(cell) for cell in cells], metadata=LANGUAGE))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


LANGUAGE = {"language_info": {"name": "python"}}


def _html_of(markdown: str) -> str:
    renderer = _Renderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(markdown)


def as_shown(cell: NotebookNode) -> NotebookNode:
    """A cell with what may be shown of it, and nothing else that its writer has put there."""
    if cell.cell_type != "code":
        return new_markdown_cell(str(cell.source))
    return new_code_cell(str(cell.source), outputs=[kept for output in cell.outputs if (kept := _kept(output))])


def _kept(output: NotebookNode) -> NotebookNode | None:
    match output.output_type:
        case "stream":
            return new_output("stream", name="stdout", text=str(output.text))
        case "error":
            return new_output("stream", name="stdout", text=f"{output.ename}: {output.evalue}")
    data = output.get("data", {})
    kind = next((kind for kind in SHOWN if kind in data), None)
    if kind is None:
        return None
    content = str(data[kind])
    if kind == "text/html":
        content = harmless(content)
    return new_output("display_data", {kind: content}, metadata={"image/png": {"alt": "figure"}})
