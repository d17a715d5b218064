"""Linear systems by the generalised minimal residual method, in one thread and so with the same digits everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def gmres(
    matrix: Callable, inverse: Callable, right: np.ndarray, start: np.ndarray, *, tolerance: float, iterations: int
) -> tuple[np.ndarray, bool]:
    """Solve matrix(w) = right with the help of an approximate `inverse`.

    Parameters
    ----------
    matrix, inverse : callable
        Linear functions of an array of shape (n,). The closer one undoes the other, the fewer iterations.
    right, start : array, shape (n,)
        Right-hand side, and where the search starts.
    tolerance : float
        Relative size at which to stop of inverse(right − matrix(w)), the correction that w still needs: where a matrix
        is nearly singular, rounding keeps the residual itself from vanishing.
    iterations : int
        At which to stop in any case.

    Returns
    -------
    array, shape (n,)
    bool
        Whether it is that accurate.

    References
    ----------
    Saad Y, Schultz MH (1986) SIAM J Sci Stat Comput 7:856–869, doi:10.1137/0907058

    Notes
    -----
    `scipy.sparse.linalg.gmres` leaves sums over the basis to BLAS, which spreads them over threads: their digits then
    depend on the number of threads, and with vectors as short as here that is slower, by far if other programs run.
    `numpy.einsum` stays in one thread.
    """
    correction = inverse(right - matrix(start))
    length = _length(correction)
    enough = tolerance * _length(start + correction)
    if length <= enough:
        return start + correction, True
    basis = np.empty((iterations + 1, right.size))
    basis[0] = correction / length
    triangle = np.zeros((iterations + 1, iterations))
    cosine, sine = np.empty(iterations), np.empty(iterations)
    remainder = np.zeros(iterations + 1)
    remainder[0] = length
    for k in range(iterations):
        w = inverse(matrix(basis[k]))
        column = np.zeros(k + 2)
        for _ in range(2):  # once more, for what rounding left
            overlap = np.einsum("ij,j->i", basis[: k + 1], w)
            w = w - np.einsum("i,ij->j", overlap, basis[: k + 1])
            column[: k + 1] += overlap
        column[k + 1] = norm = _length(w)
        for i in range(k):  # Givens' rotations keep the system triangular
            column[i : i + 2] = (
                cosine[i] * column[i] + sine[i] * column[i + 1],
                cosine[i] * column[i + 1] - sine[i] * column[i],
            )
        radius = np.hypot(*column[k:])
        cosine[k], sine[k] = column[k:] / radius
        triangle[:k, k], triangle[k, k] = column[:k], radius
        remainder[k : k + 2] = cosine[k] * remainder[k], -sine[k] * remainder[k]
        if abs(remainder[k + 1]) <= enough or norm <= 1e-14 * radius:
            break
        basis[k + 1] = w / norm
    weights = np.zeros(k + 1)
    for i in range(k, -1, -1):
        weights[i] = (remainder[i] - np.einsum("j,j", triangle[i, i + 1 : k + 1], weights[i + 1 :])) / triangle[i, i]
    return start + np.einsum("i,ij->j", weights, basis[: k + 1]), bool(abs(remainder[k + 1]) <= enough)


def _length(vector) -> float:
    return float(np.sqrt(np.einsum("j,j", vector, vector)))
