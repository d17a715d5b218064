"""Newton's method with the exact Jacobian: to the last digit from a box, or from afar for networks of any size."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from meanfield.theory.white_noise.input import StationaryInput

MOST_POLISHING_STEPS = 60
MOST_STEPS = 60
PATIENCE = 12  # steps without a smaller deviation after which a start is given up
CONVERGED = 1e-11  # deviation relative to the largest rate
SHARES = (0.4, 0.15, 0.7)  # of the way between two solutions, where a search for a third starts
SAME = 1e-6  # relative distance within which two solutions are one


def polish(inputs: StationaryInput, low, high):
    """The fixed point in each box, to rounding.

    Parameters
    ----------
    inputs : StationaryInput
        B networks of M populations.
    low, high : array, shape (B, M), spikes/s
        A box around the fixed point of each.

    Returns
    -------
    array, shape (B, M), spikes/s
        The iterate of smallest deviation from its response.
    """
    rate = best = 0.5 * (low + high)
    smallest = np.full(len(rate), np.inf)
    for _ in range(MOST_POLISHING_STEPS):
        response, jacobian = inputs.response_and_jacobian(rate)
        deviation = np.abs(response - rate).max(-1)
        better = deviation < smallest
        if not better.any():
            break
        best = np.where(better[:, None], rate, best)
        smallest = np.where(better, deviation, smallest)
        rate = np.clip(rate + newton_step(response - rate, jacobian), low, high)
    return best


def newton_step(deviation, jacobian, damping=0.0):
    """The step, shape (..., M), that solves (1 + damping − Jacobian) step = deviation."""
    matrix = (1.0 + damping) * np.eye(deviation.shape[-1]) - jacobian
    try:
        return np.linalg.solve(matrix, deviation[..., None])[..., 0]
    except np.linalg.LinAlgError:  # exactly singular: the least-squares step, which is finite
        return (np.linalg.pinv(matrix) @ deviation[..., None])[..., 0]


def search_from_starts(inputs: StationaryInput, n_starts: int, seed: int):
    """Fixed points that Newton's method finds from many starts, each solution found repelling the later searches.

    A start follows the flow in pseudo-time by implicit Euler steps that lengthen as it nears a solution, which turns
    them into Newton's (pseudo-transient continuation, Kelley & Keyes 1998, SIAM J Numer Anal 35:508–523,
    doi:10.1137/S0036142996304796). Known solutions are deflated (Farrell, Birkisson & Funke 2015, SIAM J Sci Comput
    37:A2026–A2045, doi:10.1137/140984798), so that the same start can lead to another one, also to unstable ones.

    Parameters
    ----------
    inputs : StationaryInput
        One network of M populations.
    n_starts : int
        Silence, saturation, and then random rates.
    seed : int
        Of the random starts.

    Returns
    -------
    array, shape (R, M), spikes/s
        Converged solutions; if there is none, the iterate that came closest to one.
    """
    highest = np.minimum(1e3 / np.maximum(inputs.t_ref, 1e-300), 1e6)
    n = highest.shape[-1]
    random = np.random.default_rng(seed)
    starts = [np.zeros(n), 0.9 * highest]
    starts += [highest * random.uniform(0.0, 1.0, n) ** 4 for _ in range(n_starts - 2)]
    known, closest = [], (np.inf, starts[0])
    for number, start in enumerate(starts[:n_starts]):
        while True:
            # Every second start goes by Newton's steps from the first: these do not shun unstable solutions.
            rate, deviation = _follow(inputs, start, highest, known, damping=(number + 1) % 2)
            closest = min(closest, (deviation, rate), key=lambda pair: pair[0])
            if deviation > CONVERGED or any(_same(rate, other) for other in known):
                break
            known.append(rate)
    for low, high in pairwise(sorted(known, key=np.sum)):
        # Between two stable solutions lies an unstable one, often near the line that joins them.
        for share in SHARES:
            rate, deviation = _follow(inputs, low + share * (high - low), highest, known, damping=0)
            if deviation <= CONVERGED and not any(_same(rate, other) for other in known):
                known.append(rate)
    return np.array(known if known else [closest[1]])


def _same(rate, other):
    return np.abs(rate - other).max() <= SAME * np.abs(other).max()


def _follow(inputs, rate, highest, known, damping):
    """Go from a start to a solution; returns the end and its relative deviation."""
    previous = smallest = np.inf
    in_vain = 0
    for _ in range(MOST_STEPS):
        response, jacobian = inputs.response_and_jacobian(rate)
        difference = response - rate
        deviation = np.abs(difference).max() / max(np.abs(response).max(), 1e-300)
        in_vain = 0 if deviation < smallest else in_vain + 1
        smallest = min(deviation, smallest)
        if in_vain > PATIENCE or 0.5 * previous <= deviation <= CONVERGED:  # down to rounding
            break
        if np.isfinite(previous):
            damping = min(max(damping * deviation / previous, 0.1 * damping), 2.0 * damping)
        previous = deviation
        step = newton_step(difference, jacobian, damping if damping > 1e-4 else 0.0)
        repulsion = sum(_repulsion(rate, other) @ step for other in known)
        rate = np.clip(rate + step / max(1.0 - repulsion, 0.05), 0.0, highest)
    return rate, deviation


def _repulsion(rate, other):
    """Gradient of the logarithm of the deflation factor 1 + size/|rate − other|², with size = 1 + |other|²."""
    distance = rate - other
    size = 1.0 + other @ other
    square = max(distance @ distance, 1e-30 * size)
    return -2.0 * size / (square * (square + size)) * distance
