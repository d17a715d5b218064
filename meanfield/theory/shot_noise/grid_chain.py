"""A neuron on the time grid of a simulation: a Markov chain from reset to threshold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft, sparse

from meanfield.theory.shot_noise.cell_averages import moved_averages, values
from meanfield.theory.shot_noise.gmres import gmres
from meanfield.theory.shot_noise.jump_drift import JumpDrift
from meanfield.theory.shot_noise.potential_grid import STENCIL, Jumps, PotentialGrid, lattice_probabilities
from meanfield.theory.shot_noise.undisturbed_path import UndisturbedPath

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
        # The reach of exponential ones is that of improbable jumps, beyond which their sum lies as seldom.
        largest = 1.0 if jumps.exponential else 6.0
        below = int(np.ceil((TAIL * variance**0.5 + largest * jumps.reach[0] - mean) / grid.spacing))
        above = int(np.ceil((TAIL * variance**0.5 + largest * jumps.reach[1] + mean) / grid.spacing))
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

        self._moves = np.arange(-self._below, max(above, 0) + 1)
        self._exponential = jumps.exponential
        self._path = UndisturbedPath(
            grid,
            lambda v: values(
                np.maximum(grid.position(mu_ext + (v - mu_ext) * decay) + 0.5, 0.0), grid.n, self._length, self._block
            ),
            jumps.exponential,
            V_reset=V_reset,
            mu_ext=mu_ext,
            decay=decay,
            no_jump=np.exp(-jumps.total_rate * dt)
            if jumps.exponential
            else float(self._chances(self._spectrum)[self._below]),
        )
        _, self._survives, self._then = self._leave_path(self._spectrum, self._path.no_jump)

    def _chances(self, spectrum: np.ndarray) -> np.ndarray:
        """Probabilities of moves by 0, 1, … cells and more in a step whose jumps have this (conjugate) spectrum."""
        return fft.irfft(np.conj(spectrum), self._length)[self._moves]

    def _leave_path(self, spectrum: np.ndarray, no_jump: float | None) -> tuple[float, np.ndarray, sparse.csr_array]:
        """`no_jump`, or if None the probability not to be moved, and what else happens on the path from reset."""
        chance = self._chances(spectrum)
        if no_jump is None:
            no_jump = float(chance[self._below])
        chance[self._below] -= no_jump
        return no_jump, *self._path.leaving(chance, -self._below)

    def _transform_of_jump(self, jumps: Jumps, spacing: float) -> np.ndarray:
        """Fourier transform of the distribution of one jump."""
        step, probability = lattice_probabilities(jumps, spacing)
        one_jump = np.zeros(self._length)
        np.add.at(one_jump, step % self._length, probability)
        return fft.rfft(one_jump)

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

    def moments(self, variance: bool = True) -> tuple[float, float]:
        """Mean and, if asked for, `variance` of the number of steps from reset to spike, refractory ones not counted.

        Raises
        ------
        NotSolved
        """
        w = self._solve(np.ones(self.n), np.zeros(self.n))
        after_leaving = self._survives + self._then @ self._jump(w)
        steps = self._path.values(np.append(1.0 + after_leaving[:-1], after_leaving[-1]))
        mean = float(steps[0])
        if not variance:
            return mean, np.nan
        # Of T steps, ½ E[T (T + 1)] solves the same equation with w on the right.
        half = self._solve(w, mean * w)
        halves = self._path.values(np.append(steps, 0.0) + after_leaving + self._then @ self._jump(half))
        return mean, 2.0 * float(halves[0]) - mean - mean**2

    def survivals(self) -> Iterator[float]:
        """Probability that no spike came within 1, 2, … steps after reset, without end."""
        function, on_path = np.ones(self.n), np.ones(len(self._survives) - 1)
        left = self._survives
        while True:
            on_path = left[:-1] + self._path.no_jump * self._path.next_values(on_path, left[-1])
            yield float(on_path[0])
            jumped = self._jump(function)
            left, function = self._then @ jumped, self._decay @ jumped

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
