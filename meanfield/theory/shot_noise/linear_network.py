"""A network of neurons with shot-noise input, linearised about its stationary state on the time grid."""

from __future__ import annotations

import numpy as np

from meanfield.theory.shot_noise.fixed_point import beyond_shot_noise, checked_rate, shot_noise_fixed_point
from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.modulation import Modulation, Silence, fine_enough
from meanfield.theory.shot_noise.neuron import refuse_continuous_time, trains_of_jumps
from meanfield.theory.shot_noise.populations import Populations
from meanfield.theory.white_noise.delays import delayed
from meanfield.theory.white_noise.linear_network import determinant

GRID_TOLERANCE = 1e-4  # relative error of the rate on the grid of potentials that is fine enough for the response


class ShotNoiseLinearNetwork:
    """As `meanfield.theory.white_noise.linear_network.LinearNetwork`, for shot noise in time steps.

    Parameters
    ----------
    network : Network
    rate : array, shape (N,), spikes/s
        The stationary state.
    dt : float, ms, > 0
        Time step of the simulation that is predicted.

    Raises
    ------
    NotSolved
        If the response of a population could not be computed.
    """

    def __init__(self, network, rate, dt: float):
        self.rate = rate
        self._network, self._delay, self._delay_sd = network, 1e-3 * network.delay, 1e-3 * network.delay_sd  # s
        populations = Populations(network, dt)
        self._kind = populations.kind
        rates = populations.merged(self.rate)
        per_kind = populations.each(rates, GRID_TOLERANCE)
        self._modulations, self._columns, cv = [], [], []
        for k, settled in enumerate(per_kind):
            trains = populations.trains(k, rates)
            # Never a spike, or so seldom that it cannot be computed, and 0 in the state that is looked at.
            is_silent = settled.rate == 0.0 or (settled.missing and rates[k] == 0.0)
            sizes, column = np.unique(trains[1][:-1], return_inverse=True)
            neuron, jumps = populations.neuron(k), trains_of_jumps(*trains)
            try:
                self._modulations.append(
                    Silence(len(sizes))
                    if is_silent
                    else Modulation(neuron, jumps, sizes, fine_enough(neuron, jumps, settled))
                )
            except NotSolved as problem:
                raise NotSolved(f"{network.populations[populations.first[k]]}: {problem}") from None
            self._columns.append(column)
            cv.append(settled.cv)
        self.cv = np.array(cv)[self._kind]

    @property
    def coupled(self):
        """Whether any population feels another, or itself."""
        return bool(np.any(self._network.K * self._network.J))

    @property
    def slowest_end(self):
        """Rate at which the longest intervals of any population end, 1/s; sums over intervals need less growth lost."""
        return min(modulation.slowest_end for modulation in self._modulations)

    def coupling(self, rate_of_change):
        """M, shape (n, N, N), at complex rates of change in 1/s, shape (n,)."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)
        of_kinds = [
            modulation.at(rate_of_change)[0][:, column]
            for modulation, column in zip(self._modulations, self._columns, strict=True)
        ]
        response = np.stack(of_kinds, axis=1)[:, self._kind]
        return self._network.K * response * delayed(rate_of_change[:, None, None], self._delay, sd=self._delay_sd)

    def determinant(self, rate_of_change):
        """det(1 − M), shape (n,), whose zeros are the eigenvalues."""
        return determinant(self.coupling(rate_of_change))

    @property
    def longest_delay(self) -> float:
        """Longest delay between populations that feel each other, s; 0 if none does."""
        felt = self._network.K * self._network.J != 0.0
        return float(np.max(self._delay + 3.0 * self._delay_sd, initial=0.0, where=felt))

    def interval_transform(self, rate_of_change):
        """(1 − ρ)/λ of each population, shape (n, N), s; ρ is the transform of the distribution of its intervals."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)
        return np.stack([modulation.at(rate_of_change)[1] for modulation in self._modulations], axis=1)[:, self._kind]


def linearised(network, rate, dt: float) -> tuple[ShotNoiseLinearNetwork | None, str]:
    """The network about the rates (spikes/s) given, or if none are, about those of `shot_noise_fixed_point`.

    Returns
    -------
    ShotNoiseLinearNetwork or None
    str
        Why there is none; else empty.

    Raises
    ------
    ParameterError
        If the rates or dt are impossible, or dt is 0.
    """
    refuse_continuous_time(dt, "responses are followed")
    if unknown := beyond_shot_noise(network):
        return None, unknown
    if rate is None:
        stationary = shot_noise_fixed_point(network, dt)
        if stationary.attrs["missing"]:
            return None, stationary.attrs["missing"]
        rate = stationary["rate"].values
    try:
        return ShotNoiseLinearNetwork(network, checked_rate("rate", rate, network), dt), ""
    except NotSolved as problem:
        return None, str(problem)
