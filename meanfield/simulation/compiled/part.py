"""A part of a population: neurons that are simulated together, with all that reaches them.

Parts know nothing of each other: between two exchanges of spikes each can run in a thread of its own. They are small
enough for one time step of their input to stay in a core's own cache.
"""

from __future__ import annotations

import math

import numpy as np

from meanfield.model.network import Network
from meanfield.simulation.compiled.delta_synapses import update_delta
from meanfield.simulation.compiled.drive import PoissonDrive, add_poisson_input, add_white_noise, poisson_drive
from meanfield.simulation.compiled.exponential_synapses import effect_of_current, update_exponential
from meanfield.simulation.compiled.philox import INITIAL_POTENTIAL, uniform
from meanfield.simulation.compiled.synapses import Synapses, is_connected


class Part:
    """Neurons `start` … of one population.

    Input comes in channels, one for each time constant of synapses.

    Parameters
    ----------
    network : Network
        Of which the neurons are.
    population, start, n : int
        Which neurons: `n` of `population`, from its number `start` on, a multiple of 4.
    sources : array of int, shape (N,)
        Neurons in each population that spikes come from.
    itself : bool
        Whether these are the network's own.
    poisson_rates : array of float, shape (N,), spikes/s
        Of neurons that give Poisson trains in place of spikes; 0 if none do.
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
        itself: bool,
        poisson_rates: np.ndarray,
        seed: int,
        dt: float,
        V_init: str,
        slots: int,
    ):
        self.start, self.seed = start, seed
        self.first = int(network.size[:population].sum()) + start
        self.theta, self.V_reset = float(network.theta[population]), float(network.V_reset[population])
        self.refractory_steps = round(float(network.t_ref[population]) / dt)
        # As NEST has it, with a capacitance of 1 pF.
        tau_m = float(network.tau_m[population])
        self.decay = math.exp(-dt / tau_m)
        constant = network.mu_0[population] if network.drive == "dc" else network.mu_ext[population]
        self.drift = (1 - self.decay) * tau_m * (float(constant) / tau_m)

        tau_syn = time_constants(network, population)
        channel = np.array([tau_syn.index(tau) if tau in tau_syn else 0 for tau in network.tau_syn[population]])
        self.jumps = tau_syn[0] == 0
        self.current_decay = np.array([math.exp(-dt / tau) if tau > 0 else 0.0 for tau in tau_syn])
        self.effect = np.array([effect_of_current(tau, tau_m, dt) if tau > 0 else 0.0 for tau in tau_syn])

        self.V = np.zeros(n)
        if V_init == "spread":
            self.V += self.V_reset + (self.theta - self.V_reset) * uniform(
                seed, INITIAL_POTENTIAL, population, start, n
            )
        self.ready = np.zeros(n, dtype=np.int64)
        self.current = np.zeros((len(tau_syn), n))
        self.buffer = np.zeros((len(tau_syn), slots, n))

        self.drives = poisson_drives(network, population, tau_syn, poisson_rates, dt)
        self.noise = float(network.sigma_ext[population]) * math.sqrt(-0.5 * math.expm1(-2 * dt / tau_m))
        self.noise_unit = population
        # External input too arrives after a delay, as in NEST the shortest.
        delay = max(1, round(float(network.delay[population].min()) / dt))
        self._add_drives(delay, slots - delay)
        self.synapses = Synapses(
            network, population, start, n, sources=sources, itself=itself, channel=channel, seed=seed, dt=dt
        )

    def _add_drives(self, step: int, n_steps: int) -> None:
        for channel, drive in self.drives:
            add_poisson_input(self.buffer[channel], step, n_steps, self.start, self.seed, *drive)
        if self.noise > 0:
            add_white_noise(self.buffer[0], step, n_steps, self.start, self.seed, self.noise_unit, self.noise)

    def advance(self, step: int, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Update the neurons; gives back which fired and how many in each step, see `update_delta`."""
        state = step, n_steps, self.decay, self.drift, self.theta, self.V_reset, self.refractory_steps, self.first
        if len(self.effect) == 1 and self.jumps:
            fired = update_delta(self.V, self.ready, self.buffer[0], *state)
        else:
            synapses = self.jumps, self.current_decay, self.effect
            fired = update_exponential(self.V, self.ready, self.current, self.buffer, *state, *synapses)
        # What has been used is free for one turn of the ring later; Poisson input is the first there, as in NEST.
        self._add_drives(step + self.buffer.shape[1], n_steps)
        return fired

    def receive(self, step: int, neuron: np.ndarray, lag: np.ndarray) -> None:
        """Take the spikes of `neuron`, fired `lag` steps after `step`, ordered by lag."""
        self.synapses.deliver(self.buffer, step, neuron, lag)


def time_constants(network: Network, population: int) -> list[float]:
    """Those of a population's input (ms), ascending; 0 for delta synapses, and for white noise, which acts as they."""
    used = set(network.tau_syn[population, is_connected(network)[population]])
    if network.shot_variance_0[population] > 0:
        used.add(network.tau_syn_ext[population])
    if network.sigma_ext[population] > 0:
        used.add(0.0)
    return sorted(map(float, used or {0.0}))


def poisson_drives(
    network: Network, population: int, tau_syn: list[float], rates: np.ndarray, dt: float
) -> list[tuple[int, PoissonDrive]]:
    """Channels and tables of the external drive, and of Poisson trains of neurons of the given rates (spikes/s)."""
    external = (network.K_ext * network.rate_ext)[population] if network.drive == "poisson" else 0.0
    trains = [(external, network.J_ext[population], network.tau_syn_ext[population])]
    trains += zip(network.K[population] * rates, network.J[population], network.tau_syn[population], strict=True)
    return [
        (tau_syn.index(tau), poisson_drive(population * 2**16 + number, 1e-3 * dt * rate, J / tau if tau > 0 else J))
        for number, (rate, J, tau) in enumerate(trains)
        if rate > 0 and J != 0
    ]
