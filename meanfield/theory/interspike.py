"""Irregularity of spike trains in theory: the coefficient of variation of inter-spike intervals."""

from __future__ import annotations

import numpy as np
from scipy.special import dawsn, erfcx

from meanfield.theory.siegert import siegert_rate


def siegert_cv(mu, sigma, *, tau_m, t_ref, theta, V_reset):
    """first cut"""
    args = np.broadcast_arrays(*(np.asarray(x, float) for x in (mu, sigma, tau_m, t_ref, theta, V_reset)))
    out = np.vectorize(_one)(*args)
    return out[()]


def _one(mu, sigma, tau_m, t_ref, theta, V_reset):
    from scipy.integrate import quad

    a, b = (V_reset - mu) / sigma, (theta - mu) / sigma
    nu = siegert_rate(
        float(mu), float(sigma), tau_m=float(tau_m), t_ref=float(t_ref), theta=float(theta), V_reset=float(V_reset)
    )

    def weight(y):  # int_{max(a,y)}^b exp(x^2 - b^2) dx, and e^{y^2}(1+erf y)^2 e^{-b^2} -> scaled by e^{-2b^2}
        lo = max(a, y)
        inner = dawsn(b) - np.exp(lo * lo - b * b) * dawsn(lo) if b > 0 or True else 0
        return inner

    # integrand e^{y^2}(1+erf y)^2 * e^{b^2}[D(b) - e^{lo^2-b^2}D(lo)]
    p = max(b, 0.0) ** 2

    def f(y):
        lo = max(a, y)
        if y <= 0:
            return (
                np.exp(-y * y - p) * erfcx(-y) ** 2 * (np.exp(b * b - p) * dawsn(b) - np.exp(lo * lo - p) * dawsn(lo))
            )
        return (
            np.exp(y * y - p)
            * (2 - np.exp(-y * y) * erfcx(y)) ** 2
            * (np.exp(b * b - p) * dawsn(b) - np.exp(lo * lo - p) * dawsn(lo))
        )

    if b < -20:
        # weak noise, mean driven
        x, y = -b, -a
        val = (1 / x**2 - 1 / y**2) / (4 * np.pi) / 1
        return np.sqrt(2 * np.pi * (nu * tau_m * 1e-3) ** 2 * val)
    if b > 25:
        return np.nan if nu == 0 else 1.0
    v = 0.0
    for lo, hi in ((-np.inf, min(a, 0.0) - 3), (min(a, 0) - 3, a), (a, b)):
        v += quad(f, lo, hi, epsrel=1e-11, epsabs=0, limit=200)[0]
    # v carries exp(-2p)
    return np.sqrt(2 * np.pi * v) * (nu * np.exp(p)) * tau_m * 1e-3
