"""The Gaussian variant: neurons on Gaussian noise with the spectrum of the trains of the last generation."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy import fft

from meanfield.theory.trains.membrane import fire_in_continuous_time, fire_in_steps
from meanfield.theory.trains.recordings import Recordings
from meanfield.theory.trains.synapses import power_through_synapses


def fire_on_gaussian_noise(kind, expected, sources: Recordings, which: int, new: Recordings, key, continuous) -> None:
    """Let neurons of one kind fire on noise that has the mean and the spectrum of their input, and is Gaussian.

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
    continuous : bool
        Whether the potential moves between the steps.
    """
    random = np.random.default_rng(key)
    K = kind.in_degrees(random, len(new.count[which]))
    mean, white, power = _moments(kind, K, expected, sources, continuous)
    arriving = _noise(random, mean, power, new.n_steps)
    start, keys = random.random(len(K)), random.integers(2**63, size=len(K))
    trains = new.spikes[which], new.count[which], new.closed[which]
    if continuous:
        _fire_continuously(arriving, mean, white, keys, start, kind.membrane, *trains)
    else:
        _fire_stepwise(arriving, start, kind.membrane, *trains)


def _moments(kind, K, expected, sources, continuous):
    """Of what reaches the membranes in a step: mean (mV) and variance of its white part (mV²), shape (M,).

    And its power, mean squared Fourier sums, shape (M, n_steps // 2 + 1).
    """
    n_steps = sources.n_steps
    sent = sources.mean_count[kind.source]
    share = np.divide(expected, sent, out=np.zeros_like(expected), where=sent > 0.0)
    mean, white = np.zeros(len(K)), np.full(len(K), kind.noise)
    power = np.full((len(K), n_steps // 2 + 1), n_steps * kind.noise)
    for c, (decay, effect) in enumerate(zip(kind.current_decay, kind.effect, strict=True)):
        sorts = kind.channel == c
        # Of each sort the power of one train times so many; if there are no trains yet, of Poisson trains.
        one = share[sorts, None] * sources.power[kind.source[sorts]]
        one = one + np.where(sent > 0.0, 0.0, expected)[sorts, None]
        arriving = (K * kind.mean_square_J)[:, sorts] @ one
        # Neurons differ in their weights' sums.
        arriving[:, 0] += (K * (kind.mean_square_J - kind.mean_J**2))[:, sorts] @ expected[sorts] ** 2
        counts = (K * kind.mean_J)[:, sorts] @ expected[sorts] / n_steps
        variance = (K * kind.mean_square_J)[:, sorts] @ expected[sorts] / n_steps
        if c == kind.channel_ext:
            counts = counts + kind.external * kind.J_ext
            variance = variance + kind.external * kind.J_ext**2
            arriving += n_steps * kind.external * kind.J_ext**2
        if c > 0:
            power += power_through_synapses(decay, effect, n_steps) * arriving
            mean += effect / (1.0 - decay) * counts
        else:
            power, mean, white = power + arriving, mean + counts, white + variance
            if continuous:  # what arrives within a step has decayed at its end
                remains = (1.0 - kind.membrane.decay) / -np.log(kind.membrane.decay)
                power, mean, white = remains**2 * power, remains * mean, remains**2 * white
    return mean, white, power


def _noise(random: np.random.Generator, mean: np.ndarray, power: np.ndarray, n_steps: int) -> np.ndarray:
    """Periodic Gaussian noise of a given mean (M,) and power (M, n_steps // 2 + 1), shape (M, n_steps)."""
    waves = np.sqrt(0.5 * power) * (random.standard_normal(power.shape) + 1j * random.standard_normal(power.shape))
    waves[:, 0] = 2**0.5 * waves[:, 0].real + n_steps * mean
    if n_steps % 2 == 0:
        waves[:, -1] = 2**0.5 * waves[:, -1].real
    return fft.irfft(waves, n_steps, overwrite_x=True)


@njit(cache=True, nogil=True)
def _fire_stepwise(arriving, start, membrane, new_spikes, new_count, new_closed):
    lap = np.empty_like(new_spikes[0])
    for i in range(new_count.shape[0]):
        new_count[i], new_closed[i] = fire_in_steps(arriving[i], start[i], membrane, new_spikes[i], lap)


@njit(cache=True, nogil=True)
def _fire_continuously(arriving, mean, white, keys, start, membrane, new_spikes, new_count, new_closed):
    lap = np.empty_like(new_spikes[0])
    for i in range(new_count.shape[0]):
        new_count[i], new_closed[i] = fire_in_continuous_time(
            arriving[i], mean[i], white[i], keys[i], start[i], membrane, new_spikes[i], lap
        )
