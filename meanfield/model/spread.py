"""Numbers that are drawn from a normal distribution, again until they have the sign of its mean."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

# What may be drawn again, so that a spread stays that of a normal distribution.
MOST_REDRAWN = 0.01


def redrawn(cv):
    """Share of draws that have the wrong sign, if the standard deviation is `cv` times the mean."""
    cv = np.asarray(cv, dtype=float)
    with np.errstate(divide="ignore"):
        return np.where(cv > 0, ndtr(-1 / cv), 0.0)


def spread_moments(cv):
    """First and second moment of what is kept, in units of the mean before it is drawn and of its square.

    Without what is drawn again these were 1 and 1 + cv²; they are up to cv = 0.1, within rounding.

    Parameters
    ----------
    cv : float or array
        Standard deviation relative to the mean, before any is drawn again.

    Returns
    -------
    first, second : arrays
    """
    cv = np.asarray(cv, dtype=float)
    with np.errstate(divide="ignore"):
        density = np.where(cv > 0, np.exp(-0.5 / cv**2) / np.sqrt(2 * np.pi), 0.0)
    first = 1 + cv * density / (1 - redrawn(cv))
    return first, first + cv**2
