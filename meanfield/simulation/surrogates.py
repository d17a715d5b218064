"""Unconnected neurons on surrogates of a network's input: each undoes one of the theory's assumptions and no other."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr

from meanfield.model.assumptions import neurons_differ
from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, off_grid, stated
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.compiled.limits import unsimulated
from meanfield.simulation.measures.long_run_variance import why_missing
from meanfield.simulation.measures.spike_trains import lasting_variance
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.neurons import mixed_synapses
from meanfield.simulation.parameters import SurrogateParameters
from meanfield.simulation.played_trains import PlayedTrains, played_trains, spikes_of_seed
from meanfield.simulation.progress import progress_bar
from meanfield.simulation.recording import Recording
from meanfield.simulation.simulators import SIMULATORS, simulator_named

SURROGATES = ("poisson", "shifted", "replayed")


def simulate_surrogates(
    network: Network,
    spiking: xr.Dataset,
    *,
    simulator: Literal["nest", "compiled"] | None = None,
    progress: bool = True,
    chatter: bool = False,
    **parameters: Any,
) -> xr.Dataset:
    """Drive unconnected neurons with what the neurons of a simulated network receive, made simpler in steps.

    - ``poisson``: independent Poisson trains at the simulated rates: what the theory assumes of trains holds.
    - ``shifted``: the recorded trains, each shifted in time at random (around the end of the recording), so that each
      keeps its own statistics while correlations between trains are gone.
    - ``replayed``: the recorded trains as they were, correlations included.

    A surrogate neuron of a population draws its sources, weights and delays anew, as the network's neurons do, and has
    the external drive of its population; nothing that it does acts back. Where in-degrees or weights make neurons
    differ, the Poisson trains are the recorded ones with each spike at a random time: as many trains as there are
    neurons, each with its neuron's rate.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From ``simulate_spiking(network, record="all", …)``; its dt, threads and seeds are taken over.
    simulator : {"nest", "compiled"}
        See `simulate_spiking`; by default what simulated the network.
    surrogate_neurons : int
        Neurons for each population, surrogate and recorded seed (default 2000). For rule "fixed_total_number" at most
        as many as the population has, between which alone the number of synapses is shared.
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
        ``surrogate_rate`` (surrogate, seed, population) and its standard error over time ``surrogate_rate_sem``, in
        spikes/s, with its degrees of freedom ``surrogate_rate_freedom``; ``surrogate_cv``, of inter-spike intervals.
        Where neurons differ, ``surrogate_spread``, the standard deviation of their rates without that of chance
        (spikes/s), and the standard error is over time and neurons. Each ``seed`` is that of the recorded run.

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
    sample = _sample(network, run.surrogate_neurons, run.surrogate_seed)
    name = simulator or spiking.attrs.get("simulator", "nest")
    if name not in SIMULATORS:
        culprits.append(f"{stated('simulator', name)} must be one of {', '.join(SIMULATORS)}")
    culprits += unsimulated(sample, dt) if name == "compiled" else mixed_synapses(sample)
    if culprits:
        raise ParameterError(culprits)
    refuse_what_does_not_fit(sample, name)
    # Threads of compiled code, which change no result, wait for each other in every step of so few neurons.
    options = {"dt": dt, "V_init": "spread", "threads": threads if name == "nest" else 1}

    seed = run.surrogate_seed
    of_seeds = []
    with (
        progress_bar(len(SURROGATES) * float(spiking["duration"].sum()), progress) as bar,
        simulator_named(name, bar, chatter) as build,
    ):
        for recorded in spiking["seed"].values:
            of_kinds = []
            for kind in SURROGATES:
                bar.set_description(f"seed {recorded}, {kind} surrogate")
                sample = _sample(network, run.surrogate_neurons, seed)
                recording = Recording(sample, dt=dt, warmup=run.surrogate_warmup, record=0)
                n_steps = round(float(spiking["duration"].sel(seed=recorded)) / dt)
                sources = _sources(kind, network, spikes_of_seed(spiking, recorded), n_steps, seed)
                simulation = build(sample, **options, seed=seed, sources=sources)
                half = (recording.start + n_steps) // 2 if neurons_differ(network) else n_steps
                recording.take(simulation.advance(half, bar))
                early = recording.neurons.spikes.copy(), recording.duration
                recording.take(simulation.advance(n_steps - half, bar))
                measured = _measured(recording)
                of_kinds.append(_with_spread(measured, recording, *early) if neurons_differ(network) else measured)
                seed += 1
            of_seeds.append(xr.concat(of_kinds, dim="surrogate"))
    dataset = xr.concat(of_seeds, dim="seed").assign_coords(surrogate=list(SURROGATES), seed=spiking["seed"].values)
    if reason := why_missing(dataset["surrogate_rate"], dataset["surrogate_rate_sem"]):
        dataset["surrogate_rate_sem"].attrs["missing"] = reason
    return dataset


