"""Counts of a function's zeros by how often it turns around 0 along a path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from meanfield.theory.white_noise.linear_network import determinant

LARGEST_CHANGE = 0.8  # of the function's logarithm between neighbouring points
MOST_HALVINGS = 24  # of a piece of path; then the function vanishes on it
LONGEST_TURN = 1.0  # radians per piece that delays alone may make, so that no turn is overlooked
SHORTEST_DELAY = 1e-6  # s
REGULAR = 0.5  # CV of intervals below which a population answers in resonance at multiples of its rate


def turns(function: Callable, paths: Sequence[np.ndarray]) -> np.ndarray:
    """By how much a function's values turn around 0 along each of some paths, in radians.

    Each piece of path is looked at in its middle as well, and halved until neither half changes the function's
    logarithm by more than LARGEST_CHANGE.

    Parameters
    ----------
    function : callable
        From arrays, shape (k,), of paths' indices and of points on them to complex values.
    paths : sequence of arrays of complex
        Points along polygonal paths.

    Returns
    -------
    array, shape (m,)
        NaN where the function vanishes on the path, or is not finite there.
    """
    if not paths:
        return np.zeros(0)
    path = np.repeat(np.arange(len(paths)), [len(points) - 1 for points in paths])
    start, end = (np.concatenate([points[part] for points in paths]) for part in (slice(-1), slice(1, None)))
    middle, last = 0.5 * (start + end), np.array([points[-1] for points in paths])
    of_path = np.concatenate([path, path, np.arange(len(paths))])
    values = function(of_path, np.concatenate([start, middle, last]))
    at_start, at_middle, at_last = np.split(values, [len(path), 2 * len(path)])
    # A piece ends where the next one starts, or where its path does.
    at_end = np.append(at_start[1:], at_last[-1])
    at_end[np.append(path[1:] != path[:-1], True)] = at_last
    total = np.zeros(len(paths))
    for _ in range(MOST_HALVINGS):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            first, second = np.log(at_middle / at_start), np.log(at_end / at_middle)
            settled = (np.abs(first) <= LARGEST_CHANGE) & (np.abs(second) <= LARGEST_CHANGE)
        np.add.at(total, path[settled], (first + second).imag[settled])
        path, start, middle, end, at_start, at_middle, at_end = (
            x[~settled] for x in (path, start, middle, end, at_start, at_middle, at_end)
        )
        if not path.size:
            return total
        path = np.concatenate([path, path])
        start, end = np.concatenate([start, middle]), np.concatenate([middle, end])
        at_start, at_end = np.concatenate([at_start, at_middle]), np.concatenate([at_middle, at_end])
        middle = 0.5 * (start + end)
        at_middle = function(path, middle)
    total[path] = np.nan
    return total


def longest_piece(n_populations: int, longest_delay) -> float:
    """Length of a piece of path, 1/s, on which delays (s) turn a network's determinant by LONGEST_TURN at most."""
    return LONGEST_TURN / (n_populations * max(longest_delay, SHORTEST_DELAY))


def between(start: complex, end: complex, longest: float) -> np.ndarray:
    """Points from `start` to `end`, neighbours being at most `longest` apart."""
    return np.linspace(start, end, max(2, int(np.ceil(abs(end - start) / longest)) + 1))


def resonances(rate, cv, highest: float) -> np.ndarray:
    """Angular frequencies up to `highest` (1/s) at which populations that fire regularly respond most, ascending.

    Parameters
    ----------
    rate, cv : arrays, shape (N,), spikes/s and 1
        The intervals' density has a transform exp(−2π²k²CV²) at k times the rate, to leading order.
    """
    regular = (rate > 0.0) & (cv < REGULAR)
    multiples = [
        2.0 * np.pi * one * np.arange(1, 1 + int(min(REGULAR / max(spread, 1e-3), highest / (2.0 * np.pi * one))))
        for one, spread in zip(rate[regular], cv[regular], strict=True)
    ]
    return np.unique(np.concatenate([[], *multiples]))


def growth_bound(coupling: Callable, n: int, max_frequency: float, least: float) -> np.ndarray:
    """Growth rates, 1/s, shape (n,), above those of all eigenvalues of n states, and of `least` or more.

    Disturbances that grow as fast return so weakly that det(1 − M) keeps within a quarter turn of 1.
    """
    frequency = 2j * np.pi * np.linspace(0.0, max_frequency, 41)
    bound, strong = np.full(n, float(least)), np.arange(n)
    while strong.size:
        M = coupling(np.repeat(strong, frequency.size), (bound[strong, None] + frequency).ravel())
        norm = np.linalg.norm(M, ord=2, axis=(1, 2)).reshape(-1, frequency.size).max(axis=1)
        strong = strong[norm > 1.0 / (1.0 + M.shape[-1])]
        bound[strong] = np.maximum(1.5 * bound[strong], 100.0)
    return bound


def growing_modes(coupling: Callable, rate, cv, longest_delay, max_frequency: float, *, growth=0.0) -> np.ndarray:
    """Number of eigenvalues whose growth exceeds a bound, for each of n states, by Nyquist's criterion.

    As λ runs from the bound upwards to the highest frequency, and from there to the right until disturbances return
    weakly, det(1 − M) turns by −π for each eigenvalue to the right of its path, conjugates included.

    Parameters
    ----------
    coupling : callable
        From arrays, shape (k,), of states' indices and of λ in 1/s to M, shape (k, N, N).
    rate, cv : array, shape (n, N), spikes/s and 1
        The states, and the coefficients of variation of the intervals.
    longest_delay : array, shape (n,), s
    max_frequency : float, Hz
        Eigenvalues of higher frequency are not counted.
    growth : float, 1/s
        The bound.

    Returns
    -------
    array, shape (n,)
        NaN where an eigenvalue lies on the path.
    """
    n, n_populations = rate.shape
    top = 2.0 * np.pi * max_frequency
    right = growth_bound(coupling, n, max_frequency, growth)
    paths = []
    for i in range(n):
        longest = longest_piece(n_populations, longest_delay[i])
        up = np.union1d(between(0.0, top, longest), resonances(rate[i], cv[i], top))
        paths.append(np.append(growth + 1j * up, 1j * top + between(growth, right[i], longest)[1:]))
    total = turns(lambda state, z: determinant(coupling(state, z)), paths)
    at_end = determinant(coupling(np.arange(n), right + 1j * top))
    return np.rint((np.angle(at_end) - total) / np.pi)
