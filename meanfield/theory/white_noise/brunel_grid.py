"""Brunel networks by the thousand: theory over grids of their parameters, without a `Network` for each."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.brunel import BrunelParameters
from meanfield.theory.white_noise.fixed_points import fixed_points
from meanfield.theory.white_noise.input import StationaryInput


def brunel_input(
    order=2500, g=5.0, eta=2.0, J=0.1, epsilon=0.1, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=0.0, tau_syn=0.0
) -> StationaryInput:
    """The input of a stack of Brunel networks; parameters as in `meanfield.brunel_network`, each a float or array.

    They broadcast against each other, and the stack has their common shape. Nothing is validated here.
    """
    given = (order, g, eta, J, epsilon, tau_m, t_ref, theta, V_reset, tau_syn)
    order, g, eta, J, epsilon, tau_m, t_ref, theta, V_reset, tau_syn = np.broadcast_arrays(
        *(np.asarray(x, dtype=float)[..., None] for x in given)
    )
    C_E, C_I = (np.floor(epsilon * size + 1e-9) for size in (4.0 * order, order))
    weights = np.concatenate([J, -g * J], axis=-1)[..., None, :]
    per_spike = 1e-3 * tau_m[..., None] * np.concatenate([C_E, C_I], axis=-1)[..., None, :]
    drift = per_spike * weights
    both = (*g.shape[:-1], 2)
    memory = np.sqrt(tau_syn / tau_m) if np.any(tau_syn > 0) else None

    def of_both(x):
        return np.broadcast_to(x, both)

    return StationaryInput(
        drift=np.broadcast_to(drift, (*both, 2)),
        diffusion=np.broadcast_to(drift * weights, (*both, 2)),
        mu_0=of_both(eta * theta),  # the external rate is eta · theta/(J C_E tau_m) at each of C_E synapses
        variance_0=of_both(eta * theta * J),
        tau_m=of_both(tau_m),
        t_ref=of_both(t_ref),
        theta=of_both(theta),
        V_reset=of_both(V_reset),
        coloured=None if memory is None else np.broadcast_to(drift * weights * memory[..., None], (*both, 2)),
        coloured_0=None if memory is None else of_both(eta * theta * J * memory),
    )


def brunel_fixed_points(**parameters) -> xr.Dataset:
    """All fixed points of Brunel networks over a grid of their parameters.

    Parameters
    ----------
    **parameters : float or array, shape (n,)
        As of `meanfield.brunel_network`, without what theory does not feel: delay, rule, multapses and autapses. Each
        array becomes a dimension of the dataset, in the order given.

    Returns
    -------
    Dataset
        As by `fixed_points`, over the grid's dimensions, fixed_point, population, mode.

    Raises
    ------
    ParameterError
        If a value is impossible.
    """
    axes = {name: np.asarray(value) for name, value in parameters.items() if np.ndim(value) == 1}
    plain = {name: value for name, value in parameters.items() if name not in axes}
    first = {name: values[0].item() for name, values in axes.items()}
    BrunelParameters(**plain, **first)
    for name, values in axes.items():
        for value in values:
            BrunelParameters(**plain, **{**first, name: value.item()})
    grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True))
    dataset = fixed_points(brunel_input(**plain, **grid), coords=axes).assign_coords(population=["E", "I"])
    for name in axes:
        dataset[name].attrs["units"] = BrunelParameters.unit(name) or "1"
    return dataset
