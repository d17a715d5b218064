"""Where a network's stationary states lose stability: lines in the plane of any two of its parameters."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.brunel import REGULAR_ABOVE, SLOW_BELOW, BrunelParameters, brunel_network
from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.theory.linear.continuation import Curve
from meanfield.theory.linear.critical_plane import LOG_RATE, OMEGA, Grid, Plane, closest_pair
from meanfield.theory.white_noise.linear_network import LinearNetwork

LONGEST_STEP = 0.02
HALVINGS = 10  # of an edge on which two fixed points meet
ASIDE = 1.0  # 1/s, by how much other eigenvalues must grow to count beside the critical one


def critical_lines(
    family=brunel_network,
    *,
    x="g",
    y="eta",
    x_range=(0.0, 8.0),
    y_range=(0.0, 4.0),
    delay_width=0.0,
    max_frequency=None,
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
    max_frequency : float, Hz, optional
        Oscillations of higher frequency are not looked for; by default 2.5 periods in the shortest delay.
    n_grid : int
        Grid points along each axis. A line that crosses no grid line is missed.
    **fixed
        Further arguments of `family`.

    Returns
    -------
    Dataset
        Dimension point, in order along each line:

        - both parameters under their own names;
        - ``frequency`` (Hz), 0 on a saddle-node line;
        - ``rate`` (spikes/s), over population;
        - ``line``: number of the line a point is on;
        - ``kind``: "saddle-node" (two fixed points meet), "slow" (a Hopf bifurcation with frequency · delay < 0.12),
          "fast" (about 1/(4 delay)) or "synchronous regular" (> 0.6, about 1/delay: Brunel's boundary between SR and
          AI), with the networks' mean delay;
        - ``boundary``: whether nothing else grows there, so that the state is stable on one side.

        Attribute ``unexplained`` counts the edges of the grid along which a count changes though no line was found, as
        where a frequency exceeds `max_frequency` or two saddle-nodes lie on one edge.

    Raises
    ------
    ParameterError
        If a range is empty, a number cannot be, or what `family` refuses lies within.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, sec. 4.2 and App. A.3, Figs 2 and 7, doi:10.1023/A:1008925309027
    Allgower EL, Georg K (2003) Introduction to Numerical Continuation Methods, SIAM, doi:10.1137/1.9780898719154

    Notes
    -----
    The line between synchronous regular (SR) and asynchronous irregular (AI) firing is that on which the fixed point of
    high rate loses stability to an oscillation of about one period per delay: recurrent excitation arrives in phase.
    In Fig. 7 it lies at g = 3.27 for eta = 2, with 646 Hz. Where neurons fire more regularly still, as in Fig. 2A, two
    periods per delay come first.
    """
    _check(max_frequency, n_grid)
    plane = Plane(family, (x, y), (x_range, y_range), delay_width, max_frequency, fixed)
    lines, unexplained = _all_lines(plane, n_grid)
    points = np.concatenate([line for line, _ in lines]) if lines else np.empty((0, plane.n + 3))
    lengths = [len(line) for line, _ in lines]
    oscillates = np.repeat(np.array([kind for _, kind in lines], dtype=bool), lengths)
    rate, omega = plane.unscaled(points)
    parameters = plane.low + plane.width * points[:, -2:]
    turns, others = _turns_and_others(plane, points)
    kind = np.select(
        [~oscillates, turns < SLOW_BELOW, turns <= REGULAR_ABOVE],
        ["saddle-node", "slow", "fast"],
        "synchronous regular",
    )
    known = family is brunel_network
    units = {name: (BrunelParameters.unit(name) or "1") if known else "as given" for name in (x, y)}
    return xr.Dataset(
        {
            x: ("point", parameters[:, 0], {"units": units[x], "long_name": x}),
            y: ("point", parameters[:, 1], {"units": units[y], "long_name": y}),
            "frequency": ("point", omega / (2.0 * np.pi), {"units": "Hz", "long_name": "frequency"}),
            "rate": (("point", "population"), rate, {"units": "spikes/s", "long_name": "stationary rate"}),
            "line": ("point", np.repeat(np.arange(len(lines)), lengths), {"units": "1", "long_name": "line's number"}),
            "kind": ("point", kind, {"units": "", "long_name": "kind of bifurcation"}),
            "boundary": ("point", others == 0, {"units": "1", "long_name": "nothing else grows"}),
        },
        coords={"population": plane.populations},
        attrs={"x": x, "y": y, "unexplained": unexplained},
    )


def _check(max_frequency, n_grid):
    culprits = []
    for name, value, allowed in (
        ("max_frequency", max_frequency, Quantity("Hz", above=0)),
        ("n_grid", n_grid, Quantity(at_least=2, whole=True)),
    ):
        if value is not None and not allowed.accepts(np.asarray(value)):
            culprits.append(f"{stated(name, value, allowed.unit)} must be {allowed.allowed}")
    if culprits:
        raise ParameterError(culprits)


