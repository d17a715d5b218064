"""The flow in pseudo-time whose fixed points are the self-consistent rates."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from meanfield.theory.stationary_input import StationaryInput


def pseudo_time(network, *, rate_0=0.0, duration=100.0, tau=1.0, n_times=201, rtol=1e-10):
    """first cut"""
    inputs = StationaryInput.of(network)
    n = len(network.populations)
    start = np.broadcast_to(np.asarray(rate_0, float), (n,))
    time = np.linspace(0.0, duration, n_times)

    def flow(_, rate):
        return (inputs.response(np.maximum(rate, 0.0)) - rate) / tau

    solution = solve_ivp(flow, (0.0, duration), start, method="DOP853", t_eval=time, rtol=rtol, atol=1e-10)
    return xr.Dataset(
        {"rate": (("time", "population"), solution.y.T, {"units": "spikes/s"})},
        coords={"time": ("time", time, {"units": "ms"}), "population": list(network.populations)},
    )
