"""A network linearised about its stationary state: how disturbances of the rates come back after a delay."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.delays import delayed
from meanfield.theory.white_noise.fixed_points import NO_SOLUTION, solve
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.siegert import siegert_rate
from meanfield.theory.white_noise.spectral_radius import log_spectral_radius
from meanfield.theory.white_noise.transfer import interval_transform, pole_free, responses

LARGEST_LOGARITHM = 700.0
EQUAL = 1e-12  # relative difference of what rounding may tell apart
_RATE = Quantity("spikes/s", at_least=0, ndim=1)


class Fraction(NamedTuple):
    """M and the populations' responses as fractions whose parts have no poles; arrays of complex numbers.

    Parameters
    ----------
    returned : array, shape (n, N, N), s
        `interval` · M, the rows being targets.
    interval : array, shape (n, N), s
        (1 − ρ)/λ times `end`, with ρ the transform of the intervals; its zeros are the populations' own resonances.
    end, size : array, shape (n, N)
        Times exp(`size`), which is real, `returned`, `interval` and `end` are analytic; without it they are bounded.
    """

    returned: np.ndarray
    interval: np.ndarray
    end: np.ndarray
    size: np.ndarray


class LinearNetwork:
    """Linear dynamics of the population rates about a stationary state, or about each of a stack of such.

    A disturbance exp(λt) of the rates returns as M(λ) exp(λt) with, for target i and source j,

        M_ij(λ) = [N_mu,i(λ) 1e-3 tau_m,i K_ij J_ij + N_variance,i(λ) 1e-3 tau_m,i K_ij J_ij²] 〈exp(−λ d_ij)〉

    Exponential synapses are low-pass filters: of the mean by 1/(1 + λ tau_syn), of the variance of the current by
    1/(1 + λ tau_syn/2); and the responses are those at the shifted threshold and reset, see `transfer_function`.

    Parameters
    ----------
    inputs : StationaryInput
        Of a network of N populations, or of a stack of shape (n,).
    delay : array, shape (N, N) or (n, N, N), ms
    rate : array, shape (N,) or (n, N), spikes/s
    delay_width : float, ms
        Delays are uniformly distributed over the full width `delay_width` around `delay`.
    delay_sd : array, shape (N, N) or (n, N, N), ms
        Or they are normally distributed with this standard deviation, those ≤ 0 left out.
    """

    def __init__(self, inputs: StationaryInput, delay, rate, delay_width=0.0, delay_sd=0.0):
        self.inputs, self.rate = inputs, np.asarray(rate, dtype=float)
        self.delay, self.delay_width, self.delay_sd = 1e-3 * delay, 1e-3 * delay_width, 1e-3 * delay_sd  # s
        self.mu, self.sigma = inputs.effective_moments(self.rate)
        # Populations of equal neurons with equal input respond equally, and need one evaluation.
        points = np.stack(np.broadcast_arrays(self.mu, self.sigma, *inputs.neurons.values()))
        self.kind, first = _kinds(points)
        self._moments = points[:2, ..., first]
        self._neurons = dict(zip(inputs.neurons, points[2:, ..., first], strict=True))

    @classmethod
    def of(cls, network, rate=None, delay_width=0.0) -> LinearNetwork:
        """One `meanfield.Network` at the given rates, or at those `stationary_rate` chooses.

        Raises
        ------
        ParameterError
            If `rate` or `delay_width` cannot be.
        """
        inputs = StationaryInput.of(network)
        if rate is None:
            rate = stationary_rate(inputs)
        else:
            try:
                rate = _RATE.array(rate, len(network.populations))
            except ValueError as error:
                raise ParameterError([f"{stated('rate', rate, 'spikes/s')} {error}"]) from None
        check_delay_width(delay_width, network)
        return cls(inputs, network.delay, rate, delay_width, network.delay_sd)

    @property
    def cv(self):
        """Coefficient of variation of the intervals in each population, shape (N,) or (n, N)."""
        return siegert_cv(self.mu, self.sigma, **self.inputs.neurons)

    @property
    def _felt(self):
        """Whether a population (row) has synapses from another (column)."""
        return (self.inputs.drift != 0.0) | (self.inputs.diffusion != 0.0)

    @property
    def passed_on(self):
        """Whether a population (row) passes on what happens in another (column), which it does if it fires."""
        return self._felt & (siegert_rate(self.mu, self.sigma, **self.inputs.neurons) > 0.0)[..., None]

    @property
    def tau_m(self):
        """Time constants of the membranes, shape (N,) or (n, N), ms."""
        return self.inputs.tau_m

    def coupling(self, rate_of_change):
        """M, shape (n, N, N), at complex rates of change in 1/s, shape (n,), for a stack one each."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)[:, None]
        by_mean, by_variance = responses(rate_of_change, *self._moments, **self._neurons)
        return self._returned(rate_of_change[..., None], by_mean, by_variance)

    def pole_free(self, rate_of_change) -> Fraction:
        """M as a fraction whose parts have no poles but those of the synapses, at rates of change of shape (n,)."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)[:, None]
        parts = pole_free(rate_of_change, *self._moments, **self._neurons)
        returned = self._returned(rate_of_change[..., None], parts.by_mean, parts.by_variance)
        return Fraction(returned, *(x[:, self.kind] for x in (parts.interval, parts.end, parts.size)))

    def _returned(self, rate_of_change, by_mean, by_variance):
        """What neurons that respond so return through synapses and delays."""
        return np.add(*self._parts(rate_of_change, by_mean, by_variance))

    def _parts(self, rate_of_change, by_mean, by_variance):
        """The same by the mean and by the noise of the input."""
        inputs = self.inputs
        by_mean, by_variance = (x[:, self.kind, None] for x in (by_mean, by_variance))
        kept = delayed(rate_of_change, self.delay, self.delay_width, self.delay_sd)
        if inputs.coloured is None:
            return by_mean * inputs.drift * kept, by_variance * inputs.diffusion * kept
        lag = 1e-3 * inputs.tau_syn * rate_of_change
        # A threshold that moves is a mean that moves the other way, by 1 + λ tau_m times as much.
        moving = by_mean * (1.0 + 1e-3 * inputs.tau_m[..., None] * rate_of_change)
        of_noise = by_variance * inputs.diffusion - moving * inputs.shift_jacobian(self.rate)
        return by_mean * inputs.drift / (1.0 + lag) * kept, of_noise / (1.0 + 0.5 * lag) * kept

    def through_synapses(self, rate_of_change) -> dict[float, np.ndarray]:
        """Poles that synapses with memory give M, 1/s, each with the part of M that has it, shape (n, N, N)."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)[:, None]
        tau_syn = np.where(self._felt, self.inputs.tau_syn, 0.0)
        parts = self._parts(rate_of_change[..., None], *responses(rate_of_change, *self._moments, **self._neurons))
        with_pole = {}
        for order, part in enumerate(parts, start=1):
            for tau in np.unique(tau_syn[tau_syn > 0.0]):
                pole = float(f"{-1e3 * order / tau:.12g}")  # equal but for rounding
                with_pole[pole] = with_pole.get(pole, 0.0) + np.where(tau_syn == tau, part, 0.0)
        return with_pole

    def determinant(self, rate_of_change):
        """det(1 − M), shape (n,), whose zeros are the eigenvalues."""
        return determinant(self.coupling(rate_of_change))

    @property
    def longest_delay(self):
        """Longest delay between populations that feel each other, s, shape () or (n,); 0 if none does."""
        reach = self.delay + 0.5 * self.delay_width + 3.0 * self.delay_sd
        return np.max(np.where(self._felt, reach, 0.0), axis=(-2, -1))

    def interval_transform(self, rate_of_change):
        """(1 − ρ)/λ of each population, shape (n, N), s; see `transfer.interval_transform`."""
        rate_of_change = np.asarray(rate_of_change, dtype=complex)[:, None]
        return interval_transform(rate_of_change, *self._moments, **self._neurons)[:, self.kind]

    @property
    def limit_growth(self):
        """Growth rate in 1/s that eigenvalues come close to at ever higher frequency; −inf if there are no such.

        White noise changes a rate at once: N_variance tends to rate/sigma², not to 0. What then remains of M,
        A_ij exp(−λ d_ij) with A = rate/sigma² · diffusion, has eigenvalue 1 along a chain of λ that never ends. Their
        growth comes up to that real λ at which the largest eigenvalue is 1. Neither distributed delays nor exponential
        synapses have such a chain.
        """
        at_once = np.divide(self.rate, self.sigma**2, out=np.zeros_like(self.rate), where=self.sigma > 0.0)
        with np.errstate(divide="ignore"):
            remains = np.log(at_once[:, None]) + np.log(self.inputs.diffusion * (self.inputs.tau_syn == 0.0))

        def logarithm(growth):
            return log_spectral_radius(remains - growth * self.delay)

        if self.delay_width > 0.0 or np.any(self.delay_sd) or logarithm(0.0) == -np.inf:
            return -np.inf
        low, high = sorted(logarithm(0.0) / d for d in (self.delay.min(), self.delay.max()))
        return float(brentq(logarithm, low - 1.0, high + 1.0))


