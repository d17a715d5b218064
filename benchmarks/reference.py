"""Siegert's rate, its derivatives and the linear response with 50 digits, and the functions they are made of."""

from __future__ import annotations

import mpmath as mp

mp.mp.dps = 50


def asymptotic_series(y, sign):
    """Σ (2k − 1)!! (sign/(2 y²))ᵏ, for y ≥ 12, where it gives 60 digits."""
    total = term = mp.mpf(1)
    k = 1
    while abs(term) > mp.mpf(10) ** -55:
        term *= sign * (2 * k - 1) / (2 * y * y)
        total += term
        k += 1
    return total


def erfcx(y):
    """exp(y²) erfc(y) for y ≥ 0."""
    return mp.exp(y * y) * mp.erfc(y) if y < 12 else asymptotic_series(y, -1) / (mp.sqrt(mp.pi) * y)


def dawsn(y):
    """exp(−y²) ∫₀^y exp(u²) du for y ≥ 0."""
    return mp.sqrt(mp.pi) / 2 * mp.exp(-y * y) * mp.erfi(y) if y < 12 else asymptotic_series(y, 1) / (2 * y)


def erfcx_integral(y):
    """H(y) = ∫₀^y erfcx for y ≥ 0."""
    if y < 12:
        with mp.workdps(130):  # ∫ exp(u²) and ∫ exp(u²) erf u, of the size exp(y²), nearly cancel
            term, total, n = 2 * y * y / mp.sqrt(mp.pi), mp.mpf(0), 0
            while abs(term) > mp.mpf(10) ** -65:
                total += term / (2 * n + 2)
                n += 1
                term *= 2 * y * y / (2 * n + 1)
            return mp.sqrt(mp.pi) / 2 * mp.erfi(y) - total
    total, term, k = mp.log(2 * y) + mp.euler / 2, mp.mpf(1), 1
    while abs(term) > mp.mpf(10) ** -55:
        term *= -(2 * k - 1) / (2 * y * y)
        total -= term / (2 * k)
        k += 1
    return total / mp.sqrt(mp.pi)


def _antiderivative(u):
    """Of exp(u²)(1 + erf u)."""
    return -erfcx_integral(-u) if u <= 0 else mp.sqrt(mp.pi) * mp.erfi(u) - erfcx_integral(u)


def _integrand(u):
    return erfcx(-u) if u <= 0 else 2 * mp.exp(u * u) - erfcx(u)


def siegert(mu, sigma, V_reset, tau_m=20, t_ref=2, theta=20):
    """Rate in spikes/s and its derivatives with respect to mu and sigma in spikes/s per mV; mV and ms."""
    mu, sigma, V_reset, tau_m, t_ref, theta = map(mp.mpf, (mu, sigma, V_reset, tau_m, t_ref, theta))
    a, b = (V_reset - mu) / sigma, (theta - mu) / sigma
    rate = 1 / (t_ref + tau_m * mp.sqrt(mp.pi) * (_antiderivative(b) - _antiderivative(a)))
    gain = 1000 * mp.sqrt(mp.pi) * tau_m * rate**2 / sigma
    at_a, at_b = _integrand(a), _integrand(b)
    return 1000 * rate, gain * (at_b - at_a), gain * (b * at_b - a * at_a)


def transfer_function(frequency, mu, sigma, V_reset, growth=0, tau_m=20, t_ref=2, theta=20):
    """Linear response to mean and squared noise intensity, in spikes/s per mV and per mV²; Hz, 1/s, mV and ms."""
    rate, _, _ = siegert(mu, sigma, V_reset, tau_m, t_ref, theta)
    frequency, growth, mu, sigma, V_reset = map(mp.mpf, (frequency, growth, mu, sigma, V_reset))
    rate_of_change = mp.mpc(growth, 2 * mp.pi * frequency) / 1000
    s = rate_of_change * tau_m
    a, b = (V_reset - mu) / sigma, (theta - mu) / sigma

    def u(y, order):
        return mp.sqrt(2) ** order * mp.rf(s, order) * mp.exp(y * y / 2) * mp.pcfd(-s - order, -mp.sqrt(2) * y)

    denominator = u(b, 0) - u(a, 0) * mp.exp(-rate_of_change * t_ref)
    by_mean = rate / sigma * (u(b, 1) - u(a, 1)) / ((1 + s) * denominator)
    by_variance = rate / (2 * sigma**2) * (u(b, 2) - u(a, 2)) / ((2 + s) * denominator)
    return by_mean, by_variance
