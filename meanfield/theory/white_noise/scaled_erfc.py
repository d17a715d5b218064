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
_REST_NUMERATOR = (
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
_REST_DENOMINATOR = (
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


# The same for (1/√π − y erfcx(y))/t² = N(t)/D(t); relative error 1.4e-17.
_FIRST_NUMERATOR = (
    0.07052369794346953,
    0.13859703304747129,
    0.6404489200585793,
    1.1249930046440852,
    2.4288945470093957,
    3.488037735592759,
    4.790611008899575,
    5.218450207271179,
    4.87175985124404,
    3.606665264757056,
    1.9884915722487106,
    0.657105455985931,
    -0.02368399194275744,
)
_FIRST_DENOMINATOR = (
    1.0,
    -0.03474524040746222,
    6.525819718147643,
    0.4915522860403735,
    14.929934729162767,
    2.139668415389678,
    14.947988178666595,
    2.507012032214553,
    6.621229487320007,
    0.9842897967892832,
    1.1376306583327707,
    0.10239637477162687,
    0.04997035729188402,
)


def _polynomial(coefficients, t):
    value = coefficients[-1] * t
    for coefficient in coefficients[-2:0:-1]:
        value += coefficient
        value *= t
    value += coefficients[0]
    return value


def rational(numerator, denominator, t):
    """Ratio of two polynomials in t, given their coefficients from the lowest power to the highest."""
    value = _polynomial(numerator, t)
    value /= _polynomial(denominator, t)
    return value


def _smooth_rest(t):
    rest = rational(_REST_NUMERATOR, _REST_DENOMINATOR, t)
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
        The integral, with an absolute error of some 1e-16: for limits that nearly coincide there is
        the Taylor series whose coefficients `repeated_integrals_far` and `repeated_integrals_near` give.
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
        The value, with a relative error of a few times rounding.
    """
    t = 2.0 / (2.0 + y)
    return rational(_FIRST_NUMERATOR, _FIRST_DENOMINATOR, t) * (t * t)


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
