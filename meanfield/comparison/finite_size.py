"""Rates of networks of several sizes and of equal in-degrees, wired in three ways, beside their limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy import special

from meanfield.comparison.pooled_rate import pooled_rate
from meanfield.model.network import Network
from meanfield.model.variables import SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.simulation.spiking import simulate_spiking

WIRINGS = {
    "multapses and autapses": {"multapses": True, "autapses": True},
    "no autapses": {"multapses": True, "autapses": False},
    "distinct sources": {"multapses": False, "autapses": False},
}


def simulate_sizes(network: Network, factors: Sequence[float], *, duration: float, **simulation: Any) -> xr.Dataset:
    """Simulate a network, and others of equal in-degrees that are larger or smaller.

    Parameters
    ----------
    network : Network
        With fixed in-degrees.
    factors : sequence of float, shape (n,)
        Sizes, relative to the network's own; each is wired in three ways.
    duration : float, ms
        Recorded for factor 1. Larger networks are recorded for less time, so that each costs the same.
    **simulation
        Further parameters of `simulate_spiking`.

    Returns
    -------
    Dataset
        Over wiring ("multapses and autapses", "no autapses", "distinct sources": neither), factor and population:
        ``simulated`` (spikes/s), its standard error ``simulated_sem`` with its degrees of freedom
        ``simulated_freedom``, and ``simulated_cv`` of the intervals. Over factor: ``neurons``, of the whole network.

    Raises
    ------
    ParameterError
        If a network cannot be, as distinct sources of too few neurons, or a parameter of the simulation.
    """
    described = network.to_dict()
    shape = len(WIRINGS), len(factors), len(network.populations)
    rate, sem, freedom, cv = np.full((4, *shape), np.nan)
    neurons = np.zeros(len(factors), dtype=int)
    for f, factor in enumerate(factors):
        size = np.rint(network.size * factor).astype(int)
        neurons[f] = size.sum()
        bin_width = simulation.get("bin_width", 1.0)
        recorded = bin_width * np.ceil(duration / factor / bin_width)
        for w, wiring in enumerate(WIRINGS.values()):
            resized = Network(**described | wiring | {"size": size})
            spiking = simulate_spiking(resized, duration=recorded, **simulation)
            rate[w, f], sem[w, f], freedom[w, f] = pooled_rate(spiking)[:3]
            cv[w, f] = spiking["cv"].mean("seed")
    over = ("wiring", "factor", "population")
    return xr.Dataset(
        {
            "simulated": variable(over, rate, "spikes/s", "simulated rate", error="simulated_sem"),
            "simulated_sem": variable(
                over, sem, "spikes/s", "its standard error", error="simulated_freedom", judged_as=STANDARD_ERROR
            ),
            "simulated_freedom": variable(over, freedom, "1", "degrees of freedom of it", judged_as=SINGLE_DRAW),
            "simulated_cv": variable(over, cv, "1", "CV of the simulated intervals", judged_as=SINGLE_DRAW),
            "neurons": variable("factor", neurons, "1", "neurons of the network"),
        },
        coords={
            "wiring": list(WIRINGS),
            "factor": variable("factor", list(factors), "1", "size of the network, relative"),
            "population": list(network.populations),
        },
    )


def infinite_network(sizes: xr.Dataset) -> xr.Dataset:
    """Rates along a straight line in 1/N, to N → ∞, by weighted least squares.

    Parameters
    ----------
    sizes : Dataset
        Of `simulate_sizes` for at least three sizes; with further dimensions too. A rate without a standard error is
        left out.

    Returns
    -------
    Dataset
        Over all dimensions but factor: ``limit`` (spikes/s) with its standard error ``limit_sem``, the ``slope``
        (spikes/s times neurons), and ``chi2`` of the points about the line, with ``probability`` of one as large: where
        that is small, the line is none.
    """
    weight = sizes["simulated_sem"] ** -2.0
    x, y = 1.0 / sizes["neurons"], sizes["simulated"]
    mean_x, mean_y = ((weight * values).sum("factor") / weight.sum("factor") for values in (x, y))
    spread = (weight * (x - mean_x) ** 2).sum("factor")
    slope = (weight * (x - mean_x) * (y - mean_y)).sum("factor") / spread
    limit = mean_y - slope * mean_x
    error = np.sqrt(1.0 / weight.sum("factor") + mean_x**2 / spread)
    chi2 = (weight * (y - limit - slope * x) ** 2).sum("factor")
    return xr.Dataset(
        {
            "limit": limit.assign_attrs(units="spikes/s", long_name="rate along a line to N → ∞"),
            "limit_sem": error.assign_attrs(units="spikes/s", long_name="its standard error"),
            "slope": slope.assign_attrs(units="spikes/s", long_name="change of the rate with 1/N"),
            "chi2": chi2.assign_attrs(units="1", long_name="sum of squared distances from the line"),
            "probability": chi2.copy(data=special.chdtrc(weight.count("factor") - 2, chi2)).assign_attrs(
                units="1", long_name="probability of as much by chance"
            ),
        }
    )
