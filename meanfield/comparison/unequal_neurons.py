"""Rates over the neurons of a population, where in-degrees or weights make neurons unequal."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import ndtr

from meanfield.model.assumptions import neurons_differ
from meanfield.model.network import Network
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.theory.attempt import attempt
from meanfield.theory.white_noise.rate_distribution import rate_distribution

# What is taken from theory, and its name here.
_PREDICTED = {
    "rate": "unequal_rate",
    "observed_spread": "unequal_spread",
    "rate_quantile": "rate_quantile",
    "cv_quantile": "cv_quantile",
}


def unequal_neurons(network: Network, spiking: xr.Dataset, siegert: np.ndarray) -> xr.Dataset:
    """The simulated spread of rates over neurons, and theory's distribution of them.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From `simulate_spiking`.
    siegert : array, shape (N,), spikes/s
        Siegert's solution for equal neurons.

    Returns
    -------
    Dataset
        Empty if all neurons of a population are equal. Else over population ``unequal_rate`` and ``unequal_spread``,
        theory's mean rate and standard deviation over neurons, counting noise included, and ``simulated_spread``, its
        mean over seeds (spikes/s); over (population, quantile) ``rate_quantile`` and ``cv_quantile``. Theory's are NaN
        where they did not converge, and attribute `missing` of ``unequal_rate`` says why.
    """
    if not neurons_differ(network):
        return xr.Dataset()
    duration = float(spiking["duration"][0])
    known = np.isfinite(siegert).all()
    predicted, reason = attempt(lambda: rate_distribution(network, siegert if known else None, duration=duration), None)
    of_population = spiking["neuron_population"].values[:, None] == np.array(network.populations)
    spread = np.mean(
        [[rates[members].std() for members in of_population.T] for rates in spiking["neuron_rate"].values], axis=0
    )
    measured = variable(
        "population",
        spread,
        "spikes/s",
        "standard deviation of the simulated rates over neurons",
        judged_as=SINGLE_DRAW,
    )
    if predicted is None:
        nothing = np.full(len(network.populations), np.nan)
        rate = variable("population", nothing, "spikes/s", "mean rate of unequal neurons", missing=reason)
        return xr.Dataset({"simulated_spread": measured, "unequal_rate": rate, "unequal_spread": 0.0 * rate})
    predicted["rate"].attrs["missing"] = predicted.attrs.pop("missing")
    return predicted[list(_PREDICTED)].rename(_PREDICTED).drop_attrs(deep=False).assign(simulated_spread=measured)


def counted_rates(rate: np.ndarray, cv: np.ndarray, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of spikes that neurons fire in a recording, and the share of the neurons that fire so many.

    Parameters
    ----------
    rate, cv : array, shape (Q,)
        Rates (spikes/s) of equally large groups of neurons, and the CV of their intervals. Counts of renewal trains
        scatter around their mean ν T with variance CV² ν T, normally.
    duration : float, s
        T.

    Returns
    -------
    counts : array of int, shape (n,)
    share : array, shape (n,)
        Empty, as is `counts`, where nothing fires or the rates are not known.
    """
    if not rate.max() > 0:
        return np.zeros(0, dtype=int), np.zeros(0)
    mean = rate * duration
    spread = np.maximum(np.nan_to_num(cv), 1e-3) * np.sqrt(np.maximum(mean, 1e-9))
    low, high = (mean - 4 * spread).min(), (mean + 4 * spread).max()
    counts = np.arange(max(0, int(np.floor(low))), int(np.ceil(high)) + 1)
    # Less than no spike is none: what a normal distribution has below 0 counts as 0.
    edges = np.concatenate([[-np.inf], counts[:-1] + 0.5, [np.inf]])
    return counts, np.diff(ndtr((edges[:, None] - mean) / spread), axis=0).mean(axis=1)
