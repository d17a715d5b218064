"""The iteration from generation to generation, repeated independently so that its results have an error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from meanfield.theory.trains.kinds import Kinds
from meanfield.theory.trains.recordings import Recordings


class Totals:
    """What is counted in some successive generations of one repetition.

    Attributes
    ----------
    estimate, response : lists of arrays, shape (A,), spikes/s
        For each generation the estimate of the self-consistent rate and the rate of its neurons.
    moments : list of arrays, shape (A, 3)
        For each generation number, sum and sum of squares of the intervals in steps.
    histogram : array of int, shape (A, n_steps + 1)
        Number of intervals of each length, in steps.
    power, windows, halves : arrays
        Sums over generations of what the same of `Recordings` give.
    """

    def __init__(self, n_kinds: int, n_steps: int, windows: np.ndarray):
        self.estimate, self.response, self.moments = [], [], []
        self.histogram = np.zeros((n_kinds, n_steps + 1), np.int64)
        self.power = np.zeros((n_kinds, n_steps // 2 + 1))
        self.windows = np.zeros((n_kinds, len(windows), 5))
        self.halves = np.zeros((n_kinds, 3))
        self._lengths = windows

    def add(self, trains: Recordings, estimate, response, everything: bool) -> None:
        """Count one generation; the slower part only if `everything` is wanted."""
        self.estimate.append(estimate)
        self.response.append(response)
        histogram, moments = trains.intervals()
        self.moments.append(moments)
        self.histogram += histogram
        if everything:
            self.power += trains.power
            self.windows += trains.windows(self._lengths)
            self.halves += trains.halves()


def cv_of(moments: np.ndarray) -> np.ndarray:
    """Coefficient of variation, from number, sum and sum of squares (last axis); NaN if there are no intervals."""
    n, total, squares = np.moveaxis(moments, -1, 0)
    # Intervals are whole steps, so that these sums are exact and a regular train's spread is 0.
    spread = np.sqrt(np.maximum(n * squares - total**2, 0.0))
    return np.divide(spread, total, out=np.full(n.shape, np.nan), where=n > 0)


class Repetition:
    """One repetition of the iteration.

    A generation is driven by trains of the last one. These fire, by chance and before convergence, not at the rate that
    is looked for; so the input is made what it would be if they fired at `rate`. From the response, Newton's method
    estimates the self-consistent rate; the mean over the last half of these estimates is the next `rate`.

    Parameters
    ----------
    kinds : Kinds
    rate : array, shape (A,), spikes/s
        Where to start, with Poisson trains.
    fire : callable
        Makes a generation, as `fire_on_superposition` does.
    n_neurons, n_steps : int
        Neurons of each kind, and steps for which they are recorded.
    key : tuple of int
        What the random numbers are for.
    """

    def __init__(self, kinds: Kinds, rate: np.ndarray, *, fire: Callable, n_neurons: int, n_steps: int, key):
        self.kinds, self.key = kinds, key
        self.rate = rate
        self.seconds = 1e-3 * kinds.dt * n_steps
        self.generation = 0
        self._shape = n_neurons, n_steps, [one.membrane.refractory for one in kinds.each]
        self.trains = Recordings.poisson(key, rate * self.seconds, *self._shape)
        self._fire = fire
        self._estimates: list[np.ndarray] = []

    def advance(self, n_generations: int, totals: Totals, everything: bool) -> None:
        """Let generations follow each other, and count in `totals`."""
        for _ in range(n_generations):
            self.trains = self._next_generation()
            response = self.trains.mean_count / self.seconds
            estimate = self.rate + self.kinds.newton(self.rate) @ (response - self.rate)
            totals.add(self.trains, estimate, response, everything)
            self._estimates.append(estimate)
            mean = np.mean(self._estimates[len(self._estimates) // 2 :], axis=0)
            # Far from the solution, Newton's method must not overshoot.
            highest = np.minimum(2.0 * self.rate + 1.0, self.kinds.highest_rate)
            self.rate = np.clip(mean, 0.5 * self.rate, highest)
            self.generation += 1

    def _next_generation(self) -> Recordings:
        new = Recordings.empty(*self._shape)
        for a, kind in enumerate(self.kinds.each):
            expected = self.rate[kind.source] * self.seconds
            self._fire(kind, expected, self.trains, a, new, (*self.key, self.generation, a))
        return new
