"""What a disturbance keeps of itself on its way through delays that differ from synapse to synapse."""

from __future__ import annotations

import numpy as np
from scipy.special import erfc, wofz

SERIES_BELOW = 1e-4  # of λ times half the width, below which sinh(x)/x is its series


def delayed(rate_of_change, delay, width=0.0, sd=0.0):
    """exp(−λ d) averaged over delays: uniform on `delay` ± `width`/2, or normal, drawn again until they are positive.

    Parameters
    ----------
    rate_of_change : array of complex, 1/s
        λ.
    delay, width, sd : float or array, s
        `width` or `sd` is 0. They broadcast against λ.
    """
    if np.any(sd):
        return _normal(rate_of_change, *np.broadcast_arrays(delay, sd))
    if not np.any(width):
        return np.exp(-rate_of_change * delay)
    half = 0.5 * rate_of_change * width
    small = np.abs(half) < SERIES_BELOW
    safe = np.where(small, 1.0, half)
    return np.exp(-rate_of_change * delay) * np.where(small, 1.0 + half * half / 6.0, np.sinh(safe) / safe)


def _normal(rate_of_change, delay, sd):
    """∫_0^∞ exp(−λ d) of the normal density, over its integral: a ratio of complementary error functions.

    With z = (λ sd − delay/sd)/√2, exp(−λ delay + λ² sd²/2) erfc(z) = exp(−delay²/(2 sd²)) w(iz), w being Faddeeva's
    function; where z lies to the left, erfc(z) = 2 − erfc(−z) keeps it finite.
    """
    spread = sd > 0
    width = np.where(spread, sd, 1.0)
    z = (rate_of_change * width - delay / width) / np.sqrt(2.0)
    left = z.real < 0
    tail = np.exp(-0.5 * (delay / width) ** 2) * wofz(1j * np.where(left, -z, z))
    sharp = np.exp(-rate_of_change * delay)
    whole = sharp * np.exp(0.5 * (rate_of_change * width) ** 2)
    kept = np.where(left, 2.0 * whole - tail, tail) / erfc(-delay / width / np.sqrt(2.0))
    return np.where(spread, kept, sharp)
