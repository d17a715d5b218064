"""A look at the end of a run, of the same size for every run, so that batches of runs can be collected."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.variables import SINGLE_DRAW, variable

BIN = 0.5  # ms


def excerpt(spiking: xr.Dataset, *, shown: float = 200.0, neurons: int = 50) -> xr.Dataset:
    """Raster and activity of the last `shown` milliseconds of the first run, in bins of 0.5 ms.

    Parameters
    ----------
    spiking : Dataset
        From `simulate_spiking`, with bins of the activity that fit into 0.5 ms.
    shown : float, ms
        Default 200.
    neurons : int
        Rows of the raster (default 50), shared among the populations by their sizes, at least one for each.

    Returns
    -------
    Dataset
        ``raster`` (raster_neuron, raster_time), spikes in a bin, with the population of each row as coordinate
        ``raster_population``; ``raster_activity`` (raster_time, population), in spikes/s. Time starts at 0.
    """
    dt, per_bin = spiking.attrs["dt"], round(BIN / spiking.attrs["bin_width"])
    n_bins = round(shown / BIN)
    run = spiking.isel(seed=0)
    end = round(float(run["duration"]) / dt)
    start = end - n_bins * round(BIN / dt)

    member, names = spiking["neuron_population"].values, spiking["population"].values
    rows = [np.flatnonzero(member == name) for name in names]
    rows = [members[: max(1, round(neurons * len(members) / len(member)))] for members in rows]
    row_of = np.full(len(member), -1)
    row_of[np.concatenate(rows)] = np.arange(sum(map(len, rows)))

    step, neuron = spiking["spike_step"].values, spiking["spike_neuron"].values
    shown_spikes = (spiking["spike_seed"].values == int(run["seed"])) & (step > start) & (row_of[neuron] >= 0)
    raster = np.zeros((sum(map(len, rows)), n_bins), dtype=np.uint8)
    np.add.at(raster, (row_of[neuron[shown_spikes]], (step[shown_spikes] - start - 1) // round(BIN / dt)), 1)

    activity = run["activity"].values
    activity = activity[np.isfinite(activity[:, 0])]
    last = activity[len(activity) - n_bins * per_bin :]
    return xr.Dataset(
        {
            "raster": variable(("raster_neuron", "raster_time"), raster, "1", "spikes in a bin", judged_as=SINGLE_DRAW),
            "raster_activity": variable(
                ("raster_time", "population"),
                last.reshape(n_bins, per_bin, len(names)).mean(axis=1),
                "spikes/s",
                "population activity at the end of the run",
                judged_as=SINGLE_DRAW,
            ),
        },
        coords={
            "raster_time": (
                "raster_time",
                BIN * (np.arange(n_bins) + 0.5),
                {"units": "ms", "long_name": "time, middle of a bin"},
            ),
            "raster_population": ("raster_neuron", np.repeat(names, list(map(len, rows)))),
            "population": names,
        },
    )
