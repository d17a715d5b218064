"""A neuron on the time grid of a simulation: a Markov chain from reset to threshold."""

from __future__ import annotations

import numpy as np
from scipy import fft, sparse
from scipy.sparse.linalg import LinearOperator, gmres

from meanfield.theory.jump_drift import JumpDrift
from meanfield.theory.potential_grid import STENCIL, Jumps, PotentialGrid, lagrange, lattice_probabilities

TOLERANCE = 1e-8  # relative error at which a linear system counts as solved
RESTART, RESTARTS = 80, 6
TAIL = 9.0  # standard deviations at which the distribution of one step's input is cut off


class NotSolved(ArithmeticError):
    """A linear system could not be solved to the accuracy asked for."""


class GridChain:
    """Steps of `iaf_psc_delta` between spikes: V ← mu_ext + (V − mu_ext) exp(−dt/tau_m) + input; spike if V ≥ theta.

    The input of a step is compound Poisson. Let w(v) be the mean number of steps to the spike from a potential v at the
    end of a step. Then w = 1 + K w, where K takes a function to its expectation after one more step, being 0 after a
    spike. On a grid of potentials, jumps are a convolution, by FFT, and decay is interpolation.

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

        decayed = grid.position(mu_ext + (grid.potentials - mu_ext) * decay)
        # A constant drive beyond threshold lifts potentials above it, from where a negative jump may bring them back.
        n_above = STENCIL + max(0, int(np.ceil(decayed.max())) + 1 - grid.n)
        # Long enough that convolution does not wrap around into what is used.
        self._length = fft.next_fast_len(grid.n + n_above + self._below + max(above, 0) + 4, real=True)
        step, probability = lattice_probabilities(jumps, grid.spacing)
        one_jump = np.zeros(self._length)
        np.add.at(one_jump, step % self._length, probability)
        # Compound Poisson, by its characteristic function; its conjugate correlates instead of convolving.
        self._spectrum = np.conj(np.exp(jumps.total_rate * dt * (fft.rfft(one_jump) - 1.0)))

        # Without a jump the spike comes at threshold: a discontinuity, across which no polynomial of high order leads.
        columns, weights = lagrange(decayed, grid.n)
        beyond = decayed >= grid.n
        columns_above, weights_above = lagrange(decayed[beyond] - grid.n, n_above)
        columns[beyond], weights[beyond] = columns_above + grid.n, weights_above
        between = (decayed > grid.n - 1) & ~beyond
        share = decayed[between] - (grid.n - 1)
        columns[between] = np.arange(grid.n - 2, grid.n + 2)
        weights[between] = np.column_stack([0.0 * share, 1.0 - share, share, 0.0 * share])
        self._decay = sparse.csr_array(
            (weights.ravel(), columns.ravel(), np.arange(0, weights.size + 1, STENCIL)), shape=(grid.n, self._length)
        )
        self._dt = dt
        # The same neuron in continuous time; on a grid just fine enough for one step's input, if that has many jumps.
        many = jumps.total_rate * dt > 1.0
        self._merge = 2 ** max(0, int(np.log2(0.25 * variance**0.5 / grid.spacing))) if many else 1
        coarse = PotentialGrid(grid.theta, self._merge * grid.spacing, -(-grid.n // self._merge))
        similar, drive = jumps, mu_ext
        if np.abs(jumps.sizes).min() < coarse.spacing:  # jumps within a cell: one from cell to cell, of equal moments
            similar = jumps.symmetric(coarse.spacing)
            drive = mu_ext + tau_m * jumps.drift
        self._continuous = JumpDrift(coarse, similar, tau_m=tau_m, V_reset=V_reset, mu_ext=drive)
        self._to_fine = coarse.interpolation(grid.potentials)

        probabilities = fft.irfft(np.conj(self._spectrum), self._length)
        offsets = np.arange(-self._below, max(above, 0) + 1)
        start = mu_ext + (V_reset - mu_ext) * decay
        self._no_jump = 0.0
        if jumps.exponential:
            columns, weights = lagrange(grid.position([start]), grid.n)
            starts = list(zip(grid.at(columns[0]), weights[0], strict=True))
        else:
            # Summed from where it is, so that landing on the threshold itself is told from landing beneath.
            starts = [(start, 1.0)]
            if start == V_reset:  # the potential rests until the first jump
                self._no_jump = float(probabilities[0])
                offsets = offsets[offsets != 0]
        self._from_reset = sum(
            weight * (grid.interpolation(at + offsets * grid.spacing).T @ probabilities[offsets])
            for at, weight in starts
        )

    def step(self, function: np.ndarray) -> np.ndarray:
        """K: expectation of a function of the potential after one more step, shape (n,)."""
        padded = np.zeros(self._length)
        padded[: self.n] = function
        if self._below:
            padded[-self._below :] = function[0]
        return self._decay @ fft.irfft(fft.rfft(padded) * self._spectrum, self._length)

    def moments(self) -> tuple[float, float]:
        """Mean and variance of the number of steps from reset to spike, refractory ones not counted.

        Raises
        ------
        NotSolved
        """
        w = self._solve(np.ones(self.n))
        mean = (1.0 + self._from_reset @ w) / (1.0 - self._no_jump)
        # Of T steps, ½ E[T (T + 1)] solves the same equation with w on the right.
        half = (mean + self._from_reset @ self._solve(w)) / (1.0 - self._no_jump)
        return float(mean), float(2.0 * half - mean - mean**2)

    def survival(self, n_steps: int) -> np.ndarray:
        """Probability that no spike came within 0, 1, … n_steps steps after reset, shape (n_steps + 1,)."""
        survival = np.ones(n_steps + 1)
        function = np.ones(self.n)
        for i in range(1, n_steps + 1):
            survival[i] = self._from_reset @ function + self._no_jump * survival[i - 1]
            function = self.step(function)
        return survival

    def _solve(self, right: np.ndarray) -> np.ndarray:
        """Solve (1 − K) w = right.

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

        shape = (self.n, self.n)
        matrix, inverse = (LinearOperator(shape, matvec=f, dtype=float) for f in (one_minus_step, nearly_inverse))
        w = np.zeros(self.n)
        for _ in range(RESTARTS):
            w, _ = gmres(matrix, right, w, M=inverse, rtol=1e-3 * TOLERANCE, restart=RESTART, maxiter=1)
            # Judged by the correction still to be made: if spikes are rare, rounding keeps the residual from vanishing.
            if np.linalg.norm(nearly_inverse(right - one_minus_step(w))) <= TOLERANCE * np.linalg.norm(w):
                return w
        raise NotSolved("the linear system was not solved: spikes are too rare, or input too sparse, for the solver")
