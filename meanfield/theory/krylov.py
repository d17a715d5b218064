"""Linear systems by the generalised minimal residual method, in one thread and so with the same digits everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def gmres(matrix: Callable, inverse: Callable, right: np.ndarray, *, tolerance: float, iterations: int) -> np.ndarray:
    """Solve matrix(w) = right approximately, with the help of an approximate `inverse`.

    Parameters
    ----------
    matrix, inverse : callable
        Linear functions of an array of shape (n,). The closer one undoes the other, the fewer iterations.
    right : array, shape (n,)
    tolerance : float
        Relative residual at which to stop.
    iterations : int
        At which to stop in any case.

    Returns
    -------
    array, shape (n,)
        May fall short of `tolerance`.

    References
    ----------
    Saad Y, Schultz MH (1986) SIAM J Sci Stat Comput 7:856–869, doi:10.1137/0907058; preconditioned from the right

    Notes
    -----
    `scipy.sparse.linalg.gmres` leaves sums over the basis to BLAS, which spreads them over threads: for vectors as
    short as here that is slower, by far if other programs run. `numpy.einsum` stays in one thread.
    """
    length = float(np.sqrt(np.einsum("j,j", right, right)))
    if length == 0.0:
        return np.zeros_like(right)
    basis = np.empty((iterations + 1, right.size))
    basis[0] = right / length
    projections = np.zeros((iterations + 1, iterations))
    target = np.zeros(iterations + 1)
    target[0] = length
    residuals = []
    for k in range(iterations):
        w = matrix(inverse(basis[k]))
        for _ in range(2):  # once more, for what rounding left
            overlap = np.einsum("ij,j->i", basis[: k + 1], w)
            w = w - np.einsum("i,ij->j", overlap, basis[: k + 1])
            projections[: k + 1, k] += overlap
        projections[k + 1, k] = np.sqrt(np.einsum("j,j", w, w))
        system = projections[: k + 2, : k + 1]
        weights = np.linalg.lstsq(system, target[: k + 2], rcond=None)[0]
        residuals.append(np.linalg.norm(system @ weights - target[: k + 2]))
        stagnates = k >= 10 and residuals[k] > 0.9 * residuals[k - 10]  # at rounding errors
        exhausted = projections[k + 1, k] <= 1e-14 * np.abs(projections[: k + 1, k]).max()
        if residuals[k] <= tolerance * length or stagnates or exhausted:
            break
        basis[k + 1] = w / projections[k + 1, k]
    return inverse(np.einsum("i,ij->j", weights, basis[: k + 1]))
