"""A network of neurons with shot-noise input, linearised about its stationary state on the time grid."""

from __future__ import annotations

import numpy as np

from meanfield.theory.shot_noise.fixed_point import beyond_shot_noise, checked_rate, shot_noise_fixed_point
from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.modulation import Modulation, Silence, fine_enough
from meanfield.theory.shot_noise.neuron import refuse_continuous_time, trains_of_jumps
from meanfield.theory.shot_noise.populations import Populations
from meanfield.theory.white_noise.delays import delayed
from meanfield.theory.white_noise.linear_network import Fraction, determinant

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
        self.kind = populations.kind
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
        self.cv = np.array(cv)[self.kind]

    @property
    def passed_on(self):
        """Whether a population (row) passes on what happens in another (column), which it does if it fires."""
        fires = np.array([not isinstance(modulation, Silence) for modulation in self._modulations])[self.kind]
        return (self._network.K * self._network.J != 0.0) & fires[:, None]

    @property
    def tau_m(self):
        """Time constants of the membranes, shape (N,), ms."""
        return self._network.tau_m

    @property
    def slowest_end(self):
        """Rate at which the longest intervals of any population end, 1/s; sums over intervals need less growth lost."""
        return min(modulation.slowest_end for modulation in self._modulations)

    def coupling(self, rate_of_change):
        """M, shape (n, N, N), at complex rates of change in 1/s, shape (n,)."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)
        response = np.stack([response for response, _ in self._at(rate_of_change)], axis=1)
        return self._returned(rate_of_change, response)

    def pole_free(self, rate_of_change) -> Fraction:
        """As of `LinearNetwork`, where sums over intervals have an end: there they have no poles, and `end` is 1."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)
        response, interval = (np.stack(x, axis=1) for x in zip(*self._at(rate_of_change), strict=True))
        interval = np.where(np.isfinite(interval), interval, 1.0)  # neurons that never fire respond with 0
        returned = self._returned(rate_of_change, response * interval[..., None])
        interval = interval[:, self.kind]
        return Fraction(returned, interval, np.ones_like(interval), np.zeros(interval.shape))

    def through_synapses(self, _rate_of_change):
        """As of `LinearNetwork`: nothing, since these are delta synapses."""
        return {}

    def _at(self, rate_of_change):
        """Response to each population, shape (n, N), and intervals' transform, shape (n,), for each kind of neuron."""
        for modulation, column in zip(self._modulations, self._columns, strict=True):
            response, interval = modulation.at(rate_of_change)
            yield response[:, column], interval

    def _returned(self, rate_of_change, response):
        """What kinds of neurons that respond so return through delays."""
        return (
            self._network.K
            * response[:, self.kind]
            * delayed(rate_of_change[:, None, None], self._delay, sd=self._delay_sd)
        )

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
        return np.stack([modulation.at(rate_of_change)[1] for modulation in self._modulations], axis=1)[:, self.kind]


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
