"""The axes of an experiment's grid: lists, ranges, and columns that step together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MOST_RUNS = 100_000  # of an experiment

# Columns of parameters and the values that each takes, step by step; all have the same number of values.
Axis = dict[str, tuple[Any, ...]]


def read_axis(description: Any) -> Axis:
    """One axis of a grid, as an experiment file writes it.

    Parameters
    ----------
    description : mapping of str to list or range
        Name of a parameter and its values: a list, or a range ``{from: …, to: …, n: …}`` with both ends, which
        ``spacing: log`` makes a geometric one. Several columns in one axis step together.

    Raises
    ------
    ValueError
        If it is something else, or its columns differ in length.
    """
    if (
        not isinstance(description, Mapping)
        or not description
        or not all(isinstance(name, str) for name in description)
    ):
        raise ValueError(f"an axis is written 'name: values', not {description!r}")
    axis = {name: _values(name, column) for name, column in description.items()}
    lengths = {name: len(values) for name, values in axis.items()}
    if len(set(lengths.values())) > 1:
        lengths_in_words = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"columns of one axis must have equally many values, but {lengths_in_words}")
    seen = set()
    for step in map(repr, zip(*axis.values(), strict=True)):
        if step in seen:
            raise ValueError(f"{', '.join(axis)} takes the value {step.strip('(,)')} twice")
        seen.add(step)
    return axis


def _values(name: str, column: Any) -> tuple[Any, ...]:
    if isinstance(column, Mapping):
        return _range(name, column)
    if not isinstance(column, Sequence) or isinstance(column, str) or not column:
        raise ValueError(f"{name} needs a list of values, or a range {{from: …, to: …, n: …}}, not {column!r}")
    return tuple(column)


def _range(name: str, described: Mapping[str, Any]) -> tuple[Any, ...]:
    known = {"from", "to", "n", "spacing"}
    if not {"from", "to", "n"} <= set(described) <= known:
        raise ValueError(
            f"the range of {name} needs from, to and n, and may have spacing, but has {', '.join(described)}"
        )
    first, last, n, spacing = described["from"], described["to"], described["n"], described.get("spacing", "linear")
    if not isinstance(n, int) or isinstance(n, bool) or n < 2:
        raise ValueError(f"the range of {name} needs n = {n!r} to be a whole number ≥ 2")
    if n > MOST_RUNS:
        raise ValueError(f"the range of {name} has {n:,} values; at most {MOST_RUNS:,} are possible")
    if not all(
        isinstance(end, int | float) and not isinstance(end, bool) and np.isfinite(end) for end in (first, last)
    ):
        raise ValueError(f"the range of {name} needs numbers, not from = {first!r} to = {last!r}")
    if spacing not in ("linear", "log"):
        raise ValueError(f"the range of {name} has spacing = {spacing!r}; it must be linear or log")
    if spacing == "log" and not min(first, last) > 0:
        raise ValueError(f"the range of {name} with spacing = 'log' needs ends > 0, not from = {first!r} to = {last!r}")
    values = np.linspace(first, last, n) if spacing == "linear" else np.geomspace(first, last, n)
    # 0.3, not 0.30000000000000004: the values name the runs, and a person would have written them so.
    return tuple(float(f"{value:.12g}") for value in values)