def _sample(network: Network, n: int, seed: int) -> Network:
    """The network with `n` neurons in each population, which draw in-degrees as the network's do."""
    if network.rule != "fixed_total_number":
        return network.model_copy(update={"size": np.full(len(network.populations), n)})
    # Of the synapses that are dealt to a population as many as chance gives to `n` of its neurons.
    size = np.minimum(network.size, n)
    total = np.rint(network.K * network.size[:, np.newaxis]).astype(int)
    dealt = np.random.default_rng([seed, 1]).binomial(total, (size / network.size)[:, np.newaxis])
    return network.model_copy(update={"size": size, "K": dealt / size[:, np.newaxis]})


def _sources(kind: str, network: Network, recorded: xr.Dataset, n_steps: int, seed: int) -> PlayedTrains | np.ndarray:
    """What the neurons of a surrogate receive in place of the network's spikes; see `NestSimulation`."""
    random, neuron = np.random.default_rng(seed), recorded["spike_neuron"].values
    if kind == "poisson" and not neurons_differ(network):
        return recorded["rate"].values
    shift = 0
    if kind == "poisson":
        shift = random.integers(n_steps, size=len(neuron))
    elif kind == "shifted":
        shift = random.integers(n_steps, size=int(network.size.sum()))[neuron]
    return played_trains(recorded, network.size, n_steps, shift)


def _measured(recording: Recording) -> xr.Dataset:
    statistics = recording.dataset(bin_width=recording.dt)
    return xr.Dataset(
        {
            "surrogate_rate": statistics["rate"].assign_attrs(
                long_name="rate of unconnected neurons on surrogate input", ancillary_variables="surrogate_rate_sem"
            ),
            "surrogate_rate_sem": statistics["rate_sem"].assign_attrs(
                long_name="its standard error over time", ancillary_variables="surrogate_rate_freedom"
            ),
            "surrogate_rate_freedom": statistics["rate_freedom"],
            "surrogate_cv": statistics["cv"].assign_attrs(long_name="mean CV of their inter-spike intervals"),
        }
    )


def _with_spread(measured: xr.Dataset, recording: Recording, spikes: np.ndarray, duration: float) -> xr.Dataset:
    """The same, with how far neurons differ; of the first half each one's number of spikes, and how long it was."""
    first, second = spikes / duration, (recording.neurons.spikes - spikes) / (recording.duration - duration)
    size, population = recording.network.size, recording.population
    variance = [1e6 * lasting_variance(first[population == p], second[population == p]) for p in range(len(size))]
    time, freedom = measured["surrogate_rate_sem"], measured["surrogate_rate_freedom"]
    neurons = np.array(variance) / size
    square = time**2 + neurons
    # Degrees of freedom of the sum of two variances (Welch & Satterthwaite).
    both = square**2 / (time**4 / freedom + neurons**2 / np.maximum(size - 1, 1))
    error = np.sqrt(square).assign_attrs(time.attrs | {"long_name": "its standard error over time and neurons"})
    return measured.assign(
        surrogate_rate_sem=error,
        surrogate_rate_freedom=xr.where(square > 0, both, freedom).assign_attrs(freedom.attrs),
        surrogate_spread=variable(
            "population",
            np.sqrt(variance),
            "spikes/s",
            "standard deviation of their rates over neurons, without that of chance",
            judged_as=SINGLE_DRAW,
        ),
    )
