"""Parameters of the simulations, checked without importing what a simulation needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import field_validator

from meanfield.model.quantities import Meaning, Parameters, Quantity, off_grid, stated

TIC = 0.001  # ms; NEST's own unit of time, of which every time step is a multiple

# Nearly three hours of biological time: far beyond any use, and few enough steps to be counted in 32 bits.
LONGEST = 1e7  # ms


# Of these a notebook may have its own defaults.
Seeds = Annotated[int, Quantity(meaning="independent runs, with seeds seed, seed + 1, …", at_least=1, whole=True)]
Threads = Annotated[
    int,
    Quantity(
        meaning="to share the work; in NEST, another number is another realisation", at_least=1, at_most=511, whole=True
    ),
]
Simulator = Annotated[
    Literal["nest", "compiled"], Meaning('"nest", or "compiled" code, which takes a twentieth of the time')
]
BinWidth = Annotated[float, Quantity("ms", "bins of the population activity", above=0)]
Record = Annotated[int | Literal["all"], Meaning("neurons of each population whose spikes are kept")]
RecordedTrains = Annotated[
    int, Quantity(meaning="neurons of each population whose trains are looked at", at_least=1, whole=True)
]
Segment = Annotated[float, Quantity("ms", "segments of the spectra, whose frequencies are 1/segment apart", at_least=4)]


class SpikingParameters(Parameters):
    """How a spiking network is simulated; see `simulate_spiking`."""

    headings: ClassVar[dict[str, str]] = {"duration": "The simulation"}

    duration: Annotated[float, Quantity("ms", "recorded biological time for each seed", above=0, at_most=LONGEST)] = (
        1000.0
    )
    warmup: Annotated[float, Quantity("ms", "left out before it", at_least=0, at_most=LONGEST)] = 200.0
    dt: Annotated[float, Quantity("ms", "time step", above=0)] = 0.1
    seed: Annotated[int, Quantity(meaning="first random seed", at_least=1, at_most=2**32 - 1, whole=True)] = 1
    n_seeds: Seeds = 1
    simulator: Simulator = "nest"
    threads: Threads = 2
    V_init: Annotated[
        Literal["rest", "spread"],
        Meaning('membrane potentials at the start: "spread" from V_reset to theta, or all at "rest"'),
    ] = "spread"
    record: Record = 50
    bin_width: BinWidth = 1.0
    target_sem: Annotated[
        float,
        Quantity(meaning="if > 0, simulate on until the rates' relative standard error is below this", at_least=0),
    ] = 0.0
    max_duration: Annotated[float, Quantity("ms", "when such a run ends at the latest", above=0, at_most=LONGEST)] = (
        20000.0
    )

    @field_validator("record", mode="before")
    @classmethod
    def _count_or_all(cls, value: Any) -> int | str:
        count = Quantity(at_least=0, whole=True)
        try:
            return value if value == "all" else count.number(value)
        except ValueError:
            raise ValueError(f"must be 'all' or {count.allowed}") from None

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
    # Spread delays are drawn and rounded; and where there are no synapses, a delay does not count.
    sharp = np.broadcast_to(np.asarray(getattr(neurons, "delay_sd", 0.0)) == 0.0, np.shape(neurons.delay))
    counts = np.broadcast_to(np.asarray(getattr(neurons, "K", 1)) > 0, np.shape(neurons.delay))
    checked = neurons.delay if np.all(sharp & counts) else np.asarray(neurons.delay)[sharp & counts]
    yield from off_grid("the time step dt", dt, delay=checked, t_ref=neurons.t_ref)
    if np.any((np.asarray(neurons.delay) < dt) & counts):
        yield f"{stated('delay', neurons.delay, 'ms')} must be ≥ the time step dt = {dt!r} ms"


class RateNetworkParameters(Parameters):
    """How the rate network is integrated; see `simulate_rate_network`."""

    headings: ClassVar[dict[str, str]] = {"pseudo_duration": "The rate network"}

    pseudo_duration: Annotated[float, Quantity("ms", "pseudo-time after which it ends at the latest", above=0)] = 500.0
    pseudo_dt: Annotated[float, Quantity("ms", "step of pseudo-time", above=0)] = 0.05
    tau: Annotated[float, Quantity("ms", "time constant of the relaxation", above=0)] = 1.0
    initial_rate: Annotated[float, Quantity("spikes/s", "all populations' rate at the start", at_least=0)] = 0.0

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        yield from off_grid("NEST's unit of time", TIC, pseudo_dt=values.pseudo_dt)
        yield from off_grid("pseudo_dt", values.pseudo_dt, pseudo_duration=values.pseudo_duration)
        if values.pseudo_duration < values.tau:
            yield f"{stated('pseudo_duration', values.pseudo_duration, 'ms')} must be ≥ tau = {values.tau!r} ms"


class SurrogateParameters(Parameters):
    """How surrogates are simulated; see `simulate_surrogates`."""

    headings: ClassVar[dict[str, str]] = {"surrogate_neurons": "The surrogates"}

    surrogate_neurons: Annotated[
        int, Quantity(meaning="unconnected neurons for each population, surrogate and seed", at_least=2, whole=True)
    ] = 2000
    surrogate_warmup: Annotated[
        float, Quantity("ms", "start of the recording that is played but not measured", at_least=0)
    ] = 100.0
    surrogate_seed: Annotated[
        int, Quantity(meaning="seed of the first surrogate", at_least=1, at_most=2**32 - 1, whole=True)
    ] = 10001
