"""A neuron in continuous time between jumps of its potential: first passage of a jump process with drift."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from meanfield.theory.potential_grid import Jumps, PotentialGrid


class JumpDrift:
    """Time from reset to threshold of a potential that relaxes to mu_ext and jumps at Poisson times.

    Let w(v) be the mean time to the spike from v, and R the jumps' total rate. Until the first jump the potential
    follows its drift, which is known exactly, so w = T (1/R + S w): S is the expectation after one jump (0 if that
    reaches threshold), T that at the random time of the jump (0 if the drift reaches threshold before). Along the grid
    T is a recursion from each cell to the next one towards mu_ext, with linear interpolation between them. So T⁻¹ is
    bidiagonal, and w comes from one sparse linear system.

    Parameters
    ----------
    grid : PotentialGrid
    jumps : Jumps
    tau_m : float, ms
    V_reset, mu_ext : float, mV
    """

    def __init__(self, grid: PotentialGrid, jumps: Jumps, *, tau_m, V_reset, mu_ext):
        self.total_rate = jumps.total_rate
        recursion, from_below, from_above = _until_jump(grid, mu_ext, self.total_rate * tau_m)
        # Where a jump just reaches threshold, what comes next differs between a potential's two sides.
        below, above = (grid.after_jump(grid.potentials, jumps, from_below=side) for side in (True, False))
        self._average = sparse.csr_array(from_below + from_above)
        # Bands stay narrow in natural order: jumps reach over as many cells as they are wide.
        system = sparse.csc_array(recursion - from_below @ below - from_above @ above)
        self._factors = splu(system, permc_spec="NATURAL")
        # A potential that rests at reset jumps from there exactly; else w is interpolated.
        self._rests = V_reset == mu_ext and not jumps.exponential
        start = np.array([float(V_reset)])
        self._from_reset = grid.after_jump(start, jumps) if self._rests else grid.interpolation(start)

    def until_threshold(self, function: np.ndarray) -> np.ndarray:
        """Expected integral of a function of the potential over the time until the spike, shape (n,)."""
        return self._factors.solve(self._average @ (function / self.total_rate))

    def moments(self) -> tuple[float, float]:
        """Mean (ms) and variance (ms²) of the time from reset to spike, refractory time not counted."""
        w = self.until_threshold(np.ones(self._average.shape[0]))
        half = self.until_threshold(w)  # ½ E[time²]
        mean, half_square = ((self._from_reset @ x)[0] for x in (w, half))
        if self._rests:
            mean = mean + 1.0 / self.total_rate
            half_square = half_square + mean / self.total_rate
        return float(mean), float(2.0 * half_square - mean**2)


def _until_jump(grid: PotentialGrid, mu_ext, jumps_per_tau):
    """How the drift carries each potential until the next jump, as matrices with T f = recursion⁻¹ (below f + above f).

    From v_i towards its neighbour, distances from mu_ext shrink in the ratio ρ; no jump comes until there with
    probability ρ^k, k = R tau_m. For a function linear in the potential the expectation until there follows from the
    moments ∫ k e^{−k s} e^{−m s} ds = k/(k + m) (1 − ρ^{k + m}), m = 0 and 1, over times s in units of tau_m.

    The function's limits from below at the upper and from above at the lower end of each interval are what `below` and
    `above` apply to.
    """
    v, n = grid.potentials, grid.n
    here = np.arange(n)
    rises = v < mu_ext
    ahead = here + np.where(rises, 1, -1)
    inside = (ahead >= 0) & (ahead < n)
    other = np.where(inside, ahead, 2 * here - ahead)  # for the slope, at the ends the neighbour behind
    # From the last potential below threshold the drift leads on to threshold, or to mu_ext if that lies below.
    goal = np.where(inside, v[np.clip(ahead, 0, n - 1)], np.where(rises, grid.theta, mu_ext))
    distance = v - mu_ext
    ratio = np.divide(goal - mu_ext, distance, out=np.zeros(n), where=distance != 0.0)
    ratio = np.maximum(ratio, 0.0)  # if mu_ext lies before the neighbour, that is never reached
    jumps_first = -np.expm1(jumps_per_tau * np.log(ratio, out=np.full(n, -np.inf), where=ratio > 0.0))
    weighted = jumps_per_tau / (jumps_per_tau + 1.0) * (1.0 - ratio * (1.0 - jumps_first))
    slope = distance * (weighted - jumps_first) / (v[other] - v)

    def matrix(values, columns, where):
        return sparse.csr_array((values[where], (here[where], columns[where])), shape=(n, n))

    recursion = sparse.eye_array(n) - matrix(1.0 - jumps_first, ahead, inside & (ratio > 0.0))
    falls = v > mu_ext  # where the potential rests, what just reaches threshold does so: as from above
    below = matrix(jumps_first - slope, here, falls) + matrix(slope, other, ~falls)
    above = matrix(jumps_first - slope, here, ~falls) + matrix(slope, other, falls)
    return recursion, below, above
