"""Simulated rate of all seeds together, with its uncertainty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from meanfield.simulation.measures.long_run_variance import why_missing
from meanfield.simulation.measures.seed_pooling import pool_seeds
from meanfield.simulation.measures.spike_trains import rate_upper_bound

# What the standard error of a single run is over.
ONE_SEED = "time, with one seed; what differs from one drawn network to the next is not in them"


class PooledRate(NamedTuple):
    """Simulated rates of all seeds together, in spikes/s; arrays of shape (N,)."""

    rate: np.ndarray
    sem: np.ndarray  # NaN where nothing is known of it
    freedom: np.ndarray  # degrees of freedom of the standard error, for Student's t
    upper: np.ndarray  # one-sided, 95 %
    over: str  # what the standard error was taken over
    missing: str  # why a population that fired has none


def pooled_rate(spiking: xr.Dataset) -> PooledRate:
    """Mean rate over seeds with its uncertainty; `spiking` is from `simulate_spiking`."""
    n_seeds = spiking.sizes["seed"]
    rate = spiking["rate"].mean("seed").values
    sem, freedom = pool_seeds(*(spiking[name].values for name in ("rate", "rate_sem", "rate_freedom")))
    over = f"time and {n_seeds} seeds" if n_seeds > 1 else ONE_SEED
    size = [(spiking["neuron_population"] == name).sum() for name in spiking["population"].values]
    neuron_seconds = np.array(size) * 1e-3 * float(spiking["duration"].sum())
    upper, missing = rate_upper_bound(rate, sem, freedom, neuron_seconds), why_missing(rate, sem)
    known = sem > 0
    return PooledRate(rate, np.where(known, sem, np.nan), np.where(known, freedom, np.nan), upper, over, missing)
