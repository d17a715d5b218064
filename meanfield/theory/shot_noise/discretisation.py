"""Potentials of a neuron divided into cells in three ways.

Each way has resolutions in order, the greater the finer. It gives the moments of the time from reset to threshold at
one of them, and says what successive ones let expect of the finest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from meanfield.theory.shot_noise.decay_cells import COARSEST, DecayCells
from meanfield.theory.shot_noise.grid_chain import GridChain
from meanfield.theory.shot_noise.jump_drift import JumpDrift
from meanfield.theory.shot_noise.neuron import Neuron
from meanfield.theory.shot_noise.potential_grid import Jumps, PotentialGrid
from meanfield.theory.shot_noise.time import TimeSteps

LOWEST = 8.0  # a grid reaches that many standard deviations below the mean
MOST_CELLS = 2**16
MOST_ENTRIES = 10**7  # of a matrix, or its factors
SPARSE_STEP, SPARSE_INPUT = 0.5, 25.0  # input spikes in a time step, and in a membrane time constant
LEAST_HALVINGS = 2  # of cells of decay, that are worth it
STAIRCASE = 8e-6  # relative error that equal cells may leave, the same at each spacing, where input is sparse
STAIRS = 2e-3  # the same of the mean interval in time steps
CLOSE_STEPS = 4e-6  # the same for cells of decay, by what takes two jumps and more
DOUBT = 0.05  # share of the last change that extrapolation may miss: the order was never found further off than that


class Discretisation(ABC):
    """One way to divide a neuron's potentials into cells.

    Parameters
    ----------
    neuron : Neuron
    jumps : Jumps
        Of its input.
    """

    def __init__(self, neuron: Neuron, jumps: Jumps):
        self.neuron, self.jumps = neuron, jumps

    @property
    def shrinks(self) -> float:
        """In which ratio successive changes surely shrink; not by the order, if discontinuities lie within cells."""
        return 2.0

    @property
    @abstractmethod
    def coarsest(self) -> int:
        """The resolution to begin with."""

    @abstractmethod
    def spacing(self, resolution: int) -> float:
        """Width of the cells, mV."""

    @abstractmethod
    def affordable(self, resolution: int) -> bool:
        """Whether it is not too fine."""

    @abstractmethod
    def moments(self, resolution: int, variance: bool = True) -> tuple[float, float, float]:
        """Mean and `variance`, if asked for, of the time from reset to spike, and its mean in steps or input spikes."""

    def floor(self, rate: float) -> float:
        """Relative error that refinement does not show, at a rate in spikes/s."""
        return 0.0

    def judged(self, results: list) -> tuple[np.ndarray, np.ndarray]:
        """The best value that results at successive resolutions give, and its error."""
        # Any change may be small by chance.
        changes = np.abs(np.diff(results[-4:], axis=0))[::-1]
        return np.asarray(results[-1]), np.max(changes / self.shrinks ** np.arange(len(changes))[:, None], axis=0)

    @property
    def lowest(self) -> float:
        """A potential (mV) below which the neuron hardly ever comes."""
        neuron, jumps = self.neuron, self.jumps
        lowest = min(neuron.V_reset, neuron.mu_ext)
        if jumps.reach[0] > 0.0:
            mean = neuron.mu_ext + neuron.tau_m * jumps.drift
            deviation = (0.5 * neuron.tau_m * jumps.variance) ** 0.5
            lowest = min(lowest, mean) - LOWEST * deviation - (1 if jumps.exponential else 4) * jumps.reach[0]
        return lowest

    @property
    def drive(self) -> dict[str, float]:
        """What else first passage depends on."""
        return {"tau_m": self.neuron.tau_m, "V_reset": self.neuron.V_reset, "mu_ext": self.neuron.mu_ext}


class EqualCells(Discretisation):
    """Cells of equal width. A resolution is how often the weights' common unit is halved; it may be negative."""

    step_input = 0.0  # variance of the input in a time step, mV²
    top = 0.5  # distance of the highest potential from threshold, in cells

    @property
    def coarsest(self) -> int:
        neuron, jumps = self.neuron, self.jumps
        deviation = (0.5 * neuron.tau_m * jumps.variance) ** 0.5
        widest = min((neuron.theta - neuron.V_reset) / 32, deviation / 4)
        # Near threshold, functions change over one jump or, if that is wider, over the input of a time step.
        widest = min(widest, max(jumps.unit, self.step_input**0.5) / 4)
        resolution = -int(np.floor(np.log2(widest / jumps.unit) + 1e-9))
        while not self.affordable(resolution + 2):
            resolution -= 1
        return resolution

    def spacing(self, resolution: int) -> float:
        """Width of the cells, mV."""
        return self.jumps.unit * 2.0**-resolution

    def grid(self, resolution: int) -> PotentialGrid:
        """The potentials."""
        theta, spacing = self.neuron.theta, self.spacing(resolution)
        return PotentialGrid(theta, spacing, int(np.ceil((theta - self.lowest) / spacing)) + 8, self.top)


