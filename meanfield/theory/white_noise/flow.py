"""The flow in pseudo-time whose fixed points are the self-consistent rates, and where it leads from each start."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from meanfield.model.quantities import ParameterError, stated
from meanfield.theory.white_noise.fixed_points import fixed_points
from meanfield.theory.white_noise.input import StationaryInput


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
        ``rate`` in spikes/s over ([start,] time, population).

    Raises
    ------
    ParameterError
        If a rate or time cannot be used.

    References
    ----------
    Hahne J et al. (2017) Front Neuroinform 11:34, eq. 30, doi:10.3389/fninf.2017.00034

    Notes
    -----
    Without noise and delays, neither of which moves a fixed point. Integrated by an explicit Runge–Kutta method of
    order 8 (Hairer, Nørsett & Wanner 1993, Solving Ordinary Differential Equations I).
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
    solution = solve_ivp(
        flow(network, tau), (0.0, duration), rate_0.ravel(), method="DOP853", rtol=rtol, atol=rtol, dense_output=True
    )
    if not solution.success:
        raise RuntimeError(f"the flow could not be followed beyond {solution.t[-1]} ms: {solution.message}")
    rate = solution.sol(time).T.reshape(len(time), *rate_0.shape)
    return xr.Dataset(
        {
            "rate": (
                ("time", "population") if rate_0.ndim == 1 else ("start", "time", "population"),
                rate if rate_0.ndim == 1 else rate.swapaxes(0, 1),
                {"units": "spikes/s"},
            )
        },
        coords={"time": ("time", time, {"units": "ms"}), "population": list(network.populations)},
    )


def flow(network, tau=1.0):
    """The right-hand side f(t, rate) of the flow, in spikes/s per ms, for one or many flattened vectors of rates."""
    inputs = StationaryInput.of(network)
    n = inputs.n_populations

    def velocity(_, rate):
        # Stages of a Runge–Kutta step can fall a little below 0, where the flow itself never goes.
        response = inputs.response(np.maximum(rate, 0.0).reshape(-1, n))
        return (response.ravel() - rate) / tau

    return velocity


def basins(network, rate_0, *, tau=1.0, longest=1e4) -> xr.Dataset:
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

    Returns
    -------
    Dataset
        ``fixed_point`` over start: index into that dimension of `fixed_points(network)`, −1 where undecided; and the
        starts, ``rate_0`` in spikes/s.
    """
    solutions = fixed_points(network)
    candidates = np.flatnonzero(solutions["stable"].values)
    goals = solutions["rate"].values[candidates]
    rate_0 = np.atleast_2d(_starts(network, rate_0))
    fate = np.full(len(rate_0), -1)
    rate, elapsed, step = rate_0.copy(), 0.0, 10.0 * tau
    velocity = flow(network, tau)
    while goals.size and (fate < 0).any() and elapsed < longest:
        open_ = np.flatnonzero(fate < 0)
        solution = solve_ivp(velocity, (0.0, step), rate[open_].ravel(), method="RK45", rtol=1e-6, atol=1e-6)
        rate[open_] = np.maximum(solution.y[:, -1], 0.0).reshape(len(open_), -1)
        distance = np.abs(rate[open_, None] - goals).max(-1)
        nearest = distance.argmin(-1)
        arrived = distance.min(-1) <= 1e-4 * (1.0 + goals.max(-1)[nearest])
        fate[open_[arrived]] = candidates[nearest[arrived]]
        elapsed += step
        step *= 1.5
    return xr.Dataset(
        {
            "fixed_point": ("start", fate, {"units": "1"}),
            "rate_0": (("start", "population"), rate_0, {"units": "spikes/s"}),
        },
        coords={"population": list(network.populations)},
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
