"""Statistics of single neurons' trains in a simulation: intervals and counts, as self-consistent trains have them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError, stated
from meanfield.model.variables import SINGLE_DRAW, variable


def measure_trains(spiking: xr.Dataset, windows) -> xr.Dataset:
    """Distribution of the intervals of recorded neurons, and Fano factors of their spike counts.

    Parameters
    ----------
    spiking : Dataset
        From `simulate_spiking`, with the spikes of some neurons (`record`).
    windows : sequence of float, ms
        In which spikes are counted, one after the other; each is rounded to whole time steps.

    Returns
    -------
    Dataset
        Over population and interval (ms): ``interval_probability``, of all recorded neurons and seeds together; and
        window: ``fano``, variance over mean of the counts of all neurons in all windows, NaN without spikes.

    Raises
    ------
    ParameterError
        If no spikes were kept, or a window is longer than a run.
    """
    dt, names = spiking.attrs["dt"], spiking["population"].values
    lengths = np.maximum(np.rint(np.asarray(windows, dtype=float) / dt).astype(int), 1)
    n_steps = np.rint(spiking["duration"].values / dt).astype(int)
    if spiking.attrs["record"] == 0:
        raise ParameterError(["record = 0 has kept no spikes, from which trains could be measured"])
    if lengths.max() > n_steps.min():
        raise ParameterError(
            [f"{stated('windows', list(windows), 'ms')} must not be longer than duration = {dt * n_steps.min():g} ms"]
        )
    member = spiking["neuron_population"].values
    intervals, fano = [], np.full((len(lengths), len(names)), np.nan)
    for a, name in enumerate(names):
        recorded = np.flatnonzero(member == name)
        if spiking.attrs["record"] != "all":
            recorded = recorded[: spiking.attrs["record"]]
        trains = [_in_order(spiking, seed, recorded) for seed in spiking["seed"].values]
        between = [np.diff(step)[np.diff(neuron) == 0] for step, neuron in trains]
        intervals.append(np.bincount(np.concatenate(between)))
        for w, length in enumerate(lengths):
            counts = np.concatenate(
                [_counts(*train, len(recorded), n // length, length) for train, n in zip(trains, n_steps, strict=True)]
            )
            if counts.any():
                fano[w, a] = counts.var(ddof=1) / counts.mean()
    longest = max(2, *map(len, intervals))
    number = np.array([np.pad(one, (0, longest - len(one))) for one in intervals], dtype=float).T[1:]
    with np.errstate(invalid="ignore"):
        probability = number / number.sum(axis=0)
    return xr.Dataset(
        {
            "interval_probability": variable(
                ("interval", "population"), probability, "1", "probability of an interval", judged_as=SINGLE_DRAW
            ),
            "fano": variable(
                ("window", "population"), fano, "1", "variance over mean of spike counts", judged_as=SINGLE_DRAW
            ),
        },
        coords={
            "interval": variable("interval", dt * np.arange(1, longest), "ms", "inter-spike interval"),
            "window": variable("window", list(windows), "ms", "length of a window"),
            "population": names,
        },
    )


def _in_order(spiking: xr.Dataset, seed: int, recorded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps and numbers, from 0 on, of the recorded neurons' spikes; neuron after neuron, each in time."""
    mine = (spiking["spike_seed"].values == seed) & np.isin(spiking["spike_neuron"].values, recorded)
    step = spiking["spike_step"].values[mine].astype(np.int64)
    neuron = np.searchsorted(recorded, spiking["spike_neuron"].values[mine])
    order = np.lexsort((step, neuron))
    return step[order], neuron[order]


def _counts(step, neuron, n_neurons: int, n_windows: int, length: int) -> np.ndarray:
    """Spikes of each neuron in each window; steps count from 1."""
    window = (step - 1) // length
    inside = window < n_windows
    return np.bincount((neuron * n_windows + window)[inside], minlength=n_neurons * n_windows)
