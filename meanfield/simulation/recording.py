"""Records of a network's spikes: rates, activity, intervals, and the spikes of a sample."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import xarray as xr

from meanfield.model.network import Network
from meanfield.model.variables import RESTATED, SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.simulation.measures import spike_trains as statistics
from meanfield.simulation.measures.long_run_variance import ErrorOfMean, rate_error

SPIKES = ["spike_step", "spike_neuron", "spike_seed"]


class Recording:
    """What is kept of the spikes of one run: counts of all, and the spikes of a sample.

    Parameters
    ----------
    network : Network
    dt : float, ms
        Time step, in which the spikes are counted.
    warmup : float, ms
        When the recording starts.
    record : int or "all"
        Of how many neurons in each population the spikes are kept.
    """

    def __init__(self, network: Network, *, dt: float, warmup: float, record: int | Literal["all"]):
        self.network = network
        self.dt = dt
        self.start = round(warmup / dt)
        self.elapsed = 0  # steps, warm-up included
        size = network.size
        self.population = np.repeat(np.arange(len(size)), size)
        first = np.cumsum(size) - size
        kept = size if record == "all" else np.minimum(size, record)
        self.in_sample = np.arange(size.sum()) - first[self.population] < kept[self.population]
        self.neurons = statistics.NeuronCounts(int(size.sum()))
        # Of each piece of time
        self._counts: list[np.ndarray] = []
        self._steps: list[np.ndarray] = []
        self._neurons: list[np.ndarray] = []

    @property
    def n_steps(self) -> int:
        """Recorded time steps."""
        return max(0, self.elapsed - self.start)

    @property
    def duration(self) -> float:
        """Recorded biological time in ms."""
        return self.n_steps * self.dt

    @property
    def counts(self) -> np.ndarray:
        """Spikes of each population in each time step; shape (n_steps, N)."""
        return np.concatenate(self._counts)

    def take(self, pieces: Iterable[tuple[np.ndarray, np.ndarray, int]]) -> None:
        """Count the spikes of a simulation's next pieces of time, and keep those of the sample.

        Parameters
        ----------
        pieces : iterable of tuples
            For each piece ``step``, the end of the step in which each spike was fired, counted from the start of the
            simulation; ``neuron``, which fired it, counted from 0; both in any order; and the piece's number of steps.
        """
        for step, neuron, n_steps in pieces:
            before = self.n_steps
            self.elapsed += n_steps
            after = step > self.start
            self._take(step[after].astype(np.int64) - self.start, neuron[after].astype(np.int32), before)

    def _take(self, step: np.ndarray, neuron: np.ndarray, before: int) -> None:
        n_steps, n_populations = self.n_steps - before, len(self.network.size)
        place = (step - before - 1) * n_populations + self.population[neuron]
        counts = np.bincount(place, minlength=n_steps * n_populations).reshape(n_steps, n_populations)
        self._counts.append(counts.astype(np.int32))
        self.neurons.add(step, neuron)
        sample = self.in_sample[neuron]
        step, neuron = step[sample].astype(np.int32), neuron[sample]
        order = np.lexsort((neuron, step))
        self._steps.append(step[order])
        self._neurons.append(neuron[order])

    def rate(self) -> np.ndarray:
        """Rate of each population; shape (N,), spikes/s."""
        return self.counts.sum(axis=0) / (self.network.size * 1e-3 * self.duration)

    def rate_error(self) -> ErrorOfMean:
        """How well each population's rate is known; three arrays of shape (N,)."""
        populations = zip(self.counts.T, self.network.size, strict=True)
        return ErrorOfMean(*np.array([rate_error(counts, int(size), self.dt) for counts, size in populations]).T)

    def dataset(self, *, bin_width: float) -> xr.Dataset:
        """Rates, activity, CV and a sample of spikes; see `simulate_spiking` for the variables.

        Parameters
        ----------
        bin_width : float, ms
            Width of the activity's bins.
        """
        size, names = self.network.size, list(self.network.populations)

        rate, (sem, freedom, drift) = self.rate(), self.rate_error()
        upper = statistics.rate_upper_bound(rate, sem, freedom, size * 1e-3 * self.duration)
        neuron_rate = self.neurons.spikes / (1e-3 * self.duration)

        neuron_cv = self.neurons.cv()
        known = np.isfinite(neuron_cv)
        cv_neurons = np.bincount(self.population[known], minlength=len(size))
        cv_sum = np.bincount(self.population[known], weights=neuron_cv[known], minlength=len(size))
        cv = np.divide(cv_sum, cv_neurons, out=np.full(len(size), np.nan), where=cv_neurons > 0)

        bin_steps = round(bin_width / self.dt)
        activity = statistics.binned_rate(self.counts, bin_steps, size, self.dt)
        time = self.dt * bin_steps * (np.arange(len(activity)) + 0.5)

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
                    np.concatenate(self._steps),
                    "dt",
                    "time step of a spike, from the warm-up's end",
                    judged_as=SINGLE_DRAW,
                ),
                "spike_neuron": variable(
                    "spike", np.concatenate(self._neurons), "1", "neuron that fired it", judged_as=SINGLE_DRAW
                ),
                "duration": variable((), self.duration, "ms", "recorded biological time", judged_as=SINGLE_DRAW),
            },
            coords={
                "population": names,
                "time": variable("time", time, "ms", "time after the warm-up, middle of a bin", judged_as=SINGLE_DRAW),
                "neuron_population": variable(
                    "neuron", np.array(names)[self.population], "1", "population of a neuron"
                ),
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
