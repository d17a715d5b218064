"""Averages of a function over the cells of a grid, from which its values in between and other averages are made.

A function with jumps at unknown places is better told by averages than by values: what is wrong around a jump has a
known sum, so that integrals of the function converge at second order all the same. Where jumps lie at known places, at
multiples of a block of cells counted from threshold, no polynomial leads across them.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

CELLS = 3  # whose averages a local quadratic polynomial reproduces
NARROW = 1e-4  # cells


def values(position, threshold: int, n: int, block: int) -> sparse.csr_array:
    """Matrix, shape (len(position), n), from averages over n cells to values of the function.

    Parameters
    ----------
    position : array
        Where values are wanted, in cells from the lower end of the first.
    threshold : int
        Cells below threshold.
    block : int
        Cells between two places where the function may jump; 0 if it does only at threshold.
    """
    return _local(position, threshold, n, block, _edge_slopes, whole=False)


def moved_averages(position, threshold: int, n: int, block: int) -> sparse.csr_array:
    """Matrix, shape (len(position) − 1, n), to averages over the intervals between neighbouring `position`.

    Intervals are at most one cell wide.
    """
    width = np.diff(position)
    if width.max() < NARROW:  # values do, where differences would suffer from rounding
        return values(0.5 * (position[1:] + position[:-1]), threshold, n, block)
    to_edge = _local(position, threshold, n, block, _edge_values, whole=True)
    cell = np.floor(position).astype(int)
    rows = np.flatnonzero(np.diff(cell))
    crossed = sparse.csr_array((np.ones(len(rows)), (rows, cell[rows])), shape=(len(position) - 1, n))
    return sparse.csr_array(sparse.diags_array(1.0 / width) @ (to_edge[1:] - to_edge[:-1] + crossed))


def _local(position, threshold, n, block, of_edges, whole):
    """What polynomials through the integral up to each cell's edge say at `position`, in terms of the averages.

    With `whole`, relative to the lower edge of the position's cell.
    """
    position = np.asarray(position, dtype=float)
    cell = np.floor(position).astype(int)
    above = cell >= threshold
    first = cell - (CELLS - 1) // 2
    if block >= CELLS:
        low = threshold - -(-(threshold - cell) // block) * block
        first = np.clip(first, low, low + block - CELLS)
    else:
        first = np.where(above, np.maximum(first, threshold), np.minimum(first, threshold - CELLS))
    first = np.clip(first, 0, n - CELLS)
    at_edges = of_edges(position - first)
    weights = np.cumsum(at_edges[:, :0:-1], axis=1)[:, ::-1]  # an average counts in the integral to each later edge
    if whole:
        weights = weights - (first[:, None] + np.arange(CELLS) < cell[:, None])
    rows = np.repeat(np.arange(len(position)), CELLS)
    columns = (first[:, None] + np.arange(CELLS)).ravel()
    return sparse.csr_array((weights.ravel(), (rows, columns)), shape=(len(position), n))


def _edge_values(x):
    """Weights, shape (len(x), CELLS + 1), with which a polynomial's values at 0, 1, … CELLS give that at x."""
    nodes = np.arange(CELLS + 1)
    weights = np.ones((len(x), CELLS + 1))
    for k in nodes:
        for other in nodes[nodes != k]:
            weights[:, k] *= (x - other) / (k - other)
    return weights


def _edge_slopes(x):
    """The same for the polynomial's derivative."""
    nodes = np.arange(CELLS + 1)
    slopes = np.zeros((len(x), CELLS + 1))
    for k in nodes:
        others = nodes[nodes != k]
        for left_out in others:
            slopes[:, k] += np.prod([x - other for other in others[others != left_out]], axis=0)
        slopes[:, k] /= np.prod(k - others)
    return slopes
