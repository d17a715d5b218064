"""Spike trains on a circle of time, as one generation leaves them to the next, and what is counted in them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import fft

# Fewer intervals than this say too little about their variability; the simulations' `cv` draws the same line.
MIN_INTERVALS = 10


@dataclass
class Recordings:
    """Trains of M neurons of each of A kinds.

    Parameters
    ----------
    spikes : array of int32, shape (A, M, ·)
        Steps of each train's spikes, ordered; what lies behind the last one has no meaning.
    count : array of int64, shape (A, M)
        Spikes in each train.
    closed : array of bool, shape (A, M)
        Whether a train goes around the circle without a seam.
    n_steps : int
        Steps around the circle.
    """

    spikes: np.ndarray
    count: np.ndarray
    closed: np.ndarray
    n_steps: int

    @classmethod
    def empty(cls, n_neurons: int, n_steps: int, refractory: list[float]) -> Recordings:
        """Room for the trains of neurons with these refractory steps, shape (A,)."""
        most = max(n_steps // (int(steps) + 1) + 1 for steps in refractory)
        shape = (len(refractory), n_neurons)
        return cls(np.zeros((*shape, most), np.int32), np.zeros(shape, np.int64), np.ones(shape, bool), n_steps)

    @classmethod
    def poisson(cls, key, mean_count, n_neurons: int, n_steps: int, refractory: list[float]) -> Recordings:
        """Poisson trains of `mean_count` spikes, shape (A,)."""
        self = cls.empty(n_neurons, n_steps, refractory)
        random = np.random.default_rng(key)
        most = self.spikes.shape[-1]
        self.count[:] = np.minimum(random.poisson(np.asarray(mean_count)[:, None], self.count.shape), most)
        steps = np.sort(random.integers(n_steps, size=int(self.count.sum())))
        train = random.permuted(np.repeat(np.arange(self.count.size), self.count.ravel()))
        order = np.argsort(train, kind="stable")
        steps, train = steps[order], train[order]
        place = np.arange(len(train)) - np.searchsorted(train, train)
        self.spikes.reshape(-1, most)[train, place] = steps
        return self

    @property
    def mean_count(self) -> np.ndarray:
        """Mean number of spikes in a train of each kind, shape (A,)."""
        return self.count.mean(axis=1)

    @functools.cached_property
    def power(self) -> np.ndarray:
        """Periodograms times the circle's length: mean squared Fourier sums of each kind, shape (A, n_steps // 2 + 1).

        At frequency 0 of the differences from the kind's mean count, not from each train's own.
        """
        train, n_trains = np.zeros(self.n_steps), self.count.shape[1]
        power = np.zeros((len(self.count), self.n_steps // 2 + 1))
        for a, trains in enumerate(self.spikes):
            for spikes, count in zip(trains, self.count[a], strict=True):
                train[:] = 0.0
                train[spikes[:count]] = 1.0
                sums = fft.rfft(train)
                power[a] += sums.real**2 + sums.imag**2
            power[a] /= n_trains
            power[a, 0] = np.var(self.count[a], ddof=1)
        return power

    def intervals(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of intervals of 0, 1, … steps, shape (A, n_steps + 1).

        And the number, sum and sum of squares of all intervals, shape (A, 3).
        """
        histogram = np.zeros((len(self.count), self.n_steps + 1), np.int64)
        moments = np.zeros((len(self.count), 3))
        for a, number in enumerate(histogram):
            _count_intervals(self.spikes[a], self.count[a], self.closed[a], self.n_steps, number, moments[a])
        return histogram, moments

    def windows(self, lengths) -> np.ndarray:
        """What is counted in windows of W `lengths` (steps), summed up; shape (A, W, 5).

        Number of windows, of spikes in them, of their squares; number of windows with enough intervals for a CV, and
        these CVs.
        """
        sums = np.zeros((len(self.count), len(lengths), 5))
        for a in range(len(self.count)):
            for w, length in enumerate(lengths):
                _count_in_windows(self.spikes[a], self.count[a], self.n_steps, length, sums[a, w])
        return sums

    def halves(self) -> np.ndarray:
        """Number of neurons, and sums of their mean count and of the product of their counts in the circle's halves.

        Shape (A, 3). Chance in one half knows nothing of the other; what they have in common is the neuron's rate.
        """
        sums = np.zeros((len(self.count), 3))
        for a, (trains, counts) in enumerate(zip(self.spikes, self.count, strict=True)):
            for spikes, count in zip(trains, counts, strict=True):
                first = np.searchsorted(spikes[:count], self.n_steps // 2)
                sums[a] += 1.0, 0.5 * count, float(first) * float(count - first)
        return sums


@njit(cache=True, nogil=True)
def _count_intervals(spikes, count, closed, n_steps, histogram, moments):
    for j in range(count.shape[0]):
        n = count[j]
        for k in range(n if closed[j] else n - 1):
            interval = spikes[j, k + 1] - spikes[j, k] if k + 1 < n else spikes[j, 0] + n_steps - spikes[j, k]
            histogram[interval] += 1
            moments[0] += 1.0
            moments[1] += interval
            moments[2] += float(interval) ** 2


@njit(cache=True, nogil=True)
def _count_in_windows(spikes, count, n_steps, length, sums):
    n_windows = n_steps // length
    for j in range(count.shape[0]):
        k = 0
        for window in range(n_windows):
            end = (window + 1) * length
            first = k
            squares = 0.0
            while k < count[j] and spikes[j, k] < end:
                if k > first:
                    squares += float(spikes[j, k] - spikes[j, k - 1]) ** 2
                k += 1
            n = k - first
            sums[1] += n
            sums[2] += n * n
            if n > MIN_INTERVALS:
                total = float(spikes[j, k - 1] - spikes[j, first])
                sums[3] += 1.0
                sums[4] += np.sqrt(max((n - 1) * squares - total * total, 0.0)) / total
        sums[0] += n_windows
