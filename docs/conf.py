"""Settings of the site, which is built from what `assemble.py` has put together; see the Makefile's target docs."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "meanfield"
author = "The meanfield developers"
copyright = author
release = metadata.version("meanfield")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.githubpages",
    "numpydoc",
    "myst_nb",
    "docstrings",
    "links",
    "mathml",
]

# Copies of files that are no pages: to look at, and to download.
exclude_patterns = ["files"]

# What notebooks show was computed when their results were made.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = "mathml"

# Docstrings tell types with shapes and units, which annotations cannot.
autodoc_typehints = "none"
autosummary_generate = False
numpydoc_show_class_members = False
default_role = "name"

html_theme = "pydata_sphinx_theme"
html_title = "meanfield"
html_show_sourcelink = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_align": "left",
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
