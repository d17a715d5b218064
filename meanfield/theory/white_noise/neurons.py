"""Neurons and their input, and the bounds of the first-passage problem that follow from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Neurons(NamedTuple):
    """Neurons and their input: each field a float, or an array over the neurons."""

    mu: float | np.ndarray  # mV
    sigma: float | np.ndarray  # mV
    theta: float | np.ndarray  # mV
    V_reset: float | np.ndarray  # mV
    shift: float | np.ndarray = 0.0  # of the bounds by coloured noise, a pure number
    tau_m: float | np.ndarray = np.nan  # ms
    t_ref: float | np.ndarray = np.nan  # ms

    def part(self, which) -> Neurons:
        """Some of the neurons; what is one number for all stays so."""
        return Neurons(*(x if np.ndim(x) == 0 else x[which] for x in self))

    def bounds(self):
        """The bounds a and b."""
        return (self.V_reset - self.mu) / self.sigma + self.shift, self.upper_bound

    @property
    def upper_bound(self):
        """The bound b."""
        return (self.theta - self.mu) / self.sigma + self.shift

    @property
    def width(self):
        """b − a, without cancellation."""
        return (self.theta - self.V_reset) / self.sigma


def _sum_error(x, y):
    """What rounding takes off x + y, exactly (Knuth's two-sum)."""
    total = x + y
    y_rounded = total - x
    return (x - (total - y_rounded)) + (y - y_rounded)


def _head_and_tail(x):
    """x as the sum of a number of 24 binary digits, whose products with its like are exact, and a small rest."""
    head = np.float32(x).astype(float)
    return head, x - head


def exp_minus_b_squared(neurons: Neurons, b):
    """exp(−b²) to full relative precision: plain rounding of b alone would cost 3e-16 · b², 2e-13 at a rate of 1e-300.

    Therefore the rounding errors of theta − mu, of the quotient, of the shift and of the square are carried along, with
    exact products in the manner of Dekker (1971), Numer Math 18:224–242, doi:10.1007/BF01397083.
    """
    distance = neurons.theta - neurons.mu
    quotient = distance / neurons.sigma
    (q, q_tail), (s, s_tail) = _head_and_tail(quotient), _head_and_tail(neurons.sigma)
    remainder = ((distance - q * s) - q * s_tail) - q_tail * neurons.sigma
    b_error = (remainder + _sum_error(neurons.theta, -neurons.mu)) / neurons.sigma + _sum_error(quotient, neurons.shift)
    # b² = head² + rest, and the rest is at most 1e-4
    head, tail = _head_and_tail(b)
    rest = (b + head) * tail + 2.0 * b * b_error
    return np.exp(-head * head) * (1.0 - rest * (1.0 - rest * (0.5 - rest / 6.0)))
