"""The flow in pseudo-time over the plane of two populations' rates."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError
from meanfield.theory.white_noise.input import StationaryInput


def phase_plane(network, rate) -> xr.Dataset:
    """Velocity −rate + ν(mu(rate), sigma(rate)) on a grid over the rates of a network's two populations.

    A population's nullcline is where its velocity is zero; nullclines cross at the fixed points.

    Parameters
    ----------
    network : Network
        Of two populations.
    rate : array, shape (n,), spikes/s, ≥ 0
        The grid, along both axes.

    Returns
    -------
    Dataset
        ``velocity`` in spikes/s per time constant of the flow, over (second, first, population), where coordinates
        first and second are the rates of the first and the second population in spikes/s.

    Raises
    ------
    ParameterError
        If the network does not have two populations.

    References
    ----------
    Hahne J et al. (2017) Front Neuroinform 11:34, eq. 30, doi:10.3389/fninf.2017.00034
    """
    if len(network.populations) != 2:
        raise ParameterError([f"a phase plane needs 2 populations, not {len(network.populations)}"])
    rate = np.asarray(rate, dtype=float)
    grid = np.stack(np.meshgrid(rate, rate), axis=-1)
    velocity = StationaryInput.of(network).response(grid) - grid
    return xr.Dataset(
        {"velocity": (("second", "first", "population"), velocity, {"units": "spikes/s"})},
        coords={
            "first": ("first", rate, {"units": "spikes/s"}),
            "second": ("second", rate, {"units": "spikes/s"}),
            "population": list(network.populations),
        },
    )
