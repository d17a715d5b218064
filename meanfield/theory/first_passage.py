"""The integrals of the first-passage problem between reset and threshold, each input on the branch that suits it.

With a = (V_reset − mu)/sigma + shift and b = (theta − mu)/sigma + shift these are, all times E,

    S  = ∫_a^b erfcx(−u) du              E = exp(−b²) if b > 0, else 1
    D₁ = erfcx(−b) − erfcx(−a)
    D₂ = b erfcx(−b) − a erfcx(−a)

The factor E keeps them finite where rates are as low as 1e-300 spikes/s. No integral is done numerically: each is a
difference of one function of one variable (`meanfield.theory.scaled_erfc`). Functions take floats and arrays alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import dawsn, erfcx

from meanfield.theory.scaled_erfc import (
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
        a = (self.V_reset - self.mu) / self.sigma + self.shift
        b = (self.theta - self.mu) / self.sigma + self.shift
        return a, b

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


def _product_error(x, y):
    """What rounding takes off x·y, exactly (Dekker 1971, Numer Math 18:224–242, doi:10.1007/BF01397083)."""
    x_high = x * 134217729.0  # 2**27 + 1
    x_high = x_high - (x_high - x)
    y_high = y * 134217729.0
    y_high = y_high - (y_high - y)
    x_low, y_low = x - x_high, y - y_high
    return ((x_high * y_high - x * y) + x_high * y_low + x_low * y_high) + x_low * y_low


def _sum_error(x, y):
    """What rounding takes off x + y, exactly (Knuth's two-sum)."""
    total = x + y
    y_rounded = total - x
    return (x - (total - y_rounded)) + (y - y_rounded)


def _exp_minus_b_squared(drive, b):
    """exp(−b²) to full relative precision: plain rounding of b alone would cost 3e-16 · b², 2e-13 at a rate of 1e-300.

    Therefore the rounding errors of theta − mu, of the quotient, of the shift and of the square are carried along.
    """
    distance = drive.theta - drive.mu
    quotient = distance / drive.sigma
    remainder = (distance - quotient * drive.sigma) - _product_error(quotient, drive.sigma)
    b_error = (remainder + _sum_error(drive.theta, -drive.mu)) / drive.sigma + _sum_error(quotient, drive.shift)
    # Dekker's splitting overflows beyond 1e300 mV, where nothing is lost without it.
    b_error = np.where(np.abs(b_error) < 1e-6, b_error, 0.0)
    return np.exp(-b * b) * (1.0 - _product_error(b, b) - 2.0 * b * b_error)


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
    below = b > 0.0
    E = np.where(below, _exp_minus_b_squared(drive, b), 1.0)
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


REGIMES = (
    mean_above_threshold,
    mean_between_reset_and_threshold,
    mean_below_reset,
    narrow_far_above_threshold,
    narrow,
    noiseless,
    None,
)


def regime_number(drive):
    """Index into `REGIMES` for each element; None stands for a rate that is 0 in double precision.

    Parameters
    ----------
    drive : Drive
        Floats with sigma > 0, or arrays with sigma ≥ 0.

    Returns
    -------
    int or array of int
    """
    a, b = drive.bounds()
    number = (b > 0.0) + 1 * (a > 0.0)
    close = 8.0 * drive.width * np.maximum(1.0, b) <= np.maximum(1.0, -b)
    number = np.where(close, 4 - (b < -3.0), number)
    number = np.where((b < NOISELESS_BELOW) | ((drive.sigma == 0.0) & (drive.mu > drive.theta)), 5, number)
    return np.where((b > SILENT_ABOVE) | ((drive.sigma == 0.0) & (drive.mu <= drive.theta)), 6, number)
