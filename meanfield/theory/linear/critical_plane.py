"""A plane of two network parameters: the equations that critical points in it solve, and a coarse map of its states."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from meanfield.model.assumptions import unsupported
from meanfield.model.quantities import ParameterError, stated
from meanfield.theory.linear.argument_principle import growing_modes
from meanfield.theory.white_noise.fixed_points import solve
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.linear_network import LinearNetwork, check_delay_width

# Scales of the unknowns beside the two parameters, which are measured in widths of their ranges.
LOG_RATE = 10.0
OMEGA = 2.0 * np.pi * 300.0  # 1/s
SMALLEST_OMEGA = 1e-3  # 1/s
HARMONICS = 2.5  # by default oscillations are looked for up to this many periods per delay


class Plane:
    """A family of networks over two of its parameters.

    The unknowns z of a critical point are log rates / LOG_RATE of the N populations, ω / OMEGA, and both parameters in
    widths of their ranges, from 0 to 1.

    Parameters
    ----------
    family : callable
        From keyword arguments to a `meanfield.Network`.
    names : pair of str
        The two parameters.
    ranges : pair of pairs of float
        Their bounds.
    delay_width : float, ms
    max_frequency : float or None, Hz
        None for HARMONICS over the shortest delay in the middle of the plane.
    fixed : dict
        Further arguments of `family`.
    """

    def __init__(self, family, names, ranges, delay_width, max_frequency, fixed):
        self.family, self.names, self.fixed, self.delay_width = family, names, fixed, delay_width
        for axis, (low, high) in zip("xy", ranges, strict=True):
            if not low < high:
                raise ParameterError([f"{stated(f'{axis}_range', (low, high))} must go from low to high"])
        self.low = np.array([low for low, _ in ranges], dtype=float)
        self.width = np.array([high for _, high in ranges]) - self.low
        middle = self.network([0.5, 0.5])
        if unknown := unsupported(middle, "a plane of parameters", "tau_syn", "rule", "J_cv", "drive", "sigma_ext"):
            raise ParameterError([unknown])
        check_delay_width(delay_width, middle)
        self.populations, self.n = list(middle.populations), len(middle.populations)
        self.max_frequency = 1e3 * HARMONICS / middle.delay.min() if max_frequency is None else max_frequency

    def network(self, place):
        """The network at scaled parameters `place`."""
        values = self.low + self.width * np.asarray(place)
        return self.family(**dict(zip(self.names, map(float, values), strict=True)), **self.fixed)

    def networks(self, places):
        """Inputs and delays of a stack of networks at `places`, shape (m, 2)."""
        places, which = np.unique(places, axis=0, return_inverse=True)  # most differ in their rates alone
        networks = [self.network(place) for place in places]
        arrays = [[x for x, _ in StationaryInput.of(network).arrays()] for network in networks]
        inputs = StationaryInput(*(np.stack(x) for x in zip(*arrays, strict=True)))
        return inputs.take(which), np.stack([network.delay for network in networks])[which]

    def log_rates(self, place):
        """Scaled logarithms of the rates of all fixed points with spikes at `place`, shape (m, N), sorted."""
        rate = solve(StationaryInput.of(self.network(place))).rate
        return np.log(rate[(rate > 0.0).all(axis=1)]) / LOG_RATE

    def unscaled(self, z):
        """Rates in spikes/s and ω in 1/s."""
        return np.exp(LOG_RATE * z[:, : self.n]), OMEGA * z[:, self.n]

    def oscillation(self, z):
        """Residuals of the rates, Re det(1 − M(iω)) and Im det(1 − M(iω))/ω, all 0 where an oscillation sets in."""
        rate, omega = self.unscaled(z)
        inputs, delay = self.networks(z[:, -2:])
        # Where such a line ends on a saddle-node line, at ω = 0, the ratio has a limit.
        omega = np.maximum(omega, SMALLEST_OMEGA)
        determinant = LinearNetwork(inputs, delay, rate, self.delay_width).determinant(1j * omega)
        return np.column_stack([_deviation(inputs, rate), determinant.real, OMEGA * determinant.imag / omega])

    def saddle_node(self, z):
        """The same for an eigenvalue 0, with z without ω."""
        rate = np.exp(LOG_RATE * z[:, : self.n])
        inputs, _ = self.networks(z[:, -2:])
        determinant = np.linalg.det(np.eye(self.n) - inputs.response_and_jacobian(rate)[1])
        return np.column_stack([_deviation(inputs, rate), determinant])

    def growing(self, inputs, delay, rate, index, growth=0.0):
        """How many modes grow faster than `growth` (1/s) at `rate`, shape (m, N), in networks `index` of a stack."""

        def coupling(state, rate_of_change):
            i = index[state]
            return LinearNetwork(inputs.take(i), delay[i], rate[state], self.delay_width).coupling(rate_of_change)

        states = LinearNetwork(inputs.take(index), delay[index], rate, self.delay_width)
        return growing_modes(coupling, rate, states.cv, states.longest_delay, self.max_frequency, growth=growth)


def _deviation(inputs, rate):
    with np.errstate(divide="ignore"):
        return np.log(inputs.response(rate)) - np.log(rate)


class Grid:
    """All fixed points with spikes on a grid over the plane, each with its number of growing modes.

    Attributes
    ----------
    corners : array, shape (n_grid², 2)
        Scaled parameters.
    log_rate : list of lists of arrays, shape (N,)
        For each corner the scaled logarithms of the rates, sorted.
    growing : list of lists of int
        The same for the numbers of growing modes.
    """

    def __init__(self, plane, n_grid):
        axis = np.linspace(0.0, 1.0, n_grid)
        axis[0] = 1e-3  # where a parameter is 0 there may be no input at all
        self.n_grid = n_grid
        self.corners = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
        inputs, delay = plane.networks(self.corners)
        solutions = solve(inputs)
        firing = (solutions.rate > 0.0).all(axis=1)
        index, rate = solutions.index[firing], solutions.rate[firing]
        modes = plane.growing(inputs, delay, rate, index)
        self.log_rate, self.growing = ([[] for _ in self.corners] for _ in range(2))
        for i, log_rate, n in zip(index, np.log(rate) / LOG_RATE, modes, strict=True):
            self.log_rate[i].append(log_rate)
            self.growing[i].append(int(n))

    def edges(self):
        """Pairs of neighbouring corners, and along which axis (0 or 1) they differ."""
        flat = np.arange(self.n_grid**2).reshape(self.n_grid, self.n_grid)
        for axis, (first, second) in enumerate(((flat[:-1], flat[1:]), (flat[:, :-1], flat[:, 1:]))):
            yield from ((i, j, axis) for i, j in zip(first.ravel(), second.ravel(), strict=True))

    def fold(self, i, j):
        """Log rates of two fixed points that exist at one of two corners only and are about to meet, or None."""
        many, few = sorted((self.log_rate[i], self.log_rate[j]), key=len, reverse=True)
        return closest_pair(many) if len(many) - len(few) == 2 else None

    def changes(self, i, j):
        """Fixed points of two corners, matched in order, whose numbers of growing modes differ, and by how much."""
        if len(self.log_rate[i]) != len(self.log_rate[j]):
            return []
        matched = zip(self.log_rate[i], self.log_rate[j], self.growing[i], self.growing[j], strict=True)
        return [(at_i, at_j, abs(m - n)) for at_i, at_j, m, n in matched if m != n]


def closest_pair(log_rates):
    """Those two neighbours in a sorted list of log rates that differ least."""
    return min(pairwise(log_rates), key=lambda pair: np.abs(pair[0] - pair[1]).max())
