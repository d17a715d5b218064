"""Parts of the step from theory to the simulated network, measured on surrogates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from meanfield.comparison.driven_neurons import driven_rate
from meanfield.model.assumptions import neurons_differ
from meanfield.model.multapses import multapse_share
from meanfield.model.network import Network
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.measures.long_run_variance import why_missing
from meanfield.simulation.measures.seed_pooling import pool_seeds
from meanfield.simulation.surrogates import SURROGATES

Level = tuple[np.ndarray, np.ndarray]  # rates (spikes/s) and their errors, of shape (N,)


def parts_above_time_grid(
    network: Network, grid: Level, driven: Level, spiking: xr.Dataset, surrogates: xr.Dataset, simulated: Level
) -> xr.Dataset:
    """From self-consistent rates on the time grid on; `driven` is theory there at the simulated rates."""
    # The reaction's error is only numerical, though the simulated rates decide it.
    levels = {"time_grid": grid, "reaction": driven}
    levels |= {name: _exactly(driven[0] + more) for name, more in _of_unequal_neurons(network, spiking, simulated[0])}
    return _steps(levels, "control", surrogates, simulated)


def parts_above_white_noise(
    network: Network, rung: str, level: Level, spiking: xr.Dataset, surrogates: xr.Dataset, simulated: Level
) -> xr.Dataset:
    """From a rung of the theory of white noise on, of equal neurons unless it is "unequal_neurons"."""
    equal = driven_rate(network, simulated[0])
    levels = {"reaction": _exactly(equal)}
    levels |= {name: _exactly(equal + more) for name, more in _of_unequal_neurons(network, spiking, simulated[0])}
    if rung in levels:  # what the reaction leads to, then
        levels["reaction"] = levels.pop(rung)
    return _steps({rung: level} | levels, "jumps_in_steps", surrogates, simulated)


def _of_unequal_neurons(network: Network, spiking: xr.Dataset, rate: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """What neurons fire more than equal ones at the simulated rates, in the theory of white noise (spikes/s).

    First since they differ, then since besides some of their sources are drawn more than once. Surrogates of equal
    neurons receive Poisson trains that know of neither.
    """
    if not neurons_differ(network):
        return
    square = (spiking["neuron_rate"] ** 2).mean("seed").groupby(spiking["neuron_population"]).mean()
    second = square.sel(neuron_population=list(network.populations)).values
    equal = driven_rate(network, rate)
    yield "unequal_neurons", driven_rate(network, rate, second) - equal
    if multapse_share(network).any():
        yield "multapses", driven_rate(network, rate, second, multapses=True) - equal


def _exactly(rate: np.ndarray) -> Level:
    return rate, 1e-13 * rate


def _measured(surrogates: xr.Dataset) -> Iterator[Level]:
    """Each kind of surrogate in turn, all seeds together."""
    mean = surrogates["surrogate_rate"].mean("seed")
    runs = [surrogates[f"surrogate_rate{part}"].transpose("seed", ...) for part in ("", "_sem", "_freedom")]
    error = mean.copy(data=pool_seeds(*runs).error)
    for kind in SURROGATES:
        yield mean.sel(surrogate=kind).values, error.sel(surrogate=kind).values


def _steps(levels: dict[str, Level], to_poisson: str, surrogates: xr.Dataset, simulated: Level) -> xr.Dataset:
    """The way from the first level, a rung, to the network; each part is named as the level that it leads to."""
    names = (to_poisson, "trains", "correlations")
    levels |= dict(zip(names, _measured(surrogates), strict=True)) | {"rest": simulated}
    above, *parts = levels
    rate, rate_error = (np.stack(each) for each in zip(*levels.values(), strict=True))
    over, errors = ("part", "population"), np.hypot(rate_error[1:], rate_error[:-1])
    what = "part of the step to the simulated rate"
    return xr.Dataset(
        {
            "part_contribution": variable(
                over, np.diff(rate, axis=0), "spikes/s", what, judged_as=SINGLE_DRAW, above=above
            ),
            "part_error": variable(
                over,
                errors,
                "spikes/s",
                "its standard error",
                judged_as=SINGLE_DRAW,
                missing=why_missing(rate, rate_error),
            ),
        },
        coords={"part": parts},
    )
