"""Synapses in memory: the targets of each source in a row, two bytes each; and the way of spikes along them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from meanfield.model.network import Network
from meanfield.simulation.compiled.limits import LARGEST_DEVIATE
from meanfield.simulation.compiled.philox import SPREAD, normal_pair, philox, to_unit_interval
from meanfield.simulation.compiled.sources import sources_of

AHEAD = 3  # spikes before its turn that the row of a spike is fetched
CACHE_LINE = 32  # targets in 64 bytes


class Synapses:
    """All synapses upon some neurons of one population.

    Parameters
    ----------
    network : Network
    population, start, n : int
        The neurons: `n` of `population` from its number `start` on; at most 65,536.
    sources : array of int, shape (N,)
        Neurons in each population that spikes come from.
    itself : bool
        Whether these are the network's own.
    channel : array of int, shape (N,)
        Of the input, for each source population.
    seed : int
    dt : float, ms
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
        channel: np.ndarray,
        seed: int,
        dt: float,
    ):
        self.population = np.repeat(np.arange(len(sources), dtype=np.int32), sources)
        self.channel = channel
        J, tau_syn = network.J[population], network.tau_syn[population]
        self.weight = np.divide(J, tau_syn, out=J.copy(), where=tau_syn > 0)  # mV, or pA at a capacitance of 1 pF
        delay, delay_sd, cv = (
            network.delay[population] / dt,
            network.delay_sd[population] / dt,
            network.J_cv[population],
        )
        self.delay = np.rint(delay).astype(np.int64)
        used = is_connected(network)[population] & (np.asarray(sources) > 0)
        end = np.cumsum(sources)

        def drawn() -> Iterator[tuple]:
            for s in np.flatnonzero(used):
                slots = slice(int(end[s] - sources[s]), int(end[s]))
                itself_too = itself and s == population
                for block in sources_of(network, population, s, start, n, int(sources[s]), itself_too, seed):
                    yield s, slots, *block

        # The same numbers are drawn twice, to count and to store, which takes less memory than to keep them.
        length = np.zeros(int(end[-1]), dtype=np.int64)
        for _, slots, _, _, source in drawn():
            count(length[slots], source)
        self.row = np.concatenate([[0], np.cumsum(length)])
        self.target = np.empty(int(self.row[-1]), dtype=np.uint16)
        self.spread = bool(np.any(used & ((cv > 0) | (delay_sd > 0))))
        self.weights = np.empty(len(self.target) if self.spread else 0, dtype=np.float32)
        self.delays = np.empty(len(self.target) if self.spread else 0, dtype=np.uint16)
        place = self.row[:-1].copy()
        for s, own, first, degree, source in drawn():
            if self.spread:
                unit = population * len(sources) + s
                each = self.weight[s], cv[s] * abs(self.weight[s]), delay[s], delay_sd[s], seed, unit, start
                store_spread(place[own], self.target, self.weights, self.delays, first, degree, source, *each)
            else:
                store(place[own], self.target, first, degree, source)

    def deliver(self, buffer: np.ndarray, step: int, neuron: np.ndarray, lag: np.ndarray) -> None:
        """Add what spikes bring to the neurons' input.

        Parameters
        ----------
        buffer : array of float, shape (channels, slots, n)
            Ring buffer of the input.
        step : int
            From which the spikes' lags count.
        neuron, lag : array of int32, shape (n_spikes,)
            The sources, and the step within which each fired: in the order in which input is summed up.
        """
        if self.spread:
            arrays = self.target, self.weights, self.delays
            deliver_spread(buffer, step, neuron, lag, self.row, *arrays, self.population, self.channel)
        else:
            pairs = self.population, self.channel, self.weight, self.delay
            deliver(buffer, step, neuron, lag, self.row, self.target, *pairs)


def is_connected(network: Network) -> np.ndarray:
    """Which pairs of populations (target, source) have synapses that do anything; shape (N, N)."""
    return (network.K > 0) & (network.J != 0)


