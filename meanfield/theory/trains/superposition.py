"""The exact variant: neurons on the superposition of trains of the last generation."""

from __future__ import annotations

import numpy as np
from numba import njit

from meanfield.theory.trains.membrane import fire_in_steps
from meanfield.theory.trains.random_streams import poisson, poisson_table, stream, uniform
from meanfield.theory.trains.recordings import Recordings

MOST_TAKEN = 2  # times K, if trains fire too slowly


def fire_on_superposition(kind, wanted, sources: Recordings, which: int, new: Recordings, key) -> None:
    """Let neurons of one kind fire on trains drawn at random from their sources, each shifted at random in time.

    As many trains are taken as bring the input's mean and noise to what is wanted. What is then missing of the mean
    comes from one regular train.

    Parameters
    ----------
    kind : Kind
    wanted : array, shape (S,)
        How many spikes should come from all trains of each source together.
    sources : Recordings
    which : int
        Number of the kind among those of `new`, where the trains are put.
    new : Recordings
    key : tuple of int
        What the random numbers are for.
    """
    sent = sources.mean_count[kind.source]
    enough = np.divide(wanted, sent, out=np.zeros_like(wanted), where=sent > 0.0)
    K = np.minimum(np.rint(enough), MOST_TAKEN * kind.K).astype(np.int64)
    one_generation(
        np.array(key),
        sources.spikes[kind.source],
        sources.count[kind.source],
        K,
        kind.J,
        wanted - K * sent,
        kind.J_ext,
        *poisson_table(kind.external),
        kind.membrane,
        new.n_steps,
        new.spikes[which],
        new.count[which],
        new.closed[which],
    )


@njit(cache=True, nogil=True)
def one_generation(
    key, spikes, count, K, J, extra, J_ext, first, cumulative, guide, membrane, n_steps,
    new_spikes, new_count, new_closed,
):  # fmt: skip
    """One generation of neurons of one kind.

    Parameters
    ----------
    key : array of int64
        What the random numbers are for.
    spikes : array of int32, shape (S, M, ·)
        Steps of the spikes of M trains of each source, ordered.
    count : array of int64, shape (S, M)
        How many spikes each train has.
    K : array of int64, shape (S,)
        How many trains each neuron receives.
    J : array, shape (S,), mV
    extra : array, shape (S,)
        Spikes of one more train, a regular one; its jumps are −J if this is negative.
    J_ext : float, mV
    first, cumulative, guide
        The table of the external spikes' count in a step, from `poisson_table`.
    membrane : Membrane
    n_steps : int
        Steps around the circle of time.
    new_spikes, new_count, new_closed : arrays, shapes (M, ·), (M,) and (M,)
        Filled with the neurons' trains, and whether each is without seam.
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
        new_count[i], new_closed[i] = fire_in_steps(arriving, uniform(state), membrane, new_spikes[i], lap)


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
