"""A network in words: what its populations are, and how they are coupled, each value once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from meanfield.model.network import Network


def network_in_words(network: Network) -> Iterator[tuple[str, str]]:
    """Labels and texts; what is the same for all neurons or synapses comes last, in one text."""
    description = network.to_dict()
    names, size = description.pop("populations"), description.pop("size")
    yield "neurons", ", ".join(f"{name} {n}" for name, n in zip(names, size, strict=True))
    alike = []
    for name, given in description.items():
        values, unit = np.asarray(given), Network.unit(name)
        if (values == values.flat[0]).all():
            alike.append(_value(name, values.flat[0], unit))
        elif values.ndim == 1:
            yield name, f"{_listed(names, values)} {unit}".strip()
        else:
            rows = {name: values[0]} if (values == values[0]).all() else dict(zip(names, values, strict=True))
            for target, row in rows.items():
                label = name if len(rows) == 1 else f"{name} to {target}"
                yield label, f"{_listed([f'from {source}' for source in names], row)} {unit}".strip()
    yield "all alike", ", ".join(alike)


def _listed(names: list[str], values: np.ndarray) -> str:
    return ", ".join(_value(name, value, "") for name, value in zip(names, values, strict=True))


def _value(name: str, value: Any, unit: str) -> str:
    """A name, its value and its unit, which stay together when lines are broken."""
    shown = {True: "yes", False: "no"}[bool(value)] if isinstance(value, np.bool_) else value
    text = f"{shown:.12g}" if isinstance(shown, np.floating) else str(shown)
    return f"{name} {text} {unit}".strip().replace(" ", "\u00a0")
