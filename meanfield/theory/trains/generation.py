"""One generation of neurons on the time grid, driven by the trains of the last one: compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from meanfield.theory.trains.random_streams import poisson, stream, uniform


@njit(cache=True, nogil=True)
def one_generation(
    key, spikes, count, K, J, extra, J_ext, first, cumulative, guide, refractory, decay, drive, theta, V_reset,
    n_steps, new_spikes, new_count, new_closed,
):  # fmt: skip
    """Let neurons of one kind fire on the superposition of trains drawn at random, each shifted at random in time.

    Time is a circle of `n_steps` steps. `Kind` explains what is not said here.

    Parameters
    ----------
    key : array of int64
        What the random numbers are for.
    spikes : array of int32, shape (S, M, ·)
        Steps of the spikes of M trains of each source, ordered.
    count : array of int64, shape (S, M)
        How many spikes each train has.
    extra : array, shape (S,)
        Spikes of one more train, a regular one; its jumps are −J if this is negative.
    first, cumulative, guide
        The table of the external spikes' count in a step, from `poisson_table`.
    new_spikes, new_count, new_closed : arrays, shapes (M, ·), (M,) and (M,)
        Filled with the neurons' trains, and whether each is one without beginning and end.
    """
    key_of_neuron = np.append(key, 0)
    arriving = np.empty(n_steps)
    lap = np.empty_like(new_spikes[0])
    for i in range(new_count.shape[0]):
        key_of_neuron[-1] = i
        state = stream(key_of_neuron)
        _external_input(state, arriving, J_ext, first, cumulative, guide)
        for b in range(K.shape[0]):
            _add_trains(state, arriving, spikes[b], count[b], K[b], J[b])
            _add_regular_train(state, arriving, extra[b], J[b])
        new_count[i], new_closed[i] = _fire(
            arriving, uniform(state), refractory, decay, drive, theta, V_reset, new_spikes[i], lap
        )


@njit(cache=True)
def _external_input(state, arriving, J_ext, first, cumulative, guide):
    """Poisson counts of jumps `J_ext` in each step."""
    if J_ext == 0.0:
        arriving[:] = 0.0
        return
    for t in range(arriving.shape[0]):
        arriving[t] = J_ext * poisson(state, first, cumulative, guide)


@njit(cache=True)
def _add_trains(state, arriving, spikes, count, K, J):
    """Jumps `J` at the spikes of `K` trains, each drawn and shifted at random."""
    n_steps, n_trains = arriving.shape[0], count.shape[0]
    for _ in range(K):
        train = int(uniform(state) * n_trains)
        shift = int(uniform(state) * n_steps)
        for n in range(count[train]):
            t = spikes[train, n] + shift
            if t >= n_steps:
                t -= n_steps
            arriving[t] += J


@njit(cache=True)
def _add_regular_train(state, arriving, n_spikes, J):
    """Jumps `J` at equal distances, as many as `n_spikes` on average; −J if it is negative."""
    n_steps = arriving.shape[0]
    n = int(np.floor(abs(n_spikes) + uniform(state)))
    phase = uniform(state)
    jump = J if n_spikes > 0.0 else -J
    for k in range(n):
        arriving[int((k + phase) / n * n_steps)] += jump


@njit(cache=True)
def _fire(arriving, start, refractory, decay, drive, theta, V_reset, spikes, lap):
    """Steps of a neuron's spikes on the circle, how many, and whether the neuron came back to where it started.

    The neuron goes around once, and on until it fires in the same step as a lap ago: from there on it would repeat
    itself, and what came before depended on where it started. If that never happens, the second lap is taken.
    `lap` is room for as many spikes as `spikes`.
    """
    n_steps = arriving.shape[0]
    potential = V_reset + start * (theta - V_reset)
    silent = 0
    n_first = 0
    for t in range(n_steps):
        # Update order and arithmetic of NEST's iaf_psc_delta.
        if silent > 0:
            silent -= 1
        else:
            potential = drive + decay * potential + arriving[t]
        if potential >= theta:
            silent, potential = refractory, V_reset
            spikes[n_first] = t
            n_first += 1
    n, k = 0, 0
    for t in range(n_steps):
        if silent > 0:
            silent -= 1
        else:
            potential = drive + decay * potential + arriving[t]
        if potential >= theta:
            silent, potential = refractory, V_reset
            lap[n] = t
            n += 1
            while k < n_first and spikes[k] < t:
                k += 1
            if k < n_first and spikes[k] == t:
                rest = spikes[k + 1 : n_first].copy()
                spikes[:n] = lap[:n]
                spikes[n : n + rest.shape[0]] = rest
                return n + rest.shape[0], True
    spikes[:n] = lap[:n]
    return n, n == 0
