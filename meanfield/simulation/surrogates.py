"""Unconnected neurons on surrogates of a network's input: each undoes one of the theory's assumptions and no other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, off_grid, stated
from meanfield.model.variables import STANDARD_ERROR, variable
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.measures.spike_trains import standard_error
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.parameters import SurrogateParameters
from meanfield.simulation.recording import Recording
from meanfield.simulation.spiking import BLOCKS_PER_DURATION
from meanfield.simulation.wiring import (
    advance,
    connect_external_drive,
    connect_poisson,
    connect_populations,
    create_neurons,
    new_spikes,
    progress_bar,
    record_spikes,
)

SURROGATES = ("poisson", "shifted", "replayed")


def simulate_surrogates(
    network: Network, spiking: xr.Dataset, *, progress: bool = True, chatter: bool = False, **parameters: Any
) -> xr.Dataset:
    """Drive unconnected neurons with what the neurons of a simulated network receive, made simpler in steps.

    - ``poisson``: independent Poisson trains at the simulated rates: what the theory assumes of trains holds.
    - ``shifted``: the recorded trains, each shifted in time at random (around the end of the recording), so that each
      keeps its own statistics while correlations between trains are gone.
    - ``replayed``: the recorded trains as they were, correlations included.

    A surrogate neuron of a population draws its in-degree anew from all recorded trains, and has the external Poisson
    drive of its population; nothing that it does acts back.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From ``simulate_spiking(network, record="all", …)``; its dt, threads and seeds are taken over.
    surrogate_neurons : int
        Neurons for each population, surrogate and recorded seed (default 2000).
    surrogate_warmup : float, ms
        Start of the recording that is played but not measured (default 100).
    surrogate_seed : int
        Seed of the first surrogate; the others count on from it (default 10001).
    progress : bool
        Whether to show progress and the remaining time.
    chatter : bool
        Whether NEST may print its messages.

    Returns
    -------
    Dataset
        ``surrogate_rate`` (surrogate, seed, population) and its standard error over time blocks
        ``surrogate_rate_sem``, in spikes/s; ``surrogate_cv``, of inter-spike intervals. Each ``seed`` is that of the
        recorded run.

    Raises
    ------
    ParameterError
        If a parameter cannot be used, the recording does not hold all spikes, or memory does not suffice.
    """
    run = SurrogateParameters(**parameters)
    dt, threads = float(spiking.attrs["dt"]), int(spiking.attrs["threads"])
    culprits = list(off_grid("the time step dt", dt, surrogate_warmup=run.surrogate_warmup))
    if spiking.attrs["record"] != "all":
        culprits.append(
            f"{stated('record', spiking.attrs['record'])} must be 'all' for surrogates of the recorded trains"
        )
    shortest = float(spiking["duration"].min())
    if run.surrogate_warmup >= shortest:
        value = stated("surrogate_warmup", run.surrogate_warmup, "ms")
        culprits.append(f"{value} must be shorter than the recording, {shortest!r} ms")
    if culprits:
        raise ParameterError(culprits)
    sample = network.model_copy(update={"size": np.full(len(network.populations), run.surrogate_neurons)})
    refuse_what_does_not_fit(sample)

    seed = run.surrogate_seed
    of_seeds = []
    with progress_bar(len(SURROGATES) * float(spiking["duration"].sum()), progress) as bar:
        for recorded in spiking["seed"].values:
            of_kinds = []
            for kind in SURROGATES:
                bar.set_description(f"seed {recorded}, {kind} surrogate")
                nest = fresh_kernel(dt=dt, threads=threads, seed=seed, chatter=chatter)
                of_kinds.append(_simulate_one(nest, kind, sample, network, spiking.sel(seed=recorded), run, seed, bar))
                seed += 1
            of_seeds.append(xr.concat(of_kinds, dim="surrogate"))
    return xr.concat(of_seeds, dim="seed").assign_coords(surrogate=list(SURROGATES), seed=spiking["seed"].values)


def _simulate_one(
    nest,
    kind: str,
    sample: Network,
    network: Network,
    recorded: xr.Dataset,
    run: SurrogateParameters,
    seed: int,
    bar: tqdm,
) -> xr.Dataset:
    dt, n_steps = recorded.attrs["dt"], round(float(recorded["duration"]) / recorded.attrs["dt"])
    targets = create_neurons(nest, sample, "spread")
    connect_external_drive(nest, sample, targets)
    if kind == "poisson":
        for t, neurons in enumerate(targets):
            for s, rate in enumerate(recorded["rate"].values):
                connect_poisson(nest, sample, t, neurons, float(network.J[t, s]), float(network.K[t, s] * rate))
    else:
        shift = np.random.default_rng(seed).integers(n_steps, size=int(network.size.sum())) if kind == "shifted" else 0
        connect_populations(nest, sample, _play(nest, network, recorded, n_steps, shift), targets)
    recorder = record_spikes(nest, targets, run.surrogate_warmup)
    advance(nest, n_steps, dt, bar)

    recording = Recording(sample, dt=dt, warmup=run.surrogate_warmup)
    recording.take(*new_spikes(recorder), n_steps - recording.start)
    blocks = recording.block_rate(recording.duration / BLOCKS_PER_DURATION)
    statistics = recording.dataset(blocks, bin_width=dt, record=0)
    return xr.Dataset(
        {
            "surrogate_rate": statistics["rate"].assign_attrs(
                long_name="rate of unconnected neurons on surrogate input", ancillary_variables="surrogate_rate_sem"
            ),
            "surrogate_rate_sem": variable(
                "population",
                standard_error(blocks),
                "spikes/s",
                "its standard error over time blocks",
                judged_as=STANDARD_ERROR,
            ),
            "surrogate_cv": statistics["cv"].assign_attrs(long_name="mean CV of their inter-spike intervals"),
        }
    )


def _play(nest, network: Network, recorded: xr.Dataset, n_steps: int, shift: np.ndarray | int) -> Sequence[Any]:
    """Nodes that fire the recorded trains again, shifted by whole steps around the recording's end; by population."""
    own = recorded["spike_seed"].values == int(recorded["seed"])
    step, neuron = recorded["spike_step"].values[own], recorded["spike_neuron"].values[own]
    moved = (step - 1 + (shift[neuron] if np.ndim(shift) else shift)) % n_steps + 1
    order = np.lexsort((moved, neuron))
    times = np.round(moved[order] * recorded.attrs["dt"], 3)  # NEST's unit of time is 0.001 ms
    trains = np.split(times, np.cumsum(np.bincount(neuron, minlength=int(network.size.sum())))[:-1])
    generators = nest.Create("spike_generator", len(trains), params=[{"spike_times": train} for train in trains])
    # A device's spikes reach many neurons faster through a node that repeats them.
    repeaters = nest.Create("parrot_neuron", len(trains))
    nest.Connect(generators, repeaters, "one_to_one", {"delay": recorded.attrs["dt"]})
    first = np.concatenate([[0], np.cumsum(network.size)])
    return [repeaters[int(a) : int(b)] for a, b in itertools.pairwise(first)]
