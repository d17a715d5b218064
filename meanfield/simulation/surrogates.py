"""Unconnected neurons on surrogates of a network's input: each undoes one of the theory's assumptions and no other."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr

from meanfield.model.assumptions import unsupported
from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, off_grid, stated
from meanfield.simulation.compiled.limits import unsimulated
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.neurons import mixed_synapses
from meanfield.simulation.parameters import SurrogateParameters
from meanfield.simulation.played_trains import PlayedTrains, played_trains
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

    A surrogate neuron of a population draws its in-degree anew from all recorded trains, and has the external Poisson
    drive of its population; nothing that it does acts back.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From ``simulate_spiking(network, record="all", …)``; its dt, threads and seeds are taken over.
    simulator : {"nest", "compiled"}
        See `simulate_spiking`; by default what simulated the network.
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
        ``surrogate_rate`` (surrogate, seed, population) and its standard error over time ``surrogate_rate_sem``, in
        spikes/s, with its degrees of freedom ``surrogate_rate_freedom``; ``surrogate_cv``, of inter-spike intervals.
        Each ``seed`` is that of the recorded run.

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
    sample = network.model_copy(update={"size": np.full(len(network.populations), run.surrogate_neurons)})
    name = simulator or spiking.attrs.get("simulator", "nest")
    if name not in SIMULATORS:
        culprits.append(f"{stated('simulator', name)} must be one of {', '.join(SIMULATORS)}")
    culprits += unsimulated(sample, dt) if name == "compiled" else mixed_synapses(sample)
    if unknown := unsupported(network, "a surrogate", "tau_syn", "delay_sd", "drive", "sigma_ext"):
        culprits.append(unknown)
    if culprits:
        raise ParameterError(culprits)
    refuse_what_does_not_fit(sample, name)
    options = {"dt": dt, "V_init": "spread", "threads": threads}

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
                recording = Recording(sample, dt=dt, warmup=run.surrogate_warmup, record=0)
                n_steps = round(float(spiking["duration"].sel(seed=recorded)) / dt)
                sources = _sources(kind, network, spiking.sel(seed=recorded), n_steps, seed)
                simulation = build(sample, **options, seed=seed, sources=sources)
                recording.take(simulation.advance(n_steps, bar))
                of_kinds.append(_measured(recording))
                seed += 1
            of_seeds.append(xr.concat(of_kinds, dim="surrogate"))
    return xr.concat(of_seeds, dim="seed").assign_coords(surrogate=list(SURROGATES), seed=spiking["seed"].values)


def _sources(kind: str, network: Network, recorded: xr.Dataset, n_steps: int, seed: int) -> PlayedTrains | np.ndarray:
    """What the neurons of a surrogate receive in place of the network's spikes; see `NestSimulation`."""
    if kind == "poisson":
        return recorded["rate"].values
    n_neurons = int(network.size.sum())
    shift = np.random.default_rng(seed).integers(n_steps, size=n_neurons) if kind == "shifted" else 0
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
