"""Works out the coefficients in meanfield/theory, with 40 digits, and prints them with their errors.

Run it to see where they come from:  python benchmarks/derive_coefficients.py  (some minutes)

Each function of y ≥ 0 is brought to a form that is smooth in t = 2/(2 + y) on 0 ≤ t ≤ 1, and interpolated there at
Chebyshev points by a ratio of two polynomials. The error is measured between those points. One function, which is not
smooth in t, is a Chebyshev series in y.
"""

import mpmath as mp
from reference import dawsn, erfcx, erfcx_integral

mp.mp.dps = 40
SQRT_PI = mp.sqrt(mp.pi)


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


def weighted_integral(y):
    """M(y) = exp(−y²) ∫₀^y exp(u²) H(u) du."""
    points = [y * k / 8 for k in range(9)]
    return mp.quad(lambda u: mp.exp((u - y) * (u + y)) * erfcx_integral(u), points, maxdegree=5)


def chebyshev_points(n):
    """Chebyshev points of −1 < s < 1."""
    return [mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]


def chebyshev_series(function, n, end):
    """Coefficients of the series of n terms on 0 < y < end."""
    angles = [mp.pi * (2 * k + 1) / (2 * n) for k in range(n)]
    values = [function(end * (1 + mp.cos(angle)) / 2) for angle in angles]
    return [
        (1 if j == 0 else 2) * sum(v * mp.cos(j * angle) for v, angle in zip(values, angles, strict=True)) / n
        for j in range(n)
    ]


def interpolate(function, degree):
    """Coefficients of N and D, degree each, with N/D = function at 2·degree + 1 Chebyshev points of 0 < t < 1."""
    n = 2 * degree + 1
    points = [(1 - s) / 2 for s in chebyshev_points(n)]
    values = [function(t) for t in points]
    system = mp.matrix(n, n)
    for i, (t, value) in enumerate(zip(points, values, strict=True)):
        for j in range(degree + 1):
            system[i, j] = t**j
        for j in range(1, degree + 1):
            system[i, degree + j] = -value * t**j
    solution = list(mp.lu_solve(system, mp.matrix(values)))
    return solution[: degree + 1], [mp.mpf(1), *solution[degree + 1 :]]


def largest_relative_error(function, numerator, denominator):
    """Seen at 40 points between those of the interpolation."""

    def error(t):
        value = function(t)
        return abs(mp.polyval(numerator[::-1], t) / mp.polyval(denominator[::-1], t) / value - 1)

    return max(error((1 - s) / 2) for s in chebyshev_points(40))


def show(title, coefficients):
    """Print coefficients as they stand in the package."""
    print(f"  {title}:", *(f"    {float(c)!r}," for c in coefficients), sep="\n")


def main():
    """Print all coefficients."""
    for function, degree in (
        (smooth_rest, 10),
        (first_repeated_integral, 12),
        (interval_density, 12),
        (interval_integral, 12),
    ):
        numerator, denominator = interpolate(function, degree)
        error = largest_relative_error(function, numerator, denominator)
        print(f"{function.__name__}: degree {degree}, relative error {mp.nstr(error, 2)}")
        show("numerator", numerator)
        show("denominator", denominator)
    print("weighted_integral: Chebyshev series on 0 … 6.5")
    show("coefficients", chebyshev_series(weighted_integral, 48, mp.mpf(13) / 2)[:47])


if __name__ == "__main__":
    main()
