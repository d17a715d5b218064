"""How many disturbances of a stationary state grow, without looking for them: Nyquist's criterion."""

from __future__ import annotations

import numpy as np

MOST_ROUNDS = 14
LARGEST_TURN = 0.25 * np.pi  # between neighbouring frequencies, from which the interval between them is halved


def growing_modes(determinant, n, max_frequency, *, growth=0.0, n_frequencies=60):
    """Number of eigenvalues whose growth exceeds a bound, for each of n states.

    Seen from 0, det(1 − M(λ)) turns by −π for each of them as λ runs from growth to growth + i∞. Beyond `max_frequency`
    it is taken to return to 1 by the shortest way.

    Parameters
    ----------
    determinant : callable
        From arrays, shape (m,), of states' indices and of λ in 1/s to det(1 − M(λ)).
    n : int
        Number of states.
    max_frequency : float, Hz
    growth : float or array, shape (n,), 1/s
        The bound.
    n_frequencies : int
        From how many frequencies to start.

    Returns
    -------
    array of int, shape (n,)
    """
    growth = np.broadcast_to(np.asarray(growth, dtype=float), (n,))
    omega = 2.0 * np.pi * max_frequency * np.linspace(0.0, 1.0, n_frequencies + 1) ** 1.5
    state = np.repeat(np.arange(n), omega.size)
    values = determinant(state, growth[state] + 1j * np.tile(omega, n)).reshape(n, -1)
    total = np.zeros(n)
    state = np.repeat(np.arange(n), n_frequencies)
    low, high = np.tile(omega[:-1], n), np.tile(omega[1:], n)
    at_low, at_high = values[:, :-1].ravel(), values[:, 1:].ravel()
    for remaining in range(MOST_ROUNDS, -1, -1):
        turn = np.angle(at_high / at_low)
        wide = (np.abs(turn) > LARGEST_TURN) & (remaining > 0)
        np.add.at(total, state[~wide], turn[~wide])
        if not wide.any():
            break
        state, low, high, at_low, at_high = (x[wide] for x in (state, low, high, at_low, at_high))
        middle = 0.5 * (low + high)
        at_middle = determinant(state, growth[state] + 1j * middle)
        state = np.concatenate([state, state])
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        at_low, at_high = np.concatenate([at_low, at_middle]), np.concatenate([at_middle, at_high])
    return np.rint((np.angle(values[:, -1]) - total) / np.pi).astype(int)
