"""Where a network's stationary states lose stability: lines in the plane of any two of its parameters."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.networks import brunel_network
from meanfield.theory.continuation import Curve
from meanfield.theory.fixed_points import solve
from meanfield.theory.linear_network import LinearNetwork, check_delay_width
from meanfield.theory.nyquist import growing_modes
from meanfield.theory.stationary_input import StationaryInput
from meanfield.validation import ParameterError, stated

# Scales of the unknowns beside the two parameters, which are measured in widths of their ranges.
LOG_RATE = 10.0
OMEGA = 2.0 * np.pi * 300.0  # 1/s
LONGEST_STEP = 0.02
SMALLEST_OMEGA = 1e-3  # 1/s
SLOW_BELOW = 0.12  # frequency times delay, which is about 1/4 on the fast branch
REGULAR_ABOVE = 0.6  # and about 1 where recurrent excitation synchronises regular firing
ASIDE = 1.0  # 1/s, by how much other eigenvalues must grow to count beside the critical one


def critical_lines(
    family=brunel_network,
    *,
    x="g",
    y="eta",
    x_range=(0.0, 8.0),
    y_range=(0.0, 4.0),
    delay_width=0.0,
    max_frequency=1000.0,
    n_grid=41,
    **fixed,
) -> xr.Dataset:
    """Lines in the plane of two parameters on which an eigenvalue of the linearised network crosses the imaginary axis.

    On a coarse grid all fixed points are found and the growing disturbances of each are counted by Nyquist's criterion.
    Where the count differs between neighbours, a critical point lies between: Newton's method finds it, and
    pseudo-arclength continuation follows the line through it, with rates, frequency and both parameters as unknowns.

    Parameters
    ----------
    family : callable
        Returns a `meanfield.Network` for keyword arguments `x`, `y` and those in `fixed`. All of its networks have the
        same populations.
    x, y : str
        Names of the two parameters.
    x_range, y_range : pair of float
        Their bounds.
    delay_width : float, ms, ≥ 0
        Delays are uniformly distributed over this full width around the networks' delays.
    max_frequency : float, Hz
        Oscillations of higher frequency are not looked for.
    n_grid : int
        Grid points along each axis. A line that crosses no grid line is missed.
    **fixed
        Further arguments of `family`.

    Returns
    -------
    Dataset
        Dimension point, in order along each line:

        - ``x`` and ``y`` under their own names;
        - ``frequency`` (Hz), 0 on a saddle-node line;
        - ``rate`` (spikes/s), over population;
        - ``line``: number of the line a point is on;
        - ``kind``: "saddle-node" (two fixed points meet), "slow" (a Hopf bifurcation with frequency · delay < 0.12),
          "fast" (about 1/(4 delay)) or "synchronous regular" (> 0.6, about 1/delay: Brunel's boundary between SR and
          AI), with the networks' mean delay;
        - ``boundary``: whether nothing else grows there, so that the state is stable on one side.

        Attribute ``unexplained`` counts the grid's edges along which a count changes, but no line was found: as where
        a frequency exceeds `max_frequency`.

    Raises
    ------
    ParameterError
        If a range is empty or what `family` refuses lies within.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, sec. 4.2 and App. A.3, Figs 2 and 7, doi:10.1023/A:1008925309027
    Allgower EL, Georg K (2003) Introduction to Numerical Continuation Methods, SIAM, doi:10.1137/1.9780898719154
    """
    plane = _Plane(family, (x, y), (x_range, y_range), delay_width, fixed)
    lines, unexplained = _all_lines(plane, max_frequency, n_grid)
    points = np.concatenate([points for points, _ in lines]) if lines else np.empty((0, plane.n + 3))
    number = np.repeat(np.arange(len(lines)), [len(points) for points, _ in lines])
    rate, omega, parameters = plane.unscaled(points)
    frequency = omega / (2.0 * np.pi)
    delay, others = plane.delays_and_other_growing_modes(points, max_frequency)
    turns = frequency * 1e-3 * delay
    kind = np.select(
        [frequency == 0.0, turns < SLOW_BELOW, turns <= REGULAR_ABOVE],
        ["saddle-node", "slow", "fast"],
        "synchronous regular",
    )
    return xr.Dataset(
        {
            x: ("point", parameters[:, 0], {"units": "as given", "long_name": x}),
            y: ("point", parameters[:, 1], {"units": "as given", "long_name": y}),
            "frequency": ("point", frequency, {"units": "Hz", "long_name": "frequency"}),
            "rate": (("point", "population"), rate, {"units": "spikes/s", "long_name": "stationary rate"}),
            "line": ("point", number, {"units": "1", "long_name": "number of the line"}),
            "kind": ("point", kind, {"units": "", "long_name": "kind of bifurcation"}),
            "boundary": ("point", others == 0, {"units": "1", "long_name": "nothing else grows"}),
        },
        coords={"population": plane.populations},
        attrs={"x": x, "y": y, "unexplained": unexplained},
    )


class _Plane:
    """The family of networks over the plane, and the equations of critical points in scaled unknowns.

    The unknowns z are log rates / LOG_RATE of N populations, ω / OMEGA, and the two parameters in widths of their ranges.
    """

    def __init__(self, family, names, ranges, delay_width, fixed):
        self.family, self.names, self.fixed, self.delay_width = family, names, fixed, delay_width
        for name, (low, high) in zip(names, ranges, strict=True):
            if not low < high:
                raise ParameterError([f"{stated(f'the range of {name}', (low, high))} must go from low to high"])
        self.low = np.array([low for low, _ in ranges], dtype=float)
        self.width = np.array([high for _, high in ranges]) - self.low
        middle = self.network(self.low + 0.5 * self.width)
        check_delay_width(delay_width, middle.delay)
        self.populations, self.n = list(middle.populations), len(middle.populations)

    def network(self, parameters):
        return self.family(**dict(zip(self.names, map(float, parameters), strict=True)), **self.fixed)

    def networks(self, parameters):
        """Inputs and delays of a stack of networks at `parameters`, shape (m, 2)."""
        networks = [self.network(p) for p in parameters]
        inputs = [StationaryInput.of(network) for network in networks]
        stacked = StationaryInput(
            *(np.stack(x) for x in zip(*([a for a, _ in i.arrays()] for i in inputs), strict=True))
        )
        return stacked, np.stack([network.delay for network in networks])

    def unscaled(self, z):
        """Rates in spikes/s, ω in 1/s and the two parameters."""
        return np.exp(LOG_RATE * z[:, : self.n]), OMEGA * z[:, self.n], self.low + self.width * z[:, self.n + 1 :]

    def hopf(self, z):
        """Residuals of the rates, of Re det(1 − M(iω)) and of Im det(1 − M(iω))/ω, which vanish on an oscillation's line."""
        rate, omega, parameters = self.unscaled(z)
        inputs, delay = self.networks(parameters)
        omega = np.maximum(omega, SMALLEST_OMEGA)  # where the line ends on a saddle-node line, the ratio has a limit
        determinant = LinearNetwork(inputs, delay, rate, self.delay_width).determinant(1j * omega)
        return np.column_stack([self._rates(inputs, rate), determinant.real, OMEGA * determinant.imag / omega])

    def saddle_node(self, z):
        """The same without ω, which z lacks here, for an eigenvalue 0."""
        z = np.insert(z, self.n, 0.0, axis=1)
        rate, _, parameters = self.unscaled(z)
        inputs, _ = self.networks(parameters)
        jacobian = inputs.response_and_jacobian(rate)[1]
        determinant = np.linalg.det(np.eye(self.n) - jacobian)
        return np.column_stack([self._rates(inputs, rate), determinant])

    @staticmethod
    def _rates(inputs, rate):
        with np.errstate(divide="ignore"):
            return np.log(inputs.response(rate)) - np.log(rate)

    def delays_and_other_growing_modes(self, z, max_frequency):
        """Mean delay (ms) over the synapses, and how many eigenvalues grow beside the critical ones."""
        if not len(z):
            return np.empty(0), np.empty(0, dtype=int)
        rate, _, parameters = self.unscaled(z)
        inputs, delay = self.networks(parameters)
        weight = np.abs(inputs.drift)
        mean = (delay * weight).sum((1, 2)) / np.maximum(weight.sum((1, 2)), 1e-300)
        return mean, self.growing(inputs, delay, rate, np.arange(len(z)), max_frequency, ASIDE)

    def growing(self, inputs, delay, rate, index, max_frequency, growth=0.0):
        """Growing modes of states at `rate`, shape (m, N), of the networks `index` of a stack."""

        def determinant(state, rate_of_change):
            i = index[state]
            return LinearNetwork(inputs.take(i), delay[i], rate[state], self.delay_width).determinant(rate_of_change)

        return growing_modes(determinant, len(rate), max_frequency, growth=growth)


