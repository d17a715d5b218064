"""The exact variant: neurons on the superposition of trains of the last generation."""

from __future__ import annotations

import numpy as np
from numba import njit

from meanfield.theory.trains.membrane import fire_in_steps
from meanfield.theory.trains.random_streams import normal, poisson, poisson_table, stream, uniform
from meanfield.theory.trains.recordings import Recordings
from meanfield.theory.trains.synapses import through_synapses

MOST_TAKEN = 2  # times K, if trains fire too slowly


def fire_on_superposition(kind, expected, sources: Recordings, which: int, new: Recordings, key) -> None:
    """Let neurons of one kind fire on trains drawn at random from their sources, each shifted at random in time.

    As many trains are taken as bring the input's mean and noise to what is expected. What is then missing of the mean
    comes from one regular train.

    Parameters
    ----------
    kind : Kind
    expected : array, shape (S,)
        How many spikes each train of each sort should have.
    sources : Recordings
    which : int
        Number of the kind among those of `new`, where the trains are put.
    new : Recordings
    key : tuple of int
        What the random numbers are for.
    """
    sent = sources.mean_count[kind.source]
    share = np.divide(expected, sent, out=np.zeros_like(expected), where=sent > 0.0)
    K = kind.in_degrees(np.random.default_rng([*key, 1]), len(new.count[which]))
    taken = np.rint(K * np.minimum(share, MOST_TAKEN))
    one_generation(
        np.array(key),
        sources.spikes[kind.source],
        sources.count[kind.source],
        taken.astype(np.int64),
        K * expected - taken * sent,
        kind.J,
        kind.J_cv,
        kind.mean_J,
        kind.channel,
        kind.current_decay,
        kind.effect,
        kind.J_ext,
        kind.channel_ext,
        kind.noise**0.5,
        *poisson_table(kind.external),
        kind.membrane,
        new.n_steps,
        new.spikes[which],
        new.count[which],
        new.closed[which],
    )


@njit(cache=True, nogil=True)
def one_generation(
    key, spikes, count, K, extra, J, J_cv, mean_J, channel, current_decay, effect, J_ext, channel_ext, noise,
    first, cumulative, guide, membrane, n_steps, new_spikes, new_count, new_closed,
):  # fmt: skip
    """One generation of neurons of one kind; `Kind` explains what is not said here.

    Parameters
    ----------
    key : array of int64
        What the random numbers are for.
    spikes : array of int32, shape (S, M, ·)
        Steps of the spikes of M trains of each sort, ordered.
    count : array of int64, shape (S, M)
        How many spikes each train has.
    K : array of int64, shape (M', S)
        How many trains each neuron receives.
    extra : array, shape (M', S)
        Spikes of one more train, a regular one; its jumps are −J if this is negative.
    noise : float, mV
        Standard deviation of the white noise that a step adds.
    first, cumulative, guide
        The table of the external spikes' count in a step, from `poisson_table`.
    n_steps : int
        Steps around the circle of time.
    new_spikes, new_count, new_closed : arrays, shapes (M', ·), (M',) and (M',)
        Filled with the neurons' trains, and whether each is without seam.
    """
    key_of_neuron = np.append(key, 0)
    total, arriving = np.empty(n_steps), np.empty(n_steps)
    lap = np.empty_like(new_spikes[0])
    for i in range(new_count.shape[0]):
        key_of_neuron[-1] = i
        state = stream(key_of_neuron)
        for c in range(effect.shape[0]):
            into = total if c == 0 else arriving  # the first are the delta synapses
            into[:] = 0.0
            if c == channel_ext and J_ext != 0.0:
                _add_external_spikes(state, into, J_ext, first, cumulative, guide)
            for s in range(channel.shape[0]):
                if channel[s] == c:
                    _add_trains(state, into, spikes[s], count[s], K[i, s], J[s], J_cv[s])
                    _add_regular_train(state, into, extra[i, s], mean_J[s])
            if c > 0:
                through_synapses(into, current_decay[c], effect[c])
                total += into
        if noise > 0.0:
            for t in range(n_steps):
                total[t] += noise * normal(state)
        new_count[i], new_closed[i] = fire_in_steps(total, uniform(state), membrane, new_spikes[i], lap)


@njit(cache=True)
def _add_external_spikes(state, arriving, J_ext, first, cumulative, guide):
    """Jumps `J_ext`, a Poisson count of them in each step."""
    for t in range(arriving.shape[0]):
        arriving[t] += J_ext * poisson(state, first, cumulative, guide)


@njit(cache=True)
def _add_trains(state, arriving, spikes, count, K, J, J_cv):
    """Jumps at the spikes of `K` trains, each drawn and shifted at random, and with a weight of its own."""
    n_steps, n_trains = arriving.shape[0], count.shape[0]
    for _ in range(K):
        train = int(uniform(state) * n_trains)
        shift = int(uniform(state) * n_steps)
        jump = J
        if J_cv > 0.0:
            relative = -1.0
            while relative < 0.0:  # as NEST draws weights
                relative = 1.0 + J_cv * normal(state)
            jump *= relative
        for n in range(count[train]):
            t = spikes[train, n] + shift
            if t >= n_steps:
                t -= n_steps
            arriving[t] += jump


@njit(cache=True)
def _add_regular_train(state, arriving, n_spikes, J):
    """Jumps `J` at equal distances, as many as `n_spikes` on average; −J if it is negative."""
    n_steps = arriving.shape[0]
    n = int(np.floor(abs(n_spikes) + uniform(state)))
    phase = uniform(state)
    jump = J if n_spikes > 0.0 else -J
    for k in range(n):
        arriving[int((k + phase) / n * n_steps)] += jump
