"""One run of a network in compiled code."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.simulation.compiled.part import Part
from meanfield.simulation.compiled.synapses import delays_between, is_connected
from meanfield.simulation.played_trains import PlayedTrains

LARGEST_PART = 16384  # neurons; their input of one time step takes 128 KB
PIECE = 50.0  # ms of biological time between two steps of the progress bar
LONGEST_EXCHANGE = 32  # steps between two exchanges of spikes at most, to keep ring buffers short


class CompiledSimulation:
    """A network that has been built and can be advanced.

    The spikes follow from network, seed, dt and V_init alone, to the bit: neither threads nor the steps of an `advance`
    nor the parts that populations are cut into matter.

    Parameters
    ----------
    network : Network
    dt : float, ms
    seed : int
    V_init : {"spread", "rest"}
    threads : int
        Threads among which the parts are shared.
    sources : PlayedTrains or array of shape (N,), optional
        What the neurons receive in place of the network's own spikes: given trains, or independent Poisson trains of
        neurons of these rates (spikes/s).
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
    ):
        self.step, self.dt = 0, dt
        self.each = map if threads == 1 else ThreadPoolExecutor(threads).map
        shortest, longest = delays_between(network, dt)
        used = is_connected(network)
        self.exchange = min(LONGEST_EXCHANGE, shortest[used].min(initial=LONGEST_EXCHANGE))
        self.sources = sources
        if sources is None:
            sizes = network.size
        elif isinstance(sources, PlayedTrains):
            sizes = sources.size
        else:
            sizes = 0 * network.size  # Poisson trains come from no neurons
        options = {
            "sources": sizes,
            "itself": sources is None,
            "poisson_rates": sources if isinstance(sources, np.ndarray) else np.zeros(len(sizes)),
            "seed": seed,
            "dt": dt,
            "V_init": V_init,
            "slots": int(longest[used].max(initial=1)) + self.exchange,
        }

        def build(place):
            population, start, n = place
            return Part(network, population, start, n, **options)

        most = min(LARGEST_PART, math.ceil(network.size.sum() / threads))
        places = [(p, *stretch) for p, size in enumerate(network.size) for stretch in stretches(int(size), most)]
        self.parts = list(self.each(build, places))

    def advance(self, n_steps: int, bar: tqdm) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """Simulate `n_steps` more, a piece at a time.

        Yields
        ------
        step, neuron : array of int, shape (n_spikes,)
            The end of the step in which each spike of the piece was fired, counted from the start of the simulation,
            and which neuron fired it; ordered by both.
        n_steps : int
            Length of the piece.
        """
        while n_steps > 0:
            piece = min(n_steps, max(1, round(PIECE / self.dt)))
            end = self.step + piece
            steps, neurons = [], []
            while self.step < end:
                n = min(self.exchange, end - self.step)
                neuron, lag = self._exchange(self.step, n)
                steps.append(self.step + 1 + lag)
                neurons.append(neuron)
                self.step += n
            bar.update(min(piece * self.dt, bar.total - bar.n))  # rounding errors add up, and it warns beyond its end
            yield np.concatenate(steps), np.concatenate(neurons), piece
            n_steps -= piece

    def _exchange(self, step: int, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Advance all parts until spikes may arrive that they know nothing of, and give these to each."""
        neuron, lag = fired = ordered(list(self.each(lambda part: part.advance(step, n_steps), self.parts)), n_steps)
        if isinstance(self.sources, PlayedTrains):
            neuron, lag = self.sources.between(step, step + n_steps)
        if not isinstance(self.sources, np.ndarray):
            list(self.each(lambda part: part.receive(step, neuron, lag), self.parts))
        return fired


def stretches(size: int, most: int) -> Iterator[tuple[int, int]]:
    """Start and length of a population's parts: as equal as multiples of 4 can be, and hardly above `most`."""
    n_parts = math.ceil(size / most)
    length = math.ceil(size / n_parts / 4) * 4
    for start in range(0, size, length):
        yield start, min(length, size - start)


def ordered(fired: Sequence[tuple[np.ndarray, np.ndarray]], n_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Spikes of all parts, by step and then by neuron: neuron and lag, arrays of int32."""
    lag = np.concatenate([np.repeat(np.arange(n_steps, dtype=np.uint8), n_fired) for _, n_fired in fired])
    order = np.argsort(lag, kind="stable")
    return np.concatenate([neuron for neuron, _ in fired])[order], lag[order].astype(np.int32)
