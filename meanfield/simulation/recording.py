"""Records of a network's spikes: rates, activity, intervals, and the spikes of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import xarray as xr

from meanfield.model.network import Network
from meanfield.model.variables import RESTATED, SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.simulation.measures import spike_trains as statistics
from meanfield.simulation.measures.long_run_variance import ErrorOfMean, rate_error

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

    def by_population(self) -> list[np.ndarray]:
        """The steps of each population's spikes."""
        member = np.searchsorted(self.first, self.neuron, side="right") - 1
        return [self.step[member == n] for n in range(len(self.network.size))]

    def rate(self) -> np.ndarray:
        """Rate of each population; shape (N,), spikes/s."""
        return np.array([len(step) for step in self.by_population()]) / (self.network.size * 1e-3 * self.duration)

    def rate_error(self) -> ErrorOfMean:
        """How well each population's rate is known; three arrays of shape (N,)."""
        populations = zip(self.by_population(), self.network.size, strict=True)
        return ErrorOfMean(
            *np.array([rate_error(step, self.n_steps, int(size), self.dt) for step, size in populations]).T
        )

    def dataset(self, *, bin_width: float, record: int | Literal["all"]) -> xr.Dataset:
        """Rates, activity, CV and a sample of spikes; see `simulate_spiking` for the variables.

        Parameters
        ----------
        bin_width : float, ms
            Width of the activity's bins.
        record : int or "all"
            Of how many neurons in each population the spikes are kept.
        """
        size, names = self.network.size, list(self.network.populations)
        n_neurons = int(size.sum())
        population = np.repeat(np.arange(len(size)), size)

        rate, (sem, freedom, drift) = self.rate(), self.rate_error()
        upper = statistics.rate_upper_bound(rate, sem, freedom, size * 1e-3 * self.duration)
        neuron_rate = statistics.neuron_rates(self.neuron, n_neurons, self.duration)

        neuron_cv = statistics.interval_cv(self.step, self.neuron, n_neurons)
        known = np.isfinite(neuron_cv)
        cv_neurons = np.bincount(population[known], minlength=len(size))
        cv_sum = np.bincount(population[known], weights=neuron_cv[known], minlength=len(size))
        cv = np.divide(cv_sum, cv_neurons, out=np.full(len(size), np.nan), where=cv_neurons > 0)

        edges = np.arange(0, self.n_steps + 1, round(bin_width / self.dt))
        time = self.dt * (edges[:-1] + edges[1:]) / 2
        trains = zip(self.by_population(), size, strict=True)
        activity = np.stack([statistics.binned_rate(step, edges, int(n), self.dt) for step, n in trains], axis=-1)

        kept = size if record == "all" else np.minimum(size, record)
        sample = (np.arange(n_neurons) - self.first[population] < kept[population])[self.neuron]

        return xr.Dataset(
            {
                "rate": variable("population", rate, "spikes/s", "population rate", error="rate_sem"),
                "rate_sem": variable(
                    "population",
                    sem,
                    "spikes/s",
                    "standard error of the rate over time",
                    error="rate_freedom",
                    judged_as=STANDARD_ERROR,
                ),
                "rate_freedom": variable(
                    "population", freedom, "1", "degrees of freedom of the standard error", judged_as=SINGLE_DRAW
                ),
                "rate_drift": variable(
                    "population",
                    drift,
                    "1",
                    "difference of the record's halves, a normal deviate",
                    judged_as=SINGLE_DRAW,
                ),
                "rate_upper": variable(
                    "population", upper, "spikes/s", "95 % upper bound of the rate", judged_as=RESTATED
                ),
                "cv": variable(
                    "population", cv, "1", "mean CV of the neurons' inter-spike intervals", judged_as=SINGLE_DRAW
                ),
                "cv_neurons": variable(
                    "population", cv_neurons, "1", "neurons with enough intervals for a CV", judged_as=SINGLE_DRAW
                ),
                "neuron_rate": variable(
                    "neuron", neuron_rate, "spikes/s", "rate of each neuron", judged_as=SINGLE_DRAW
                ),
                "activity": variable(
                    ("time", "population"), activity, "spikes/s", "population activity", judged_as=SINGLE_DRAW
                ),
                "spike_step": variable(
                    "spike",
                    self.step[sample],
                    "dt",
                    "time step of a spike, from the warm-up's end",
                    judged_as=SINGLE_DRAW,
                ),
                "spike_neuron": variable(
                    "spike", self.neuron[sample], "1", "neuron that fired it", judged_as=SINGLE_DRAW
                ),
                "duration": variable((), self.duration, "ms", "recorded biological time", judged_as=SINGLE_DRAW),
            },
            coords={
                "population": names,
                "time": variable("time", time, "ms", "time after the warm-up, middle of a bin", judged_as=SINGLE_DRAW),
                "neuron_population": variable("neuron", np.array(names)[population], "1", "population of a neuron"),
            },
        )


def join_seeds(runs: Sequence[xr.Dataset]) -> xr.Dataset:
    """One dataset of several runs; those that ended earlier than others are padded with NaN."""
    spikes = [run[SPIKES[:2]].drop_vars("seed").assign(spike_seed=_seed_of_spikes(run)) for run in runs]
    options = {"coords": "minimal", "compat": "override"}
    return xr.merge(
        [
            xr.concat([run.drop_vars(SPIKES[:2]) for run in runs], dim="seed", join="outer", **options),
            xr.concat(spikes, dim="spike", join="outer", **options),
        ],
        join="outer",
        compat="override",
    )


def _seed_of_spikes(run: xr.Dataset):
    seed = np.full(run.sizes["spike"], int(run.seed))
    return variable("spike", seed, "1", "seed of the run that it belongs to", judged_as=SINGLE_DRAW)
