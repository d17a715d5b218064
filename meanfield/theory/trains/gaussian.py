"""The Gaussian variant: neurons on Gaussian noise with the spectrum of the trains of the last generation."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy import fft

from meanfield.theory.trains.membrane import fire_in_continuous_time, fire_in_steps
from meanfield.theory.trains.recordings import Recordings


def fire_on_gaussian_noise(kind, wanted, sources: Recordings, which: int, new: Recordings, key, continuous) -> None:
    """Let neurons of one kind fire on noise that has the mean and the spectrum of their input, and is Gaussian.

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
    continuous : bool
        Whether the potential moves between the steps.
    """
    n_steps = new.n_steps
    sent = sources.mean_count[kind.source]
    enough = np.divide(wanted, sent, out=np.zeros_like(wanted), where=sent > 0.0)
    # Of each kind of source the spectrum of one train times so many; if there are no trains yet, of Poisson trains.
    power = enough[:, None] * sources.power[kind.source] + np.where(sent > 0.0, 0.0, wanted)[:, None]
    white = kind.external * kind.J_ext**2
    power = kind.J**2 @ power + n_steps * white
    mean = (wanted @ kind.J) / n_steps + kind.external * kind.J_ext
    white += wanted @ kind.J**2 / n_steps

    random = np.random.default_rng(key)
    shape = (new.count.shape[1], len(power))
    waves = np.sqrt(0.5 * power) * (random.standard_normal(shape) + 1j * random.standard_normal(shape))
    waves[:, 0] = 2**0.5 * waves[:, 0].real
    if n_steps % 2 == 0:
        waves[:, -1] = 2**0.5 * waves[:, -1].real
    waves[:, 0] += n_steps * mean
    arriving = fft.irfft(waves, n_steps, overwrite_x=True)
    start, keys = random.random(shape[0]), random.integers(2**63, size=shape[0])
    if continuous:
        # What arrives within a step has decayed at its end.
        remains = (1.0 - kind.membrane.decay) / -np.log(kind.membrane.decay)
        _fire_continuously(
            remains * arriving, remains * mean, remains**2 * white, keys, start, kind.membrane,
            new.spikes[which], new.count[which], new.closed[which],
        )  # fmt: skip
    else:
        _fire_stepwise(arriving, start, kind.membrane, new.spikes[which], new.count[which], new.closed[which])


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
            arriving[i], mean, white, keys[i], start[i], membrane, new_spikes[i], lap
        )