def _turns_and_others(plane, z):
    """Frequency times mean delay, and how many modes grow beside the critical one."""
    if not len(z):
        return np.empty(0), np.empty(0, dtype=int)
    rate, omega = plane.unscaled(z)
    inputs, delay = plane.networks(z[:, -2:])
    weight = np.abs(inputs.drift)
    mean = (delay * weight).sum((1, 2)) / np.maximum(weight.sum((1, 2)), 1e-300)
    others = plane.growing(inputs, delay, rate, np.arange(len(z)), ASIDE)
    return 1e-3 * mean * omega / (2.0 * np.pi), others


def _all_lines(plane, n_grid):
    """Lines, as points and whether they are of oscillations; and the number of edges left unexplained."""
    grid = Grid(plane, n_grid)
    box = [[0.0, 1.0], [0.0, 1.0]]
    saddle = Curve(plane.saddle_node, box, LONGEST_STEP)
    hopf = Curve(plane.oscillation, [[0.0, 2.0 * np.pi * plane.max_frequency / OMEGA], *box], LONGEST_STEP)
    lines, unexplained = [], 0
    for edge in grid.edges():
        fold = grid.fold(*edge[:2])
        if fold is not None and not _crossings(lines, grid, edge, False, *fold):
            point = _fold_point(plane, saddle, grid, edge)
            unexplained += point is None
            if point is not None and not _known(lines, np.insert(point, plane.n, 0.0), False):
                lines.append((np.insert(saddle.trace(point), plane.n, 0.0, axis=1), False))
        for at_i, at_j, change in grid.changes(*edge[:2]):
            if 2 * _crossings(lines, grid, edge, True, at_i, at_j) < change:
                point = _hopf_point(plane, hopf, grid, edge, (at_i, at_j))
                unexplained += point is None
                if point is not None and not _known(lines, point, True):
                    lines.append((hopf.trace(point), True))
    return lines, unexplained


def _known(lines, point, oscillating):
    same = (points for points, oscillates in lines if oscillates == oscillating)
    return any(np.abs(points - point).max(axis=1).min() < LONGEST_STEP for points in same)


def _fold_point(plane, curve, grid, edge):
    """Where two fixed points meet on an edge, after halving it until they are close; None if they are not found to."""
    i, j, _ = edge
    more, fewer = (i, j) if len(grid.log_rate[i]) > len(grid.log_rate[j]) else (j, i)
    log_rates, place, end = grid.log_rate[more], grid.corners[more], grid.corners[fewer]
    for _ in range(HALVINGS):
        middle = 0.5 * (place + end)
        tried = plane.log_rates(middle)
        if len(tried) == len(log_rates):
            log_rates, place = tried, middle
        else:
            end = middle
    guess = np.mean(closest_pair(list(log_rates)), axis=0)
    return _on_edge(curve, np.concatenate([guess, place]), grid, edge)


def _hopf_point(plane, curve, grid, edge, log_rates):
    """Where an oscillation sets in on an edge, searched from the frequencies at which |det(1 − M(iω))| is smallest."""
    omega = 2.0 * np.pi * np.linspace(1.0, plane.max_frequency, 400)
    for corner, log_rate in zip(edge[:2], log_rates, strict=True):
        place = grid.corners[corner]
        state = LinearNetwork.of(plane.network(place), np.exp(LOG_RATE * log_rate), plane.delay_width)
        size = np.abs(state.determinant(1j * omega))
        smallest = np.flatnonzero((size[1:-1] < size[:-2]) & (size[1:-1] <= size[2:])) + 1
        for k in smallest[np.argsort(size[smallest])][:3]:
            point = _on_edge(curve, np.concatenate([log_rate, [omega[k] / OMEGA], place]), grid, edge)
            if point is not None and point[plane.n] > 0.0:
                return point
    return None


def _on_edge(curve, guess, grid, edge):
    """A point of the curve on an edge of the grid, by Newton's method from a guess; None if there is none."""
    i, j, axis = edge
    still, moving = guess.size - 1 - axis, guess.size - 2 + axis
    low, high = grid.corners[i][axis], grid.corners[j][axis]
    point, _ = curve.solve(guess, np.eye(guess.size)[still], guess[still], reach=2.0 * (high - low))
    slack = 0.02 * (high - low)
    return point if point is not None and low - slack <= point[moving] <= high + slack else None


def _crossings(lines, grid, edge, oscillating, at_i, at_j):
    """How many known lines of a kind cross an edge, at log rates near those at its ends."""
    i, j, axis = edge
    low, high, level = grid.corners[i][axis], grid.corners[j][axis], grid.corners[i][1 - axis]
    count = 0
    for points, oscillates in lines:
        if oscillates == oscillating:
            along, beside = points[:, -2 + axis], points[:, -1 - axis] - level
            k = np.flatnonzero((beside[:-1] < 0.0) != (beside[1:] < 0.0))
            place = along[k] + beside[k] / (beside[k] - beside[k + 1]) * (along[k + 1] - along[k])
            within = (place >= low - 2e-3) & (place <= high + 2e-3)
            off = np.abs(points[k, : at_i.size] - 0.5 * (at_i + at_j)).max(axis=1)
            count += np.count_nonzero(within & (off < 0.1 + np.abs(at_i - at_j).max()))
    return count
