"""A part of a population: neurons that are simulated together, with all that reaches them.

Parts know nothing of each other: between two exchanges of spikes each can run in a thread of its own. They are small
enough for one time step of their input to stay in a core's own cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from meanfield.model.network import Network
from meanfield.simulation.compiled.indegrees import draw_sources
from meanfield.simulation.compiled.membrane import update
from meanfield.simulation.compiled.philox import INITIAL_POTENTIAL, uniform
from meanfield.simulation.compiled.poisson_drive import PoissonDrive, add_poisson_input
from meanfield.simulation.compiled.synapses import deliver, rows_of_sources

LARGEST = 16384  # neurons; their input of one time step takes 128 KB


class Part:
    """Neurons `start` … of one population.

    Parameters
    ----------
    network : Network
        Of which the neurons are.
    population, start, n : int
        Which neurons: `n` of `population`, from its number `start` on, a multiple of 4.
    sources : array of int, shape (N,)
        Neurons in each population that spikes come from.
    recurrent : bool
        Whether these are the network's own.
    drives : sequence of PoissonDrive
    seed : int
    dt : float, ms
    V_init : {"spread", "rest"}
    slots : int
        Of the ring buffer: more than the longest delay by the longest time between two exchanges of spikes.
    """

    def __init__(
        self,
        network: Network,
        population: int,
        start: int,
        n: int,
        *,
        sources: np.ndarray,
        recurrent: bool,
        drives: Sequence[PoissonDrive],
        seed: int,
        dt: float,
        V_init: str,
        slots: int,
    ):
        self.start, self.seed, self.drives = start, seed, drives
        self.first = int(network.size[:population].sum()) + start
        self.theta, self.V_reset = float(network.theta[population]), float(network.V_reset[population])
        self.refractory_steps = round(float(network.t_ref[population]) / dt)
        # As NEST has it, with a capacitance of 1 pF.
        tau_m = float(network.tau_m[population])
        self.decay = math.exp(-dt / tau_m)
        self.drift = (1 - self.decay) * tau_m * (float(network.mu_ext[population]) / tau_m)

        self.V = np.zeros(n)
        if V_init == "spread":
            self.V += self.V_reset + (self.theta - self.V_reset) * uniform(
                seed, INITIAL_POTENTIAL, population, start, n
            )
        self.ready = np.zeros(n, dtype=np.int64)
        self.buffer = np.zeros((slots, n))
        self.weight = network.J[population]
        self.delay = np.rint(network.delay[population] / dt).astype(np.int64)
        # External spikes too arrive after a delay, as in NEST the shortest.
        self._add_drives(int(self.delay.min()), slots - int(self.delay.min()))

        self.population = np.repeat(np.arange(len(sources), dtype=np.int32), sources)
        rows = [
            self._draw(network, population, s, int(size), recurrent and s == population)
            for s, size in enumerate(sources)
        ]
        self.row = np.concatenate([[0], np.cumsum(np.concatenate([length for length, _ in rows]))])
        self.target = np.concatenate([target for _, target in rows])

    def _draw(self, network, population, source, size, within):
        if size == 0 or not is_connected(network)[population, source]:
            return np.zeros(size, dtype=np.int64), np.empty(0, dtype=np.uint16)
        unit = population * len(network.populations) + source
        K, exclude_itself = int(network.K[population, source]), within and not network.autapses
        drawn = draw_sources(self.start, len(self.V), K, size, network.multapses, exclude_itself, self.seed, unit)
        return rows_of_sources(drawn, size)

    def _add_drives(self, step: int, n_steps: int) -> None:
        for drive in self.drives:
            add_poisson_input(self.buffer, step, n_steps, self.start, self.seed, *drive)

    def advance(self, step: int, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Update the neurons; gives back which fired and how many in each step, see `update`."""
        fired = update(
            self.V,
            self.ready,
            self.buffer,
            step,
            n_steps,
            self.decay,
            self.drift,
            self.theta,
            self.V_reset,
            self.refractory_steps,
            self.first,
        )
        # What has been used is free for one turn of the ring later; Poisson input is the first there, as in NEST.
        self._add_drives(step + len(self.buffer), n_steps)
        return fired

    def receive(self, step: int, neuron: np.ndarray, lag: np.ndarray) -> None:
        """Take the spikes of `neuron`, fired `lag` steps after `step`, ordered by lag."""
        deliver(self.buffer, step, neuron, lag, self.row, self.target, self.population, self.weight, self.delay)


def is_connected(network: Network) -> np.ndarray:
    """Which pairs of populations (target, source) have synapses that do anything; shape (N, N)."""
    return (network.K > 0) & (network.J != 0)


def stretches(size: int) -> Iterator[tuple[int, int]]:
    """Start and length of a population's parts: as equal as multiples of 4 can be, none above `LARGEST`."""
    n_parts = math.ceil(size / LARGEST)
    length = math.ceil(size / n_parts / 4) * 4
    for start in range(0, size, length):
        yield start, min(length, size - start)
