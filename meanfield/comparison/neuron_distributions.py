"""Distributions of rates and CVs over neurons: simulated in several seeds, and in theory."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import xarray as xr

from meanfield.comparison.unequal_neurons import counted_rates
from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.measures.spike_trains import NeuronCounts
from meanfield.theory.attempt import attempt
from meanfield.theory.white_noise.rate_distribution import rate_distribution

CV_EDGES = np.linspace(0.0, 2.0, 81)


def neuron_distributions(network: Network, spiking: xr.Dataset, start: np.ndarray | None = None) -> xr.Dataset:
    """How rates and CVs differ between the neurons of a population, and how far distributions lie apart.

    Two distributions are compared by the Kolmogorov–Smirnov distance: the largest difference of their cumulative
    distributions, between 0 and 1.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From ``simulate_spiking(network, record="all", …)``, all seeds of the same duration.
    start : array, shape (N,), spikes/s, optional
        Siegert's solution from which `rate_distribution` starts.

    Returns
    -------
    Dataset
        Over (spike_count, population): ``count_share``, share of the neurons that fired so often, mean over seeds, and
        ``predicted_share``, theory's with its counting noise; over (cv_bin, population): ``cv_density``. Over
        population: ``neuron_spread``, standard deviation of the rates over neurons (spikes/s), ``predicted_rate`` and
        ``predicted_spread``, theory's; ``rate_ks_seeds`` and ``cv_ks_seeds``, mean distance between two seeds,
        NaN with one; ``rate_ks_theory``, mean distance of a seed from theory. What theory does not know is NaN;
        attribute `missing` of ``predicted_rate`` says why.

    Raises
    ------
    ParameterError
        If the recording does not hold all spikes.
    """
    if spiking.attrs["record"] != "all":
        raise ParameterError(["distributions over neurons need record = 'all', since CVs come from all spikes"])
    duration = 1e-3 * float(spiking["duration"][0])  # s
    predicted, reason = attempt(lambda: rate_distribution(network, start, duration=1e3 * duration), None)
    counts = np.rint(spiking["neuron_rate"].values * duration).astype(int)  # (seed, neuron)
    cv = neuron_cvs(spiking)
    member = spiking["neuron_population"].values
    most = counts.max(initial=0)
    columns = []
    for name in network.populations:
        mine, my_cv = counts[:, member == name], [values[np.isfinite(values)] for values in cv[:, member == name]]
        share = np.mean([np.bincount(one, minlength=most + 1) / one.size for one in mine], axis=0)
        theory = np.full(most + 1, np.nan)
        if predicted is not None and np.isfinite(predicted["rate"]).all():
            theory = _shares(predicted.sel(population=name), duration, most)
        every = np.concatenate(my_cv)
        columns.append(
            {
                "count_share": share,
                "predicted_share": theory,
                "cv_density": np.histogram(every, CV_EDGES, density=True)[0] if every.size else 0.0 * CV_EDGES[1:],
                "neuron_spread": np.mean(mine.std(axis=1)) / duration,
                "rate_ks_seeds": _between(mine),
                "cv_ks_seeds": _between(my_cv),
                "rate_ks_theory": np.mean([_from_theory(np.bincount(one, minlength=most + 1), theory) for one in mine]),
            }
        )
    unknown = np.full(len(network.populations), np.nan)
    rate, spread = (unknown if predicted is None else predicted[n].values for n in ("rate", "observed_spread"))
    values = {name: np.stack([column[name] for column in columns], axis=-1) for name in columns[0]}
    draw = {"judged_as": SINGLE_DRAW}
    pop, by_count = ("population",), ("spike_count", "population")
    return xr.Dataset(
        {
            "count_share": variable(
                by_count, values["count_share"], "1", "share of neurons with so many spikes", **draw
            ),
            "predicted_share": variable(by_count, values["predicted_share"], "1", "the same in theory"),
            "cv_density": variable(("cv_bin", "population"), values["cv_density"], "1", "density of CVs", **draw),
            "neuron_spread": variable(pop, values["neuron_spread"], "spikes/s", "spread of rates over neurons", **draw),
            "predicted_rate": variable(
                pop, rate, "spikes/s", "mean rate of unequal neurons in theory", missing=reason or predicted.missing
            ),
            "predicted_spread": variable(pop, spread, "spikes/s", "spread of rates over neurons in theory"),
            "rate_ks_seeds": variable(pop, values["rate_ks_seeds"], "1", "KS distance of rates between seeds", **draw),
            "cv_ks_seeds": variable(pop, values["cv_ks_seeds"], "1", "KS distance of CVs between seeds", **draw),
            "rate_ks_theory": variable(pop, values["rate_ks_theory"], "1", "KS distance of rates from theory", **draw),
        },
        coords={
            "population": list(network.populations),
            "spike_count": variable("spike_count", np.arange(most + 1), "1", "spikes of a neuron"),
            "cv_bin": variable("cv_bin", (CV_EDGES[1:] + CV_EDGES[:-1]) / 2, "1", "CV, middle of a bin"),
        },
    )


def neuron_cvs(spiking: xr.Dataset) -> np.ndarray:
    """CV of each neuron's intervals, shape (seed, neuron), from the spikes of all; NaN where there are too few."""
    of_seed = spiking["spike_seed"].values
    rows = []
    for seed in spiking["seed"].values:
        neurons = NeuronCounts(spiking.sizes["neuron"])
        mine = of_seed == seed
        neurons.add(spiking["spike_step"].values[mine].astype(np.int64), spiking["spike_neuron"].values[mine])
        rows.append(neurons.cv())
    return np.array(rows)


def _shares(predicted: xr.Dataset, duration: float, most: int) -> np.ndarray:
    """Theory's share of neurons with 0, 1, … `most` spikes; what lies beyond counts as `most`."""
    counts, share = counted_rates(predicted["rate_quantile"].values, predicted["cv_quantile"].values, duration)
    every = np.zeros(most + 1)
    np.add.at(every, np.minimum(counts, most), share)
    return every


def _between(runs) -> float:
    """Mean Kolmogorov–Smirnov distance between two of several samples."""
    pairs = [_distance(np.sort(a), np.sort(b)) for a, b in combinations(runs, 2) if len(a) and len(b)]
    return float(np.mean(pairs)) if pairs else np.nan


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Kolmogorov–Smirnov distance of two sorted samples."""
    every = np.concatenate([a, b])
    below = (np.searchsorted(sample, every, side="right") / len(sample) for sample in (a, b))
    return float(np.abs(np.subtract(*below)).max())


def _from_theory(histogram: np.ndarray, share: np.ndarray) -> float:
    return float(np.abs(np.cumsum(histogram) / histogram.sum() - np.cumsum(share)).max())
