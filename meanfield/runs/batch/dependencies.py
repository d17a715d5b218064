"""Which of the package's files a notebook or a function uses: a change of any other changes no result."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from meanfield.runs.parameter_cells import model_named_by
from meanfield.runs.provenance import ROOT

PACKAGE = ROOT / "meanfield"
# These only say what stands where, in the stub beside each.
TABLES = {"meanfield": PACKAGE / "__init__.py", "meanfield.figures": PACKAGE / "figures" / "__init__.py"}


def files_used_by_notebook(notebook: str | Path) -> list[Path]:
    """The package's files that a notebook uses, directly or through others, in order of name.

    They are found by reading, not by running: the public names that it takes from the package (``mf.name``), the
    modules these stand in, and all that those import. The two tables of public names do not count.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    return _with_all_that_they_import({module for source in sources for module in _modules_named(_parsed(source))})


def files_used_by_figure(figure: str) -> list[Path]:
    """The package's files that ``figures.<figure>_figure`` uses, in order of name."""
    return _with_all_that_they_import([_home("meanfield.figures", f"{figure}_figure")])


def _home(package: str, name: str) -> str:
    """The module of a public name, or "" if the package has no such name."""
    return _homes(package).get(name, "")


@functools.cache
def _homes(package: str) -> dict[str, str]:
    """The modules of all public names of a package, from its stub."""
    if package not in TABLES:
        return {}
    imports = ast.parse(TABLES[package].with_suffix(".pyi").read_text()).body
    return {alias.name: f"{package}.{line.module}" for line in imports if line.module for alias in line.names}


def _parsed(source: str) -> ast.AST:
    # Lines that only IPython understands (%magic, !command) use nothing of the package.
    kept = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    return ast.parse(kept)


def _modules_named(tree: ast.AST) -> Iterator[str]:
    """Modules of this package that a source imports, or whose public names it uses."""
    for node in ast.walk(tree):
        if model := model_named_by(node):
            yield f"meanfield.runs.notebooks.{model}"
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "meanfield":
                yield module
                for alias in names:  # a submodule, or a public name of the package
                    yield f"{module}.{alias.name}"
                    yield _home(module, alias.name)
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.Attribute(attr=name, value=ast.Name(id="mf" | "meanfield")):
                yield _home("meanfield", name)
            case ast.Attribute(attr=name, value=ast.Attribute(attr="figures") | ast.Name(id="figures")):
                yield _home("meanfield.figures", name)


def _with_all_that_they_import(modules: Iterable[str]) -> list[Path]:
    waiting, found = list(modules), set()
    while waiting:
        place = PACKAGE.joinpath(*waiting.pop().split(".")[1:])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.exists() and file not in found and file not in TABLES.values():
                found.add(file)
                waiting += _modules_named(ast.parse(file.read_text()))
    return sorted(found)
