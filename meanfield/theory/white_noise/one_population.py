"""The search of `interval_search` for one network of one merged population, in plain numbers.

For a single network numpy's cost per call would exceed that of the arithmetic some twenty times.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from meanfield.theory.white_noise.enclosure import MARGIN, SMALLEST_RATE
from meanfield.theory.white_noise.first_passage import SILENT_ABOVE, regime_of
from meanfield.theory.white_noise.input import STEEPEST, StationaryInput
from meanfield.theory.white_noise.interval_search import (
    MOST_ROUNDS,
    NARROW_WIDTH,
    PROGRESS,
    ROUNDING,
    SHRUNK,
    SILENT,
    UNDECIDED_WIDTH,
)
from meanfield.theory.white_noise.neurons import Neurons
from meanfield.theory.white_noise.siegert import ALPHA, siegert_rate, siegert_rate_and_derivatives


class State(NamedTuple):
    """A rate, the input it causes, and how the response to that input deviates from it."""

    rate: float  # spikes/s
    mu: float  # mV
    sigma: float  # mV
    residual: float  # spikes/s
    deviation: float  # spikes/s, with its sign
    slope: float  # of the response, with respect to the rate


class OnePopulation:
    """Response of one population to its own rate, with bounds.

    Parameters
    ----------
    inputs : StationaryInput
        One network of one population.
    """

    def __init__(self, inputs: StationaryInput):
        self.drift, self.diffusion, self.mu_0, self.variance_0, tau_m, t_ref, theta, V_reset, *coloured = (
            float(x.reshape(-1)[0]) for x, _ in inputs.arrays()
        )
        self.coloured, self.coloured_0 = coloured or (0.0, 0.0)
        noise = ((self.coloured, self.diffusion), (self.coloured_0, self.variance_0))
        each = [part / whole for part, whole in noise if whole > 0.0] or [0.0]
        self.memory = (min(each), max(each))
        self.neuron = {"tau_m": tau_m, "t_ref": t_ref, "theta": theta, "V_reset": V_reset}
        self.theta, self.V_reset, self.t_ref = theta, V_reset, t_ref
        self.highest = float(inputs.highest_rate.reshape(-1)[0])

    def moment_bounds(self, low, high):
        """Bounds of the effective mu and of sigma, in mV, for rates between `low` and `high`."""
        inner = sorted((self.drift * low, self.drift * high))
        rounding = [min(1e-14 * (abs(self.mu_0) + abs(x)), 2.0 * abs(x)) for x in inner]
        mu = (self.mu_0 + inner[0] - rounding[0], self.mu_0 + inner[1] + rounding[1])
        sigma = (
            math.sqrt((self.variance_0 + self.diffusion * low) * (1.0 - 1e-14)),
            math.sqrt((self.variance_0 + self.diffusion * high) * (1.0 + 1e-14)),
        )
        if self.memory[1] > 0.0:
            shift = [0.5 * ALPHA * m * s for m, s in zip(self.memory_bounds(low, high, sigma), sigma, strict=True)]
            once_more = 1e-14 * (abs(self.mu_0) + max(map(abs, inner)))
            mu = (mu[0] - shift[1] * (1.0 + 1e-13) - once_more, mu[1] - shift[0] * (1.0 - 1e-13) + once_more)
        return mu, sigma

    def memory_bounds(self, low, high, sigma):
        """As `enclosure.memory_bounds`, from the bounds of sigma."""
        smallest, largest = self.memory
        if sigma[0] > 0.0:
            smallest = max(smallest, (self.coloured_0 + self.coloured * low) / sigma[1] ** 2)
            largest = min(largest, (self.coloured_0 + self.coloured * high) / sigma[0] ** 2)
        return smallest * (1.0 - 1e-13), largest * (1.0 + 1e-13)

    def drift_bounds(self, low, high, sigma):
        """Bounds of the derivative of the effective mu with respect to the rate; sigma must be > 0."""
        if self.memory[1] == 0.0:
            return self.drift, self.drift
        memory = self.memory_bounds(low, high, sigma)
        least, most = (self.coloured - 0.5 * m * self.diffusion for m in memory[::-1])
        least, most = _quotient(least, *sigma), _quotient(most, *sigma[::-1])
        size = 1e-13 * (abs(self.drift) + max(abs(least), abs(most)))
        return self.drift - 0.5 * ALPHA * most - size, self.drift - 0.5 * ALPHA * least + size

    def response_bounds(self, mu, sigma):
        """Bounds of the response, spikes/s."""
        low, high = (siegert_rate(m, s, **self.neuron) for m, s in zip(mu, sigma, strict=True))
        return max(low * (1.0 - MARGIN) - SMALLEST_RATE, 0.0), high * (1.0 + MARGIN) + SMALLEST_RATE

    def slope_bounds(self, mu, sigma, rate, low, high):
        """Bounds of the response's derivative with respect to the rate, between `low` and `high`; sigma must be > 0."""
        a, b = (
            (_quotient(level - mu[1], *sigma), _quotient(level - mu[0], *sigma[::-1]))
            for level in (self.V_reset, self.theta)
        )
        d_mu, d_variance = [], []
        for i, margin in ((0, 1.0 - MARGIN), (1, 1.0 + MARGIN)):
            D1, D2 = _relative_slopes(a[i], b[i])
            refractory = min(max(1.0 - 1e-3 * self.t_ref * rate[1 - i], 0.0), 1.0)
            common = rate[i] * refractory / sigma[1 - i] * margin
            d_mu.append(common * D1)
            d_variance.append(common * D2 / (2.0 * sigma[1 - i]))
        drift = self.drift_bounds(low, high, sigma)
        by_drift = (drift[0] * d_mu[drift[0] < 0.0], drift[1] * d_mu[drift[1] > 0.0])
        by_diffusion = sorted((self.diffusion * d_variance[0], self.diffusion * d_variance[1]))
        return by_drift[0] + by_diffusion[0], by_drift[1] + by_diffusion[1]

    def state(self, rate):
        """The `State` at a rate in spikes/s."""
        mu, sigma = self.mu_0 + self.drift * rate, math.sqrt(self.variance_0 + self.diffusion * rate)
        coloured = self.coloured_0 + self.coloured * rate
        shift = 0.5 * ALPHA * coloured / sigma if coloured > 0.0 else 0.0
        response, d_mu, d_sigma = siegert_rate_and_derivatives(mu - shift, sigma, **self.neuron)
        d_mu, d_variance = (min(x, STEEPEST) for x in (d_mu, d_sigma / (2.0 * sigma) if sigma > 0.0 else 0.0))
        slope = d_mu * self.drift + d_variance * self.diffusion
        if coloured > 0.0:
            slope -= d_mu * (0.5 * ALPHA * self.coloured / sigma - 0.5 * shift * self.diffusion / sigma**2)
        return State(rate, mu, sigma, abs(response - rate), response - rate, slope)


