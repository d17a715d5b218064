"""A neuron on the time grid with sparse input, on cells of potentials that a step's decay takes onto each other.

Where most steps bring no jump, the time left until a spike is a staircase. Its steps lie where decay alone, or decay
and the next jump, reach threshold after a whole number of time steps. Cells of equal width round them off, in the same
way at each width. Here they lie on edges, and decay makes no error.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.signal import lfilter
from scipy.stats import poisson

from meanfield.theory.shot_noise.gmres import gmres
from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.potential_grid import Jumps

LEAST = 1e-12  # probability of a sum of jumps in one step that is left out
LIKELY = 1e-3  # of the most likely sum of jumps; only these decide on edges
COARSEST = 4  # cells in a row
NARROWEST = 1e-6  # of a row
CORE = 1e-7  # of the distance from reset to threshold: closer to mu_ext a potential rests
TIE = 1e-10  # of the same, from threshold
GONE = 1e-12  # share still on a path, which is then no longer followed
TOLERANCE = 1e-10
MOST_ITERATIONS = 150
UNSOLVED = "spikes are too rare for the solver on the time grid"


def sums_of_jumps(jumps: Jumps, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Sums (mV) of the jumps of fixed sizes that a step may bring, the first being that of none; and probabilities."""
    sums, chances = np.zeros(1), np.ones(1)
    counts = np.arange(100)
    for rate, size in zip(jumps.rates, jumps.sizes, strict=True):
        sums = (sums[:, None] + counts * size).ravel()
        chances = (chances[:, None] * poisson.pmf(counts, rate * dt)).ravel()
        kept = chances > LEAST
        sums, chances = sums[kept], chances[kept]
    return sums, chances / chances.sum()


