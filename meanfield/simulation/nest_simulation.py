"""One run of a network in NEST."""

from __future__ import annotations

import numpy as np
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.wiring import (
    advance,
    connect_external_drive,
    connect_populations,
    create_neurons,
    new_spikes,
    record_spikes,
)


class NestSimulation:
    """A network that has been built in NEST's kernel, made anew for it, and can be advanced.

    Parameters
    ----------
    network : Network
    dt : float, ms
    seed : int
    V_init : {"spread", "rest"}
    threads : int
        NEST's virtual processes; another number is another realisation.
    start : float, ms
        Spikes up to then are not kept.
    chatter : bool
        Whether NEST may print its messages.
    """

    def __init__(
        self,
        network: Network,
        *,
        dt: float,
        seed: int,
        V_init: str,
        threads: int = 1,
        start: float = 0.0,
        chatter: bool = False,
    ):
        self.dt = dt
        self.nest = fresh_kernel(dt=dt, threads=threads, seed=seed, chatter=chatter)
        neurons = create_neurons(self.nest, network, V_init)
        connect_external_drive(self.nest, network, neurons)
        connect_populations(self.nest, network, neurons, neurons)
        self.recorder = record_spikes(self.nest, neurons, start)

    def advance(self, n_steps: int, bar: tqdm) -> tuple[np.ndarray, np.ndarray]:
        """Simulate `n_steps` more; give back step and neuron of each spike that is kept, see `new_spikes`."""
        advance(self.nest, n_steps, self.dt, bar)
        return new_spikes(self.recorder)
