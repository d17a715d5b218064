"""Works out the rational functions of meanfield/theory, with 40 digits, and prints them with their errors.

Run it to see where the coefficients come from:  python benchmarks/derive_coefficients.py

Each function of y ≥ 0 is brought to a form that is smooth in t = 2/(2 + y) on 0 ≤ t ≤ 1, and interpolated there at
Chebyshev points by a ratio of two polynomials. The error is measured between those points.
"""

import mpmath as mp

mp.mp.dps = 40
SQRT_PI = mp.sqrt(mp.pi)


def asymptotic_series(y, sign):
    """Σ (2k − 1)!! (sign/(2 y²))ᵏ, for large y."""
    total = term = mp.mpf(1)
    k = 1
    while abs(term) > mp.mpf(10) ** -42:
        term *= sign * (2 * k - 1) / (2 * y * y)
        total += term
        k += 1
    return total


def erfcx(y):
    """exp(y²) erfc(y)."""
    return mp.exp(y * y) * mp.erfc(y) if y < 12 else asymptotic_series(y, -1) / (SQRT_PI * y)


def dawsn(y):
    """exp(−y²) ∫₀^y exp(u²) du."""
    return SQRT_PI / 2 * mp.exp(-y * y) * mp.erfi(y) if y < 12 else asymptotic_series(y, 1) / (2 * y)


def erfcx_integral(y):
    """H(y) = ∫₀^y erfcx."""
    if y < 12:
        with mp.workdps(120):  # ∫ exp(u²) and ∫ exp(u²) erf u, of the size exp(y²), nearly cancel
            term, total, n = 2 * y * y / mp.sqrt(mp.pi), mp.mpf(0), 0
            while abs(term) > mp.mpf(10) ** -60:
                total += term / (2 * n + 2)
                n += 1
                term *= 2 * y * y / (2 * n + 1)
            return mp.sqrt(mp.pi) / 2 * mp.erfi(y) - total
    total, term, k = mp.log(2 * y) + mp.euler / 2, mp.mpf(1), 1
    while abs(term) > mp.mpf(10) ** -42:
        term *= -(2 * k - 1) / (2 * y * y)
        total -= term / (2 * k)
        k += 1
    return total / SQRT_PI


def smooth_rest(t):
    """What is left of H once the logarithm is taken off, without its zero at t = 1."""
    y = 2 / t - 2
    return (erfcx_integral(y) - mp.log(1 + y / 2) / SQRT_PI) / (1 - t)


def first_repeated_integral(t):
    """1/√π − y erfcx(y), over t²."""
    y = 2 / t - 2
    return (1 / SQRT_PI - y * erfcx(y)) / t**2


def interval_density(t):
    """F(−y) = exp(y²) ∫_y^∞ exp(−s²) erfcx(s)² ds, over t³."""
    y = 2 / t - 2
    scale = 1 / (1 + y)
    points = [0, 1, 3, 8, 20, mp.inf]
    return (
        mp.quad(lambda z: mp.exp(-z * scale * (2 * y + z * scale)) * erfcx(y + z * scale) ** 2 * scale, points) / t**3
    )


def interval_integral(t):
    """C(−y) = ∫_y^∞ F(−s) ds = ∫_y^∞ erfcx(s)² [dawsn(s) − exp(y² − s²) dawsn(y)] ds, over t²."""
    y = 2 / t - 2

    def integrand(z):  # s = y + (1 + y) z
        s = y + (1 + y) * z
        return erfcx(s) ** 2 * (dawsn(s) - mp.exp((y - s) * (y + s)) * dawsn(y)) * (1 + y)

    near = 1 / (1 + y) ** 2
    points = [0, near / 4, near, 4 * near, 16 * near]
    return mp.quad(integrand, [p for p in points if p < 4] + [4, 16, mp.inf]) / t**2


def weighted_integral(t):
    """exp(−y²) ∫₀^y exp(u²) H(u) du, over its double zero (1 − t)²."""
    y = 2 / t - 2
    points = [y * k / 8 for k in range(9)]
    return mp.quad(lambda u: mp.exp((u - y) * (u + y)) * erfcx_integral(u), points) / (1 - t) ** 2


def interpolate(function, degree, t_min):
    """Coefficients of N and D, degree each, with N/D = function at 2·degree + 1 Chebyshev points of t_min < t < 1."""
    n = 2 * degree + 1
    points = chebyshev_points(n, t_min)
    values = [function(t) for t in points]
    system = mp.matrix(n, n)
    for i, (t, value) in enumerate(zip(points, values, strict=True)):
        for j in range(degree + 1):
            system[i, j] = t**j
        for j in range(1, degree + 1):
            system[i, degree + j] = -value * t**j
    solution = list(mp.lu_solve(system, mp.matrix(values)))
    return solution[: degree + 1], [mp.mpf(1), *solution[degree + 1 :]]


def chebyshev_points(n, t_min):
    """Chebyshev points of t_min < t < 1."""
    return [t_min + (1 - t_min) * (1 - mp.cos(mp.pi * (2 * k + 1) / (2 * n))) / 2 for k in range(n)]


def largest_relative_error(function, numerator, denominator, t_min):
    """Seen at 40 points between those of the interpolation."""

    def error(t):
        value = function(t)
        return abs(mp.polyval(numerator[::-1], t) / mp.polyval(denominator[::-1], t) - value) / abs(value)

    return max(error(t) for t in chebyshev_points(40, t_min))


def main():
    """Print all coefficients."""
    cases = (  # function, degree, smallest t needed
        (smooth_rest, 10, mp.mpf(0)),
        (first_repeated_integral, 12, mp.mpf(0)),
        (interval_density, 12, mp.mpf(0)),
        (interval_integral, 11, mp.mpf(0)),
        (weighted_integral, 9, mp.mpf(2) / 9),
    )
    for function, degree, t_min in cases:
        numerator, denominator = interpolate(function, degree, t_min)
        error = largest_relative_error(function, numerator, denominator, t_min)
        print(f"{function.__name__}: degree {degree}, relative error {mp.nstr(error, 2)}")
        for name, coefficients in (("numerator", numerator), ("denominator", denominator)):
            print(f"  {name}:", *(f"    {float(c)!r}," for c in coefficients), sep="\n")


if __name__ == "__main__":
    main()
