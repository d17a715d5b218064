"""Brunel's phase diagrams: critical lines for several delays, and stationary states along them, in shapes to store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from meanfield.model.brunel import BrunelParameters
from meanfield.theory.linear.critical_lines import critical_lines
from meanfield.theory.white_noise.brunel_grid import brunel_fixed_points, brunel_input
from meanfield.theory.white_noise.cv import siegert_cv


def lines_for_delays(
    networks: Mapping[str, Mapping[str, Any]],
    delays: Sequence[float],
    *,
    n_grid: int = 41,
    progress: Callable[[Sequence], Iterable] = iter,
) -> xr.Dataset:
    """Boundaries of the stable states in the plane of g (0 to 8) and eta (0 to 4), for each network and delay.

    Parameters
    ----------
    networks : mapping of str to mapping
        For each network's name its other parameters, as of `meanfield.brunel_network`.
    delays : sequence of float, ms
    n_grid : int
        Points along each axis of the grid from which lines are looked for; see `critical_lines`.
    progress : callable
        Gives back the items of a sequence, and may show how far they are: ``tqdm``, for instance.

    Returns
    -------
    Dataset
        Over (network, delay, point), padded with NaN, "" and −1: ``line_g``, ``line_eta``, ``line_frequency`` (Hz),
        ``line_kind`` and ``line_number``; points of one number follow each other along a line. Only those points of
        `critical_lines` are kept where nothing else grows: there a stable state ends.
    """
    columns = ("g", "eta", "frequency", "kind", "number")
    planes = [{**settings, "delay": float(d)} for settings in networks.values() for d in delays]
    boundaries = [_boundaries(critical_lines(n_grid=n_grid, **plane)) for plane in progress(planes)]
    most = max(len(lines["g"]) for lines in boundaries)

    def padded(name: str) -> np.ndarray:
        fill = {"kind": "", "number": -1}.get(name, np.nan)
        rows = [np.concatenate([here[name], np.full(most - len(here[name]), fill)]) for here in boundaries]
        return np.reshape(rows, (len(networks), len(delays), most))

    units = {"frequency": "Hz"}
    words = {
        "g": "relative inhibitory weight on a critical line",
        "eta": "relative external rate on a critical line",
        "frequency": "frequency of what begins to grow",
        "kind": "kind of critical line",
        "number": "number of the line, −1 for padding",
    }
    return xr.Dataset(
        {
            f"line_{name}": (
                ("network", "delay", "point"),
                padded(name),
                {"units": units.get(name, "1"), "long_name": words[name]},
            )
            for name in columns
        },
        coords={
            "network": list(networks),
            "delay": ("delay", np.asarray(delays, dtype=float), {"units": "ms", "long_name": "delay"}),
        },
    )


def _boundaries(lines: xr.Dataset) -> dict[str, np.ndarray]:
    """The points of critical lines at which a stable state ends, and a number for each unbroken stretch of them."""
    kept = np.flatnonzero(lines["boundary"].values)
    line = lines["line"].values[kept]
    begins = (np.diff(kept, prepend=-2) > 1) | (np.diff(line, prepend=-1) != 0)
    kept_lines = {name: lines[name].values[kept] for name in ("g", "eta", "frequency", "kind")}
    return kept_lines | {"number": np.cumsum(begins) - 1}


def stationary_curves(g: Sequence[float], eta: Sequence[float], **network: Any) -> xr.Dataset:
    """All stationary rates along g, and the squared CV of the intervals there: Brunel's Figs 1B and 1C.

    Parameters
    ----------
    g, eta : sequence of float
    **network
        Other parameters of `meanfield.brunel_network`; the delay matters to none.

    Returns
    -------
    Dataset
        ``curve_rate`` (spikes/s), ``curve_cv2`` and ``curve_stable`` over (curve_eta, curve_g, solution), NaN where
        there are fewer solutions.
    """
    parameters: Mapping[str, Any] = {**network, "eta": np.asarray(eta, float), "g": np.asarray(g, float)}
    solutions = brunel_fixed_points(**parameters).transpose("eta", "g", "fixed_point", ...)
    rate = solutions["rate"].values  # (eta, g, fixed_point, population)
    grid = dict(zip(("eta", "g"), np.meshgrid(parameters["eta"], parameters["g"], indexing="ij"), strict=True))
    inputs = brunel_input(**{**network, **grid})
    mu, sigma = (np.moveaxis(x, 0, -2) for x in inputs.moments(np.moveaxis(rate, -2, 0)))
    neurons = BrunelParameters(**network)
    cv = siegert_cv(
        mu[..., 0],
        sigma[..., 0],
        tau_m=neurons.tau_m,
        t_ref=neurons.t_ref,
        theta=neurons.theta,
        V_reset=neurons.V_reset,
        tau_syn=neurons.tau_syn,
    )
    over = ("curve_eta", "curve_g", "solution")
    return xr.Dataset(
        {
            "curve_rate": (over, rate[..., 0], {"units": "spikes/s", "long_name": "stationary rate"}),
            "curve_cv2": (over, cv**2, {"units": "1", "long_name": "squared CV of the intervals, theory"}),
            "curve_stable": (
                over,
                solutions["stable"].values & np.isfinite(rate[..., 0]),
                {"units": "1", "long_name": "whether rates return there, delays aside"},
            ),
        },
        coords={"curve_eta": parameters["eta"], "curve_g": parameters["g"]},
    )
