"""The spiking network simulated: leaky integrate-and-fire neurons, each one by one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError
from meanfield.model.variables import SINGLE_DRAW, variable
from meanfield.simulation.compiled.limits import unsimulated
from meanfield.simulation.measures.long_run_variance import why_missing
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.neurons import mixed_synapses
from meanfield.simulation.parameters import SpikingParameters, grid_violations
from meanfield.simulation.progress import progress_bar
from meanfield.simulation.recording import Recording, join_seeds
from meanfield.simulation.simulators import simulator_named


def simulate_spiking(
    network: Network, *, progress: bool = True, chatter: bool = False, **parameters: Any
) -> xr.Dataset:
    """Simulate the spiking network (NEST's ``iaf_psc_delta``, or ``iaf_psc_exp`` for exponential synapses).

    The same network, simulator, seed and parameters give the same spikes, bit for bit. In NEST, another number of
    threads is another realisation; NEST's kernel in this process is reset for each seed. Compiled code gives the same
    spikes for any number of threads. The two draw different random numbers, and are equal in law.

    Parameters
    ----------
    network : Network
    duration : float, ms
        Biological time that is recorded, for each seed (default 1000).
    warmup : float, ms
        Time before the recording starts (default 200).
    dt : float, ms
        Time step; duration, warmup, delays and refractory periods must be multiples of it (default 0.1).
    seed, n_seeds : int
        Seeds seed, seed + 1, … of as many independent realisations of connections, drive and initial state
        (default one run with seed 1).
    simulator : {"nest", "compiled"}
        NEST (default), or compiled code of this project, which takes a twentieth of the processor time.
    threads : int
        NEST's virtual processes, or the threads of compiled code (default 2).
    V_init : {"spread", "rest"}
        Membrane potentials at the start: uniform between V_reset and theta, or all at rest.
    record : int or "all"
        Of how many neurons in each population the dataset keeps the spikes (default 50). Rates, activity and CV always
        come from all neurons.
    bin_width : float, ms
        Bins of the population activity (default 1).
    target_sem : float
        If > 0, each run goes on, `duration` at a time, until the relative standard error of every population's rate is
        at most this.
    max_duration : float, ms
        Where such a run ends in any case; variable `target_reached` then says so (default 20000).
    progress : bool
        Whether to show progress and the remaining time.
    chatter : bool
        Whether NEST may print its messages.

    Returns
    -------
    Dataset
        Dimensions seed, population, neuron, time (bins), spike; every variable tells its unit:
        ``rate`` (seed, population), its standard error ``rate_sem`` over time within the run with ``rate_freedom``, the
        degrees of freedom (both missing with less than one), ``rate_drift``, by how much the record's halves differ,
        and its 95 % upper bound ``rate_upper``; ``cv`` and ``cv_neurons``, the mean over, and number of, neurons with
        at least 10 intervals; ``neuron_rate`` (seed, neuron); ``activity`` (seed, time, population); the recorded
        sample's ``spike_step``, ``spike_neuron``, ``spike_seed`` (spike); ``duration``, ``target_reached`` (seed).

    Raises
    ------
    ParameterError
        If a parameter cannot be used, does not fit the time grid, or the network does not fit into memory.
    """
    run = SpikingParameters(**parameters)
    culprits = list(grid_violations(network, run.dt))
    culprits += unsimulated(network, run.dt) if run.simulator == "compiled" else mixed_synapses(network)
    if culprits:
        raise ParameterError(culprits)
    refuse_what_does_not_fit(network, run.simulator)
    seeds = range(run.seed, run.seed + run.n_seeds)
    # Compiled code shares threads among seeds first, NEST among the neurons of each.
    workers = min(run.threads, run.n_seeds) if run.simulator == "compiled" else 1
    with (
        progress_bar(run.n_seeds * (run.warmup + run.duration), progress) as bar,
        simulator_named(run.simulator, bar, chatter) as build,
        nullcontext() if workers == 1 else ThreadPoolExecutor(workers) as pool,
    ):
        one = partial(_simulate_one, network, run, build, run.threads // workers, bar)
        runs = list((pool.map if pool else map)(one, seeds))
    dataset = join_seeds(runs).assign_attrs(run.model_dump(exclude={"seed", "n_seeds"}))
    if reason := why_missing(dataset["rate"], dataset["rate_sem"]):
        dataset["rate_sem"].attrs["missing"] = reason
    return dataset


def _simulate_one(
    network: Network, run: SpikingParameters, build: Callable, threads: int, bar: tqdm, seed: int
) -> xr.Dataset:
    bar.set_description(f"seed {seed}: building")
    simulation = build(network, dt=run.dt, seed=seed, V_init=run.V_init, threads=threads)
    bar.set_description(f"seed {seed}: simulating")
    recording = Recording(network, dt=run.dt, warmup=run.warmup, record=run.record)
    recording.take(simulation.advance(recording.start, bar))
    # Counted in whole steps, since times do not add up exactly: 3 · 0.3 ms < 0.9 ms.
    steps = round(run.duration / run.dt)
    limit = round(run.max_duration / run.dt) if run.target_sem > 0 else steps
    while True:
        recording.take(simulation.advance(min(steps, limit - recording.n_steps), bar))
        # A population that did not fire has no error, and does not reach it.
        reached = run.target_sem > 0 and bool(np.all(recording.rate_error().error <= run.target_sem * recording.rate()))
        if reached or recording.n_steps >= limit:
            break
        bar.total += run.duration  # the bar counted with one duration for each seed
    dataset = recording.dataset(bin_width=run.bin_width).assign_coords(seed=seed)
    if run.target_sem > 0:
        dataset["target_reached"] = variable((), reached, "1", "whether target_sem was reached", judged_as=SINGLE_DRAW)
    return dataset
