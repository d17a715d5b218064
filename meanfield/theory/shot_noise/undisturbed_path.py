"""The path of a potential from reset while no jump comes, and what leaves it.

Where input spikes are sparse, much of what happens to a neuron lies on this one path, along which the time that is left
falls like a staircase. A grid of potentials would round the stairs off; so the path is followed where it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.signal import lfilter

from meanfield.theory.shot_noise.potential_grid import TIE, PotentialGrid, lagrange

LEAST = 1e-7  # share of neurons still on the path, from which the grid does
MOST_STEPS = 4000
AT_REST = 1e-9  # cells from mu_ext
ROUNDING = 1e-15  # of the largest probability: smaller ones are those of the Fourier transform


class UndisturbedPath:
    """Potentials at the ends of steps without a jump, from reset until threshold, rest or the grid take over.

    A function g of the potential, with its value at the path's end appended, has the values g_n on the path. Where g
    obeys g(v) = r(v) + E[g after a step], g_n = r_n + (what leaves the path) + no_jump g_{n + 1}.

    Parameters
    ----------
    grid : PotentialGrid
    decayed_value : callable
        From potentials to the matrix that takes what jumps make of a function to its values there, one decay later.
    exponential : bool
        Whether jumps have exponentially distributed sizes.
    V_reset, mu_ext : float, mV
    decay : float
        Factor by which the distance from mu_ext shrinks in a step.
    no_jump : float
        Probability of a step without a jump.

    Attributes
    ----------
    visits : array, shape (N + 1,)
        How often each place on the path is visited in an interval, and the share that comes to its end.
    """

    def __init__(
        self, grid: PotentialGrid, decayed_value: Callable, exponential: bool, *, V_reset, mu_ext, decay, no_jump
    ):
        self._grid, self._decayed_value, self._exponential = grid, decayed_value, exponential
        self.no_jump = no_jump
        most = 1 if no_jump < LEAST else int(np.ceil(np.log(LEAST) / np.log(no_jump)))
        steps = np.arange(1, min(most, MOST_STEPS) + 1)
        after_decay = mu_ext + (V_reset - mu_ext) * decay**steps
        self._ends = "on the grid"
        for end, reached in (
            ("at threshold", grid.position(after_decay) + 0.5 >= grid.n - TIE),
            ("at rest", np.abs(after_decay - mu_ext) <= AT_REST * grid.spacing),
        ):
            if reached.any():
                self._ends = end
                after_decay = after_decay[: int(np.argmax(reached)) + 1]
        self._after_decay = after_decay
        self.visits = no_jump ** np.arange(len(after_decay) + 1.0)
        if self._ends == "at rest":
            self.visits[-2:] = self.visits[-2] / (1.0 - no_jump), 0.0
        if self._ends == "at threshold":
            self.visits[-1] = 0.0

    def leaving(self, chance: np.ndarray, first: int) -> tuple[np.ndarray, sparse.csr_array]:
        """What jumps of a step make of a potential on the path.

        Parameters
        ----------
        chance : array
            Probabilities of being moved by `first`, `first` + 1, … cells, without that of a step without a jump.
        first : int

        Returns
        -------
        survives : array, shape (N + 1,)
            Probability to leave each place on the path in the next step, but not across threshold.
        then : matrix, shape (N + 1, length)
            Takes what jumps make of a function to its expectation after that and the next decay.
        """
        grid = self._grid
        if self._exponential:  # lands on the grid's potentials
            landed = grid.potentials
            columns, weights = lagrange(grid.position(self._after_decay), grid.n)
            padded = np.concatenate([np.zeros(grid.n), chance, np.zeros(grid.n)])
            shift = np.arange(grid.n) - columns[..., None] - first + grid.n
            chances = np.einsum("nk,nkg->ng", weights, padded[np.clip(shift, 0, len(padded) - 1)])
            survives, then = chances.sum(axis=1), sparse.csr_array(chances) @ self._decayed_value(landed)
        else:
            # Followed from where it is, so that landing on the threshold itself is told from landing beneath.
            moves = np.flatnonzero(np.abs(chance) > ROUNDING * np.abs(chance).max(initial=0.0))
            landed = self._after_decay[:, None] + (first + moves) * grid.spacing
            stays = grid.position(landed) + 0.5 < grid.n - TIE
            row, move = np.nonzero(stays)
            share = sparse.csr_array((chance[moves[move]], (row, np.arange(len(row)))), shape=(len(landed), len(row)))
            survives, then = share.sum(axis=1), share @ self._decayed_value(landed[stays])
        if self._ends == "on the grid":
            return np.append(survives, 1.0), sparse.vstack([then, self._decayed_value(self._after_decay[-1:])], "csr")
        return np.append(survives, 0.0), sparse.vstack([then, sparse.csr_array((1, then.shape[1]))], "csr")

    def next_values(self, values: np.ndarray, at_end: float) -> np.ndarray:
        """Values one step further along the path, of `values` on it and that at its end, shape (N,)."""
        return np.append(values[1:], values[-1] if self._ends == "at rest" else at_end)

    def values(self, gains: np.ndarray) -> np.ndarray:
        """Solution of g_n = gains_n + no_jump g_{n + 1}, shape (N,); the last of the `gains` is g at the end."""
        end = gains[-2] / (1.0 - self.no_jump) if self._ends == "at rest" else gains[-1]
        backwards, _ = lfilter([1.0], [1.0, -self.no_jump], gains[-2::-1], zi=[self.no_jump * end])
        return backwards[::-1]
