"""Docstrings on the site: public names in backticks are links, papers stand on a line each."""

from docutils import nodes
from docutils.parsers.rst import roles
from sphinx.addnodes import pending_xref

import meanfield as mf

PUBLIC = {name: f"meanfield.{name}" for name in mf.__all__}
PUBLIC |= {name: f"meanfield.figures.{name}" for name in mf.figures.__all__}


def _name(role, rawtext, text, line, inliner, options=None, content=None):
    """Role of `text`: a link if it is a public name, else code."""
    code = nodes.literal(rawtext, text)
    target = PUBLIC.get(text.removeprefix("mf.").removeprefix("figures.").removesuffix("()"))
    if target is None:
        return [code], []
    environment = inliner.document.settings.env
    link = pending_xref("", code, refdomain="py", reftype="obj", reftarget=target, refdoc=environment.docname)
    return [link], []


def _mend(app, what, name, obj, options, lines):
    """Before numpydoc reads a docstring: bars are absolute values, and each paper under References has a line."""
    lines[:] = [line.replace("|", r"\|") for line in lines]
    if "References" in lines:
        start = lines.index("References") + 2
        papers = [*lines[start:], ""]
        end = start + papers.index("")
        lines[start:end] = [f"| {line.strip()}" for line in lines[start:end]]


def setup(app):
    """Called by Sphinx."""
    roles.register_local_role("name", _name)
    app.connect("autodoc-process-docstring", _mend, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