def _quotient(distance, sigma_if_negative, sigma_if_positive):
    return distance / (sigma_if_negative if distance < 0.0 else sigma_if_positive)


def _relative_slopes(a, b):
    """As `first_passage.relative_slopes`, for two numbers."""
    if b > SILENT_ABOVE:
        return 2.0 * b, 1.0 + 2.0 * b * b
    neuron = Neurons(mu=0.0, sigma=1.0, theta=b, V_reset=a)
    _, S, D1, D2 = regime_of(neuron).integrals(neuron, True)
    return float(D1 / S), float(D2 / S)


def search(inputs: StationaryInput):
    """All fixed points of one population.

    Parameters
    ----------
    inputs : StationaryInput
        One network of one population.

    Returns
    -------
    states : list of State
    complete : bool
        False if the search was given up; then some may be missing.
    """
    population = OnePopulation(inputs)
    boxes, states = [(0.0, population.highest)], []
    for _ in range(20 * MOST_ROUNDS):
        if not boxes:
            return states, True
        low, high = boxes.pop()
        width, box = high - low, (low, high)
        mu, sigma = population.moment_bounds(low, high)
        response = population.response_bounds(mu, sigma)
        low, high = max(low, response[0]), min(high, response[1])
        shrunk = high - low < SHRUNK * width
        accepted = not shrunk and high - low <= NARROW_WIDTH * max(high, SILENT)
        if low <= high and not accepted and not shrunk and sigma[0] > 0.0:
            low, high, accepted = _krawczyk(population, mu, sigma, response, low, high, box)
            accepted = accepted or high - low <= UNDECIDED_WIDTH * max(high, SILENT)
        if low > high:
            continue
        if accepted:
            states.append(_polish(population, low, high))
        elif high - low <= PROGRESS * width:
            boxes.append((low, high))
        else:
            cut = math.sqrt(high) * math.sqrt(max(low, 1e-4 * high))
            boxes += [(low, cut), (cut, high)]
    return states, False


def _krawczyk(population, mu, sigma, response, low, high, box):
    """The box's overlap with Krawczyk's bounds, and whether these prove one and only one fixed point in it."""
    jacobian = population.slope_bounds(mu, sigma, response, *box)
    centre, spread = 1.0 - 0.5 * (jacobian[0] + jacobian[1]), 0.5 * (jacobian[1] - jacobian[0])
    if not math.isfinite(spread) or centre == 0.0:
        return low, high, False
    middle, radius = 0.5 * (low + high), 0.5 * (high - low)
    at_middle = population.response_bounds(*population.moment_bounds(middle, middle))
    newton = middle - (middle - 0.5 * (at_middle[0] + at_middle[1])) / centre
    reach = (spread * radius + 0.5 * (at_middle[1] - at_middle[0])) / abs(centre)
    reach += ROUNDING * (middle + (middle + at_middle[1]) / abs(centre))
    proven = spread < abs(centre) and low <= newton - reach and newton + reach <= high
    return max(low, newton - reach), min(high, newton + reach), proven


def _polish(population, low, high):
    """The fixed point in a box, to rounding, by Newton's method."""
    state = best = population.state(0.5 * (low + high))
    while True:
        step = state.deviation / (1.0 - state.slope) if state.slope != 1.0 else state.deviation
        state = population.state(min(max(state.rate + step, low), high))
        if not state.residual < best.residual:
            return best
        best = state
