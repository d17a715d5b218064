"""What theory says of one network, in pieces by what they cost; together a dataset to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError
from meanfield.model.variables import variable
from meanfield.theory.attempt import attempt
from meanfield.theory.linear.eigenvalues import eigenvalues
from meanfield.theory.linear.predicted_state import stability
from meanfield.theory.linear.spectrum import predicted_spectrum
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point
from meanfield.theory.white_noise.brunel_grid import brunel_fixed_points
from meanfield.theory.white_noise.fixed_points import fixed_points
from meanfield.theory.white_noise.flow import basins
from meanfield.theory.white_noise.phase_plane import phase_plane

N_PLANE = 61  # rates along each axis of the phase plane
N_STARTS = 15  # along each axis, from which the flow is followed
N_BRANCH = 61  # values of the parameter that varies
N_FACTORS = 21  # and of the drive of a network from a file
SLOWEST = -60.0  # 1/s, disturbances that fade faster are not shown
FREQUENCY = np.linspace(2.0, 500.0, 125)  # Hz


def stationary(network: Network) -> xr.Dataset:
    """All self-consistent solutions that converged, and the nullclines of two populations; some milliseconds.

    Returns
    -------
    Dataset
        As of `fixed_points`, and of `phase_plane` where there are two populations, up to the highest possible rate.

    Raises
    ------
    ParameterError
        If no solution converged.
    """
    solutions = fixed_points(network)
    solutions = solutions.isel(fixed_point=np.flatnonzero(solutions["converged"].values))
    if not solutions.sizes["fixed_point"]:
        raise ParameterError(["no self-consistent rates were found for this network"])
    kept = solutions[["rate", "stable"]]
    return kept.merge(phase_plane(network, _axis(network, N_PLANE))) if len(network.populations) == 2 else kept


def with_basins(network: Network, dataset: xr.Dataset) -> xr.Dataset:
    """The dataset, and for rates in the phase plane to which stable solution the flow leads from there.

    ``basin`` is over (start_second, start_first); only where two populations have a choice.
    """
    if len(network.populations) != 2 or int(dataset["stable"].sum()) < 2:
        return dataset
    axis = _axis(network, N_STARTS)
    first, second = np.meshgrid(axis, axis)
    starts = np.stack([first.ravel(), second.ravel()], axis=1)
    reached = basins(network, starts, solutions=dataset)["fixed_point"].values
    over = ("start_second", "start_first")
    basin = variable(over, reached.reshape(first.shape), "1", "number of the solution that the flow reaches")
    return dataset.assign(basin=basin).assign_coords(start_first=axis, start_second=axis)


def branches(network: Network, brunel: dict[str, Any] | None, vary: str, values: Sequence[float]) -> xr.Dataset:
    """All solutions along a parameter of Brunel's network, or along the drive of another network.

    Parameters
    ----------
    network : Network
    brunel : dict or None
        The parameters of `brunel_fixed_points` that make `network`; None if none do.
    vary : str
        Which of them varies; without them all external drive does, relative to what it is.
    values : sequence of float

    Returns
    -------
    Dataset
        ``branch_rate`` (spikes/s) of the first population, and ``branch_stable``, over (along, branch).
    """
    if brunel is not None:
        along = [brunel_fixed_points(**brunel | {vary: np.asarray(values, dtype=float)})]
    else:
        given = network.to_dict()
        driven = [
            Network(**given | {name: np.multiply(given[name], factor).tolist() for name in ("rate_ext", "mu_ext")})
            for factor in values
        ]
        along = [fixed_points(one) for one in driven]
    rates = [np.atleast_2d(one["rate"].isel(population=0).where(one["converged"]).values) for one in along]
    stable = [np.atleast_2d(one["stable"].values) for one in along]
    most = max(rate.shape[-1] for rate in rates)

    def padded(parts: list[np.ndarray], fill: Any) -> np.ndarray:
        width = [((0, 0), (0, most - part.shape[-1])) for part in parts]
        return np.concatenate([np.pad(p, w, constant_values=fill) for p, w in zip(parts, width, strict=True)])

    over = ("along", "branch")
    return xr.Dataset(
        {
            "branch_rate": variable(over, padded(rates, np.nan), "spikes/s", "self-consistent rate"),
            "branch_stable": variable(over, padded(stable, False), "1", "whether rates return there, delays aside"),
        },
        coords={"along": np.asarray(values, dtype=float)},
        attrs={"vary": vary if brunel is not None else "drive"},
    )


def stability_of(network: Network, rate: np.ndarray) -> xr.Dataset:
    """Growth and frequency of disturbances of a solution, with the state's name, which is empty if it is not known."""
    modes, reason = attempt(lambda: eigenvalues(network, rate, min_growth=SLOWEST), None)
    growth, frequency = (modes[name].values for name in ("growth", "frequency")) if modes else (np.empty(0),) * 2
    state = stability(network, modes)[2] if modes else ""
    return xr.Dataset(
        {
            "mode_growth": variable("mode", growth, "1/s", "growth of a disturbance", missing=reason),
            "mode_frequency": variable("mode", frequency, "Hz", "frequency of a disturbance"),
            "state": variable((), state, "1", "state by linear stability, white noise"),
        }
    )


