"""The spiking network in NEST: leaky integrate-and-fire neurons with delta synapses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from pydantic import field_validator
from pydantic_core import PydanticCustomError
from tqdm import tqdm

from meanfield.networks import Network
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.recording import Recording, join_seeds
from meanfield.simulation.wiring import (
    advance,
    connect_external_drive,
    connect_populations,
    create_neurons,
    progress_bar,
    record_spikes,
)
from meanfield.statistics import relative_error
from meanfield.validation import ParameterError, Parameters, Quantity, off_grid, stated

BLOCKS_PER_DURATION = 10  # time blocks whose spread gives the standard error
TIC = 0.001  # ms; NEST's own unit of time, of which every time step is a multiple

# Nearly three hours of biological time: far beyond any use, and few enough steps to be counted in 32 bits.
LONGEST = 1e7  # ms


class SpikingParameters(Parameters):
    """How a spiking network is simulated; see `simulate_spiking`."""

    duration: Annotated[float, Quantity("ms", above=0, at_most=LONGEST)] = 1000.0
    warmup: Annotated[float, Quantity("ms", at_least=0, at_most=LONGEST)] = 200.0
    dt: Annotated[float, Quantity("ms", above=0)] = 0.1
    seed: Annotated[int, Quantity(at_least=1, at_most=2**32 - 1, whole=True)] = 1
    n_seeds: Annotated[int, Quantity(at_least=1, whole=True)] = 1
    threads: Annotated[int, Quantity(at_least=1, at_most=511, whole=True)] = 2
    V_init: Literal["rest", "spread"] = "spread"
    record: int | Literal["all"] = 50
    bin_width: Annotated[float, Quantity("ms", above=0)] = 1.0
    target_sem: Annotated[float, Quantity(at_least=0)] = 0.0
    max_duration: Annotated[float, Quantity("ms", above=0, at_most=LONGEST)] = 20000.0

    @field_validator("record", mode="before")
    @classmethod
    def _count_or_all(cls, value: Any) -> int | str:
        count = Quantity(at_least=0, whole=True)
        try:
            return value if value == "all" else count.number(value)
        except ValueError:
            raise PydanticCustomError("quantity", "must be 'all' or {allowed}", {"allowed": count.allowed}) from None

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        times = {"duration": values.duration, "warmup": values.warmup, "bin_width": values.bin_width}
        yield from off_grid("the time step dt", values.dt, **times)
        yield from off_grid("NEST's unit of time", TIC, dt=values.dt)
        yield from off_grid("bin_width", values.bin_width, duration=values.duration)
        if values.seed + values.n_seeds - 1 > 2**32 - 1:
            yield f"{stated('n_seeds', values.n_seeds)} from seed = {values.seed} on goes beyond the last seed, 2³² − 1"
        if values.target_sem > 0:
            yield from off_grid("bin_width", values.bin_width, max_duration=values.max_duration)
        if values.target_sem > 0 and values.max_duration < values.duration:
            yield (
                f"{stated('max_duration', values.max_duration, 'ms')} must be ≥ duration = {values.duration!r} ms "
                "when a target_sem is set"
            )


def grid_violations(neurons: Any, dt: float) -> Iterator[str]:
    """A sentence for each of the delays and refractory periods that NEST would silently round to its time grid."""
    yield from off_grid("the time step dt", dt, delay=neurons.delay, t_ref=neurons.t_ref)
    if np.any(np.asarray(neurons.delay) < dt):
        yield f"{stated('delay', neurons.delay, 'ms')} must be ≥ the time step dt = {dt!r} ms"


def simulate_spiking(
    network: Network, *, progress: bool = True, chatter: bool = False, **parameters: Any
) -> xr.Dataset:
    """Simulate the spiking network in NEST (``iaf_psc_delta``, fixed in-degrees, Poisson drive).

    The kernel of this process is reset for each seed. The same network, seed and threads give the same spikes, bit for
    bit; another number of threads is another realisation.

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
    threads : int
        NEST's virtual processes (default 2).
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
        Dimensions seed, population, neuron, time (bins), block, spike; every variable tells its unit:
        ``rate`` (seed, population), its standard error ``rate_sem`` over time blocks within the run and its 95 %
        upper bound ``rate_upper``; ``block_rate`` (seed, block, population); ``cv`` and ``cv_neurons``, the mean over,
        and number of, neurons with at least 10 intervals; ``neuron_rate`` (seed, neuron); ``activity`` (seed, time,
        population); the recorded sample's ``spike_step``, ``spike_neuron``, ``spike_seed`` (spike);
        ``duration``, ``target_reached`` (seed).

    Raises
    ------
    ParameterError
        If a parameter cannot be used, does not fit the time grid, or the network does not fit into memory.
    """
    run = SpikingParameters(**parameters)
    culprits = list(grid_violations(network, run.dt))
    if culprits:
        raise ParameterError(culprits)
    refuse_what_does_not_fit(network)
    seeds = range(run.seed, run.seed + run.n_seeds)
    with progress_bar(run.n_seeds * (run.warmup + run.duration), progress) as bar:
        runs = [_simulate_one(network, run, seed, bar, chatter) for seed in seeds]
    return join_seeds(runs).assign_attrs(run.model_dump(exclude={"seed", "n_seeds"}))


def _simulate_one(network: Network, run: SpikingParameters, seed: int, bar: tqdm, chatter: bool) -> xr.Dataset:
    bar.set_description(f"seed {seed}: building")
    nest = fresh_kernel(dt=run.dt, threads=run.threads, seed=seed, chatter=chatter)
    neurons = create_neurons(nest, network, run.V_init)
    connect_external_drive(nest, network, neurons)
    connect_populations(nest, network, neurons, neurons)
    recorder = record_spikes(nest, neurons, run.warmup)
    bar.set_description(f"seed {seed}: simulating")
    advance(nest, round(run.warmup / run.dt), run.dt, bar)
    recording = Recording(network, dt=run.dt, warmup=run.warmup)
    # Counted in whole steps, since times do not add up exactly: 3 · 0.3 ms < 0.9 ms.
    steps = round(run.duration / run.dt)
    limit = round(run.max_duration / run.dt) if run.target_sem > 0 else steps
    while True:
        piece = min(steps, limit - recording.n_steps)
        advance(nest, piece, run.dt, bar)
        recording.take(recorder, piece)
        blocks = recording.block_rate(run.duration / BLOCKS_PER_DURATION)
        reached = bool(np.all(relative_error(blocks) <= run.target_sem))
        if reached or recording.n_steps >= limit:
            break
        bar.total += run.duration  # the bar counted with one duration for each seed
    dataset = recording.dataset(blocks, bin_width=run.bin_width, record=run.record).assign_coords(seed=seed)
    if run.target_sem > 0:
        dataset["target_reached"] = ((), reached, {"units": "1", "long_name": "whether target_sem was reached"})
    return dataset
