"""Cells that do nothing but set parameters: a notebook's own, and those that papermill puts after it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any


def literals_set_by(source: str) -> dict[str, Any]:
    """Names and values that a cell sets, if all it does is assign literals to names; else nothing."""
    values = {}
    for statement in _statements(source):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case _:
                return {}
        try:
            values[name] = ast.literal_eval(value)
        except ValueError:  # an expression, such as a sum of other names
            return {}
    return values


def names_set_by(sources: Iterable[str]) -> Iterator[str]:
    """Names set by the cells that only set parameters, from the last run of the notebook's parameters cell on.

    That cell is told by its annotations (``order: int = 2500``), which papermill's cell does not have.
    """
    for source in reversed(list(sources)):
        names = literals_set_by(source)
        yield from names
        if names and any(isinstance(statement, ast.AnnAssign) for statement in _statements(source)):
            return


def model_named_in(sources: Iterable[str]) -> str | None:
    """The parameter model that a notebook validates itself with: Model in ``mf.Model.from_notebook(…)``."""
    for source in sources:
        for statement in _statements(source):
            for node in ast.walk(statement):
                match node:
                    case ast.Call(func=ast.Attribute(attr="from_notebook", value=ast.Attribute(attr=model))):
                        return model
    return None


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:  # a magic, or a shell command
        return []
