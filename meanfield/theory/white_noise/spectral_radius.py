"""The spectral radius of matrices whose elements differ by more than numbers can hold."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components


def log_spectral_radius(logarithms) -> float:
    """Logarithm of the largest eigenvalue of a matrix with elements ≥ 0; −inf if that is 0.

    Similar matrices have the same eigenvalues: one is chosen whose elements are at most the largest mean of a cycle.

    Parameters
    ----------
    logarithms : array, shape (n, n)
        Of the elements; −inf for 0.
    """
    n_parts, part = connected_components(logarithms > -np.inf, connection="strong")
    members = [np.flatnonzero(part == k) for k in range(n_parts)]
    return max(_of_connected(logarithms[np.ix_(some, some)]) for some in members)


def _of_connected(logarithms):
    """The same, of a matrix in which each index is reached from each."""
    n = len(logarithms)
    paths = [logarithms]  # largest products along paths of 1, 2, … steps
    for _ in range(n - 1):
        paths.append((paths[-1][:, :, None] + logarithms).max(axis=1))
    means = np.array([path.diagonal() / (k + 1) for k, path in enumerate(paths)])
    mean = means.max()
    if mean == -np.inf:
        return -np.inf
    on_cycle = np.unravel_index(means.argmax(), means.shape)[1]
    # Products along paths to a cycle of the largest mean, each step over that mean.
    to_cycle = np.max([path[:, on_cycle] - (k + 1) * mean for k, path in enumerate(paths)], axis=0)
    similar = np.exp(logarithms - mean + to_cycle - to_cycle[:, None])
    return float(mean + np.log(np.abs(np.linalg.eigvals(similar)).max()))