class CellsInSteps(EqualCells):
    """Cells of equal width for a neuron in time steps; see `GridChain`."""

    def floor(self, rate: float) -> float:
        dt = self.neuron.time.dt
        return float(np.exp(-self.jumps.total_rate * dt)) * max(STAIRCASE, STAIRS * 1e-3 * rate * dt)

    @property
    def shrinks(self) -> float:
        # Many jumps in a step smooth discontinuities, and leave second order.
        return 4.0 / (1.0 + min(1.0, float(np.exp(1.0 - self.jumps.total_rate * self.neuron.time.dt))))

    @property
    def step_input(self) -> float:
        return self.jumps.variance * self.neuron.time.dt

    def affordable(self, resolution: int) -> bool:
        return self.grid(resolution).n <= MOST_CELLS

    def chain(self, resolution: int, kind: type[GridChain] = GridChain, **more) -> GridChain:
        """The neuron's steps; of a `kind` that may take `more`."""
        return kind(self.grid(resolution), self.jumps, dt=self.neuron.time.dt, **self.drive, **more)

    def moments(self, resolution: int, variance: bool = True) -> tuple[float, float, float]:
        mean, variance = self.chain(resolution).moments(variance)
        return mean, variance, mean


class CellsOfDecay(Discretisation):
    """Cells that decay takes onto each other, for sparse input in time steps; see `DecayCells`.

    A resolution is how often the coarsest ones are halved.
    """

    coarsest = 0

    def floor(self, rate: float) -> float:
        return CLOSE_STEPS

    def affordable(self, resolution: int) -> bool:
        return self.chain(resolution).entries <= MOST_ENTRIES

    def spacing(self, resolution: int) -> float:
        """Width of the coarsest of its cells, that far from mu_ext as threshold lies from reset, mV."""
        neuron = self.neuron
        return (neuron.theta - neuron.V_reset) * neuron.time.dt / neuron.tau_m / (COARSEST * 2.0**resolution)

    def chain(self, resolution: int) -> DecayCells:
        """The neuron's steps."""
        neuron = self.neuron
        return DecayCells(self.jumps, resolution, self.lowest, theta=neuron.theta, dt=neuron.time.dt, **self.drive)

    def moments(self, resolution: int, variance: bool = True) -> tuple[float, float, float]:
        mean, variance = self.chain(resolution).moments(variance)
        return mean, variance, mean


class CellsInContinuousTime(EqualCells):
    """Cells of equal width for a neuron in continuous time; see `JumpDrift`."""

    @property
    def top(self) -> float:
        # Discontinuities lie at threshold, less a jump, and do best on the grid.
        return 0.5 if self.jumps.exponential else 0.0

    def affordable(self, resolution: int) -> bool:
        n = self.grid(resolution).n
        filled = (8 if self.jumps.exponential else 1) * n * min(n, sum(self.jumps.reach) / self.spacing(resolution) + 4)
        return n <= MOST_CELLS and filled <= MOST_ENTRIES

    def moments(self, resolution: int, variance: bool = True) -> tuple[float, float, float]:
        mean, variance = JumpDrift(self.grid(resolution), self.jumps, **self.drive).moments(variance)
        return mean, variance, mean * self.jumps.total_rate

    def judged(self, results: list) -> tuple[np.ndarray, np.ndarray]:
        if not self.jumps.exponential and not self.jumps.commensurate:
            return super().judged(results)
        *earlier, change = np.diff(results[-3:], axis=0)
        before = earlier[0] if earlier else np.inf
        # Either change may be small by chance. The order is the fourth if the grid holds all discontinuities.
        if not self.jumps.exponential:
            return np.asarray(results[-1]), np.hypot(change, before / 16.0)
        return results[-1] + change / 3.0, DOUBT * np.hypot(change, before / 4.0)  # second order and smooth


def equal_cells(neuron: Neuron, jumps: Jumps) -> EqualCells:
    """The cells of equal width that suit a neuron's time."""
    return (CellsInSteps if isinstance(neuron.time, TimeSteps) else CellsInContinuousTime)(neuron, jumps)


def discretisation(neuron: Neuron, jumps: Jumps) -> Discretisation:
    """The way that suits a neuron and its input best."""
    if isinstance(neuron.time, TimeSteps) and not jumps.exponential:
        per_step, per_constant = jumps.total_rate * neuron.time.dt, jumps.total_rate * neuron.tau_m
        cells = CellsOfDecay(neuron, jumps)
        if per_step <= SPARSE_STEP and per_constant <= SPARSE_INPUT and cells.affordable(LEAST_HALVINGS):
            return cells
    return equal_cells(neuron, jumps)
