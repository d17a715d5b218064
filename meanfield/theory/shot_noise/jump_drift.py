"""A neuron in continuous time between jumps of its potential: first passage of a jump process with drift."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from meanfield.theory.shot_noise.potential_grid import STENCIL, Jumps, PotentialGrid, stencils


class JumpDrift:
    """Time from reset to threshold of a potential that relaxes to mu_ext and jumps at Poisson times.

    Let w(v) be the mean time to the spike from v, and R the jumps' total rate. Until the first jump the potential
    follows its drift, which is known exactly, so w = T (1/R + S w): S is the expectation after one jump (0 if that
    reaches threshold), T that at the random time of the jump (0 if the drift reaches threshold before). Along the grid
    T is a recursion from each cell to the next one towards mu_ext, with cubic interpolation in between. So T⁻¹ is
    bidiagonal, and w comes from one sparse linear system.

    S w is discontinuous where a jump just reaches threshold, and kinked where two or more do: on the lattice of the
    jumps' common unit. If the grid holds that, no cubic leads across it, and convergence is of fourth order.

    Parameters
    ----------
    grid : PotentialGrid
    jumps : Jumps
    tau_m : float, ms
    V_reset, mu_ext : float, mV
    """

    def __init__(self, grid: PotentialGrid, jumps: Jumps, *, tau_m, V_reset, mu_ext):
        self.total_rate = jumps.total_rate
        block = grid.block(jumps.unit) if grid.top == 0.0 and not jumps.exponential else 0
        recursion, from_below, from_above = _until_jump(grid, mu_ext, self.total_rate * tau_m, block)
        # Where a jump just reaches threshold, what comes next differs between a potential's two sides.
        below, above = (grid.after_jump(grid.potentials, jumps, from_below=side) for side in (True, False))
        self._average = sparse.csr_array(from_below + from_above)
        # Bands stay narrow in natural order: jumps reach over as many cells as they are wide.
        system = sparse.csc_array(recursion - from_below @ below - from_above @ above)
        self._factors = splu(system, permc_spec="NATURAL")
        # A potential that rests at reset jumps from there exactly; else w is interpolated.
        self._rests = V_reset == mu_ext and not jumps.exponential
        start = np.array([float(V_reset)])
        self._from_reset = grid.after_jump(start, jumps) if self._rests else grid.interpolation(start, block=block)

    def until_threshold(self, function: np.ndarray) -> np.ndarray:
        """Expected integral of a function of the potential over the time until the spike, shape (n,)."""
        return self._factors.solve(self._average @ (function / self.total_rate))

    def moments(self, variance: bool = True) -> tuple[float, float]:
        """Mean (ms) and `variance` (ms²), if asked for, of the time from reset to spike without the refractory time."""
        w = self.until_threshold(np.ones(self._average.shape[0]))
        rest = 1.0 / self.total_rate if self._rests else 0.0
        mean = float((self._from_reset @ w)[0]) + rest
        if not variance:
            return mean, np.nan
        half = self.until_threshold(w)  # ½ E[time²]
        return mean, 2.0 * (float((self._from_reset @ half)[0]) + rest * mean) - mean**2


def _until_jump(grid: PotentialGrid, mu_ext, jumps_per_tau, block):
    """How the drift carries each potential until the next jump, as matrices with T f = recursion⁻¹ (below f + above f).

    From v_i towards its neighbour, distances from mu_ext shrink in the ratio ρ; no jump comes until there with
    probability ρ^k, k = R tau_m. For a polynomial in the distance from v_i the expectation until there follows from the
    moments ∫_ρ^1 k z^{k − 1} (1 − z)^m dz, where z = exp(−time/tau_m).

    The function's limits from below and from above each potential are what `below` and `above` apply to.
    """
    v, n = grid.potentials, grid.n
    here = np.arange(n)
    rises = v < mu_ext
    ahead = here + np.where(rises, 1, -1)
    inside = (ahead >= 0) & (ahead < n)
    # From the last potential below threshold the drift leads on to threshold, or to mu_ext if that lies below.
    goal = np.where(inside, v[np.clip(ahead, 0, n - 1)], np.where(rises, grid.theta, mu_ext))
    distance = v - mu_ext
    ratio = np.divide(goal - mu_ext, distance, out=np.zeros(n), where=distance != 0.0)
    ratio = np.maximum(ratio, 0.0)  # if mu_ext lies before the neighbour, that is never reached
    moments = _moments(ratio, jumps_per_tau)
    reaches = 1.0 - moments[0]

    # Cubics through four neighbours on the side towards which the drift leads.
    first = stencils(here + np.where(rises, 0.5, -0.5), n, block)
    columns = first[:, None] + np.arange(STENCIL)
    weights = np.zeros((n, STENCIL))
    for offset in range(-1, STENCIL + 1):
        at = here - first == offset
        to_powers = np.linalg.inv(np.vander(np.arange(STENCIL) - float(offset), increasing=True))
        scaled = moments[:, at] * (-distance[at] / grid.spacing) ** np.arange(STENCIL)[:, None]
        weights[at] = scaled.T @ to_powers
    # The lower end of the cell is seen from above, the upper one from below; where a potential rests, as from above.
    rows = np.repeat(here, STENCIL)
    upper = columns > (here + np.where(rises, 0, -1))[:, None]

    def matrix(values, rows, columns):
        return sparse.csr_array((values, (rows, columns)), shape=(n, n))

    goes_on = inside & (ratio > 0.0)
    recursion = sparse.eye_array(n) - matrix(reaches[goes_on], here[goes_on], ahead[goes_on])
    sides = (matrix((weights * side).ravel(), rows, columns.ravel()) for side in (upper, ~upper))
    return recursion, *sides


def _moments(ratio, power):
    """∫_ρ^1 k z^{k − 1} (1 − z)^m dz for m = 0 … 3, shape (4, len(ratio)), by parts."""
    logarithm = np.log(ratio, out=np.full(len(ratio), -np.inf), where=ratio > 0.0)
    integrals = [-np.expm1((power + m) * logarithm) / (power + m) for m in range(STENCIL)]
    moments = [power * integrals[0]]
    for m in range(1, STENCIL):
        integrals = [
            (m * integrals[j + 1] - np.exp((power + j) * logarithm) * (1.0 - ratio) ** m) / (power + j)
            for j in range(STENCIL - m)
        ]
        moments.append(power * integrals[0])
    return np.array(moments)
