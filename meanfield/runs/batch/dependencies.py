"""Which of the package's files a notebook or a function uses: a change of any other changes no result."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

import meanfield
from meanfield import figures
from meanfield.runs.provenance import ROOT

PACKAGE = ROOT / "meanfield"
TABLES = {PACKAGE / "__init__.py", PACKAGE / "figures" / "__init__.py"}  # only say what stands where


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
    return _with_all_that_they_import({_home(f"{figure}_figure", figures.DRAWN_IN, "meanfield.figures.")})


def _home(name: str, table: dict[str, list[str]], prefix: str) -> str:
    return next((f"{prefix}{module}" for module, names in table.items() if name in names), "")


def _parsed(source: str) -> ast.AST:
    # Lines that only IPython understands (%magic, !command) use nothing of the package.
    kept = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    return ast.parse(kept)


def _modules_named(tree: ast.AST) -> Iterator[str]:
    """Modules of this package that a source imports, or whose public names it uses."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "meanfield":
                yield module
                for alias in names:  # a submodule, or a public name of the package
                    yield f"{module}.{alias.name}"
                    yield from _modules_of(module, alias.name)
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.Attribute(attr=name, value=ast.Name(id="mf" | "meanfield")):
                yield from _modules_of("meanfield", name)
            case ast.Attribute(attr=name, value=ast.Attribute(attr="figures") | ast.Name(id="figures")):
                yield from _modules_of("meanfield.figures", name)


def _modules_of(package: str, name: str) -> Iterator[str]:
    tables = {"meanfield": meanfield.PUBLIC_NAMES, "meanfield.figures": figures.DRAWN_IN}
    yield _home(name, tables.get(package, {}), f"{package}.")


def _with_all_that_they_import(modules: Iterable[str]) -> list[Path]:
    waiting, found = list(modules), set()
    while waiting:
        place = PACKAGE.joinpath(*waiting.pop().split(".")[1:])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.exists() and file not in found and file not in TABLES:
                found.add(file)
                waiting += _modules_named(ast.parse(file.read_text()))
    return sorted(found)
