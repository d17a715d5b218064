"""How the rate of a neuron with shot-noise input follows its inputs as they wax and wane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.modulated_chain import ModulatedChain
from meanfield.theory.shot_noise.neuron import Neuron, ShotNoiseRate
from meanfield.theory.shot_noise.potential_grid import Jumps
from meanfield.theory.shot_noise.refinement import chain_on_grid

BLOCK = 2**20  # powers of z held at once
NO_NOISE = "there is no noise, or the neuron never fires"


def fine_enough(found: ShotNoiseRate) -> float:
    """The spacing (mV) of the grid on which a neuron's rate has settled, for its response.

    Raises
    ------
    NotSolved
        If the neuron has no rate, or one that takes no grid.
    """
    if found.missing or not found.spacing:
        raise NotSolved(found.missing or NO_NOISE)
    return found.spacing


class Modulation:
    """Linear response of a neuron on the time grid to the rates of its input trains, at complex rates of change λ.

    With z = exp(λ dt), S_n the probability of an interval longer than n steps and b_n as in `ModulatedChain`, neurons
    fire b_{n − 1} − b_n more spikes n steps after a change, and each spike lets its neuron start anew. So the response
    is − Σ b_n z⁻ⁿ / Σ S_n z⁻ⁿ, and 1 − ρ = (1 − z⁻¹) Σ S_n z⁻ⁿ for the transform ρ of the intervals: nothing cancels
    at low frequency.

    Parameters
    ----------
    neuron : Neuron
        With dt > 0.
    jumps : Jumps
        All of its input.
    sizes : sequence of float, mV
        Of the trains to whose rates the response is wanted.
    spacing : float, mV
        Of the grid of potentials.

    Raises
    ------
    NotSolved
        If spikes are too rare to follow.
    """

    def __init__(self, neuron: Neuron, jumps: Jumps, sizes: Sequence[float], spacing: float):
        chain = chain_on_grid(neuron, jumps, spacing, ModulatedChain, sizes=sizes)
        survival, more, self._hazard = chain.modulated_survivals()
        self._dt, self._refractory = 1e-3 * neuron.dt, int(neuron.refractory)  # s, steps
        self._sums = np.column_stack([survival, more])
        mean_steps = self._refractory + self._transformed(np.zeros(1))[0, 0].real
        self._sums[:, 1:] /= neuron.dt * mean_steps

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