def spectrum_of(network: Network, rate: np.ndarray, stability: xr.Dataset) -> xr.Dataset:
    """Spectrum of each population's activity about a stable solution; NaN with a reason where there is none.

    `stability` is of `stability_of` for that solution.
    """
    over = ("frequency", "population")
    spectrum, reason = None, stability["mode_growth"].attrs.get("missing", "") or "the state is not stable"
    if stability["state"].item() and not (stability["mode_growth"] > 0).any():
        spectrum, reason = attempt(lambda: predicted_spectrum(network, FREQUENCY, rate), None)
    nothing = np.full((len(FREQUENCY), len(network.populations)), np.nan)
    power = nothing if spectrum is None else spectrum["power"].values
    return xr.Dataset(
        {"power": variable(over, power, "(spikes/s)²/Hz", "power of the activity, white noise", missing=reason)},
        coords={"frequency": variable("frequency", FREQUENCY, "Hz", "frequency")},
    )


def shot_noise_of(network: Network, rate: np.ndarray) -> xr.Dataset:
    """Rates for input spikes of finite size on a time grid of 0.1 ms, from a solution on."""
    predicted, reason = attempt(lambda: shot_noise_fixed_point(network, dt=0.1, start=rate), None)
    values = np.full(len(rate), np.nan) if predicted is None else predicted["rate"].values
    reason = reason if predicted is None else str(predicted.attrs.get("missing", ""))
    shot_noise = variable("population", values, "spikes/s", "self-consistent rate, shot noise", missing=reason)
    return xr.Dataset({"shot_noise_rate": shot_noise})


def overview(
    network: Network, brunel: dict[str, Any] | None, vary: str, values: Sequence[float], state: int | None = None
) -> xr.Dataset:
    """All pieces about one of the solutions, by default the highest stable one; as the explorer first shows them."""
    dataset = with_basins(network, stationary(network))
    state = preferred(dataset) if state is None else state
    rate = dataset["rate"].values[state]
    stable = stability_of(network, rate)
    parts = [stable, spectrum_of(network, rate, stable), shot_noise_of(network, rate)]
    along = branches(network, brunel, vary, values)
    chosen = variable((), state, "1", "number of the solution that is looked at")
    return xr.merge([dataset, along, *parts]).assign(chosen=chosen).assign_attrs(along.attrs)


def preferred(dataset: xr.Dataset) -> int:
    """Number of the stable solution of highest rate, or of the highest one."""
    stable = np.flatnonzero(dataset["stable"].values)
    return int(stable[-1]) if len(stable) else dataset.sizes["fixed_point"] - 1


def _axis(network: Network, n: int) -> np.ndarray:
    """Rates up to the limit that the refractory period sets, finer where they are low."""
    longest = float(np.max(network.t_ref))
    return np.sinh(np.linspace(0.0, np.arcsinh(1e3 / max(longest, 1.0)), n))
