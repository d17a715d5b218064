"""How the rate of a neuron with shot-noise input follows its inputs as they wax and wane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from meanfield.theory.shot_noise.discretisation import CellsInSteps, discretisation
from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.modulated_chain import ModulatedChain
from meanfield.theory.shot_noise.neuron import Neuron, ShotNoiseRate
from meanfield.theory.shot_noise.potential_grid import Jumps

HALVINGS = 2  # of the coarsest equal cells, where input is so sparse that the rate takes others
BLOCK = 2**20  # powers of z held at once
NO_NOISE = "there is no noise, or the neuron never fires"


def fine_enough(neuron: Neuron, jumps: Jumps | None, settled: ShotNoiseRate) -> int:
    """Resolution of the equal cells on which a neuron's response has settled, if its rate has done so as given.

    Raises
    ------
    NotSolved
        If the neuron has no rate, or one that takes no grid.
    """
    if settled.missing or not settled.spacing:
        raise NotSolved(settled.missing or NO_NOISE)
    if isinstance(discretisation(neuron, jumps), CellsInSteps):
        return settled.resolution
    return CellsInSteps(neuron, jumps).coarsest + HALVINGS


class Modulation:
    """Linear response of a neuron on the time grid to the rates of its input trains, at complex rates of change λ.

    With z = exp(λ dt), S_n the probability of an interval longer than n steps and b_n as in `ModulatedChain`, neurons
    fire b_{n − 1} − b_n more spikes n steps after a change, and each spike lets its neuron start anew. So the response
    is − Σ b_n z⁻ⁿ / Σ S_n z⁻ⁿ, and 1 − ρ = (1 − z⁻¹) Σ S_n z⁻ⁿ for the transform ρ of the intervals: nothing cancels
    at low frequency.

    Parameters
    ----------
    neuron : Neuron
        In time steps.
    jumps : Jumps
        All of its input.
    sizes : sequence of float, mV
        Of the trains to whose rates the response is wanted.
    resolution : int
        Of the equal cells of potentials.

    Raises
    ------
    NotSolved
        If spikes are too rare to follow.
    """

    def __init__(self, neuron: Neuron, jumps: Jumps, sizes: Sequence[float], resolution: int):
        chain = CellsInSteps(neuron, jumps).chain(resolution, ModulatedChain, sizes=sizes)
        survival, more, self._hazard = chain.modulated_survivals()
        self._dt, self._refractory = 1e-3 * neuron.time.unit, int(neuron.refractory)  # s, steps
        self._sums = np.column_stack([survival, more])
        self._mean_steps = self._refractory + self._transformed(np.zeros(1))[0, 0].real
        self._sums[:, 1:] /= neuron.time.unit * self._mean_steps

    @property
    def rate(self) -> float:
        """The stationary rate on this grid, spikes/s."""
        return 1.0 / (self._dt * self._mean_steps)

    @property
    def slowest_end(self) -> float:
        """Rate at which the longest intervals end, 1/s."""
        return -np.log1p(-self._hazard) / self._dt if self._hazard < 1.0 else np.inf

    def _transformed(self, per_step) -> np.ndarray:
        """Σ x_n z⁻ⁿ of each of the sums' sequences x, without end, for z = exp(`per_step`); shape (len(z), 1 + M)."""
        steps = np.arange(len(self._sums))
        result = np.empty((len(per_step), self._sums.shape[1]), dtype=complex)
        per_block = max(1, BLOCK // len(steps))
        for first in range(0, len(per_step), per_block):
            part = slice(first, first + per_block)
            result[part] = np.einsum("zn,nx->zx", np.exp(-per_step[part, None] * steps), self._sums)
        remains = 1.0 - self._hazard
        end = remains * np.exp(-per_step * len(steps)) / (1.0 - remains * np.exp(-per_step))
        return result + end[:, None] * self._sums[-1]

    def at(self, rate_of_change) -> tuple[np.ndarray, np.ndarray]:
        """The response and the intervals' transform.

        Parameters
        ----------
        rate_of_change : array of complex, shape (n,), 1/s
            λ; with growth down to the hazard of the longest intervals, below which the sums have no end.

        Returns
        -------
        response : array of complex, shape (n, M), pure numbers
            Change of the rate for a change of each train's rate.
        interval_transform : array of complex, shape (n,), s
            (1 − ρ)/λ; at λ = 0 the mean interval.
        """
        per_step = np.asarray(rate_of_change, dtype=complex) * self._dt
        sums = self._transformed(per_step)
        waiting = np.exp(-per_step[:, None] * np.arange(self._refractory)).sum(axis=1)
        survival = waiting + np.exp(-per_step * self._refractory) * sums[:, 0]
        nonzero = np.where(per_step == 0.0, 1.0, per_step)
        per_lambda = self._dt * np.where(per_step == 0.0, 1.0, -np.expm1(-nonzero) / nonzero)
        return -sums[:, 1:] / survival[:, None], per_lambda * survival


class Silence:
    """The response of a neuron that never fires, as `Modulation` gives it: none.

    Parameters
    ----------
    n_sizes : int
        Trains whose rates may change.
    """

    slowest_end = np.inf

    def __init__(self, n_sizes: int):
        self._n_sizes = n_sizes

    def at(self, rate_of_change) -> tuple[np.ndarray, np.ndarray]:
        """No response, and intervals without end."""
        n = len(rate_of_change)
        return np.zeros((n, self._n_sizes), dtype=complex), np.full(n, np.inf, dtype=complex)
