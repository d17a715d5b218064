"""Counting the zeros of a determinant without looking for them: by how often it turns around 0 along a path."""

from __future__ import annotations

import numpy as np

MOST_ROUNDS = 14
LARGEST_TURN = 0.25 * np.pi  # between neighbouring points, from which the piece of path between them is halved


def turns(function, paths):
    """By how much a function's values turn around 0 along each of some paths, in radians.

    Parameters
    ----------
    function : callable
        From arrays, shape (k,), of paths' indices and of points on them to complex values.
    paths : array of complex, shape (m, p)
        Points along m polygonal paths; where the function turns fast, pieces are halved.

    Returns
    -------
    array, shape (m,)
    """
    m, p = paths.shape
    values = function(np.repeat(np.arange(m), p), paths.ravel()).reshape(m, p)
    total = np.zeros(m)
    path = np.repeat(np.arange(m), p - 1)
    start, end = paths[:, :-1].ravel(), paths[:, 1:].ravel()
    at_start, at_end = values[:, :-1].ravel(), values[:, 1:].ravel()
    for remaining in range(MOST_ROUNDS, -1, -1):
        turn = np.angle(at_end / at_start)
        wide = (np.abs(turn) > LARGEST_TURN) & (remaining > 0)
        np.add.at(total, path[~wide], turn[~wide])
        if not wide.any():
            break
        path, start, end, at_start, at_end = (x[wide] for x in (path, start, end, at_start, at_end))
        middle = 0.5 * (start + end)
        at_middle = function(path, middle)
        path = np.concatenate([path, path])
        start, end = np.concatenate([start, middle]), np.concatenate([middle, end])
        at_start, at_end = np.concatenate([at_start, at_middle]), np.concatenate([at_middle, at_end])
    return total


def growing_modes(determinant, n, max_frequency, *, growth=0.0, n_frequencies=60):
    """Number of eigenvalues whose growth exceeds a bound, for each of n states, by Nyquist's criterion.

    det(1 − M(λ)) turns by −π for each of them as λ runs from growth to growth + i∞. Beyond `max_frequency` it is taken
    to return to 1 by the shortest way.

    Parameters
    ----------
    determinant : callable
        From arrays, shape (k,), of states' indices and of λ in 1/s to det(1 − M(λ)).
    n : int
        Number of states.
    max_frequency : float, Hz
    growth : float, 1/s
        The bound.
    n_frequencies : int
        From how many frequencies to start.

    Returns
    -------
    array of int, shape (n,)
    """
    omega = 2.0 * np.pi * max_frequency * np.linspace(0.0, 1.0, n_frequencies + 1) ** 1.5
    path = growth + 1j * omega
    total = turns(determinant, np.tile(path, (n, 1)))
    at_end = determinant(np.arange(n), np.full(n, path[-1]))
    return np.rint((np.angle(at_end) - total) / np.pi).astype(int)
