"""The scaled complementary error function erfcx(y) = exp(y²) erfc(y): its integral and its derivatives, for y ≥ 0.

Every function takes Python floats and numpy arrays alike.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx

SQRT_PI = 1.7724538509055160273

# The smooth rest of the integral, H(y) − ln(1 + y/2)/√π = (1 − t) N(t)/D(t) with t = 2/(2 + y): N and D, from the
# lowest power of t to the highest. They interpolate the rest at 21 Chebyshev points of 0 < t < 1, worked out with 40
# digits by benchmarks/derive_coefficients.py; the largest error on y ≥ 0 is 1.6e-17.
_NUMERATOR = (
    0.9449623710738525,
    0.4000733508547927,
    3.724977469028787,
    1.7815634128960418,
    4.892690230231555,
    2.30106105697265,
    2.602054901411023,
    1.0103791391914572,
    0.49805234455909975,
    0.10370668701559167,
    0.006604712267665676,
)
_DENOMINATOR = (
    1.0,
    0.020424689828388617,
    3.7919610006847355,
    0.3371053008758244,
    4.530945673381629,
    0.5213849362712198,
    2.003248573906955,
    0.20271931560638978,
    0.28995046320277784,
    0.015945727917103057,
    0.008137106486970039,
)


def _polynomial(coefficients, t):
    value = coefficients[-1] * t
    for coefficient in coefficients[-2:0:-1]:
        value += coefficient
        value *= t
    value += coefficients[0]
    return value


def _smooth_rest(t):
    rest = _polynomial(_NUMERATOR, t)
    rest /= _polynomial(_DENOMINATOR, t)
    rest *= 1.0 - t
    return rest


def erfcx_integral(lower, upper):
    """Integral of erfcx from `lower` to `upper`, both ≥ 0 and in any order.

    It is H(upper) − H(lower) with H(y) = ∫₀^y erfcx, a function of one variable that grows like ln(y)/√π. Once that
    logarithm is taken off, the rest is smooth enough for one rational function on the whole half-line.

    Parameters
    ----------
    lower, upper : float or array
        Limits of the integral.

    Returns
    -------
    float or array
        The integral, with an absolute error of some 1e-16: limits that nearly coincide are for `erfcx_taylor`.
    """
    t_lower = 2.0 / (2.0 + lower)
    t_upper = 2.0 / (2.0 + upper)
    integral = np.log(t_lower / t_upper)
    integral /= SQRT_PI
    integral += _smooth_rest(t_upper)
    integral -= _smooth_rest(t_lower)
    return integral


def first_repeated_integral(y):
    """exp(y²) ∫_y^∞ erfc, that is 1/√π − y erfcx(y) without its cancellation at large y.

    Parameters
    ----------
    y : float or array, ≥ 0

    Returns
    -------
    float or array
        The value, with a relative error of some 1e-14 at most.
    """
    near = np.minimum(y, _FAR)
    far = np.maximum(y, _FAR)
    # Gautschi's continued fraction of the ratio to erfcx has positive terms only; beyond _FAR it converges in 16 steps.
    return np.where(y < _FAR, 1.0 / SQRT_PI - near * erfcx(near), erfcx(far) * _ratios(far, 1)[0])


# Beyond this y ratios of repeated integrals come from their continued fraction, below it from the recursion upwards.
_FAR = 3.0


def _ratios(y, count):
    """The first `count` ratios e_n/e_{n−1}, n = 1, 2, …, of the repeated integrals e_n(y) = exp(y²) iⁿerfc(y), y ≥ 3.

    Downward recursion, 1/r_{n} = 2 y + 2 (n + 1) r_{n+1}: Gautschi (1967), SIAM Rev 9:24–82, doi:10.1137/1009002;
    DLMF 7.18.7, 7.18.13.
    """
    last = count + 40
    ratio = 1.0 / (y + np.sqrt(y * y + 2.0 * last))  # its value for large n
    ratios = []
    for n in range(last - 1, 0, -1):
        ratio = 0.5 / (y + (n + 1) * ratio)
        if n <= count:
            ratios.append(ratio)
    return ratios[::-1]


def repeated_integrals_far(y, count):
    """Scaled repeated integrals e_n(y) = exp(y²) iⁿerfc(y), n = 0 … `count`, for y ≥ 3.

    They are the Taylor coefficients of erfcx: erfcx(y + h) = Σ e_n(y) (−2h)ⁿ.

    Parameters
    ----------
    y : float or array, ≥ 3
    count : int
        The highest n.

    Returns
    -------
    list of float or array
    """
    values = [erfcx(y)]
    for ratio in _ratios(y, count):
        values.append(values[-1] * ratio)
    return values


def repeated_integrals_near(y, count, zeroth, scale):
    """The same as `repeated_integrals_far` for any y < 3, times `scale`, upwards from n = 0.

    Parameters
    ----------
    y : float or array, < 3
    count : int
        The highest n.
    zeroth : float or array
        scale · erfcx(y), since erfcx(y) alone overflows for y far below zero.
    scale : float or array

    Returns
    -------
    list of float or array
    """
    previous, value = 2.0 / SQRT_PI * scale, zeroth
    values = [zeroth]
    for n in range(1, count + 1):
        previous, value = value, (previous - 2.0 * y * value) / (2.0 * n)
        values.append(value)
    return values