class _Grid:
    """All fixed points on a grid over the plane, with the number of growing modes of each."""

    def __init__(self, plane, max_frequency, n_grid):
        self.axis = np.linspace(0.0, 1.0, n_grid)
        self.axis[0] = 1e-3  # where a parameter is 0 there may be no input at all
        corners = np.stack(np.meshgrid(self.axis, self.axis, indexing="ij"), axis=-1)
        self.n_grid, self.corners = n_grid, corners.reshape(-1, 2)
        inputs, delay = plane.networks(plane.low + plane.width * self.corners)
        solutions = solve(inputs)
        firing = (solutions.rate > 0.0).all(axis=1)
        index, rate = solutions.index[firing], solutions.rate[firing]
        growing = plane.growing(inputs, delay, rate, index, max_frequency)
        self.log_rate, self.growing = ([[] for _ in self.corners] for _ in range(2))
        for i, z, modes in zip(index, np.log(rate) / LOG_RATE, growing, strict=True):
            self.log_rate[i].append(z)
            self.growing[i].append(int(modes))

    def edges(self):
        """Pairs of neighbouring corners, and the axis (0 or 1) along which they differ."""
        flat = np.arange(self.n_grid**2).reshape(self.n_grid, self.n_grid)
        for axis, (first, second) in enumerate(((flat[:-1], flat[1:]), (flat[:, :-1], flat[:, 1:]))):
            yield from ((i, j, axis) for i, j in zip(first.ravel(), second.ravel(), strict=True))