def delays_between(network: Network, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of the delays of each pair of populations in steps, arrays (N, N)."""
    reach = LARGEST_DEVIATE * network.delay_sd
    shortest, longest = (np.floor((network.delay + sign * reach) / dt + 0.5).astype(int) for sign in (-1, 1))
    return np.maximum(shortest, 1), longest


@njit(nogil=True, cache=True)
def count(length, source):
    """Add the synapses of each source to its row's length."""
    for s in source:
        length[s] += 1


@njit(nogil=True, cache=True)
def store(place, target, first, degree, source):
    """Put a block of targets, number `first` …, at the next `place` of the row of each of their sources."""
    k = 0
    for i in range(len(degree)):
        for _ in range(degree[i]):
            target[place[source[k]]] = first + i
            place[source[k]] += 1
            k += 1


@njit(nogil=True, cache=True)
def store_spread(
    place, target, weights, delays, first, degree, source, weight, weight_sd, delay, delay_sd, seed, unit, start
):
    """The same, with a weight and a delay for each synapse: normal, drawn again if without the mean's sign.

    A weight's sign is that of the mean; a delay rounds to a step at least. `start` is the number in the population
    from which the targets count.
    """
    k = 0
    for i in range(len(degree)):
        for synapse in range(degree[i]):
            own_weight, own_delay = 0.0, 0.0
            attempt = 0
            while own_weight * weight <= 0.0 or own_delay < 0.5:
                a, b, c, d = philox(start + first + i, synapse, attempt, unit, seed, SPREAD)
                x, y = normal_pair(to_unit_interval(a, b), to_unit_interval(c, d))
                if own_weight * weight <= 0.0:
                    own_weight = weight + weight_sd * x
                if own_delay < 0.5:
                    own_delay = delay + delay_sd * y
                attempt += 1
            here = place[source[k]]
            target[here] = first + i
            weights[here] = own_weight
            delays[here] = np.int64(math.floor(own_delay + 0.5))
            place[source[k]] += 1
            k += 1


@intrinsic
def prefetch(typing_context, array, index):
    """Ask for an array's element without waiting for it."""

    def code(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [address.type], kind)
        # To read (0), into the second-level cache (2), data (1).
        builder.call(function, [address, number(0), number(2), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), code


@njit(nogil=True, cache=True)
def deliver(buffer, step, neuron, lag, row, target, population, channel, weight, delay):
    """See `Synapses.deliver`. Were its row not fetched ahead, a spike would wait for the memory half of the time."""
    n_slots, n_spikes = buffer.shape[1], len(neuron)
    for spike in range(n_spikes):
        if spike + AHEAD < n_spikes:
            later = neuron[spike + AHEAD]
            for place in range(row[later], row[later + 1], CACHE_LINE):
                prefetch(target, place)
        source = neuron[spike]
        origin = population[source]
        jump = weight[origin]
        slot = buffer[channel[origin], (step + lag[spike] + delay[origin]) % n_slots]
        for place in range(row[source], row[source + 1]):
            slot[target[place]] += jump


@njit(nogil=True, cache=True)
def deliver_spread(buffer, step, neuron, lag, row, target, weights, delays, population, channel):
    """The same where each synapse has a weight and a delay of its own."""
    n_slots, n_spikes = buffer.shape[1], len(neuron)
    for spike in range(n_spikes):
        if spike + AHEAD < n_spikes:
            later = neuron[spike + AHEAD]
            for place in range(row[later], row[later + 1], CACHE_LINE):
                prefetch(target, place)
                prefetch(delays, place)
                prefetch(weights, place)
                prefetch(weights, place + CACHE_LINE // 2)
        source = neuron[spike]
        slots = buffer[channel[population[source]]]
        now = (step + lag[spike]) % n_slots
        for place in range(row[source], row[source + 1]):
            slot = now + delays[place]
            slots[slot - n_slots if slot >= n_slots else slot, target[place]] += weights[place]
