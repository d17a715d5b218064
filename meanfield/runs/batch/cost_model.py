"""Time, memory and disk of a run, estimated before it runs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.runs.parameters import NotebookParameters
from meanfield.simulation.memory import memory_needed

# Seconds of one core of a machine of 2024; finished runs tell what another one needs (see plan.py).
SECONDS_OF_RUNNER = 4.0  # a run that simulates nothing: the runner, a kernel, imports
SECONDS_PER_NEURON = 8e-6  # to build
SECONDS_PER_SYNAPSE = 2e-7  # to build
SECONDS_PER_UPDATE = 5e-8  # a time step of a neuron with its Poisson drive
SECONDS_PER_DELIVERY = 3e-8  # a spike's arrival at a synapse, in a network too large for the caches
COMPILED_SHARE = 0.05  # of NEST's time that compiled code takes

BYTES_OF_RUNNER = 150_000_000
BYTES_PER_SPIKE = 24  # its time and neuron, in NEST and while they are sorted
BYTES_BESIDE_JOB = 400_000_000  # on a cluster, two Snakemakes wait in the job for the run to end

DISK_OF_RUN = 60_000  # bytes: the executed notebook and an empty dataset
DISK_PER_SPIKE = 2
DISK_PER_BIN = 6  # of the activity of one population

# A job may take this many times what is estimated: its machine may be slower, or busy.
ALLOWANCE = 3.0


@dataclass(frozen=True)
class Cost:
    """What a run takes: time on as many cores as it has threads, peak memory and space on disk in bytes."""

    seconds: float = SECONDS_OF_RUNNER
    memory: float = BYTES_OF_RUNNER
    disk: float = DISK_OF_RUN
    threads: int = 1

    @property
    def memory_mb(self) -> int:
        """Memory to ask a scheduler for, in MB: a quarter more than estimated."""
        return math.ceil(1.25 * (self.memory + BYTES_BESIDE_JOB) / 1e6)

    @property
    def minutes_allowed(self) -> int:
        """Run time to ask a scheduler for, in minutes."""
        return 2 + math.ceil(ALLOWANCE * self.seconds / 60)


def estimate(checked: NotebookParameters) -> Cost:
    """The cost of a run with these parameters, in the most active state that theory knows.

    A notebook that simulates no spikes costs what the runner does.
    """
    if not isinstance(checked, SimulatedNetworkParameters):
        return Cost()
    from meanfield.theory.white_noise.fixed_points import fixed_points

    network = checked.network()
    rate = np.nan_to_num(fixed_points(network)["rate"].values).max(axis=0)
    simulated = 1e-3 * checked.n_seeds * (checked.warmup + checked.duration)  # s
    # Surrogates of three kinds, each with its population's whole input
    neurons = network.size + 3 * getattr(checked, "surrogate_neurons", 0)
    work = (
        SECONDS_PER_NEURON * checked.n_seeds * neurons.sum()
        + SECONDS_PER_SYNAPSE * checked.n_seeds * (neurons @ network.K.sum(axis=1))
        + SECONDS_PER_UPDATE * neurons.sum() * 1e3 * simulated / checked.dt
        + SECONDS_PER_DELIVERY * (neurons @ (network.K @ rate)) * simulated
    )
    if checked.simulator == "compiled":
        work *= COMPILED_SHARE
    spikes = (network.size @ rate) * simulated
    kept = spikes if checked.record == "all" else network.size.size * checked.record * rate.max() * simulated
    bins = checked.n_seeds * network.size.size * checked.duration / checked.bin_width
    return Cost(
        seconds=float(SECONDS_OF_RUNNER + work / checked.threads),
        memory=float(BYTES_OF_RUNNER + memory_needed(network, checked.simulator) + BYTES_PER_SPIKE * spikes),
        disk=float(DISK_OF_RUN + DISK_PER_SPIKE * kept + DISK_PER_BIN * bins),
        threads=checked.threads,
    )
