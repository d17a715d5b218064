"""Cells that do nothing but set parameters: a notebook's own, and those that papermill or a person puts after it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any


def literals_set_by(source: str) -> dict[str, Any]:
    """Names and values that a parameters cell sets.

    Raises
    ------
    ValueError
        With the first line that does anything but assign a literal to a name.
    """
    values = {}
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ValueError((error.text or "").strip()) from None
    for statement in statements:
        try:
            name = _name_set_by(statement)
            values[name] = ast.literal_eval(statement.value)
        except ValueError:
            raise ValueError(ast.get_source_segment(source, statement).splitlines()[0]) from None
    return values


def names_set_by(sources: Iterable[str]) -> list[str]:
    """Names that a history of cells has set as parameters, from the last run of the parameters cell on.

    That cell is told by its annotations (``order: int = 2500``), which papermill's cell after it does not have. What is
    set after the notebook has validated its parameters is no parameter, but somebody's scratch.
    """
    names: list[str] = []
    validated = False
    for source in sources:
        of_cell = _names_set_by(source)
        if of_cell and any(isinstance(statement, ast.AnnAssign) for statement in _statements(source)):
            names, validated = of_cell, False
        elif model_named_in([source]):
            validated = True
        elif not validated:
            names = names + of_cell
    return names


def work_in(sources: Iterable[str]) -> set[str]:
    """The cells of a history that do more than set parameters before the notebook has checked them."""
    work, checked = set(), False
    for source in sources:
        names = _names_set_by(source)
        if names and any(isinstance(statement, ast.AnnAssign) for statement in _statements(source)):
            checked = False
        checked = checked or model_named_in([source]) is not None
        if source.strip() and (checked or not names):
            work.add(source.strip())
    return work


def model_named_in(sources: Iterable[str]) -> str | None:
    """The name of the model with which a notebook checks its parameters: NAME in ``mf.parameters("NAME", …)``."""
    for source in sources:
        for statement in _statements(source):
            for node in ast.walk(statement):
                if name := model_named_by(node):
                    return name
    return None


def model_named_by(node: ast.AST) -> str | None:
    """NAME, if a node of a source's tree is the call ``mf.parameters("NAME", …)``."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="parameters", value=ast.Name(id="mf" | "meanfield")),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
    return None


def _names_set_by(source: str) -> list[str]:
    """The names that a cell sets, if that is all it does."""
    try:
        return [_name_set_by(statement) for statement in _statements(source)]
    except ValueError:
        return []


def _name_set_by(statement: ast.stmt) -> str:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
    raise ValueError("not an assignment to one name")


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:  # a magic, or a shell command
        return []
