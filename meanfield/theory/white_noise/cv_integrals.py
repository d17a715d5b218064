"""Functions of one variable from which the variance of inter-spike intervals is made.

With F(x) = exp(x²) ∫_{−∞}^x exp(y²)(1 + erf y)² dy, the variance is an integral of F between the bounds a and b, hence
a difference of C(x) = ∫_{−∞}^x F. For x < 0 both decay smoothly, and rational functions of t = 2/(2 − x) give them. For
x > 0, since erfc(−x) = 2 − erfc(x), they are put together from these and from D, Dawson's function, and H, the integral
of erfcx:

    F(x) = 4 exp(2 x²) D(x) + exp(x²) [2 ln(2)/√π − 4 H(x)] − F(−x)
    C(x) = 2 exp(2 x²) D(x)² + exp(x²) [2 ln(2)/√π D(x) − 4 M(x)] + C(−x)

with M(x) = exp(−x²) ∫₀^x exp(u²) H(u) du. F(0) = ln(2)/√π and C(0) = π/16.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.chebyshev import chebval
from scipy.special import dawsn

from meanfield.theory.white_noise.scaled_erfc import SQRT_PI, erfcx_integral, rational

# Worked out with 40 digits by benchmarks/derive_coefficients.py; relative errors 5e-17 and 7e-18.
# F(−y)/t³ = N(t)/D(t)
_DENSITY_NUMERATOR = (
    0.019894367886486915,
    0.053519248670484555,
    0.21776681440797474,
    0.4698967924105556,
    0.995955305926721,
    1.627130546747304,
    2.330053597576635,
    2.7766886222613603,
    2.76340933576943,
    2.201197604915122,
    1.2936950659814888,
    0.4539329083632944,
    -0.030303431590609713,
)
_DENSITY_DENOMINATOR = (
    1.0,
    -0.3098291448186316,
    6.500641423905328,
    -1.092003643714934,
    14.402312655803588,
    -0.9681240273392184,
    13.375443875972117,
    -0.1221574087688624,
    5.186874871811353,
    0.019605048861645175,
    0.772338150126534,
    0.001304417973465342,
    0.03221221639412461,
)
# C(−y)/t² = N(t)/D(t)
_INTEGRAL_NUMERATOR = (
    0.019894367886486918,
    0.03292982574956685,
    0.1551389362389894,
    0.24149226847227342,
    0.5059764612140911,
    0.6694048923953508,
    0.8738607099477854,
    0.8983457775150127,
    0.7998760140285028,
    0.5700246666318272,
    0.30762790769014203,
    0.10429143025759999,
    0.002917659703125455,
)
_INTEGRAL_DENOMINATOR = (
    1.0,
    -0.3447664214587097,
    5.800166320905626,
    -1.2850474997976888,
    11.321739946368979,
    -1.5385143160620847,
    9.089788296528893,
    -0.7626601227883942,
    2.94272785159491,
    -0.1697720858088978,
    0.33890587781247195,
    -0.011238431457040983,
    0.009264090597372897,
)
# Chebyshev series of M on 0 ≤ x ≤ 6.5; farther out exp(−x²) M is below rounding of what it is added to.
_WEIGHTED_END = 6.5
_WEIGHTED_CHEBYSHEV = (
    0.14831805790200245,
    0.015745889295706406,
    -0.07947688796813279,
    0.062013932621826494,
    -0.024344192578024063,
    -0.003980833193464542,
    0.014482692330395253,
    -0.011979111979634671,
    0.005235465967416486,
    -0.00025568056247944756,
    -0.001457432443390542,
    0.0011309119116498518,
    -0.0003567684963727186,
    -7.97892584896598e-05,
    0.0001455227724689004,
    -6.73178200727278e-05,
    3.0946033317497193e-06,
    1.4196466805135358e-05,
    -8.240881771395684e-06,
    1.0872890667719343e-06,
    1.2137189657690034e-06,
    -7.972096928206062e-07,
    1.2322224149138604e-07,
    9.869679527605845e-08,
    -6.49083718438294e-08,
    8.915295787873143e-09,
    7.806068550722852e-09,
    -4.526238572746465e-09,
    4.0361160492284734e-10,
    5.804296616140202e-10,
    -2.6749054559989606e-10,
    3.2000851955874705e-12,
    3.859136451778353e-11,
    -1.2948421358764498e-11,
    -1.362331197529349e-12,
    2.1991339115926733e-12,
    -4.742938409453604e-13,
    -1.5034427016959855e-13,
    1.0356629271826293e-13,
    -9.885164763063078e-15,
    -1.0025179656547957e-14,
    3.840582016291596e-15,
    1.8442952116943182e-16,
    -4.88735552919208e-16,
    1.0018757770376669e-16,
    2.9696518159126904e-17,
    -1.7854026414474604e-17,
)


def interval_density(x, exponent):
    """F(x) exp(−2 · exponent).

    Parameters
    ----------
    x : array
    exponent : array, ≥ 0 and ≥ x² where x > 0
        Keeps the result finite.

    Returns
    -------
    array
    """
    y = np.abs(x)
    t = 2.0 / (2.0 + y)
    scale = np.exp(-exponent)
    left = scale * scale * t**3 * rational(_DENSITY_NUMERATOR, _DENSITY_DENOMINATOR, t)
    growth = np.exp(np.minimum(y * y - exponent, 0.0))
    even = growth * (4.0 * growth * dawsn(y) + scale * (2.0 * np.log(2.0) / SQRT_PI - 4.0 * erfcx_integral(0.0, y)))
    return np.where(x > 0.0, even - left, left)


def interval_integral(x, exponent):
    """C(x) exp(−2 · exponent); parameters as for `interval_density`."""
    y = np.abs(x)
    t = 2.0 / (2.0 + y)
    scale = np.exp(-exponent)
    left = scale * scale * t * t * rational(_INTEGRAL_NUMERATOR, _INTEGRAL_DENOMINATOR, t)
    growth = np.exp(np.minimum(y * y - exponent, 0.0))
    D = dawsn(y)
    M = chebval(2.0 / _WEIGHTED_END * np.minimum(y, _WEIGHTED_END) - 1.0, _WEIGHTED_CHEBYSHEV)
    even = 2.0 * (growth * D) ** 2 + growth * scale * (2.0 * np.log(2.0) / SQRT_PI * D - 4.0 * M)
    return np.where(x > 0.0, even + left, left)
