"""The scripts in benchmarks/: too slow to run here, but what they ask of the package has to be there."""

from __future__ import annotations

import ast
import re
from importlib import import_module

import pytest

import meanfield as mf
from meanfield.runs.sources import ROOT

SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))


def _missing(script: ast.Module) -> list[str]:
    """Names that a script imports from the package, or takes as `mf.name`, and that are not there."""
    missing = []
    for node in ast.walk(script):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("meanfield"):
            module = import_module(node.module)
            missing += [f"{node.module}.{alias.name}" for alias in node.names if not hasattr(module, alias.name)]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mf":
            missing += [] if hasattr(mf, node.attr) else [f"mf.{node.attr}"]
    return missing


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_asks_for_nothing_that_has_moved(path):
    assert not _missing(ast.parse(path.read_text()))


def test_what_has_moved_is_seen():
    script = "import meanfield as mf\nfrom meanfield.simulation.wiring import progress_bar\nmf.no_such_name\n"
    assert _missing(ast.parse(script)) == ["meanfield.simulation.wiring.progress_bar", "mf.no_such_name"]


def test_every_benchmark_that_a_page_names_is_there():
    pages = [
        ROOT / "Makefile",
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "results/reference").glob("*.md"),
    ]
    texts = [path.read_text() for path in [*pages, *(ROOT / "tests").rglob("*.py"), *SCRIPTS]]
    named = set(re.findall(r"\bbenchmarks/\w+\.py", "".join(texts)))
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).is_file()]
