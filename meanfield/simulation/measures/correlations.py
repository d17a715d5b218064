"""Correlations between the neurons of a simulated network."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.measures.spike_trains import population_fano


def measure_correlations(spiking: xr.Dataset, *, window: float = 10.0, sample: int = 200) -> xr.Dataset:
    """Correlations between the neurons of each population, by two measures.

    Parameters
    ----------
    spiking : Dataset
        From `simulate_spiking`; pairs are measured among the recorded neurons, the rest uses all neurons.
    window : float, ms
        Windows in which spikes are counted; rounded to whole bins of the activity (default 10).
    sample : int
        Neurons of each population whose pairs are measured: the first ones, or as many as are recorded (default 200).

    Returns
    -------
    Dataset
        Over (seed, population): ``pair_correlation``, the mean correlation coefficient of the spike counts of two
        neurons; ``pair_correlation_sem``, its standard error, which takes the pairs for independent; ``pairs``, their
        number; ``population_fano``, variance over mean of the whole population's spike counts, 1 for independent
        Poisson trains and rising with the number of neurons where these are correlated.

        What too few spikes do not tell is missing (NaN).

    Raises
    ------
    ParameterError
        If `window` or `sample` cannot be used.
    """
    for name, value, allowed in (
        ("window", window, Quantity("ms", above=0)),
        ("sample", sample, Quantity(at_least=2, whole=True)),
    ):
        try:
            allowed.number(value)
        except ValueError as error:
            raise ParameterError([f"{stated(name, value, allowed.unit)} {error}"]) from None
    bin_width, dt = spiking.attrs["bin_width"], spiking.attrs["dt"]
    bins = max(1, round(window / bin_width))
    population = spiking["neuron_population"].values

    def of_population(seed: int, name: str) -> tuple[float, float, int, float]:
        run = spiking.sel(seed=seed)
        members = np.flatnonzero(population == name)
        activity = run["activity"].sel(population=name).values
        n_windows = int(np.isfinite(activity).sum()) // bins
        fano = population_fano(activity, len(members), bin_width, bins)

        recorded = len(members) if spiking.attrs["record"] == "all" else spiking.attrs["record"]
        chosen = members[: min(sample, recorded)]
        of_seed = spiking["spike_seed"].values == seed
        step, neuron = spiking["spike_step"].values[of_seed], spiking["spike_neuron"].values[of_seed]
        pairs = pair_correlations(step, neuron, chosen, round(bin_width * bins / dt), n_windows)
        if len(pairs) == 0:
            return np.nan, np.nan, 0, fano
        return float(pairs.mean()), float(pairs.std() / np.sqrt(len(pairs))), len(pairs), fano

    seeds, names = spiking["seed"].values, spiking["population"].values
    measured = np.array([[of_population(int(seed), name) for name in names] for seed in seeds])
    what = f"in windows of {bins * bin_width:g} ms"

    def draw(values, long_name):
        return variable(("seed", "population"), values, "1", long_name, judged_as=SINGLE_DRAW)

    return xr.Dataset(
        {
            "pair_correlation": draw(measured[..., 0], f"mean correlation of two neurons' spike counts {what}"),
            "pair_correlation_sem": draw(measured[..., 1], "its standard error over pairs"),
            "pairs": draw(measured[..., 2].astype(int), "pairs of neurons measured"),
            "population_fano": draw(measured[..., 3], f"Fano factor of the population's spike counts {what}"),
        },
        coords={"seed": seeds, "population": names},
    )


def pair_correlations(
    step: np.ndarray, neuron: np.ndarray, chosen: np.ndarray, window_steps: int, n_windows: int
) -> np.ndarray:
    """Correlation coefficients of the spike counts of all pairs of the `chosen` neurons that fired at all.

    Parameters
    ----------
    step, neuron : array of int, shape (n_spikes,)
        Time step, from 1, and neuron of each spike.
    chosen : array of int
        The neurons.
    window_steps, n_windows : int
        Length of a window in time steps, and number of windows.

    Returns
    -------
    array, shape (n_pairs,)
        Empty if fewer than two neurons have counts that vary.
    """
    if n_windows < 2:
        return np.empty(0)
    row = np.full(int(max(chosen.max(), neuron.max(initial=0))) + 1, -1)
    row[chosen] = np.arange(len(chosen))
    window = (step - 1) // window_steps
    use = (row[neuron] >= 0) & (window < n_windows)
    counts = np.zeros((len(chosen), n_windows))
    np.add.at(counts, (row[neuron[use]], window[use]), 1)
    counts = counts[counts.std(axis=1) > 0]
    if len(counts) < 2:
        return np.empty(0)
    return np.corrcoef(counts)[np.triu_indices(len(counts), k=1)]
