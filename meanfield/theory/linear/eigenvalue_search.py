"""The search for all zeros of a network's determinant in a part of the complex plane, and whether none is missing.

The determinant has no poles (`circuits`), so that the argument principle counts its zeros alone. A rectangle in which
there are none is done with; others are halved until they are few. A rational function fitted to the determinant then
has zeros close by, from where Newton's method leads to them; small circles count how many lie at each. Only if these
are as many as the rectangle's edge says is none missing.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.interpolate import AAA

from meanfield.theory.linear.argument_principle import between, growth_bound, turns
from meanfield.theory.linear.circuits import circuits

BEYOND = 0.0137  # of the bounds: so far beyond is searched
BAND = 200.0  # Hz: rectangles of the complex plane in which a function is fitted are at most this high
WIDEST = 1000.0  # 1/s
WIDTH, HEIGHT = 8.0, 16.0  # radians by which delays turn the determinant across them, at most
LONGEST_TURN = 2.0  # radians by which the determinant may turn on a piece of an edge, as far as is known beforehand
MOST_AT_ONCE = 12  # eigenvalues in them
MOST_HALVINGS = 6  # of one whose number of eigenvalues is not confirmed
SAME = 1e-7  # relative distance within which two eigenvalues count as one
DISTINCT = 1e-8  # relative distance within which they have led to one eigenvalue twice
MOST_STEPS = 12  # of those that lead from a zero of a fitted function to an eigenvalue
LONGEST_STEP = 50.0  # of these, 1/s
ASIDE = 1.0 + 1e-6  # of round numbers, which may be poles of synapses
BESIDE = 10.0  # 1/s: distance from an eigenvalue at which the determinant is of the usual size


def leading(state, min_growth, max_frequency) -> tuple[Modes, bool]:
    """All eigenvalues above `min_growth` up to `max_frequency`, and whether their number is confirmed."""
    parts = [
        _of_circuit(circuit, min_growth, max_frequency)
        for circuit in circuits(state, min_growth - 2.0 * BEYOND * np.abs(min_growth))
    ]
    modes = Modes.joined([modes for modes, _ in parts])
    return modes.take(np.argsort(-modes.values.real, kind="stable")), all(sure for _, sure in parts)


class Modes(NamedTuple):
    """Eigenvalues (1/s), how many lie there, and what rounding leaves of the determinant; arrays of shape (m,)."""

    values: np.ndarray
    multiplicity: np.ndarray
    residual: np.ndarray

    def take(self, which) -> Modes:
        """Some of them."""
        return Modes(*(x[which] for x in self))

    @classmethod
    def joined(cls, parts) -> Modes:
        """All of several lists; what stands in two of them counts as often."""
        values, multiplicity, residual = (np.concatenate(x) for x in zip(cls.none(), *parts, strict=True))
        first = [int(np.argmax(np.abs(values - value) <= SAME * (1.0 + np.abs(value)))) for value in values]
        kept = np.unique(first).astype(int)
        return cls(values[kept], np.bincount(first, multiplicity, len(values))[kept].astype(int), residual[kept])

    @classmethod
    def none(cls) -> Modes:
        """An empty list."""
        return cls(np.zeros(0, dtype=complex), np.zeros(0, dtype=int), np.zeros(0))


def _of_circuit(circuit, min_growth, max_frequency):
    """Eigenvalues of a circuit with imaginary part ≥ 0, and whether their number is confirmed."""
    right = growth_bound(lambda _, z: circuit.coupling(z), 1, max_frequency, max(100.0, min_growth + 100.0))[0]
    # Bounds are round numbers, and so are some eigenvalues: none shall lie on the edge of what is searched.
    left, top = min_growth - BEYOND * np.abs(min_growth), (1.0 + BEYOND) * 2.0 * np.pi * max_frequency
    # The lowest rectangle holds both conjugates, so that no eigenvalue lies on its edge.
    low = min(0.5 * HEIGHT / circuit.delays, np.pi * BAND, top)
    parts = [in_rectangle(circuit, left, right, -low, low)]
    if low < top:
        parts.append(in_rectangle(circuit, left, right, low, top))
    modes = Modes.joined([modes for modes, _ in parts])
    rounding = SAME * (1.0 + np.abs(modes.values))
    bounded = (modes.values.real >= min_growth - rounding) & (modes.values.imag >= -rounding)
    modes = modes.take(bounded & (modes.values.imag <= 2.0 * np.pi * max_frequency + rounding))
    real = modes.values.imag <= SAME * (1.0 + np.abs(modes.values))
    modes = Modes.joined([modes._replace(values=np.where(real, modes.values.real, modes.values))])
    return modes, circuit.decided and all(sure for _, sure in parts)


def in_rectangle(circuit, left, right, low, high, count=None, halvings=0):
    """Eigenvalues in a rectangle, of which there are `count` if that is known, and whether their number is confirmed.

    It is halved until they are few, and until as many are listed. One about the real axis has conjugates on either side
    of it; only those above are looked for where it is halved.
    """
    if count is None:
        count = _count(circuit, left, right, low, high)
    if count <= 0.0:
        return Modes.none(), count == 0.0  # less than none: rounding is all there is
    wide = (right - left) * circuit.delays > WIDTH or right - left > WIDEST
    tall = (high - low) * circuit.delays > HEIGHT or high - low > 2.0 * np.pi * BAND
    if not (wide or tall):
        if count <= MOST_AT_ONCE or halvings == MOST_HALVINGS or np.isnan(count):
            modes = _zeros(circuit, left, right, low, high)
            if modes.multiplicity.sum() == count or halvings == MOST_HALVINGS:
                return modes, bool(modes.multiplicity.sum() == count)
        halvings += 1
    mirrored = low == -high  # what lies below the real axis is as what lies above
    if tall or (not wide and high - low > right - left):
        middle = 0.51 * high if mirrored else low + 0.51 * (high - low)
        halves = (left, right, -middle if mirrored else low, middle), (left, right, middle, high)
    else:
        middle = left + 0.51 * (right - left)
        halves = (left, middle, low, high), (middle, right, low, high)
        mirrored = False
    in_first = _count(circuit, *halves[0])
    in_second = (count - in_first) / (2.0 if mirrored else 1.0)
    counts = in_first, in_second if np.isfinite(in_second) else None
    parts = [in_rectangle(circuit, *half, n, halvings) for half, n in zip(halves, counts, strict=True)]
    return Modes.joined([modes for modes, _ in parts]), all(sure for _, sure in parts)


def _count(circuit, left, right, low, high):
    """Number of eigenvalues in a rectangle; NaN if one lies on its edge."""
    corners = [right + 1j * low, right + 1j * high, left + 1j * high, left + 1j * low, right + 1j * low]
    mirrored = low == -high
    if mirrored:
        corners = [right + 0j, *corners[1:3], left + 0j]
    longest = LONGEST_TURN / circuit.memory
    sides = [between(start, end, longest)[:-1] for start, end in pairwise(corners)]
    turned = _turned(circuit, [np.concatenate([*sides, corners[-1:]])])[0]
    return np.rint(turned / (np.pi if mirrored else 2.0 * np.pi))


def _zeros(circuit, left, right, low, high):
    """Eigenvalues in a rectangle that are zeros of a rational function fitted in it, each with its multiplicity."""
    samples = np.concatenate([_around(left, right, low, high, 40), _within(left, right, low, high, 3, 25)])
    margin = 0.02 * min(right - left, high - low)

    def inside(z, by=0.0):
        return z[(z.real > left - by) & (z.real < right + by) & (z.imag > low - by) & (z.imag < high + by)]

    starts = np.zeros(0, dtype=complex)
    if low < 0.0:  # zeros and poles of the fitted function may lie close together on the real axis
        real = np.linspace(left, right, 40).astype(complex)
        samples = np.append(samples, real)
        signs = np.signbit(circuit.determinant(real).real)
        multiples = np.outer(circuit.membranes, np.arange(1.0, 2.0 + max(left / circuit.membranes.max(), 0.0)))
        starts = np.append(
            0.5 * (real[1:] + real[:-1])[signs[1:] != signs[:-1]], inside(ASIDE * multiples.ravel() + 0j)
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a poor fit: it leads to too few zeros, which are counted
        roots = AAA(samples, circuit.levelled(samples), rtol=1e-11, max_terms=60).roots()
    starts = np.append(inside(roots, margin), starts)
    values = _polished(circuit, starts)
    if low < 0.0:
        values = _distinct(values.real + 1j * np.abs(values.imag))
        values = np.append(values, values[values.imag > DISTINCT * (1.0 + np.abs(values))].conj())
    values = _distinct(inside(values))
    multiplicity = _multiplicities(circuit, values)
    values, multiplicity = values[multiplicity > 0], multiplicity[multiplicity > 0].astype(int)
    return Modes(values, multiplicity, residuals(circuit, values))


def residuals(circuit, values):
    """|det(1 − M)| without poles at each of `values`, relative to that BESIDE them."""
    if not values.size:
        return np.zeros(0)
    points = np.concatenate([values, values + BESIDE])
    (here, beside), (size, size_beside) = (x.reshape(2, -1) for x in circuit.analytic(points))
    return np.abs(here / beside) * np.exp(size - size_beside)


def _turned(circuit, paths):
    """By how much the determinant turns around 0 along each path, in radians; NaN where it vanishes on one."""
    return turns(lambda _, z: circuit.determinant(z), paths)


def _multiplicities(circuit, points):
    """Zeros at each of some distinct points, and within a relative SAME of it."""
    distance = np.abs(points[:, None] - points) + np.diag(np.full(points.size, np.inf))
    radius = np.minimum(SAME * (1.0 + np.abs(points)), 0.3 * distance.min(axis=1, initial=np.inf))
    around = points[:, None] + radius[:, None] * np.exp(2j * np.pi * np.arange(13) / 12)
    return np.rint(_turned(circuit, list(around)) / (2.0 * np.pi))


def _around(left, right, low, high, per_side):
    """Points around a rectangle, anticlockwise."""
    corners = np.array([left + 1j * low, right + 1j * low, right + 1j * high, left + 1j * high])
    steps = np.arange(per_side) / per_side
    return (corners[:, None] + (np.roll(corners, -1) - corners)[:, None] * steps).ravel()


def _within(left, right, low, high, n, m):
    """Points on n by m lines within a rectangle."""
    growth, omega = (np.linspace(*ends, k + 2)[1:-1] for *ends, k in ((left, right, n), (low, high, m)))
    return (growth[:, None] + 1j * omega).ravel()


def _polished(circuit, values):
    """Eigenvalues to which steps like Newton's lead from `values`; those they lose are left out."""
    length = np.full(values.shape, np.inf)
    for _ in range(MOST_STEPS):
        on = np.flatnonzero(length > 1e-10 * (1.0 + np.abs(values)))
        if not on.size:
            break
        step = circuit.to_closest(values[on])
        length[on] = np.abs(step)
        values[on] += step * np.minimum(1.0, LONGEST_STEP / np.maximum(length[on], 1e-300))
    return values[length <= 1e-6 * (1.0 + np.abs(values))]


def _distinct(values):
    """Without repetitions; equal values need not be neighbours."""
    kept = []
    for value in values:
        if all(abs(value - other) > DISTINCT * (1.0 + abs(value)) for other in kept):
            kept.append(value)
    return np.array(kept, dtype=complex)
