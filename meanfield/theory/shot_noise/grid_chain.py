"""A neuron on the time grid of a simulation: a Markov chain from reset to threshold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft

from meanfield.theory.shot_noise.cell_averages import moved_averages, values
from meanfield.theory.shot_noise.gmres import gmres
from meanfield.theory.shot_noise.jump_drift import JumpDrift
from meanfield.theory.shot_noise.potential_grid import (
    STENCIL,
    TIE,
    Jumps,
    PotentialGrid,
    lagrange,
    lattice_probabilities,
)

TOLERANCE = 3e-10  # relative error at which a linear system counts as solved
MOST_ITERATIONS = 200
COARSE_ENTRIES = 5e4  # about those of the factors of a matrix that only guides the solver
TAIL = 9.0  # standard deviations at which the distribution of one step's input is cut off

MOST_STEPS = 3000
SPARSE = "input spikes are too sparse, and spikes too rare, for the solver on the time grid"


class NotSolved(ArithmeticError):
    """A linear system could not be solved to the accuracy asked for."""


class GridChain:
    """Steps of `iaf_psc_delta` between spikes: V ← mu_ext + (V − mu_ext) exp(−dt/tau_m) + input; spike if V ≥ theta.

    The input of a step is compound Poisson. Let w(v) be the mean number of steps to the spike from a potential v at the
    end of a step. Then w = 1 + K w, where K takes a function to its expectation after one more step, being 0 after a
    spike. On a grid of potentials, jumps are a convolution, by FFT; decay is told by averages over the grid's cells,
    since w is discontinuous wherever some steps without or with few jumps just reach threshold.

    Parameters
    ----------
    grid : PotentialGrid
    jumps : Jumps
    tau_m, dt : float, ms
    V_reset, mu_ext : float, mV
    """

    def __init__(self, grid: PotentialGrid, jumps: Jumps, *, tau_m, V_reset, mu_ext, dt):
        self.n = grid.n
        decay = np.exp(-dt / tau_m)
        mean, variance = jumps.drift * dt, jumps.variance * dt
        below = int(np.ceil((TAIL * variance**0.5 + 6.0 * jumps.reach[0] - mean) / grid.spacing))
        above = int(np.ceil((TAIL * variance**0.5 + 6.0 * jumps.reach[1] + mean) / grid.spacing))
        self._below = max(below, 0)

        # Functions are known by their averages over cells, the last of which ends at threshold.
        self._block = 0 if jumps.exponential else grid.block(jumps.unit)
        decayed = grid.position(mu_ext + (grid.at(np.arange(grid.n + 1) - 0.5) - mu_ext) * decay) + 0.5
        # A constant drive beyond threshold lifts potentials above it, from where a negative jump may bring them back.
        n_above = STENCIL + max(0, int(np.ceil(decayed.max())) + 1 - grid.n)
        # Long enough that convolution does not wrap around into what is used.
        self._length = fft.next_fast_len(grid.n + n_above + self._below + max(above, 0) + 4, real=True)
        # Compound Poisson, by its characteristic function; its conjugate correlates instead of convolving.
        self._spectrum = np.conj(np.exp(jumps.total_rate * dt * (self._transform_of_jump(jumps, grid.spacing) - 1.0)))

        self._decay = moved_averages(decayed, grid.n, self._length, self._block)
        self._dt = dt
        # The same neuron in continuous time, on a grid that is just fine enough for a step's input, or else cheap.
        if jumps.total_rate * dt > 1.0:
            widest = 0.25 * variance**0.5
        else:
            widest = (grid.n * grid.spacing * sum(jumps.reach) / COARSE_ENTRIES) ** 0.5
        self._merge = 2 ** max(0, int(np.floor(np.log2(widest / grid.spacing))))
        coarse = PotentialGrid(grid.theta, self._merge * grid.spacing, -(-grid.n // self._merge))
        similar, drive = jumps, mu_ext
        if np.abs(jumps.sizes).min() < coarse.spacing:  # jumps within a cell: one from cell to cell, of equal moments
            similar = jumps.symmetric(coarse.spacing)
            drive = mu_ext + tau_m * jumps.drift
        self._continuous = JumpDrift(coarse, similar, tau_m=tau_m, V_reset=V_reset, mu_ext=drive)
        self._to_fine = coarse.interpolation(grid.potentials)

        self._above = max(above, 0)
        self._grid, self._exponential = grid, jumps.exponential
        self._mu_ext, self._V_reset, self._decay_factor = mu_ext, V_reset, decay
        self._survives, self._no_jump, self._from_reset = self._first_step(self._spectrum)

    def _transform_of_jump(self, jumps: Jumps, spacing: float) -> np.ndarray:
        """Fourier transform of the distribution of one jump."""
        step, probability = lattice_probabilities(jumps, spacing)
        one_jump = np.zeros(self._length)
        np.add.at(one_jump, step % self._length, probability)
        return fft.rfft(one_jump)

    def _first_step(self, spectrum: np.ndarray) -> tuple[float, float, np.ndarray]:
        """What the first step from reset leads to, if the step's jumps have this (conjugate) spectrum.

        Returns
        -------
        survives : float
            Probability of a potential below threshold, without that to rest.
        rests : float
            Probability to stay at a reset potential from which only a jump leads away.
        from_reset : array
            Takes what `_jump` returns to its expectation after the first step and the next one's decay.
        """
        grid = self._grid
        probabilities = fft.irfft(np.conj(spectrum), self._length)
        offsets = np.arange(-self._below, self._above + 1)
        start = self._mu_ext + (self._V_reset - self._mu_ext) * self._decay_factor
        rests = 0.0
        if self._exponential:
            columns, weights = lagrange(grid.position([start]), grid.n)
            starts = list(zip(grid.at(columns[0]), weights[0], strict=True))
        else:
            # Followed from where it is, so that landing on the threshold itself is told from landing beneath.
            starts = [(start, 1.0)]
            if start == self._V_reset:  # the potential rests until the first jump
                rests = float(probabilities[0])
                offsets = offsets[offsets != 0]
        first = np.concatenate([at + offsets * grid.spacing for at, _ in starts])
        chance = np.concatenate([weight * probabilities[offsets] for _, weight in starts])
        stays = grid.position(first) + 0.5 < grid.n - TIE
        first, chance = first[stays], chance[stays]
        then = grid.position(self._mu_ext + (first - self._mu_ext) * self._decay_factor) + 0.5
        from_reset = values(np.maximum(then, 0.0), grid.n, self._length, self._block).T @ chance
        return float(chance.sum()), rests, from_reset

    def _jump(self, function: np.ndarray) -> np.ndarray:
        """Expectation of a function of the potential after one step's jumps, also for potentials above threshold."""
        padded = np.zeros(self._length)
        padded[: self.n] = function
        if self._below:
            padded[-self._below :] = function[0]
        return fft.irfft(fft.rfft(padded) * self._spectrum, self._length)

    def step(self, function: np.ndarray) -> np.ndarray:
        """K: expectation of a function of the potential after one more step, shape (n,)."""
        return self._decay @ self._jump(function)

    def _after_reset(self, function: np.ndarray) -> float:
        """Expectation of `step(function)` after the first step from reset."""
        return float(self._from_reset @ self._jump(function))

    def moments(self, variance: bool = True) -> tuple[float, float]:
        """Mean and, if asked for, `variance` of the number of steps from reset to spike, refractory ones not counted.

        Raises
        ------
        NotSolved
        """
        rests = self._no_jump
        w = self._solve(np.ones(self.n), np.zeros(self.n))
        mean = (1.0 + self._survives + self._after_reset(w)) / (1.0 - rests)
        if not variance:
            return mean, np.nan
        # Of T steps, ½ E[T (T + 1)] solves the same equation with w on the right.
        half = self._solve(w, mean * w)
        at_reset = (mean + (mean * (1.0 - rests) - 1.0) + self._after_reset(half)) / (1.0 - rests)
        return mean, 2.0 * at_reset - mean - mean**2

    def survivals(self) -> Iterator[float]:
        """Probability that no spike came within 1, 2, … steps after reset, without end."""
        function = np.ones(self.n)
        survival = self._survives + self._no_jump
        while True:
            yield survival
            survival = self._after_reset(function) + self._no_jump * survival
            function = self.step(function)

    def _solve(self, right: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Solve (1 − K) w = right, beginning from `start`.

        K resembles an implicit Euler step of the same process in continuous time, (1 − dt L)⁻¹ with its generator L.
        Were it one, (1 − K)⁻¹ would be 1 + (−dt L)⁻¹, of which the second part is smooth and taken from a coarse grid.
        That leaves GMRES little to do.
        """

        def one_minus_step(w):
            return w - self.step(w)

        def nearly_inverse(r):
            excess = self._to_fine.shape[1] * self._merge - self.n
            averaged = np.pad(r, (excess, 0), mode="edge").reshape(-1, self._merge).mean(axis=1)
            return r + self._to_fine @ self._continuous.until_threshold(averaged) / self._dt

        w, solved = gmres(one_minus_step, nearly_inverse, right, start, tolerance=TOLERANCE, iterations=MOST_ITERATIONS)
        for _ in range(0 if solved else MOST_STEPS):
            # Input so sparse that potentials move like a clock: there, steps come to an end by themselves.
            before, w = w, right + self.step(w)
            if np.abs(w - before).max() <= TOLERANCE * np.abs(w).max():
                return w
        if not solved:
            raise NotSolved(SPARSE)
        return w
