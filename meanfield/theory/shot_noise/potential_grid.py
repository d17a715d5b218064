"""Membrane potentials below threshold on a grid, and jumps from one of them to others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

STENCIL = 4  # points of the interpolating polynomial: cubic, so that jumps keep their first three moments
EXPONENTIAL_REACH = 40.0  # means; larger jumps have probability 4e-18
MOST_PARTS = 24  # of the smallest jump, to look for what all jumps are multiples of
TIE = 1e-9  # cells; a potential this close to threshold has reached it, as it has where arithmetic is exact


@dataclass(frozen=True)
class Jumps:
    """Independent Poisson trains of jumps of the membrane potential.

    Parameters
    ----------
    rates : array, shape (M,), 1/ms
        Only positive ones.
    sizes : array, shape (M,), mV
        Sizes of the jumps, or their mean if exponentially distributed; not 0.
    exponential : bool
        Whether sizes are exponentially distributed instead of all the same.
    """

    rates: np.ndarray
    sizes: np.ndarray
    exponential: bool = False

    @property
    def total_rate(self) -> float:
        """Jumps per ms."""
        return float(self.rates.sum())

    @property
    def drift(self) -> float:
        """Mean of what arrives per ms, mV/ms."""
        return float(self.rates @ self.sizes)

    @property
    def variance(self) -> float:
        """Variance of what arrives per ms, mV²/ms."""
        return float(self.rates @ self.sizes**2) * (2.0 if self.exponential else 1.0)

    @property
    def unit(self) -> float:
        """Of which all sizes are multiples, mV; if there is none, the smallest size."""
        smallest = np.abs(self.sizes).min()
        return next((smallest / part for part in range(1, MOST_PARTS) if self._multiples_of(smallest / part)), smallest)

    @property
    def commensurate(self) -> bool:
        """Whether all sizes are multiples of `unit`."""
        return self._multiples_of(self.unit)

    def _multiples_of(self, unit) -> bool:
        multiples = np.abs(self.sizes) / unit
        return bool(np.all(np.abs(multiples - np.rint(multiples)) < 1e-9 * multiples))

    def symmetric(self, size: float) -> Jumps:
        """Jumps of ± `size` (mV) and the same variance, without drift."""
        return Jumps(np.full(2, 0.5 * self.variance / size**2), np.array([-size, size]))

    @property
    def reach(self) -> tuple[float, float]:
        """The largest jumps downwards and upwards that matter, mV."""
        stretch = EXPONENTIAL_REACH if self.exponential else 1.0
        return stretch * max(0.0, -self.sizes.min()), stretch * max(0.0, self.sizes.max())


@dataclass(frozen=True)
class PotentialGrid:
    """Equally spaced potentials up to the threshold, at which functions of the potential are known.

    These functions are 0 at and above threshold, and discontinuous there.

    Parameters
    ----------
    theta : float, mV
        Threshold.
    spacing : float, mV
        Distance of two potentials.
    n : int
        Number of potentials. What is below the lowest counts as the lowest.
    top : float
        Distance of the highest from threshold in units of `spacing`: 0.5, so that jumps that are multiples of the
        spacing never land on threshold; or 0, where functions have the limit from below.
    """

    theta: float
    spacing: float
    n: int
    top: float = 0.5

    @property
    def potentials(self) -> np.ndarray:
        """Ascending, shape (n,), mV."""
        return self.at(np.arange(self.n))

    def at(self, position) -> np.ndarray:
        """Potentials (mV) at positions on the grid, 0 being the lowest and n − 1 the highest."""
        return self.theta - (self.n - 1 - np.asarray(position) + self.top) * self.spacing

    def position(self, potentials) -> np.ndarray:
        """Fractional positions of potentials (mV) on the grid."""
        return (np.asarray(potentials) - self.theta) / self.spacing + self.n - 1 + self.top

    def block(self, unit: float) -> int:
        """Cells between two multiples of `unit` (mV) from threshold; 0 if the grid does not hold these."""
        cells = round(unit / self.spacing)
        return cells if abs(cells * self.spacing - unit) < TIE * unit else 0

    def interpolation(self, potentials, *, from_below=False, block=0) -> sparse.csr_array:
        """Matrix, shape (len(potentials), n), from a function's values on the grid to those at `potentials` (mV).

        At threshold this is 0, or the limit `from_below`; nothing is interpolated across the discontinuity, nor across
        multiples of a `block` of cells from it.
        """
        position = np.maximum(self.position(potentials), 0.0)
        columns, weights = lagrange(position, self.n, block)
        weights[position >= self.n - 1 + self.top + (TIE if from_below else -TIE)] = 0.0
        rows = np.repeat(np.arange(len(position)), STENCIL)
        return sparse.csr_array((weights.ravel(), (rows, columns.ravel())), shape=(len(position), self.n))

    def after_jump(self, potentials, jumps: Jumps, *, from_below=False) -> sparse.csr_array:
        """Matrix, shape (len(potentials), n), to a function's expectation after one jump from `potentials` (mV).

        A jump onto the threshold reaches it, or stays below if the potential is a limit `from_below`.
        """
        potentials = np.asarray(potentials)
        if jumps.exponential:
            shares = jumps.rates / jumps.total_rate
            parts = [p * self._exponential(potentials, size) for p, size in zip(shares, jumps.sizes, strict=True)]
        else:
            parts = [
                p * self.interpolation(potentials + step * self.spacing, from_below=from_below)
                for step, p in zip(*lattice_probabilities(jumps, self.spacing), strict=True)
                if p != 0.0
            ]
        return sum(parts[1:], start=parts[0])

    def _exponential(self, potentials, mean) -> sparse.csr_array:
        nodes = self.at(np.arange(-1, self.n + 1))
        weights = _hat_integrals(nodes - potentials[:, None], mean, self.spacing)
        if mean < 0.0:
            weights[:, 0] += 1.0 - weights.sum(axis=1)
        return sparse.csr_array(weights)


def stencils(position, n, block=0):
    """The first of the four of n values by which to interpolate at fractional positions, shape (len(position),).

    Not across multiples of `block` values from the last one, unless it is 0 or too small to hold a stencil.
    """
    first = np.floor(position).astype(int) - 1
    if block >= STENCIL - 1:
        low = n - 1 - block * np.ceil((n - 1 - position) / block).astype(int)
        first = np.clip(first, low, low + block - (STENCIL - 1))
    return np.clip(first, 0, n - STENCIL)


def lagrange(position, n, block=0):
    """Columns and weights, both of shape (len(position), 4), that interpolate n values at fractional positions."""
    position = np.asarray(position, dtype=float)
    nearest = np.rint(position)
    position = np.where(np.abs(position - nearest) < TIE, nearest, position)
    first = stencils(position, n, block)
    x = position - first
    weights = np.ones((len(position), STENCIL))
    for k in range(STENCIL):
        for other in range(STENCIL):
            if other != k:
                weights[:, k] *= (x - other) / (k - other)
    return first[:, None] + np.arange(STENCIL), weights


def lattice_probabilities(jumps: Jumps, spacing: float):
    """The distribution of one jump's size on multiples of `spacing` (mV), by its first moments.

    Returns
    -------
    steps : array of int
        Sizes in units of `spacing`; may repeat.
    probabilities : array
        Sum to 1. Sizes between two multiples go to the four nearest, some with negative weight.
    """
    steps, probabilities = [], []
    for rate, size in zip(jumps.rates, jumps.sizes, strict=True):
        if jumps.exponential:
            upwards = np.arange(-1, int(np.ceil(EXPONENTIAL_REACH * abs(size) / spacing)) + 2)
            weights = _hat_integrals(upwards[None, :] * spacing, abs(size), spacing)[0]
            step = upwards[1:-1] if size > 0 else -upwards[1:-1]
        else:
            whole = int(np.floor(size / spacing + TIE))
            columns, weights = lagrange([size / spacing - whole + 1.0], STENCIL)
            step, weights = columns[0] - 1 + whole, weights[0]
        steps.append(step)
        probabilities.append(weights * (rate / jumps.total_rate))
    return np.concatenate(steps), np.concatenate(probabilities)


def _hat_integrals(distances, mean, spacing):
    """What an exponentially distributed jump gives to the hat function at each inner one of equally spaced distances.

    With linear interpolation between the grid's points, this is its expectation, exactly: a hat function is the second
    difference of a kink, and so its integral that of the density's second antiderivative.
    """
    along = np.maximum(distances if mean > 0 else -distances, 0.0)
    antiderivative = along + abs(mean) * np.expm1(-along / abs(mean))
    return np.diff(antiderivative, n=2, axis=-1) / spacing
