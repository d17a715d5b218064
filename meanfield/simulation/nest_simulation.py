"""One run of a network in NEST."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.neurons import create_neurons
from meanfield.simulation.played_trains import PlayedTrains
from meanfield.simulation.wiring import (
    advance,
    connect_external_drive,
    connect_poisson_trains,
    connect_populations,
    new_spikes,
    play,
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
    sources : PlayedTrains or array of shape (N,), optional
        What the neurons receive in place of the network's own spikes: given trains, or independent Poisson trains of
        neurons of these rates (spikes/s).
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
        sources: PlayedTrains | np.ndarray | None = None,
        chatter: bool = False,
    ):
        self.dt = dt
        self.nest = fresh_kernel(dt=dt, threads=threads, seed=seed, chatter=chatter)
        neurons = create_neurons(self.nest, network, V_init)
        connect_external_drive(self.nest, network, neurons)
        if sources is None:
            connect_populations(self.nest, network, neurons, neurons)
        elif isinstance(sources, PlayedTrains):
            connect_populations(self.nest, network, play(self.nest, sources, dt), neurons)
        else:
            connect_poisson_trains(self.nest, network, sources, neurons)
        self.recorder = record_spikes(self.nest, neurons)

    def advance(self, n_steps: int, bar: tqdm) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """Simulate `n_steps` more, a piece at a time.

        Yields
        ------
        step, neuron : array of int, shape (n_spikes,)
            When each spike of the piece was fired, and by which neuron; see `new_spikes`.
        n_steps : int
            Length of the piece.
        """
        for steps in advance(self.nest, n_steps, self.dt, bar):
            yield *new_spikes(self.recorder), steps
