"""A neuron on the time grid whose input trains wax and wane a little: what that changes of its chances to survive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import fft

from meanfield.theory.shot_noise.grid_chain import GridChain, NotSolved
from meanfield.theory.shot_noise.hazard import Hazard
from meanfield.theory.shot_noise.potential_grid import Jumps, PotentialGrid

GONE = 1e-14  # share of intervals that may be longer than those looked at
MOST_STEPS = 200_000
RARE = "spikes are too rare for their response to be followed in time"


class ModulatedChain(GridChain):
    """A `GridChain`, and its response to a change of the rate of some of its input trains in a single step.

    Let s_n(v) be the probability that no spike comes within n steps from a potential v, and K' the change of one step's
    transition operator for a change of a train's rate. Of all neurons that are not refractory at the step that changes,
    with potentials of density p, the share b_n = p K' s_n is then, in addition, without a spike after it and n more.

    Parameters
    ----------
    grid : PotentialGrid
    jumps : Jumps
        All of the input.
    sizes : sequence of float, mV
        Of the trains whose rates change.
    **neuron
        As of `GridChain`.
    """

    def __init__(self, grid: PotentialGrid, jumps: Jumps, sizes: Sequence[float], **neuron):
        super().__init__(grid, jumps, **neuron)
        # Derivatives of the (conjugate) spectrum of a step's jumps by the rates (1/ms) of jumps of each size.
        self._changes = []
        for size in sizes:
            of_size = Jumps(np.ones(1), np.array([size]), jumps.exponential)
            change = self._dt * (self._transform_of_jump(of_size, grid.spacing) - 1.0)
            self._changes.append(self._spectrum * np.conj(change))

    def _jump_transposed(self, weights: np.ndarray, spectrum: np.ndarray) -> np.ndarray:
        """Weights of a function whose sum equals that of what `_jump` makes of it with the given ones."""
        moved = fft.irfft(fft.rfft(weights) * np.conj(spectrum), self._length)
        if self._below:
            moved[0] += moved[-self._below :].sum()
        return moved[: self.n]

    def modulated_survivals(self) -> tuple[np.ndarray, np.ndarray, float]:
        """How many neurons are without a spike after 0, 1, … steps, and how many more if inputs change before these.

        Returns
        -------
        survival : array, shape (n,)
            Probability that no spike came within 0, 1, … steps after the end of the refractory period.
        more : array, shape (n, M)
            b, times the mean number of steps between spikes, per 1/ms.
        hazard : float
            Probability of a spike in each further step: both go on geometrically.

        Raises
        ------
        NotSolved
        """
        path, visits = self._path, self._path.visits
        from_density = self._decayed_density() + self._then.T @ visits
        weights = [self._jump_transposed(from_density, change) for change in self._changes]
        changes_of_path = [
            self._leave_path(change, -self._dt * path.no_jump if self._exponential else None)
            for change in self._changes
        ]

        function, on_path = np.ones(self.n), np.ones(len(visits) - 1)  # s_n
        left = self._survives
        jumped_before = None  # what jumps make of s_{n − 1}
        survival, more, hazard = [1.0], [], Hazard()
        for _ in range(MOST_STEPS):
            later = path.next_values(on_path, left[-1])
            now = [w @ function for w in weights]
            for k, (no_jump, survives, then) in enumerate(changes_of_path):
                leaves = survives if jumped_before is None else then @ jumped_before
                now[k] += visits[:-1] @ (leaves[:-1] + no_jump * later)
            more.append(now)
            if survival[-1] < GONE or hazard.settled:
                return np.array(survival), np.array(more), hazard.last
            on_path = left[:-1] + path.no_jump * later
            hazard.add(survival[-1], float(on_path[0]))
            survival.append(float(on_path[0]))
            jumped_before = self._jump(function)
            left, function = self._then @ jumped_before, self._decay @ jumped_before
        raise NotSolved(RARE)

    def _decayed_density(self) -> np.ndarray:
        """The density of potentials that have made two steps or more off the path from reset, after the next decay."""
        now = self._jump_transposed(self._then.T @ self._path.visits, self._spectrum)
        density, share, hazard = now.copy(), now.sum(), Hazard()
        back = self._decay.T.tocsr()
        for _ in range(MOST_STEPS):
            now = self._jump_transposed(back @ now, self._spectrum)
            before, share = share, now.sum()
            hazard.add(before, share)
            density += now
            if share < GONE:
                return back @ density
            if hazard.settled:
                return back @ (density + now * (1.0 - hazard.last) / hazard.last)
        raise NotSolved(RARE)
