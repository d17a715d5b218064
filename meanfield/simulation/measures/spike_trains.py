"""Statistics of spike trains given as two arrays: the time step and the neuron of each spike."""

from __future__ import annotations

import numpy as np
from scipy import special

# Fewer intervals than this say too little about their variability: the CV's standard error would exceed a fifth of it.
MIN_INTERVALS = 10

STEP_BITS = 34  # that number any time step, of up to three hours in steps of 0.001 ms


class NeuronCounts:
    """What is needed of each neuron's spikes for its rate and its CV, taken from pieces of time that follow each other.

    Parameters
    ----------
    n_neurons : int

    Attributes
    ----------
    spikes : array of int, shape (n_neurons,)
        How often each has fired.
    """

    def __init__(self, n_neurons: int):
        self.spikes = np.zeros(n_neurons, dtype=np.int64)
        # Intervals are whole steps, so up to 2⁵³ these sums are exact: nothing cancels, a regular train has spread 0.
        self.total, self.squares = np.zeros(n_neurons), np.zeros(n_neurons)
        self.last = np.full(n_neurons, -1)

    def add(self, step: np.ndarray, neuron: np.ndarray) -> None:
        """Count the spikes of the next piece of time.

        Parameters
        ----------
        step, neuron : array of int, shape (n_spikes,)
            Time step, from 1, and neuron of each spike, in any order.
        """
        n_neurons = len(self.spikes)
        key = np.sort((neuron.astype(np.int64) << STEP_BITS) + step)
        neuron, step = key >> STEP_BITS, key & (2**STEP_BITS - 1)
        new = np.diff(neuron, prepend=-1) != 0
        before = np.concatenate([[-1], step[:-1]]) if len(step) else step
        before[new] = self.last[neuron[new]]
        owner, interval = neuron[before >= 0], (step - before)[before >= 0]
        self.spikes += np.bincount(neuron, minlength=n_neurons)
        self.total += np.bincount(owner, weights=interval, minlength=n_neurons)
        self.squares += np.bincount(owner, weights=interval**2, minlength=n_neurons)
        end = np.diff(neuron, append=-1) != 0
        self.last[neuron[end]] = step[end]

    def cv(self) -> np.ndarray:
        """Coefficient of variation of each neuron's inter-spike intervals: standard deviation over mean.

        NaN for a neuron with fewer than `MIN_INTERVALS` intervals.
        """
        n = self.spikes - 1
        enough = n >= MIN_INTERVALS
        cv = np.full(len(n), np.nan)
        spread = np.maximum(n[enough] * self.squares[enough] - self.total[enough] ** 2, 0)
        cv[enough] = np.sqrt(spread) / self.total[enough]
        return cv


def binned_rate(counts: np.ndarray, bin_steps: int, n_neurons: np.ndarray, dt: float) -> np.ndarray:
    """Rate of each population, averaged over its neurons, in bins of time.

    Parameters
    ----------
    counts : array of int, shape (n_steps, N)
        Spikes of each population in each time step, at whose end NEST stamps them.
    bin_steps : int
        Time steps in a bin; what is left at the end is left out.
    n_neurons : array of int, shape (N,)
    dt : float, ms

    Returns
    -------
    array, shape (n_bins, N), spikes/s
    """
    n_bins = len(counts) // bin_steps
    in_bins = counts[: n_bins * bin_steps].reshape(n_bins, bin_steps, -1).sum(axis=1)
    return in_bins / (n_neurons * 1e-3 * dt * bin_steps)


