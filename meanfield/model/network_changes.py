"""Changes of single entries of a network, as "J[E,I]"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError

ALL = ":"  # in place of a population: each of them


def changed_network(network: Network, changes: Mapping[str, Any]) -> Network:
    """The network with other values at some of its entries.

    Parameters
    ----------
    network : Network
    changes : mapping of str to value
        The entry of a pair, ``J[E,I]``, target first; of a population, ``tau_m[E]``; of all, ``tau_m`` or ``rule``. A
        colon in place of a population means each: ``J[:,I]``. They are made one after the other.

    Returns
    -------
    Network

    Raises
    ------
    ParameterError
        If there is no such entry, or the network is none with these values.
    """
    description = network.to_dict()
    culprits = []
    for entry, value in changes.items():
        name, _, within = entry.partition("[")
        try:
            places = _places(name, within, entry, network.populations)
        except ValueError as error:
            culprits.append(f"{entry} {error}")
            continue
        if not within:
            description[name] = value
            continue
        full = np.broadcast_to(description.get(name, getattr(network, name)), np.shape(getattr(network, name)))
        array = full.astype(object)  # so that no value is rounded on its way to the network's checks
        array[np.ix_(*places)] = value
        description[name] = array.tolist()
    if culprits:
        raise ParameterError(culprits)
    return Network(**description)


def is_entry(name: str) -> bool:
    """Whether a name could be that of a network's entry."""
    return name.partition("[")[0] in Network.model_fields and re.fullmatch(r"\w+(\[.+\])?", name) is not None


def _places(name: str, within: str, entry: str, populations: Sequence[str]) -> list[list[int]]:
    """Indices along each dimension of the field `name`."""
    if name not in Network.model_fields or name == "populations":
        known = ", ".join(field for field in Network.model_fields if field != "populations")
        raise ValueError(f"is no entry of a network; its entries are {known}")
    if not within:
        return []
    n_dims = next((getattr(m, "ndim", 0) for m in Network.model_fields[name].metadata), 0)
    if not n_dims:
        raise ValueError(f"must be written {name}: it is one for the whole network")
    shape = f"{name}[target,source]" if n_dims == 2 else f"{name}[population]"
    if not entry.endswith("]"):
        raise ValueError(f"must be written {shape}")
    known = {ALL: list(range(len(populations)))} | {name: [place] for place, name in enumerate(populations)}
    # Names may hold commas themselves: of all ways to part them, one that gives names.
    for parts in _parted(within[:-1], n_dims):
        if all(part in known for part in parts):
            return [known[part] for part in parts]
    what = "pair of populations" if n_dims == 2 else "population"
    raise ValueError(f"names no {what}; it is written {shape}, with {', '.join(known)}")


def _parted(text: str, n_dims: int) -> Iterator[list[str]]:
    if n_dims == 1:
        yield [text.strip()]
        return
    for comma in re.finditer(",", text):
        yield [text[: comma.start()].strip(), text[comma.end() :].strip()]
