"""The dominant solution of u'' = 2 y u' + 2 s u far from its turning points, by an expansion about y + √(y² + 2 s).

With u = exp(∫ r dy), Riccati's equation r' = 2 y r + 2 s − r² has the formal solution r = Σ r_k with q = √(y² + 2 s),

    r_0 = y + q,    r_k = −(r_{k−1}' + Σ_{0<i<k} r_i r_{k−i})/(2 q) = (y + q) q^{−2k} f_k(c),    c = y/q,

where each f_k is a polynomial. All terms carry the factor y + q = 2 s/(q − y), which is small with s for y < 0: so r/s,
and with it the response at low frequency, comes out without cancellation. This is the expansion of parabolic cylinder
functions in elementary functions (DLMF 12.10) arranged about another square root.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial

TERMS = 13
SMALLEST_SQUARE = 42.0  # |q|² from which the expansion, cut off after its terms, is good to some 1e-13


def _coefficients():
    """Polynomials in c: of r_k and of r_k', without their factor 1 + c; in e = 1 + c: of ∫ r_k dy, k ≥ 2."""
    c, one_plus_c = Polynomial([0.0, 1.0]), Polynomial([1.0, 1.0])
    f, slopes, integrals = [one_plus_c], [], []
    for k in range(TERMS):
        # d/dy acts on q^{1−2k} f(c) as q^{−2k} [(1 − 2k) c f + (1 − c²) f']
        slopes.append((1 - 2 * k) * c * f[k] + (1.0 - c * c) * f[k].deriv())
        products = sum((f[i] * f[k + 1 - i] for i in range(1, k + 1)), Polynomial([0.0]))
        f.append(-0.5 * (slopes[k] + products))
    rates, slopes = ([p // one_plus_c for p in polynomials] for polynomials in (f[:TERMS], slopes))
    for k in range(2, TERMS):
        # With 1 − c² = 2 s/q² the integral from y = −∞ is (2 s)^{1−k} ∫₀^e x^{k−1} (2 − x)^{k−2} f_k dx.
        density = Polynomial([2.0, -1.0]) ** (k - 2) * rates[k](Polynomial([-1.0, 1.0]))
        integrals.append(Polynomial(density.coef / np.arange(k, k + len(density.coef))))
    return tuple([p.trim().coef for p in polynomials] for polynomials in (rates, slopes, integrals))


_RATE, _SLOPE, _INTEGRAL = _coefficients()


class Expansion(NamedTuple):
    """What the expansion gives at one y; all arrays of complex numbers."""

    logarithm: np.ndarray  # of u, up to a constant that depends on s only
    v: np.ndarray  # u'/(s u)
    w: np.ndarray  # u''/(2 s u), which is y v + 1


def holds(s, y):
    """Whether the expansion is accurate: far from the turning points, and not beyond Stokes lines that start there.

    Parameters
    ----------
    s : array of complex
    y : array of float
    """
    square = y * y + 2.0 * s
    far = np.abs(square) >= SMALLEST_SQUARE
    # For y > 0 the path from −∞ passes between turning points ±i√(2 s): it must keep a distance from both.
    clear = (y < 0.0) | (np.abs(2.0 * s) >= SMALLEST_SQUARE)
    return far & clear & (square.real > -np.abs(square.imag))


def expansion(s, y) -> Expansion:
    """Evaluate where `holds` says so.

    Parameters
    ----------
    s : array of complex, not 0
    y : array of float
    """
    q = np.sqrt(y * y + 2.0 * s)
    below = y < 0.0
    larger = q + np.abs(y)
    sum_over_s = np.where(below, 2.0 / larger, larger / s)  # (q + y)/s
    q_plus_y = np.where(below, 2.0 * s / larger, larger)
    c, e = y / q, q_plus_y / q
    inverse_square = 1.0 / (q * q)
    rate = _series(_RATE, c, inverse_square) * sum_over_s
    slope = _series(_SLOPE, c, inverse_square) * sum_over_s / q
    turned = np.log(larger / np.sqrt(2.0 * s))  # asinh(|y|/√(2 s))
    # Small where s is, on the side of y < 0, where (q − y)/(2 q) tends to 1.
    half = -0.5 * e
    with np.errstate(divide="ignore", invalid="ignore"):
        prefactor = np.where(below, _log1p(half), np.log(s / (q * larger)))
    logarithm = 0.5 * y * q_plus_y + np.where(below, -s, s) * turned + 0.5 * prefactor
    x = 0.5 * sum_over_s / q  # e/(2 s)
    logarithm += e * x * _series(_INTEGRAL, e, x)
    return Expansion(logarithm, rate, 0.5 * (slope + s * rate * rate))


def _log1p(z):
    """log(1 + z), which numpy rounds to an absolute error of 1e-16 in the real part."""
    return 0.5 * np.log1p(z.real * (2.0 + z.real) + z.imag**2) + 1j * np.arctan2(z.imag, 1.0 + z.real)


def _series(polynomials, c, x):
    """Σ xᵏ p_k(c), by Horner's scheme in x of Horner's schemes in c."""
    total = np.zeros_like(c)
    for coefficients in reversed(polynomials):
        value = np.full_like(c, coefficients[-1])
        for coefficient in coefficients[-2::-1]:
            value *= c
            value += coefficient
        total *= x
        total += value
    return total