def pooled_interval_cv(step: np.ndarray, neuron: np.ndarray, n_steps: int) -> float:
    """Coefficient of variation of the intervals of all neurons together, from recordings of any length.

    In a recording of length T only intervals shorter than T can be seen, and one of length x only if it starts in the
    first T − x. Each is therefore counted 1/(T − x) times, which makes their distribution that of a long recording, up
    to T. Other than the mean of the neurons' own CVs (`interval_cv`), this needs no ten intervals of one neuron, is not
    too low where there are few, and holds the differences between neurons' rates.

    Parameters
    ----------
    step, neuron : array of int, shape (n_spikes,)
        Time step and neuron of each spike, ordered in time.
    n_steps : int
        Length of the recording.

    Returns
    -------
    float
        NaN for fewer than `MIN_INTERVALS` intervals.
    """
    order = np.argsort(neuron, kind="stable")
    step, neuron = step[order].astype(np.int64), neuron[order]
    interval = np.diff(step)[neuron[1:] == neuron[:-1]]
    if len(interval) < MIN_INTERVALS:
        return np.nan
    weight = 1.0 / (n_steps - interval)
    mean = np.average(interval, weights=weight)
    return float(np.sqrt(np.average((interval - mean) ** 2, weights=weight)) / mean)


def population_fano(activity: np.ndarray, n_neurons: int, bin_width: float, bins: int) -> float:
    """Fano factor of a population's spike counts: 1 for independent Poisson trains, more for synchrony.

    Parameters
    ----------
    activity : array, shape (n_bins,), spikes/s
        Rate of the population in bins of time; NaN where nothing was recorded.
    n_neurons : int
    bin_width : float, ms
    bins : int
        Bins in one window of counting.

    Returns
    -------
    float
        Variance over mean; NaN for fewer than two windows, or without spikes.
    """
    recorded = activity[np.isfinite(activity)]
    n_windows = len(recorded) // bins
    counts = recorded[: n_windows * bins].reshape(n_windows, bins).sum(axis=1) * n_neurons * 1e-3 * bin_width
    if n_windows < 2 or not counts.any():
        return np.nan
    return float(counts.var(ddof=1) / counts.mean())


def lasting_variance(first: np.ndarray, second: np.ndarray) -> float:
    """Variance over neurons of what lasts of their rates, without that of chance; in units of the arguments squared.

    Parameters
    ----------
    first, second : array, shape (n_neurons,)
        Each neuron's rate in two stretches of time, of which one knows nothing of the other's chance.

    Returns
    -------
    float
        Their covariance, or 0 if it is negative; NaN for a single neuron.
    """
    return max(float(np.cov(first, second)[0, 1]), 0.0) if len(first) > 1 else np.nan


def standard_error(samples: np.ndarray, axis: int = 0) -> np.ndarray:
    """Standard error of the mean of independent samples along `axis`, leaving out NaN; NaN for fewer than two."""
    valid = np.isfinite(samples)
    n = valid.sum(axis=axis, keepdims=True)
    mean = np.where(valid, samples, 0).sum(axis=axis, keepdims=True) / np.maximum(n, 1)
    squares = (np.where(valid, samples - mean, 0) ** 2).sum(axis=axis, keepdims=True)
    return np.sqrt(squares / np.where(n > 1, n * (n - 1), np.nan)).squeeze(axis)


def rate_upper_bound(rate: np.ndarray, sem: np.ndarray, freedom: np.ndarray, neuron_seconds: np.ndarray) -> np.ndarray:
    """One-sided upper bound of a rate, at 95 % confidence or more.

    Parameters
    ----------
    rate, sem : array, spikes/s
        A rate and its standard error, NaN where that is unknown.
    freedom : array
        Degrees of freedom of the standard error.
    neuron_seconds : array, s
        Neurons times duration.

    Returns
    -------
    array, spikes/s
        The larger of ``rate + t sem``, with Student's t, and the exact bound of a Poisson
        process with as many spikes. The latter decides where few fired: where none did it is ``ln(20) /
        neuron_seconds``, the rate at which a Poisson process stays silent with 5 % probability ("rule of three").
        Missing (NaN) where spikes were fired and the error is unknown.
    """
    poisson = special.gammaincinv(rate * neuron_seconds + 1, 0.95) / neuron_seconds
    return np.where(rate > 0, np.maximum(poisson, rate + special.stdtrit(freedom, 0.95) * sem), poisson)
