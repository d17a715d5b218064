"""What is kept and told of a network's spikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import xarray as xr

from meanfield.model.network import Network
from meanfield.simulation.measures import spike_trains as statistics

SPIKES = ["spike_step", "spike_neuron", "spike_seed"]


class Recording:
    """All spikes of one run, ordered by time and neuron.

    Parameters
    ----------
    network : Network
    dt : float, ms
        Time step, in which the spikes are counted.
    warmup : float, ms
        When the recording starts.
    """

    def __init__(self, network: Network, *, dt: float, warmup: float):
        self.network = network
        self.dt = dt
        self.start = round(warmup / dt)
        self.n_steps = 0
        self.step = np.empty(0, dtype=np.int32)
        self.neuron = np.empty(0, dtype=np.int32)
        # Index of each population's first neuron, and at the end the number of all.
        self.first = np.concatenate([[0], np.cumsum(network.size)])

    @property
    def duration(self) -> float:
        """Recorded biological time in ms."""
        return self.n_steps * self.dt

    def take(self, step: np.ndarray, neuron: np.ndarray, n_steps: int) -> None:
        """Keep the spikes of the next `n_steps`.

        Parameters
        ----------
        step : array of int, shape (n_spikes,)
            The end of the step in which each was fired, counted from the start of the simulation.
        neuron : array of int, shape (n_spikes,)
            Which fired it, counted from 0.
        n_steps : int
        """
        step, neuron = (step - self.start).astype(np.int32), neuron.astype(np.int32)
        order = np.lexsort((neuron, step))
        self.step = np.concatenate([self.step, step[order]])
        self.neuron = np.concatenate([self.neuron, neuron[order]])
        self.n_steps += n_steps

    def binned(self, edges: np.ndarray) -> np.ndarray:
        """Rate of each population between the `edges` (steps); shape (n_bins, N), spikes/s."""
        member = np.searchsorted(self.first, self.neuron, side="right") - 1
        return np.stack(
            [
                statistics.binned_rate(self.step[member == n], edges, int(size), self.dt)
                for n, size in enumerate(self.network.size)
            ],
            axis=-1,
        )

    def block_rate(self, length: float) -> np.ndarray:
        """Rate of each population in blocks of about `length` (ms); shape (n_blocks, N), spikes/s."""
        n_blocks = min(round(self.duration / length), self.n_steps)
        return self.binned(np.rint(np.linspace(0, self.n_steps, n_blocks + 1)).astype(int))

    def dataset(self, block_rate: np.ndarray, *, bin_width: float, record: int | Literal["all"]) -> xr.Dataset:
        """Rates, activity, CV and a sample of spikes; see `simulate_spiking` for the variables.

        Parameters
        ----------
        block_rate : array, shape (n_blocks, N), spikes/s
            Rates whose spread gives the standard error.
        bin_width : float, ms
            Width of the activity's bins.
        record : int or "all"
            Of how many neurons in each population the spikes are kept.
        """
        size, names = self.network.size, list(self.network.populations)
        n_neurons = int(size.sum())
        population = np.repeat(np.arange(len(size)), size)

        neuron_rate = statistics.neuron_rates(self.neuron, n_neurons, self.duration)
        rate = np.bincount(population, weights=neuron_rate) / size
        sem = np.where(rate > 0, statistics.standard_error(block_rate), np.nan)
        upper = statistics.rate_upper_bound(rate, sem, len(block_rate), size * 1e-3 * self.duration)

        neuron_cv = statistics.interval_cv(self.step, self.neuron, n_neurons)
        told = np.isfinite(neuron_cv)
        cv_neurons = np.bincount(population[told], minlength=len(size))
        cv_sum = np.bincount(population[told], weights=neuron_cv[told], minlength=len(size))
        cv = np.divide(cv_sum, cv_neurons, out=np.full(len(size), np.nan), where=cv_neurons > 0)

        edges = np.arange(0, self.n_steps + 1, round(bin_width / self.dt))
        time = self.dt * (edges[:-1] + edges[1:]) / 2

        kept = size if record == "all" else np.minimum(size, record)
        sample = (np.arange(n_neurons) - self.first[population] < kept[population])[self.neuron]

        def told_as(dimensions, values, units, long_name):
            return dimensions, values, {"units": units, "long_name": long_name}

        return xr.Dataset(
            {
                "rate": told_as("population", rate, "spikes/s", "population rate"),
                "rate_sem": told_as("population", sem, "spikes/s", "standard error of the rate over time blocks"),
                "rate_upper": told_as("population", upper, "spikes/s", "95 % upper bound of the rate"),
                "block_rate": told_as(("block", "population"), block_rate, "spikes/s", "population rate in a block"),
                "cv": told_as("population", cv, "1", "mean CV of the neurons' inter-spike intervals"),
                "cv_neurons": told_as("population", cv_neurons, "1", "neurons with enough intervals for a CV"),
                "neuron_rate": told_as("neuron", neuron_rate, "spikes/s", "rate of each neuron"),
                "activity": told_as(("time", "population"), self.binned(edges), "spikes/s", "population activity"),
                "spike_step": told_as("spike", self.step[sample], "dt", "time step of a spike, from the warm-up's end"),
                "spike_neuron": told_as("spike", self.neuron[sample], "1", "neuron that fired it"),
                "duration": told_as((), self.duration, "ms", "recorded biological time"),
            },
            coords={
                "population": names,
                "block": np.arange(len(block_rate)),
                "time": told_as("time", time, "ms", "time after the warm-up, middle of a bin"),
                "neuron_population": told_as("neuron", np.array(names)[population], "1", "population of a neuron"),
            },
        )


def join_seeds(runs: Sequence[xr.Dataset]) -> xr.Dataset:
    """One dataset of several runs; those that ended earlier than others are padded with NaN."""
    seed_of_spike = {"units": "1", "long_name": "seed of the run that it belongs to"}
    spikes = [
        run[SPIKES[:2]]
        .drop_vars("seed")
        .assign(spike_seed=("spike", np.full(run.sizes["spike"], int(run.seed)), seed_of_spike))
        for run in runs
    ]
    options = {"coords": "minimal", "compat": "override"}
    return xr.merge(
        [
            xr.concat([run.drop_vars(SPIKES[:2]) for run in runs], dim="seed", join="outer", **options),
            xr.concat(spikes, dim="spike", join="outer", **options),
        ],
        join="outer",
        compat="override",
    )