def determinant(coupling):
    """det(1 − M), shape (n,), of M of shape (n, N, N). Where it exceeds all numbers only its sign is right."""
    sign, logarithm = np.linalg.slogdet(np.eye(coupling.shape[-1]) - coupling)
    return sign * np.exp(np.minimum(logarithm, LARGEST_LOGARITHM))


def _kinds(points):
    """Which kind each column is of, and the first column of each kind, columns being alike but for rounding.

    Parameters
    ----------
    points : array, shape (6, ..., N)
        Mean and noise intensity of the input, and the neurons' parameters.
    """
    kind, first = [], []
    for column in np.moveaxis(points, -1, 0):
        scale = np.abs(column)
        scale[0] += scale[1]
        alike = [np.all(np.abs(points[..., one] - column) <= EQUAL * scale) for one in first]
        if True not in alike:
            first.append(len(kind))
            alike.append(True)
        kind.append(alike.index(True))
    return np.array(kind), first


def check_delay_width(delay_width, network):
    """Raise `ParameterError` unless delays distributed so are all ≥ 0 (ms), and distributed in one way."""
    delay = network.delay
    if np.any(delay_width) and np.any(network.delay_sd):
        raise ParameterError(
            [f"{stated('delay_width', delay_width, 'ms')} must be 0 ms: the network's delays are spread, by delay_sd"]
        )
    if not (np.ndim(delay_width) == 0 and 0.0 <= delay_width <= 2.0 * np.min(delay)):
        allowed = f"0 … {2.0 * float(np.min(delay)):.15g} ms, twice the shortest delay"
        raise ParameterError([f"{stated('delay_width', delay_width, 'ms')} must be {allowed}"])


def stationary_rate(inputs: StationaryInput):
    """Rates, shape (N,), of the fixed point that is meant when none is named.

    The only one; of several, that with the highest rates of those stable in pseudo-time, and if none is, of all.

    Raises
    ------
    ParameterError
        If no fixed point was found.
    """
    solutions = solve(inputs)
    if not solutions.index.size:
        raise ParameterError([NO_SOLUTION])
    stable = np.flatnonzero((solutions.eigenvalues.real < 0.0).all(axis=-1))
    which = stable if stable.size else np.arange(len(solutions.rate))
    return solutions.rate[which[-1]]
