"""Who is connected with whom: the sources of each neuron, drawn at random."""

from __future__ import annotations

import numpy as np
from numba import njit

from meanfield.simulation.compiled.philox import WIRING, philox, to_unit_interval


@njit(inline="always")
def below(u, n):
    """A whole number from 0 to n − 1 from a uniform one in [0, 1); all are equally likely to 1e-16 n."""
    return np.int64(u * n)


@njit(nogil=True, cache=True)
def draw_sources(start, n_targets, K, n_sources, multapses, exclude_itself, seed, unit):
    """K sources for each of the targets number `start` … of their population.

    Parameters
    ----------
    start, n_targets : int
    K : int
        In-degree.
    n_sources : int
        Neurons in the source population.
    multapses : bool
        Whether a source may be drawn more than once; if not, all sets of K sources are equally likely (Floyd's
        algorithm; Bentley & Floyd 1987, doi:10.1145/30401.315746).
    exclude_itself : bool
        Whether the source of a target's own number is left out.
    seed, unit : int
        Of the random numbers; `unit` is different for each pair of populations.

    Returns
    -------
    array of int32, shape (n_targets, K)
    """
    among = n_sources - 1 if exclude_itself else n_sources
    source = np.empty((n_targets, K), dtype=np.int32)
    user = np.full(0 if multapses else among, -1)  # the last target that a source was drawn for
    for i in range(n_targets):
        row = source[i]
        for pair in range((K + 1) // 2):
            a, b, c, d = philox(start + i, pair, 0, unit, seed, WIRING)
            k = 2 * pair
            row[k] = below(to_unit_interval(a, b), among if multapses else among - K + k + 1)
            if k + 1 < K:
                row[k + 1] = below(to_unit_interval(c, d), among if multapses else among - K + k + 2)
        if not multapses:
            for k in range(K):
                if user[row[k]] == i:
                    row[k] = among - K + k
                user[row[k]] = i
        if exclude_itself:
            for k in range(K):
                row[k] += row[k] >= start + i
    return source