def _all_lines(plane, max_frequency, n_grid):
    """Lines as pairs of points (with ω) and whether they are Hopf lines; and the number of edges left unexplained."""
    grid = _Grid(plane, max_frequency, n_grid)
    box = np.array([[0.0, 1.0], [0.0, 1.0]])
    saddle = Curve(plane.saddle_node, box, LONGEST_STEP)
    hopf = Curve(plane.hopf, [[0.0, 2.0 * np.pi * max_frequency / OMEGA], *box], LONGEST_STEP)
    lines, unexplained = [], 0
    for i, j, axis in grid.edges():
        folds, changes = _differences(grid, i, j)
        for guess in folds:
            if _crossings(lines, grid, i, j, axis, False):
                break
            point = _start(saddle, np.concatenate([guess, grid.corners[i]]), grid, i, j, axis)
            if point is None:
                unexplained += 1
                continue
            points, _ = saddle.trace(point)
            lines.append((np.insert(points, plane.n, 0.0, axis=1), False))
        for at_i, at_j, change in changes:
            if 2 * _crossings(lines, grid, i, j, axis, True, at_i, at_j) >= change:
                continue
            point = _first_hopf(plane, hopf, grid, i, j, axis, at_i, at_j, max_frequency)
            if point is None:
                unexplained += 1
                continue
            points, _ = hopf.trace(point)
            lines.append((points, True))
    return lines, unexplained


