"""Siegert's solution beside a simulation; missing, with the reason, where none converged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from meanfield.model.network import Network
from meanfield.theory.attempt import attempt
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.fixed_points import fixed_points, nearest_solution


class Siegert(NamedTuple):
    """The solution that a simulation is compared with, arrays of shape (N,); NaN where none converged."""

    rate: np.ndarray  # spikes/s
    mu: np.ndarray  # mV
    sigma: np.ndarray  # mV
    cv: np.ndarray  # of the inter-spike intervals
    solutions: xr.Dataset
    missing: str  # why there is none


def siegert_near(network: Network, *rates: np.ndarray | xr.DataArray | None) -> Siegert:
    """Siegert's solution that is nearest to the first of some rates, in spikes/s, that are known."""
    n = len(network.populations)
    solutions, reason = attempt(lambda: fixed_points(network), _none(n))
    near = next(np.asarray(rate) for rate in rates if rate is not None and np.isfinite(rate).all())
    chosen = nearest_solution(solutions, near)
    rate, mu, sigma = (chosen[name].values for name in ("rate", "mu", "sigma"))
    if np.isnan(rate).any():
        return Siegert(*np.full((4, n), np.nan), solutions, reason or chosen.attrs["missing"])
    cv = siegert_cv(mu, sigma, **network.neurons, tau_syn=network.effective_tau_syn(rate))
    return Siegert(rate, mu, sigma, cv, solutions, "")


def _none(n: int) -> xr.Dataset:
    """What `fixed_points` says of a network without a solution, as far as it is read here."""
    over = ("fixed_point", "population")
    names = ("rate", "mu", "sigma")
    empty = {name: (over, np.full((1, n), np.nan)) for name in names}
    no = ("fixed_point", np.array([False]))
    return xr.Dataset({**empty, "converged": no, "stable": no})