class DecayCells:
    """First passage of a potential that a step without a jump takes from each row of cells to the next one.

    Let x = log(|v − mu_ext|)/(dt/tau_m), but for a constant. A step's decay takes x to x − 1. Rows of cells are one
    unit of x long and divided alike. Threshold, and potentials from which a likely jump reaches it, lie on edges. A
    function is known by its averages over cells, and these are what a jump moves on.

    Parameters
    ----------
    jumps : Jumps
        Of fixed sizes.
    level : int
        How often cells are halved.
    lowest : float, mV
        Potentials below count as this.
    tau_m, dt : float, ms
    theta, V_reset, mu_ext : float, mV
    """

    def __init__(self, jumps: Jumps, level: int, lowest: float, *, tau_m, theta, V_reset, mu_ext, dt):
        self._theta, self._mu_ext, self._V_reset = theta, mu_ext, V_reset
        self._log_decay, self._core = dt / tau_m, CORE * (theta - V_reset)
        sums, chances = sums_of_jumps(jumps, dt)
        self._no_jump, self._moves, self._chances = chances[0], sums[1:], chances[1:]
        self._unit = abs(theta - mu_ext) if abs(theta - mu_ext) > self._core else theta - V_reset

        row, steps = self._row(level)
        self._width = len(row)
        # Cells: rows below mu_ext, what is closer to it on either side, rows above it; as far as these lie below theta.
        has_core, has_above = mu_ext <= theta + self._core, mu_ext < theta - self._core
        innermost = int(np.floor(self._x(self._core))) if has_core else 0
        outermost = int(np.ceil(self._x(max(mu_ext - lowest, 2.0 * self._core))))
        below, step_below = self._side(row, steps, innermost, outermost)
        edges, step = [mu_ext - below[::-1]], [step_below[::-1]]
        if has_core:
            edges.append([mu_ext])
            step.append([True])
        if has_above:
            above, step_above = self._side(row, steps, innermost, 0)
            edges.append(mu_ext + above)
            step.append(step_above)
        self._edges, self._is_step = np.concatenate(edges), np.concatenate(step)
        self._edges[-1] = theta
        self.n = len(self._edges) - 1
        self._below = slice(0, len(below) - 1)
        self._core_cells = slice(len(below) - 1, len(below) - 1 + has_core + has_above)
        self._above = slice(self._core_cells.stop, self.n)
        self._rests = abs(V_reset - mu_ext) <= self._core

    def _side(self, row, steps, first, last):
        """Distances from mu_ext of the edges in rows `first` to `last`, ascending, and whether they are steps."""
        x = np.append((np.arange(first, last)[:, None] + row).ravel(), last)
        return self._unit * np.exp(self._log_decay * x), np.append(np.tile(steps, last - first), True)

    def _x(self, distance):
        return np.log(distance / self._unit) / self._log_decay

    def _row(self, level) -> tuple[np.ndarray, np.ndarray]:
        """Lower edges of the cells in a row, from 0 to 1; and which of them may be a step of the staircase."""
        likely = self._moves[self._chances >= LIKELY * self._chances.max()]
        distance = np.abs(self._theta - likely - self._mu_ext)
        steps = np.unique(np.append(self._x(distance[distance > self._core]) % 1.0, [0.0, 1.0]))
        steps = np.append(0.0, steps[1:][np.diff(steps) > NARROWEST])
        steps[-1] = 1.0
        parts = 2**level * np.ceil(COARSEST * np.diff(steps)).astype(int)
        pieces = [np.linspace(*ends, n, endpoint=False) for *ends, n in zip(steps, steps[1:], parts, strict=False)]
        return np.concatenate(pieces), np.concatenate([np.arange(n) == 0 for n in parts])

    @property
    def entries(self) -> int:
        """About those of the matrix of jumps."""
        return 2 * self.n * len(self._moves)

    @cached_property
    def _jump(self) -> sparse.csr_array:
        """Matrix, shape (n, n), to what a function's averages after one decay and at least one jump add to it."""
        decayed = self._decayed(self._edges)
        parts = [p * self._moved(decayed + move) for move, p in zip(self._moves, self._chances, strict=True)]
        return sparse.csr_array(sum(parts[1:], start=parts[0]))

    def _decayed(self, potentials):
        return self._mu_ext + (potentials - self._mu_ext) * np.exp(-self._log_decay)

    def _moved(self, edges) -> sparse.csr_array:
        """Matrix from averages over cells to those between neighbours of ascending `edges`; 0 from threshold on."""
        low, high = self._edges[[0, -1]]
        inside = np.clip(edges, low, high)
        cuts = np.union1d(inside, self._edges[(self._edges > inside[0]) & (self._edges < inside[-1])])
        middle = 0.5 * (cuts[1:] + cuts[:-1])
        row = np.searchsorted(edges, middle) - 1
        column = np.searchsorted(self._edges, middle) - 1
        under = np.flatnonzero(edges[:-1] < low)
        weights = np.append(np.diff(cuts), np.minimum(edges[under + 1], low) - edges[under])
        rows, columns = np.append(row, under), np.append(column, np.zeros(len(under), dtype=int))
        weights /= np.diff(edges)[rows]
        return sparse.csr_array((weights, (rows, columns)), shape=(len(edges) - 1, self.n))

    def _values(self, potentials) -> sparse.csr_array:
        """Matrix, shape (len(potentials), n), from averages to values; linear between centres, not across steps."""
        potentials = np.atleast_1d(potentials)
        row = np.flatnonzero(potentials < self._theta - TIE * (self._theta - self._V_reset))
        v = np.maximum(potentials[row], self._edges[0])
        cell = np.searchsorted(self._edges, v, side="right") - 1
        centres = 0.5 * (self._edges[1:] + self._edges[:-1])
        up, down = ~self._is_step[cell + 1], ~self._is_step[cell]
        upwards = np.where(v > centres[cell], up | ~down, up & ~down)
        other = np.where(upwards & up, cell + 1, np.where(down, cell - 1, cell))
        between = np.where(other == cell, 1.0, centres[other] - centres[cell])
        share = np.where(other == cell, 0.0, (v - centres[cell]) / between)
        columns, weights = np.stack([cell, other], axis=1), np.stack([1.0 - share, share], axis=1)
        return sparse.csr_array(
            (weights.ravel(), (np.repeat(row, 2), columns.ravel())), shape=(len(potentials), self.n)
        )

    def _inner(self, function, side: int) -> float:
        """A function where decay leads from the innermost row below (0) or above (1) mu_ext."""
        core = function[self._core_cells]
        return core[side] if len(core) else 0.0

    def _undisturbed(self, function: np.ndarray) -> np.ndarray:
        """Averages of a function after one decay."""
        width, result = self._width, function.copy()
        result[self._below] = np.append(function[self._below], np.full(width, self._inner(function, 0)))[width:]
        if self._above.stop > self._above.start:
            result[self._above] = np.append(np.full(width, self._inner(function, 1)), function[self._above])[:-width]
        return result

    def _until_jump(self, gains: np.ndarray) -> np.ndarray:
        """Averages of the solution of g(v) = gains(v) + no_jump g(v after decay), which is 0 from threshold on."""
        g = np.empty(self.n)
        g[self._core_cells] = gains[self._core_cells] / (1.0 - self._no_jump)
        for side, part, outwards in ((0, self._below, -1), (1, self._above, 1)):
            rows = gains[part].reshape(-1, self._width)[::outwards]
            if len(rows):
                before = np.full((1, self._width), self._no_jump * self._inner(g, side))
                solved, _ = lfilter([1.0], [1.0, -self._no_jump], rows, axis=0, zi=before)
                g[part] = solved[::outwards].ravel()
        return g

    def _solve(self, right: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Solve w = right + E[w after a step]."""
        w, solved = gmres(
            lambda w: w - self._until_jump(self._jump @ w),
            lambda r: r,
            self._until_jump(right),
            start,
            tolerance=TOLERANCE,
            iterations=MOST_ITERATIONS,
        )
        if not solved:
            raise NotSolved(UNSOLVED)
        return w

    @cached_property
    def _paths(self) -> list[Path]:
        """That from reset, or if a potential rests there, those from where likely jumps lead from it."""
        starts = self._V_reset + self._moves[self._first_jumps] if self._rests else [self._V_reset]
        return [Path(self, start) for start in starts]

    @cached_property
    def _first_jumps(self) -> np.ndarray:
        """Indices of the likely sums of jumps that do not lead from reset across threshold."""
        likely = self._chances >= LIKELY * self._chances.max()
        return np.flatnonzero(
            likely & (self._V_reset + self._moves < self._theta - TIE * (self._theta - self._V_reset))
        )

    def _leaving_rest(self, on_paths: list[np.ndarray], function: np.ndarray) -> float:
        """Expectation of a function after a step with jumps from rest; values at the paths' starts are known."""
        others = np.setdiff1d(np.arange(len(self._moves)), self._first_jumps)
        result = self._chances[others] @ (self._values(self._V_reset + self._moves[others]) @ function)
        return float(
            result + sum(self._chances[i] * path[0] for i, path in zip(self._first_jumps, on_paths, strict=True))
        )

    def _at_reset(self, here: float, on_paths: list[np.ndarray], function: np.ndarray) -> float:
        """Value at reset of the solution of g(v) = here + E[g after a step]."""
        if not self._rests:
            return float(on_paths[0][0])
        return (here + self._leaving_rest(on_paths, function)) / (1.0 - self._no_jump)

    def moments(self, variance: bool = True) -> tuple[float, float]:
        """Mean and, if asked for, `variance` of the number of steps from reset to spike, refractory ones not counted.

        Raises
        ------
        NotSolved
        """
        w = self._solve(np.ones(self.n), np.zeros(self.n))
        steps = [path.solution(1.0, w) for path in self._paths]
        mean = self._at_reset(1.0, steps, w)
        if not variance:
            return mean, np.nan
        # Of T steps, ½ E[T (T + 1)] solves the same equation with w on the right.
        half = self._solve(w, mean * w)
        halves = [path.solution(here, half) for path, here in zip(self._paths, steps, strict=True)]
        return mean, 2.0 * self._at_reset(mean, halves, half) - mean - mean**2

    def survivals(self) -> Iterator[float]:
        """Probability that no spike came within 1, 2, … steps after reset, without end."""
        function, at_rest = np.ones(self.n), 1.0
        on_paths = [np.ones(path.n) for path in self._paths]
        while True:
            at_rest = self._no_jump * at_rest + (self._leaving_rest(on_paths, function) if self._rests else 0.0)
            on_paths = [path.one_step(here, function) for path, here in zip(self._paths, on_paths, strict=True)]
            function = self._no_jump * self._undisturbed(function) + self._jump @ function
            yield at_rest if self._rests else float(on_paths[0][0])


class Path:
    """Potentials at the ends of steps without a jump, from a start until threshold, rest, or hardly any are left.

    Parameters
    ----------
    cells : DecayCells
    start : float, mV
    """

    def __init__(self, cells: DecayCells, start: float):
        most = np.log(GONE) / np.log(cells._no_jump)
        to_core = np.log(max(abs(start - cells._mu_ext), 2.0 * cells._core) / cells._core) / cells._log_decay
        steps = np.arange(1, int(np.ceil(min(most, to_core))) + 1)
        decayed = cells._mu_ext + (start - cells._mu_ext) * np.exp(-cells._log_decay * steps)
        reached = decayed >= cells._theta - TIE * (cells._theta - cells._V_reset)
        if reached.any():
            decayed = decayed[: int(np.argmax(reached)) + 1]
        self.n, self._no_jump = len(decayed), cells._no_jump
        self._jump = sum(
            p * cells._values(decayed + move) for move, p in zip(cells._moves, cells._chances, strict=True)
        )
        self._end = cells._values(decayed[-1])

    def solution(self, here, function: np.ndarray) -> np.ndarray:
        """Values on the path of the solution of g(v) = here + E[g after a step]; `function` is its averages."""
        gains = here + self._jump @ function
        end = self._no_jump * (self._end @ function)
        return lfilter([1.0], [1.0, -self._no_jump], gains[::-1], zi=end)[0][::-1]

    def one_step(self, values: np.ndarray, function: np.ndarray) -> np.ndarray:
        """Values on the path of a function's expectation after a step."""
        return self._jump @ function + self._no_jump * np.append(values[1:], self._end @ function)
