"""The flow in pseudo-time whose fixed points are the self-consistent rates, and where it leads from each start."""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from meanfield.model.quantities import ParameterError, stated
from meanfield.theory.white_noise.fixed_points import fixed_points
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.many_starts import same
from meanfield.theory.white_noise.newton import polish
from meanfield.theory.white_noise.settling import settle


def pseudo_time(network, *, rate_0=0.0, duration=100.0, tau=1.0, time=None, rtol=1e-9) -> xr.Dataset:
    """Population rates along the flow tau d(rate)/dt = −rate + ν(mu(rate), sigma(rate)).

    Parameters
    ----------
    network : Network
        With N populations.
    rate_0 : float or array, shape (N,) or (S, N), spikes/s, ≥ 0
        Rates to start from; with a leading dimension, S starts at once.
    duration : float, ms, > 0
        How long to follow the flow.
    tau : float, ms, > 0
        Time constant of the flow, as of NEST's siegert_neuron.
    time : array, shape (T,), ms, optional
        When to report the rates, by dense output, between 0 and `duration`; by default 201 equidistant times.
    rtol : float
        Tolerance of the adaptive integration, relative, and also absolute in spikes/s.

    Returns
    -------
    Dataset
        ``rate`` in spikes/s over ([start,] time, population). Attribute ``missing`` is empty, or says from when on the
        flow could not be followed: there the rates are NaN.

    Raises
    ------
    ParameterError
        If a rate or time cannot be used.

    References
    ----------
    Hahne J et al. (2017) Front Neuroinform 11:34, eq. 30, doi:10.3389/fninf.2017.00034
    Petzold L (1983) SIAM J Sci Stat Comput 4:136–148, doi:10.1137/0904010

    Notes
    -----
    Without noise and delays, neither of which moves a fixed point. Strong inhibition and weak noise make the flow
    stiff: LSODA changes to implicit steps, with the exact Jacobian, where it is.
    """
    rate_0 = _starts(network, rate_0)
    culprits = [
        f"{stated(name, value, 'ms')} must be > 0 ms"
        for name, value in (("duration", duration), ("tau", tau))
        if not 0.0 < value < np.inf
    ]
    time = np.linspace(0.0, duration, 201) if time is None else np.asarray(time, dtype=float)
    if not culprits and not ((time >= 0.0) & (time <= duration)).all():
        culprits.append(f"{stated('time', time, 'ms')} must lie between 0 and duration = {duration!r} ms")
    if culprits:
        raise ParameterError(culprits)
    flow = Flow(StationaryInput.of(network), tau)
    n = rate_0.shape[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of steps that LSODA repeats
        solution = solve_ivp(
            flow.velocity,
            (0.0, duration),
            rate_0.ravel(),
            method="LSODA",
            jac=flow.banded_jacobian,
            lband=n - 1,
            uband=n - 1,
            rtol=rtol,
            atol=rtol,
            dense_output=True,
        )
    known = np.logical_and.accumulate(np.isfinite(solution.y).all(axis=0))
    end = solution.t[known][-1]
    # One time after another, so that no rounding depends on which are asked for.
    rate = [solution.sol(t) if t <= end else np.full(rate_0.size, np.nan) for t in time]
    rate = np.reshape(rate, (len(time), *rate_0.shape))
    return xr.Dataset(
        {
            "rate": (
                ("time", "population") if rate_0.ndim == 1 else ("start", "time", "population"),
                rate if rate_0.ndim == 1 else rate.swapaxes(0, 1),
                {"units": "spikes/s"},
            )
        },
        coords={"time": ("time", time, {"units": "ms"}), "population": list(network.populations)},
        attrs={"missing": "" if end == duration else f"the flow could not be followed beyond {end:.6g} ms"},
    )


class Flow:
    """The right-hand side of the flow, in spikes/s per ms, and its Jacobian, for many vectors of rates in one.

    Parameters
    ----------
    inputs : StationaryInput
        One network of N populations.
    tau : float, ms
    """

    def __init__(self, inputs: StationaryInput, tau: float):
        self.inputs, self.tau = inputs, tau

    def _split(self, rate):
        # Steps can lead a little below 0, where the flow itself never goes.
        return np.maximum(rate, 0.0).reshape(-1, self.inputs.n_populations)

    def velocity(self, _, rate):
        """d(rate)/dt, shape (S N,)."""
        return (self.inputs.response(self._split(rate)).ravel() - rate) / self.tau

    def banded_jacobian(self, _, rate):
        """The derivative of entry i by entry j in row i − j + N − 1 and column j, shape (2 N − 1, S N)."""
        n = self.inputs.n_populations
        _, jacobian = self.inputs.response_and_jacobian(self._split(rate))
        jacobian = np.where(rate.reshape(-1, 1, n) < 0.0, 0.0, jacobian) - np.eye(n)
        banded = np.zeros((2 * n - 1, len(jacobian), n))
        target, source = np.indices((n, n))
        banded[target - source + n - 1, :, source] = np.moveaxis(jacobian, 0, -1)
        return banded.reshape(2 * n - 1, -1) / self.tau


def basins(network, rate_0, *, tau=1.0, longest=1e4, solutions=None) -> xr.Dataset:
    """To which stable fixed point the flow leads from each start.

    Parameters
    ----------
    network : Network
        With N populations.
    rate_0 : array, shape (S, N), spikes/s, ≥ 0
        Starts.
    tau : float, ms
        Time constant of the flow.
    longest : float, ms
        When to give up: near the border between basins, or on a limit cycle.
    solutions : Dataset, optional
        `fixed_points(network)`, if it is known already.

    Returns
    -------
    Dataset
        ``fixed_point`` over start: index into that dimension of `fixed_points(network)`, −1 where undecided; and the
        starts, ``rate_0`` in spikes/s. Attribute ``missing`` says for how many starts nothing is decided, and is empty
        if there is none.
    """
    rate_0 = np.atleast_2d(_starts(network, rate_0))
    inputs = StationaryInput.of(network)
    solutions = fixed_points(network) if solutions is None else solutions
    candidates = np.flatnonzero(solutions["stable"].values)
    end, settled = settle(inputs, rate_0, longest / tau)
    end = polish(inputs, end, 0.0, inputs.highest_rate)
    arrived = same(end[:, None], solutions["rate"].values[candidates]) & settled[:, None]
    fate = np.full(len(rate_0), -1)
    start, goal = np.nonzero(arrived)
    fate[start] = candidates[goal]
    undecided = int((fate < 0).sum())
    return xr.Dataset(
        {
            "fixed_point": ("start", fate, {"units": "1"}),
            "rate_0": (("start", "population"), rate_0, {"units": "spikes/s"}),
        },
        coords={"population": list(network.populations)},
        attrs={
            "missing": f"the flow from {undecided} of {len(fate)} starts came to rest at no stable fixed point"
            if undecided
            else ""
        },
    )


def _starts(network, rate_0):
    """`rate_0` as an array of shape (N,) or (S, N)."""
    n = len(network.populations)
    rates = np.asarray(rate_0, dtype=float)
    if rates.ndim == 0:
        rates = np.full(n, rates)
    if rates.ndim > 2 or rates.shape[-1] != n or not ((rates >= 0.0) & np.isfinite(rates)).all():
        raise ParameterError([f"{stated('rate_0', rate_0, 'spikes/s')} must be ≥ 0 spikes/s and of shape (…, {n})"])
    return rates
