"""The two simulators of a spiking network, NEST and compiled code, behind one interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tqdm import tqdm

from meanfield.simulation.compiled.loading import compiled_simulation
from meanfield.simulation.nest_simulation import NestSimulation

SIMULATORS = ("nest", "compiled")


@contextmanager
def simulator_named(name: str, bar: tqdm, chatter: bool) -> Iterator[Callable]:
    """What builds a run of a network, a `NestSimulation` or a `CompiledSimulation`; both take the same arguments.

    Raises
    ------
    ParameterError
        If compiled code is wanted and numba cannot be imported.
    """
    if name == "nest":
        yield partial(NestSimulation, chatter=chatter)
    else:
        with compiled_simulation(bar) as build:
            yield build
