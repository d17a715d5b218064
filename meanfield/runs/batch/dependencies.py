"""Code that a notebook's numbers, or a figure, depend on: files found by reading, and a digest without words."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from meanfield.runs.parameter_cells import model_named_by
from meanfield.runs.sources import ROOT

PACKAGE = ROOT / "meanfield"
# These only say what stands where, in the stub beside each.
TABLES = {"meanfield": PACKAGE / "__init__.py", "meanfield.figures": PACKAGE / "figures" / "__init__.py"}
# What draws, and what reads cells and writes files, changes no number.
NO_NUMBERS = [
    PACKAGE / "figures",
    *(PACKAGE / "runs" / f"{name}.py" for name in ("files", "parameter_cells", "places", "provenance", "sources")),
]


def code_digest(notebook: str | Path) -> str:
    """A digest that changes with what can change a notebook's numbers: its code, the package's, and the lock file.

    Comments, docstrings, messages, meanings and figures do not count; nor does the parameters cell, since a run's name
    has its parameters.
    """
    notebook = Path(notebook)
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    work = [_parsed(cell.source) for cell in cells if "parameters" not in cell.metadata.get("tags", [])]
    used = {str(file.relative_to(PACKAGE)): ast.parse(file.read_text()) for file in files_used_by_notebook(notebook)}
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for name, tree in [*((notebook.name, tree) for tree in work), *used.items()]:
        digest.update(f"{name}\n{without_words(tree)}\n".encode())
    return digest.hexdigest()


def files_used_by_notebook(notebook: str | Path) -> list[Path]:
    """The package's files that make a notebook's numbers, used directly or through others, in order of name.

    They are found by reading, not by running: the public names that it takes from the package (``mf.name``), the
    model of its parameters, the modules these stand in, and all that those import.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    modules = {module for source in sources for module in _modules_named(_parsed(source))}
    return _with_all_that_they_import(modules, leave_out=NO_NUMBERS)


def files_used_by_figure(figure: str) -> list[Path]:
    """The package's files that ``figures.<figure>_figure`` uses, in order of name."""
    return _with_all_that_they_import([_home("meanfield.figures", f"{figure}_figure")])


def without_words(tree: ast.AST) -> str:
    """A tree as text, without what is for people and cannot change a number."""
    return ast.dump(_WithoutWords().visit(tree))


class _WithoutWords(ast.NodeTransformer):
    """Takes out docstrings, complaints, units and meanings; comments are in no tree."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        match node.value:
            case ast.Constant(value=str()):  # a docstring
                return ast.Pass()
            case ast.Yield(value=ast.JoinedStr() | ast.Constant(value=str())):  # a complaint
                return ast.Expr(ast.Yield())
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Raise()

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in ("Quantity", "Meaning", "FileMeaning"):
            node.args = [argument for argument in node.args if not _is_text(argument)]
            node.keywords = [keyword for keyword in node.keywords if not _is_text(keyword.value)]
        return self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        labels = [isinstance(key, ast.Constant) and key.value in ("units", "long_name") for key in node.keys]
        node.values = [
            ast.Constant("") if label and _is_text(value) else value
            for label, value in zip(labels, node.values, strict=True)
        ]
        return self.generic_visit(node)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


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


def _with_all_that_they_import(modules: Iterable[str], leave_out: Iterable[Path] = ()) -> list[Path]:
    waiting, files = list(modules), set()
    left_out = [*leave_out, *TABLES.values()]
    while waiting:
        place = PACKAGE.joinpath(*waiting.pop().split(".")[1:])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.exists() and file not in files and not any(map(file.is_relative_to, left_out)):
                files.add(file)
                waiting += _modules_named(ast.parse(file.read_text()))
    return sorted(files)
