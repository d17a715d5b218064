"""Synapses in memory: the targets of each source in a row, two bytes each; and the way of spikes along them."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

MOST_TARGETS = 2**16  # that two bytes can number
AHEAD = 3  # spikes before its turn that the row of a spike is fetched
CACHE_LINE = 32  # targets in 64 bytes


@njit(nogil=True, cache=True)
def rows_of_sources(source, n_sources):
    """The targets of each source, ascending, from the sources of each target.

    Parameters
    ----------
    source : array of int32, shape (n_targets, K)
    n_sources : int

    Returns
    -------
    length : array of int64, shape (n_sources,)
    target : array of uint16, shape (n_targets · K,)
        The rows one after the other.
    """
    length = np.zeros(n_sources, dtype=np.int64)
    for i in range(source.shape[0]):
        for k in range(source.shape[1]):
            length[source[i, k]] += 1
    place = np.cumsum(length) - length
    target = np.empty(source.size, dtype=np.uint16)
    for i in range(source.shape[0]):
        for k in range(source.shape[1]):
            target[place[source[i, k]]] = i
            place[source[i, k]] += 1
    return length, target


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
def deliver(buffer, step, neuron, lag, row, target, population, weight, delay):
    """Add what spikes bring to the ring buffer of their targets, in the order of the spikes.

    Without its row being fetched ahead, a spike would wait for the memory: half of the time.

    Parameters
    ----------
    buffer : array of float, shape (slots, n), mV
    step : int
        From which the spikes' lags count.
    neuron, lag : array of int32, shape (n_spikes,)
        The sources, and the step within which each fired; it is the `delay`-th step after that in which it arrives.
    row : array of int64, shape (n_sources + 1,)
        Where the rows begin in `target`, and the end.
    target : array of uint16
    population : array of int32, shape (n_sources,)
        Of each source.
    weight, delay : array, shape (N,), mV, steps
        Of the synapses from each population.
    """
    n_slots, n_spikes = buffer.shape[0], len(neuron)
    for spike in range(n_spikes):
        if spike + AHEAD < n_spikes:
            later = neuron[spike + AHEAD]
            for place in range(row[later], row[later + 1], CACHE_LINE):
                prefetch(target, place)
        source = neuron[spike]
        jump = weight[population[source]]
        slot = buffer[(step + lag[spike] + delay[population[source]]) % n_slots]
        for place in range(row[source], row[source + 1]):
            slot[target[place]] += jump
