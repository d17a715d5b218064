"""The probability of a spike in the next step, watched until it no longer changes."""

from __future__ import annotations

import numpy as np

SETTLED = 1e-10  # relative change, over SPAN steps, at which the hazard counts as constant
SPAN = 50
ROUNDING = 1e-15  # of a hazard: the difference of 1 and a quotient near 1
LEAST = 1e-10  # hazard that is told from rounding; soon after reset it is smaller, and does not change either


class Hazard:
    """Probability of a spike in each step, if none came before; once settled, survival falls as a geometric series."""

    def __init__(self):
        self._recent = np.full(SPAN, np.nan)
        self._n = 0
        self.last = np.nan
        self.settled = False

    def add(self, survival_before: float, survival: float) -> None:
        """Take in one more step, before and after which these shares are without a spike."""
        self._n += 1
        self.last = 1.0 - survival / survival_before
        position = self._n % SPAN
        before, self._recent[position] = self._recent[position], self.last
        change = max(abs(self.last - before), np.ptp(self._recent))
        self.settled = bool(self.last >= LEAST and change <= SETTLED * self.last + ROUNDING)
