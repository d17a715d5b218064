"""The integrals of the first-passage problem between reset and threshold, each input on the branch that suits it.

With a = (V_reset − mu)/sigma + shift and b = (theta − mu)/sigma + shift these are, all times E,

    S  = ∫_a^b erfcx(−u) du              E = exp(−b²) if b > 0, else 1
    D₁ = erfcx(−b) − erfcx(−a)
    D₂ = b erfcx(−b) − a erfcx(−a)

The factor E keeps them finite where rates are as low as 1e-300 spikes/s. No integral is done numerically: each is a
difference of one function of one variable (`scaled_erfc`). Functions take floats and arrays alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import dawsn, erfcx

from meanfield.theory.white_noise.neurons import Neurons, exp_minus_b_squared
from meanfield.theory.white_noise.scaled_erfc import (
    SQRT_PI,
    erfcx_integral,
    first_repeated_integral,
    repeated_integrals_far,
    repeated_integrals_near,
)

SILENT_ABOVE = 28.0  # exp(−b²) is 0 in double precision
NOISELESS_BELOW = -1e8  # the noise changes the rate by 1/(4 b²), which is below rounding
TAYLOR_TERMS = 16  # for intervals at most 1/8 as wide as their distance from 0, or as 1


class Integrals(NamedTuple):
    """E, E·S, and if asked for E·D₁ and E·D₂."""

    E: float | np.ndarray
    S: float | np.ndarray
    D1: float | np.ndarray | None = None
    D2: float | np.ndarray | None = None


class Regime:
    """A branch: `holds` says for which neurons, given b and b − a; `integrals` computes theirs."""

    slopes_by_sigma = True  # whether D₁ and D₂ are yet to be divided by sigma


class Narrow(Regime):
    """a and b nearly coincide."""


class Silent(Regime):
    """b > 28, or sigma = 0 with mu not above threshold: the rate is 0 in double precision."""

    slopes_by_sigma = False

    def holds(self, neurons, b, width):
        return (b > SILENT_ABOVE) | ((neurons.sigma == 0.0) & (neurons.mu <= neurons.theta))

    def integrals(self, neurons, derivatives):
        return Integrals(0.0, 1.0, 0.0, 0.0) if derivatives else Integrals(0.0, 1.0)


class Noiseless(Regime):
    """b < −1e8, or sigma = 0 with mu above threshold: erfcx(y) = 1/(√π y), times what vanishes with sigma divided out.

    Returned are S, D₁/sigma and D₂/sigma.
    """

    slopes_by_sigma = False

    def holds(self, neurons, b, width):
        return (b < NOISELESS_BELOW) | (neurons.sigma == 0.0)

    def integrals(self, neurons, derivatives):
        above_threshold = neurons.mu - neurons.theta - neurons.shift * neurons.sigma
        above_reset = above_threshold + (neurons.theta - neurons.V_reset)
        S = np.log1p((neurons.theta - neurons.V_reset) / above_threshold) / SQRT_PI
        if not derivatives:
            return Integrals(1.0, S)
        slope = (neurons.theta - neurons.V_reset) / above_threshold / above_reset
        D1 = slope / SQRT_PI
        D2 = 0.5 * neurons.sigma * slope * (1.0 / above_threshold + 1.0 / above_reset) / SQRT_PI
        return Integrals(1.0, S, D1, D2)


class NarrowFarAboveThreshold(Narrow):
    """a and b nearly coincide, far below 0: Taylor series of erfcx about the midpoint, all terms positive."""

    def holds(self, neurons, b, width):
        return (8.0 * width <= -b) & (b < -3.0)

    def integrals(self, neurons, derivatives):
        _, b = neurons.bounds()
        w = neurons.width
        return _taylor(1.0, w, repeated_integrals_far(0.5 * w - b, TAYLOR_TERMS), derivatives)


class NarrowElsewhere(Narrow):
    """a and b nearly coincide elsewhere: the same series with coefficients from the recursion upwards."""

    def holds(self, neurons, b, width):
        return (8.0 * width <= 1.0) & (8.0 * width * b <= 1.0)

    def integrals(self, neurons, derivatives):
        _, b = neurons.bounds()
        w = neurons.width
        middle = b - 0.5 * w
        # Splitting in head and tail is for numbers within the range of single precision.
        E = np.where(neurons.sigma < 1e37, exp_minus_b_squared(neurons, b), np.exp(-b * b))
        E = np.where(b > 0.0, E, 1.0)
        # E erfcx(−middle), by reflection if middle > 0
        reflected = middle > 0.0
        zeroth = E * erfcx(np.abs(middle))
        zeroth = np.where(reflected, 2.0 * np.exp(-0.5 * w * (b + middle)) - zeroth, zeroth)
        return _taylor(E, w, repeated_integrals_near(-middle, TAYLOR_TERMS, zeroth, E), derivatives)


class MeanBelowReset(Regime):
    """0 < a < b."""

    def holds(self, neurons, b, width):
        return neurons.V_reset + neurons.shift * neurons.sigma > neurons.mu

    def integrals(self, neurons, derivatives):
        a, b = neurons.bounds()
        E = exp_minus_b_squared(neurons, b)
        decay = np.exp(-neurons.width * (a + b))  # exp(a² − b²)
        S = 2.0 * (dawsn(b) - decay * dawsn(a)) - E * erfcx_integral(a, b)
        if not derivatives:
            return Integrals(E, S)
        D1 = 2.0 * (1.0 - decay) + E * (erfcx(a) - erfcx(b))
        D2 = 2.0 * (b - a * decay) + E * (first_repeated_integral(b) - first_repeated_integral(a))
        return Integrals(E, S, D1, D2)


class MeanBetweenResetAndThreshold(Regime):
    """a ≤ 0 < b, by erfcx(−u) = 2 exp(u²) − erfcx(u) and ∫₀^b exp(u²) du = exp(b²) dawsn(b)."""

    def holds(self, neurons, b, width):
        return b > 0.0

    def integrals(self, neurons, derivatives):
        a, b = neurons.bounds()
        E = exp_minus_b_squared(neurons, b)
        S = 2.0 * dawsn(b) + E * erfcx_integral(b, -a)
        if not derivatives:
            return Integrals(E, S)
        D1 = 2.0 - E * (erfcx(b) + erfcx(-a))
        D2 = 2.0 * b + E * (first_repeated_integral(b) - first_repeated_integral(-a))
        return Integrals(E, S, D1, D2)


class MeanAboveThreshold(Regime):
    """a < b ≤ 0."""

    def holds(self, neurons, b, width):
        return True

    def integrals(self, neurons, derivatives):
        a, b = neurons.bounds()
        S = erfcx_integral(-b, -a)
        if not derivatives:
            return Integrals(1.0, S)
        return Integrals(1.0, S, erfcx(-b) - erfcx(-a), first_repeated_integral(-b) - first_repeated_integral(-a))


def _taylor(E, w, e, derivatives):
    """The integrals from the coefficients e_n of erfcx(middle + h) = Σ e_n (−2h)ⁿ, |h| ≤ w/2."""
    S = D1 = D2 = 0.0
    w_squared = w * w
    for n in range(TAYLOR_TERMS, -1, -2):  # Horner in w²
        S = S * w_squared + e[n] / (n + 1)
        if derivatives and n > 0:
            D1 = D1 * w_squared + 2.0 * e[n - 1]
            D2 = D2 * w_squared + 2.0 * n * e[n]
    return Integrals(E, w * S, w * D1, w * D2) if derivatives else Integrals(E, w * S)


# In order of precedence; NaN ends up in the last.
REGIMES = (
    Silent(),
    Noiseless(),
    NarrowFarAboveThreshold(),
    NarrowElsewhere(),
    MeanBelowReset(),
    MeanBetweenResetAndThreshold(),
    MeanAboveThreshold(),
)


def regime_of(neuron: Neurons) -> Regime:
    """The regime of one neuron with sigma > 0, all of whose fields are floats."""
    b, width = neuron.upper_bound, neuron.width
    return next(regime for regime in REGIMES if regime.holds(neuron, b, width))


def regimes_of(neurons, size):
    """Pairs of a regime and the indices of the elements in it, for a drive that holds arrays of `size` elements."""
    b, width = neurons.upper_bound, neurons.width
    left = np.ones(size, dtype=bool)
    for regime in REGIMES:
        holds = regime.holds(neurons, b, width) & left
        where = np.flatnonzero(holds)
        if where.size:
            left ^= holds
            yield regime, where


def relative_slopes(a, b):
    """D₁/S and D₂/S, which say how fast the logarithm of S changes with mu/sigma and with sigma.

    Both grow with a and with b: they are averages over a < u < b, with the log-convex weight erfcx(−u), of the growing
    functions erfcx'(−u)/erfcx(−u) and 1 + u erfcx'(−u)/erfcx(−u), primes for the derivative with respect to u.

    Parameters
    ----------
    a, b : array
        Bounds, a < b. Beyond b = 28, where rates vanish, upper bounds are returned instead.

    Returns
    -------
    D1_over_S, D2_over_S : array
    """
    D1_over_S, D2_over_S = 2.0 * b, 1.0 + 2.0 * b * b
    neurons = Neurons(mu=0.0, sigma=1.0, theta=b, V_reset=a)
    for regime, where in regimes_of(neurons, b.size):
        if not isinstance(regime, Silent):
            _, S, D1, D2 = regime.integrals(neurons.part(where), True)
            D1_over_S[where], D2_over_S[where] = D1 / S, D2 / S
    return D1_over_S, D2_over_S
