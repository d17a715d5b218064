"""Parts of the step from theory to the simulated network, measured on surrogates."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.comparison.driven_neurons import driven_rate
from meanfield.model.assumptions import neurons_differ
from meanfield.model.multapses import multapse_share
from meanfield.model.network import Network
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.measures.seed_pooling import pool_seeds

Level = tuple[np.ndarray, np.ndarray]  # rates (spikes/s) and their errors, of shape (N,)


def parts_above_time_grid(grid: Level, driven: Level, surrogates: xr.Dataset, simulated: Level) -> xr.Dataset:
    """From self-consistent rates on the time grid on; `driven` is theory there at the simulated rates."""
    measured = _levels(surrogates)
    # The reaction's error is only numerical, though the simulated rates decide it.
    return _steps({"time_grid": grid, "reaction": driven, "control": measured.pop("poisson")}, measured, simulated)


def parts_above_white_noise(
    network: Network, rung: str, level: Level, spiking: xr.Dataset, surrogates: xr.Dataset, simulated: Level
) -> xr.Dataset:
    """From a rung of the theory of white noise on, of equal neurons unless it is "unequal_neurons"."""
    rate = simulated[0]
    square = (spiking["neuron_rate"] ** 2).mean("seed").groupby(spiking["neuron_population"]).mean()
    second = square.sel(neuron_population=list(network.populations)).values
    levels = {rung: level}
    if rung != "unequal_neurons":
        levels["reaction"] = _exactly(driven_rate(network, rate))
    if neurons_differ(network):
        name = "reaction" if rung == "unequal_neurons" else "unequal_neurons"
        levels[name] = _exactly(driven_rate(network, rate, second))
    if multapse_share(network).any():
        levels["multapses"] = _exactly(driven_rate(network, rate, second, multapses=True))
    measured = _levels(surrogates)
    return _steps({**levels, "jumps_in_steps": measured.pop("poisson")}, measured, simulated)


def _exactly(rate: np.ndarray) -> Level:
    return rate, 1e-13 * rate


def _levels(surrogates: xr.Dataset) -> dict[str, Level]:
    """Each kind of surrogate, all seeds together."""
    mean = surrogates["surrogate_rate"].mean("seed")
    runs = [surrogates[f"surrogate_rate{part}"].transpose("seed", ...) for part in ("", "_sem", "_freedom")]
    error = mean.copy(data=pool_seeds(*runs).error)
    kinds = surrogates["surrogate"].values
    return {str(kind): (mean.sel(surrogate=kind).values, error.sel(surrogate=kind).values) for kind in kinds}


def _steps(levels: dict[str, Level], measured: dict[str, Level], simulated: Level) -> xr.Dataset:
    """The way from the first level, a rung, to the network; each part is named as the level that it leads to."""
    levels |= {"trains": measured["shifted"], "correlations": measured["replayed"], "rest": simulated}
    above, *parts = levels
    rate, rate_error = (np.stack(each) for each in zip(*levels.values(), strict=True))
    over, errors = ("part", "population"), np.hypot(rate_error[1:], rate_error[:-1])
    what = "part of the step to the simulated rate"
    return xr.Dataset(
        {
            "part_contribution": variable(
                over, np.diff(rate, axis=0), "spikes/s", what, judged_as=SINGLE_DRAW, above=above
            ),
            "part_error": variable(over, errors, "spikes/s", "its standard error", judged_as=SINGLE_DRAW),
        },
        coords={"part": parts},
    )
