"""Eigenvalues of a network with delays: how fast disturbances of its stationary state grow, and at what frequency."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import xarray as xr
from scipy.interpolate import AAA

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.model.variables import RESIDUAL, variable
from meanfield.theory.linear.argument_principle import between, growth_bound, longest_piece, turns
from meanfield.theory.white_noise.linear_network import LinearNetwork

BAND = 200.0  # Hz: the strip of the complex plane is searched in tiles at most this high
TURN = 8.0  # radians by which delays turn the determinant from one side of a tile to the other, at most
MISFIT = 1e-6  # of the fitted function between its samples, relative to 1 or more
SAME = 1e-7  # relative distance within which two eigenvalues count as one
MOST_HALVINGS = 6  # of a tile whose number of eigenvalues is not confirmed
LONGEST_STEP = 50.0  # of Newton's method, 1/s


def eigenvalues(network, rate=None, *, delay_width=0.0, min_growth=-300.0, max_frequency=1000.0) -> xr.Dataset:
    """Growth rates and frequencies of small disturbances of a network's stationary state.

    Disturbances exp(λt), λ = growth + 2πi·frequency, solve det(1 − M(λ)) = 0, where M(λ) returns the rates' disturbance
    through delays, synapses and neurons (`white_noise.linear_network`). All λ with growth ≥ `min_growth` and
    frequency ≤ `max_frequency` are found: in each band of frequencies a rational function is fitted to the determinant,
    its zeros are polished, and their number is checked by the argument principle.

    Parameters
    ----------
    network : Network
        Any number of populations. Delays are spread if the network's are (`delay_sd`), and exponential synapses are
        low-pass filters; random in-degrees and weights count by their means and by their noise.
    rate : float or array, shape (N,), spikes/s, optional
        The stationary state. By default the only fixed point; of several, the one with the highest rates of those
        stable in pseudo-time.
    delay_width : float, ms, ≥ 0
        Delays are uniformly distributed over this full width around the network's delays.
    min_growth : float, 1/s
        Eigenvalues that die out faster are left out.
    max_frequency : float, Hz, > 0
        Eigenvalues of higher frequency are left out.

    Returns
    -------
    Dataset
        Dimension mode, sorted from the fastest growing on; an eigenvalue and its conjugate are one entry.

        - ``growth`` (1/s), ``frequency`` (Hz, ≥ 0);
        - ``residual``: |det(1 − M)|.
        - ``rate`` (spikes/s), over population: the stationary state.

        Attribute ``complete`` is 1 if the argument principle confirms their number in every band, else 0; attribute
        ``limit_growth`` (1/s) is where eigenvalues accumulate at frequencies beyond any bound, see Notes.

    Raises
    ------
    ParameterError
        If a bound, the rates or the width of the delays cannot be.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, App. A.3, doi:10.1023/A:1008925309027
    Nakatsukasa Y, Sète O, Trefethen LN (2018) SIAM J Sci Comput 40:A1494–A1522, doi:10.1137/16M1106122

    Notes
    -----
    White noise whose intensity changes moves the rate at once. With sharp delays there is therefore an endless chain of
    eigenvalues at ever higher frequencies, whose growth comes up to `limit_growth` (below 0): at C of Brunel's Table 1
    −47/s, more than the −135/s of the leading one below 1000 Hz. The diffusion approximation does not hold there;
    `max_frequency` leaves them out.

    Each population's own resonances are poles of det(1 − M). An eigenvalue within a relative 1e-7 of one, where hardly
    anything returns to a population, is not told from it and left out, also where `complete` is 1.
    """
    check_bounds(min_growth, max_frequency)
    state = LinearNetwork.of(network, rate, delay_width)
    values, complete = leading(state, min_growth, max_frequency)
    dataset = modes(network, state.rate, values, residuals(state, values))
    return dataset.assign_attrs(complete=int(complete), limit_growth=state.limit_growth)


def modes(network, rate, values, residual) -> xr.Dataset:
    """Growth and frequency of eigenvalues (complex, 1/s) at the given rates, as `eigenvalues` returns them."""
    return xr.Dataset(
        {
            "growth": ("mode", values.real, {"units": "1/s", "long_name": "growth rate"}),
            "frequency": ("mode", values.imag / (2.0 * np.pi), {"units": "Hz", "long_name": "frequency"}),
            "residual": variable("mode", residual, "1", "|det(1 − M)|", judged_as=RESIDUAL),
            "rate": ("population", rate, {"units": "spikes/s", "long_name": "stationary rate"}),
        },
        coords={"population": list(network.populations)},
    )


def check_bounds(min_growth, max_frequency):
    """Raise `ParameterError` naming what cannot be a bound of the search."""
    culprits = []
    for name, value, bound in (
        ("min_growth", min_growth, Quantity("1/s")),
        ("max_frequency", max_frequency, Quantity("Hz", above=0)),
    ):
        try:
            bound.number(value)
        except ValueError as error:
            culprits.append(f"{stated(name, value, bound.unit)} {error}")
    if culprits:
        raise ParameterError(culprits)


def residuals(state, values):
    """|det(1 − M)| at each of `values`."""
    return np.abs(state.determinant(values)) if values.size else np.empty(0)


def leading(state: LinearNetwork, min_growth, max_frequency):
    """Eigenvalues, complex, 1/s, with imaginary part ≥ 0, sorted from the fastest growing on; and whether all are."""
    if not state.coupled:
        return np.empty(0, dtype=complex), True
    right = growth_bound(lambda _, z: state.coupling(z), 1, max_frequency, max(100.0, min_growth + 100.0))[0]
    longest = TURN * longest_piece(state.rate.size, state.longest_delay)
    growths = between(min_growth, right, longest)
    edges = between(0.0, 2.0 * np.pi * max_frequency, min(longest, 2.0 * np.pi * BAND))
    tiles, complete = [], True
    for low, high in pairwise(edges):
        for left, right in pairwise(growths):
            # The lowest tiles hold both conjugates, so that no eigenvalue lies on their edge.
            values, sure = _in_tile(state, left, right, -high if low == 0.0 else low, high)
            tiles.append(values)
            complete &= sure
    values = np.concatenate(tiles)
    values = values[values.imag >= -SAME * np.abs(values)]
    values = values.real + 1j * np.where(values.imag < SAME * np.abs(values), 0.0, values.imag)
    return _distinct(values[np.argsort(-values.real)]), complete


def _in_tile(state, left, right, low, high, depth=0):
    """Eigenvalues in a rectangle, and whether their number is confirmed; if not at once, by halves."""
    samples = np.concatenate([_around(left, right, low, high, 40), _within(left, right, low, high, 3, 25)])
    if low < 0.0:  # on the real axis zeros lie close to poles
        samples = np.append(samples, np.linspace(left, right, 40))
    fit = AAA(samples, state.determinant(samples), rtol=1e-11, max_terms=60)
    between_samples = _within(left, right, low, high, 4, 14)
    values = state.determinant(between_samples)
    fits = np.all(np.abs(fit(between_samples) - values) <= MISFIT * (1.0 + np.abs(values)))
    margin = 0.02 * min(right - left, high - low)

    def inside(z, by=0.0):
        return z[(z.real > left - by) & (z.real < right + by) & (z.imag > low - by) & (z.imag < high + by)]

    def all_inside(z, function):
        return inside(_distinct(polished(function, inside(z, margin))))

    roots = all_inside(fit.roots(), state.determinant)
    poles = all_inside(fit.poles(), lambda z: 1.0 / state.determinant(z))
    n_pieces = int(np.ceil((right - left + high - low) / longest_piece(state.rate.size, state.longest_delay)))
    edge = _around(left, right, low, high, max(n_pieces, 20))
    sure = _winding(state, [np.append(edge, edge[0])])[0] == _multiplicities(state, [*roots, *poles]).sum()
    sure &= bool(fits)
    if sure or depth == MOST_HALVINGS:
        return roots, bool(sure)
    if high - low > right - left:
        middle = low + 0.51 * (high - low)
        halves = (left, right, low, middle), (left, right, middle, high)
    else:
        middle = left + 0.51 * (right - left)
        halves = (left, middle, low, high), (middle, right, low, high)
    parts = [_in_tile(state, *half, depth + 1) for half in halves]
    return np.concatenate([values for values, _ in parts]), all(sure for _, sure in parts)


def _winding(state, paths):
    """Zeros minus poles within each closed path, by the argument principle; NaN where one lies on it."""
    return np.rint(turns(lambda _, z: state.determinant(z), paths) / (2.0 * np.pi))


def _multiplicities(state, points):
    """Zeros minus poles at each of some distinct points."""
    points = np.array(points, dtype=complex)
    if not points.size:
        return np.zeros(0)
    distance = np.abs(points[:, None] - points) + np.diag(np.full(points.size, np.inf))
    radius = np.minimum(1.0, 0.3 * distance.min(axis=1))
    return _winding(state, list(points[:, None] + radius[:, None] * np.exp(2j * np.pi * np.arange(13) / 12)))


def _around(left, right, low, high, per_side):
    """Points around a rectangle, anticlockwise."""
    corners = np.array([left + 1j * low, right + 1j * low, right + 1j * high, left + 1j * high])
    steps = np.arange(per_side) / per_side
    return (corners[:, None] + (np.roll(corners, -1) - corners)[:, None] * steps).ravel()


def _within(left, right, low, high, n, m):
    """Points on n by m lines within a rectangle."""
    growth, omega = (np.linspace(*ends, k + 2)[1:-1] for *ends, k in ((left, right, n), (low, high, m)))
    return (growth[:, None] + 1j * omega).ravel()


def polished(function, values):
    """Zeros of a function of λ (1/s) to which Newton's method leads from `values`; those it loses are left out."""
    if not values.size:
        return values
    h = 1e-2  # 1/s
    for _ in range(12):
        with np.errstate(divide="ignore", invalid="ignore"):
            before, here, after = function(np.concatenate([values - h, values, values + h])).reshape(3, -1)
            step = here * 2.0 * h / (after - before)
        length = np.abs(step)
        values = values - step * np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))
        if np.all(length <= 1e-10 * (1.0 + np.abs(values))):
            break
    return values[np.isfinite(values) & (length <= 1e-6 * (1.0 + np.abs(values)))]


def _distinct(values):
    """Without repetitions; equal values need not be neighbours."""
    kept = []
    for value in values:
        if all(abs(value - other) > SAME * (1.0 + abs(value)) for other in kept):
            kept.append(value)
    return np.array(kept, dtype=complex)
