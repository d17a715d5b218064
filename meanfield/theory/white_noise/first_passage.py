"""The integrals of the first-passage problem between reset and threshold, each input on the branch that suits it.

With a = (V_reset − mu)/sigma + shift and b = (theta − mu)/sigma + shift these are, all times E,

    S  = ∫_a^b erfcx(−u) du              E = exp(−b²) if b > 0, else 1
    D₁ = erfcx(−b) − erfcx(−a)
    D₂ = b erfcx(−b) − a erfcx(−a)

The factor E keeps them finite where rates are as low as 1e-300 spikes/s. No integral is done numerically: each is a
difference of one function of one variable (`scaled_erfc`). Functions take floats and arrays alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import dawsn, erfcx

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


class Drive(NamedTuple):
    """Input and membrane of a neuron in mV; `shift` is that of the bounds by coloured noise, a pure number."""

    mu: float | np.ndarray
    sigma: float | np.ndarray
    theta: float | np.ndarray
    V_reset: float | np.ndarray
    shift: float | np.ndarray

    def bounds(self):
        """The bounds a and b."""
        return (self.V_reset - self.mu) / self.sigma + self.shift, self.upper_bound

    @property
    def upper_bound(self):
        """The bound b."""
        return (self.theta - self.mu) / self.sigma + self.shift

    @property
    def width(self):
        """b − a, without cancellation."""
        return (self.theta - self.V_reset) / self.sigma


class Integrals(NamedTuple):
    """E, E·S, and if asked for E·D₁ and E·D₂."""

    E: float | np.ndarray
    S: float | np.ndarray
    D1: float | np.ndarray | None = None
    D2: float | np.ndarray | None = None


def _sum_error(x, y):
    """What rounding takes off x + y, exactly (Knuth's two-sum)."""
    total = x + y
    y_rounded = total - x
    return (x - (total - y_rounded)) + (y - y_rounded)


def _head_and_tail(x):
    """x as the sum of a number of 24 binary digits, whose products with its like are exact, and a small rest."""
    head = np.float32(x).astype(float)
    return head, x - head


def _exp_minus_b_squared(drive, b):
    """exp(−b²) to full relative precision: plain rounding of b alone would cost 3e-16 · b², 2e-13 at a rate of 1e-300.

    Therefore the rounding errors of theta − mu, of the quotient, of the shift and of the square are carried along, with
    exact products in the manner of Dekker (1971), Numer Math 18:224–242, doi:10.1007/BF01397083.
    """
    distance = drive.theta - drive.mu
    quotient = distance / drive.sigma
    (q, q_tail), (s, s_tail) = _head_and_tail(quotient), _head_and_tail(drive.sigma)
    remainder = ((distance - q * s) - q * s_tail) - q_tail * drive.sigma
    b_error = (remainder + _sum_error(drive.theta, -drive.mu)) / drive.sigma + _sum_error(quotient, drive.shift)
    # b² = head² + rest, and the rest is at most 1e-4
    head, tail = _head_and_tail(b)
    rest = (b + head) * tail + 2.0 * b * b_error
    return np.exp(-head * head) * (1.0 - rest * (1.0 - rest * (0.5 - rest / 6.0)))


def mean_above_threshold(drive, derivatives):
    """a < b ≤ 0."""
    a, b = drive.bounds()
    S = erfcx_integral(-b, -a)
    if not derivatives:
        return Integrals(1.0, S)
    return Integrals(1.0, S, erfcx(-b) - erfcx(-a), first_repeated_integral(-b) - first_repeated_integral(-a))


def mean_between_reset_and_threshold(drive, derivatives):
    """a ≤ 0 < b, by erfcx(−u) = 2 exp(u²) − erfcx(u) and ∫₀^b exp(u²) du = exp(b²) dawsn(b)."""
    a, b = drive.bounds()
    E = _exp_minus_b_squared(drive, b)
    S = 2.0 * dawsn(b) + E * erfcx_integral(b, -a)
    if not derivatives:
        return Integrals(E, S)
    D1 = 2.0 - E * (erfcx(b) + erfcx(-a))
    D2 = 2.0 * b + E * (first_repeated_integral(b) - first_repeated_integral(-a))
    return Integrals(E, S, D1, D2)


def mean_below_reset(drive, derivatives):
    """0 < a < b."""
    a, b = drive.bounds()
    E = _exp_minus_b_squared(drive, b)
    decay = np.exp(-drive.width * (a + b))  # exp(a² − b²)
    S = 2.0 * (dawsn(b) - decay * dawsn(a)) - E * erfcx_integral(a, b)
    if not derivatives:
        return Integrals(E, S)
    D1 = 2.0 * (1.0 - decay) + E * (erfcx(a) - erfcx(b))
    D2 = 2.0 * (b - a * decay) + E * (first_repeated_integral(b) - first_repeated_integral(a))
    return Integrals(E, S, D1, D2)


def narrow_far_above_threshold(drive, derivatives):
    """a and b nearly coincide, far below 0: Taylor series of erfcx about the midpoint, all terms positive."""
    _, b = drive.bounds()
    w = drive.width
    return _taylor(1.0, w, repeated_integrals_far(0.5 * w - b, TAYLOR_TERMS), derivatives)


def narrow(drive, derivatives):
    """a and b nearly coincide elsewhere: the same series with coefficients from the recursion upwards."""
    _, b = drive.bounds()
    w = drive.width
    middle = b - 0.5 * w
    # Splitting in head and tail is for numbers within the range of single precision.
    E = np.where(drive.sigma < 1e37, _exp_minus_b_squared(drive, b), np.exp(-b * b))
    E = np.where(b > 0.0, E, 1.0)
    # E erfcx(−middle), by reflection if middle > 0
    reflected = middle > 0.0
    zeroth = E * erfcx(np.abs(middle))
    zeroth = np.where(reflected, 2.0 * np.exp(-0.5 * w * (b + middle)) - zeroth, zeroth)
    return _taylor(E, w, repeated_integrals_near(-middle, TAYLOR_TERMS, zeroth, E), derivatives)


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


def noiseless(drive, derivatives):
    """b < −1e8, or sigma = 0 with mu above threshold: erfcx(y) = 1/(√π y), times what vanishes with sigma divided out.

    Returned are S, D₁/sigma and D₂/sigma.
    """
    above_threshold = drive.mu - drive.theta - drive.shift * drive.sigma
    above_reset = above_threshold + (drive.theta - drive.V_reset)
    S = np.log1p((drive.theta - drive.V_reset) / above_threshold) / SQRT_PI
    if not derivatives:
        return Integrals(1.0, S)
    slope = (drive.theta - drive.V_reset) / above_threshold / above_reset
    D1 = slope / SQRT_PI
    D2 = 0.5 * drive.sigma * slope * (1.0 / above_threshold + 1.0 / above_reset) / SQRT_PI
    return Integrals(1.0, S, D1, D2)


def silent(drive, derivatives):
    """b > 28, or sigma = 0 with mu not above threshold: the rate is 0 in double precision."""
    return Integrals(0.0, 1.0, 0.0, 0.0) if derivatives else Integrals(0.0, 1.0)


class Regime(NamedTuple):
    """A branch of the computation: when it holds, given the drive, b and b − a, and what it computes."""

    holds: Callable
    integrals: Callable


# In order of precedence; NaN ends up in the last.
REGIMES = (
    Regime(lambda d, b, w: (b > SILENT_ABOVE) | ((d.sigma == 0.0) & (d.mu <= d.theta)), silent),
    Regime(lambda d, b, w: (b < NOISELESS_BELOW) | (d.sigma == 0.0), noiseless),
    Regime(lambda d, b, w: (8.0 * w <= -b) & (b < -3.0), narrow_far_above_threshold),
    Regime(lambda d, b, w: (8.0 * w <= 1.0) & (8.0 * w * b <= 1.0), narrow),
    Regime(lambda d, b, w: d.V_reset + d.shift * d.sigma > d.mu, mean_below_reset),
    Regime(lambda d, b, w: b > 0.0, mean_between_reset_and_threshold),
    Regime(lambda d, b, w: True, mean_above_threshold),
)


def regime_of(drive):
    """The regime of one neuron, whose `drive` holds floats with sigma > 0."""
    b, width = drive.upper_bound, drive.width
    return next(regime for regime in REGIMES if regime.holds(drive, b, width))


def regimes_of(drive, size):
    """Pairs of a regime and the indices of the elements in it, for a drive that holds arrays of `size` elements."""
    b, width = drive.upper_bound, drive.width
    left = np.ones(size, dtype=bool)
    for regime in REGIMES:
        holds = regime.holds(drive, b, width) & left
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
    for regime, where in regimes_of(Drive(0.0, 1.0, b, a, 0.0), b.size):
        if regime.integrals is not silent:
            _, S, D1, D2 = regime.integrals(Drive(0.0, 1.0, b[where], a[where], 0.0), True)
            D1_over_S[where], D2_over_S[where] = D1 / S, D2 / S
    return D1_over_S, D2_over_S