def _differences(grid, i, j):
    """Guesses of log rates at folds between two corners; and matched fixed points with by how much the count differs."""
    here, there = grid.log_rate[i], grid.log_rate[j]
    if len(here) == len(there):
        counts = zip(here, there, grid.growing[i], grid.growing[j], strict=True)
        return [], [(a, b, abs(m - n)) for a, b, m, n in counts if m != n]
    many, few = (here, there) if len(here) > len(there) else (there, here)
    # Two that lie closest to each other are about to meet.
    gaps = [np.abs(a - b).max() for a, b in zip(many[:-1], many[1:], strict=True)]
    if not gaps or len(many) - len(few) != 2:
        return [], []
    k = int(np.argmin(gaps))
    return [many[k], many[k + 1], 0.5 * (many[k] + many[k + 1])][2:], []


def _start(curve, guess, grid, i, j, axis):
    """A point of the curve on the edge from corner i to j, by Newton's method from a guess; None if there is none."""
    other = guess.size - 1 - axis  # the parameter that stays, the last two unknowns being the parameters
    row = np.eye(guess.size)[other]
    moving = guess.size - 2 + axis
    low, high = sorted((grid.corners[i][axis], grid.corners[j][axis]))
    slack = 0.02 * (high - low)
    for part in (0.5, 0.0, 1.0):
        guess = guess.copy()
        guess[moving] = low + part * (high - low)
        guess[other] = grid.corners[i][1 - axis]
        point, _ = curve.solve(guess, row, guess[other])
        if point is not None and low - slack <= point[moving] <= high + slack:
            return point
    return None


def _first_hopf(plane, curve, grid, i, j, axis, at_i, at_j, max_frequency):
    """A critical oscillation on an edge, searched from the frequencies at which |det(1 − M(iω))| is smallest."""
    omega = 2.0 * np.pi * np.linspace(1.0, max_frequency, 400)
    for corner, log_rate in ((i, at_i), (j, at_j)):
        network = plane.network(plane.low + plane.width * grid.corners[corner])
        state = LinearNetwork.of(network, np.exp(LOG_RATE * log_rate), plane.delay_width)
        size = np.abs(state.determinant(1j * omega))
        inner = np.flatnonzero((size[1:-1] < size[:-2]) & (size[1:-1] <= size[2:])) + 1
        for k in inner[np.argsort(size[inner])][:3]:
            guess = np.concatenate([log_rate, [omega[k] / OMEGA], grid.corners[corner]])
            point = _start(curve, guess, grid, i, j, axis)
            if point is not None and point[plane.n] > 0.0:
                return point
    return None


def _crossings(lines, grid, i, j, axis, oscillating, at_i=None, at_j=None):
    """How many known lines of a kind cross the edge from corner i to j, near the given log rates."""
    low, high = grid.corners[i], grid.corners[j]
    level = low[1 - axis]
    count = 0
    for points, hopf in lines:
        if hopf != oscillating:
            continue
        along, across = points[:, -2 + axis], points[:, -1 - axis]
        before, after = across[:-1] - level, across[1:] - level
        crossing = np.flatnonzero((before < 0.0) != (after < 0.0))
        part = before[crossing] / (before[crossing] - after[crossing])
        place = along[crossing] + part * (along[crossing + 1] - along[crossing])
        within = (place >= low[axis] - 2e-3) & (place <= high[axis] + 2e-3)
        if at_i is not None:
            rates = points[crossing][:, : at_i.size]
            within &= np.abs(rates - 0.5 * (at_i + at_j)).max(axis=1) < 0.1 + np.abs(at_i - at_j).max()
        count += np.count_nonzero(within)
    return count
