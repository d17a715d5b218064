"""Links from each DOI in a text to the paper."""

import re

from docutils import nodes

DOI = re.compile(r"doi:(10\.\d{4,}/[^\s\"'<>]*[^\s\"'<>.,;:)\]])")


def _link(text):
    """The parts of a text, each DOI a link."""
    end = 0
    for found in DOI.finditer(text):
        yield nodes.Text(text[end : found.start()])
        yield nodes.reference("", found[0], refuri=f"https://doi.org/{found[1]}")
        end = found.end()
    yield nodes.Text(text[end:])


def _link_all(app, document):
    for text in list(document.findall(nodes.Text)):
        if "doi:10." in text and not isinstance(text.parent, nodes.reference | nodes.literal_block | nodes.literal):
            text.parent.replace(text, list(_link(str(text))))


def setup(app):
    """Called by Sphinx."""
    app.connect("doctree-read", _link_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
