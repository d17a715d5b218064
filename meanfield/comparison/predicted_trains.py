"""Self-consistent trains at every setting of an experiment."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from tqdm import tqdm

from meanfield.model.brunel import BrunelParameters, brunel_network
from meanfield.model.quantities import ParameterError
from meanfield.model.variables import SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.theory.attempt import attempt
from meanfield.theory.trains.self_consistent import self_consistent_trains

SPIKES = 12_000  # in a generation, where neurons fire often enough
FEWEST_NEURONS, MOST_NEURONS = 60, 200
LONGEST = 2000.0  # ms, of trains
MOST_GENERATIONS = 64


def predict_trains(collected: xr.Dataset, *, progress: bool = True) -> xr.Dataset:
    """Rate and CV of self-consistent trains at every setting of an experiment, beside Siegert's rate.

    Parameters
    ----------
    collected : Dataset
        Runs of ``deviation.ipynb`` on Brunel's network, collected over any axes and `seed`. The trains start at
        Siegert's rates there.
    progress : bool

    Returns
    -------
    Dataset
        To be merged into `collected`. Over the axes and population: ``trains_rate`` (spikes/s), ``trains_percent``, its
        deviation from Siegert's rate in percent, each with its standard error ``…_sem``; ``trains_cv``, the mean CV of
        recordings as long as the simulated ones, up to 2 s. Over the axes: ``trains_missing``, why there is no number,
        else empty. To 0.1 % of the rate where 64 generations are enough.

    Raises
    ------
    ParameterError
        If the runs are not of Brunel's network.
    """
    fixed = _fixed(collected)
    axes = [name for name in collected["n_solutions"].dims if name != "seed"]
    shape = tuple(collected.sizes[name] for name in axes)
    n = collected.sizes["population"]
    rate, sem, cv = np.full((3, *shape, n), np.nan)
    missing = np.full(shape, "", dtype=object)
    varied = [name for name in collected.coords if name in BrunelParameters.model_fields]
    for at in tqdm(np.ndindex(shape), "self-consistent trains", np.prod(shape), disable=not progress, leave=False):
        point = collected.isel(dict(zip(axes, at, strict=True)))
        network = brunel_network(**fixed | {name: point[name].item() for name in varied})
        trains, missing[at] = attempt(lambda network=network, point=point: _trains(network, point), None)
        if trains is not None:
            rate[at], sem[at], cv[at] = trains["rate"], trains["rate_sem"], trains["cv_in_window"].isel(window=0)
            missing[at] = trains.attrs["missing"]
    siegert = collected["siegert"].mean("seed").transpose(*axes, "population")
    over = (*axes, "population")
    percent, percent_sem = (100.0 * values / siegert.where(siegert > 0.0).values for values in (rate - siegert, sem))
    words = "self-consistent trains"
    return xr.Dataset(
        {
            "trains_rate": variable(over, rate, "spikes/s", f"rate of {words}", error="trains_rate_sem"),
            "trains_rate_sem": variable(over, sem, "spikes/s", "its standard error", judged_as=STANDARD_ERROR),
            "trains_percent": variable(
                over, np.asarray(percent), "%", f"rate of {words} less Siegert's", error="trains_percent_sem"
            ),
            "trains_percent_sem": variable(
                over, np.asarray(percent_sem), "%", "its standard error", judged_as=STANDARD_ERROR
            ),
            "trains_cv": variable(over, cv, "1", f"CV of the intervals of {words}", judged_as=SINGLE_DRAW),
            "trains_missing": variable(axes, missing.astype(str), "1", "why there are no trains"),
        },
        coords={name: collected[name] for name in (*axes, "population")},
    )


def _trains(network, point: xr.Dataset) -> xr.Dataset:
    start = point["siegert"].mean("seed").values
    run = {"dt": point.attrs.get("dt"), "duration": point.attrs.get("duration")}
    run |= {name: point[name].item() for name in run if name in point.coords}  # what differs between runs
    neurons = SPIKES / max(1e-3 * LONGEST * start.mean(), 1.0) if np.isfinite(start).all() else MOST_NEURONS
    return self_consistent_trains(
        network,
        run["dt"],
        start=start if np.isfinite(start).all() else None,
        neurons=int(np.clip(neurons, FEWEST_NEURONS, MOST_NEURONS)),
        duration=LONGEST,
        windows=[min(run["duration"], LONGEST)],
        max_generations=MOST_GENERATIONS,
    )


def _fixed(collected: xr.Dataset) -> dict:
    """The parameters of Brunel's network that no axis varies."""
    made_by = json.loads(collected.attrs.get("provenance", "{}"))
    given = made_by.get("parameters") or {}
    given |= made_by.get("experiment", {}).get("fixed", {})
    if given.get("network_file"):
        raise ParameterError(
            [f"network_file = {given['network_file']!r} is not Brunel's network, the only one predicted here"]
        )
    return {name: value for name, value in given.items() if name in BrunelParameters.model_fields}
