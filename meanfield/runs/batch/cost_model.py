"""What a run costs, told before it runs: time and memory, from constants measured on this machine."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from meanfield.model.brunel import brunel_network
from meanfield.model.network import Network
from meanfield.runs.files import write_atomically
from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.runs.parameters import NotebookParameters
from meanfield.runs.provenance import ROOT
from meanfield.simulation.memory import memory_needed
from meanfield.simulation.parameters import SurrogateParameters

MEASURED = ROOT / "results" / ".cost_model.json"

BYTES_OF_RUNNER = 150_000_000
BYTES_PER_SPIKE_IN_MEMORY = 24  # its time and neuron, in NEST and while they are sorted
BYTES_PER_SPIKE_ON_DISK = 2
BYTES_PER_BIN_ON_DISK = 6  # of the activity of one population
BYTES_BESIDE_JOB = 400_000_000  # on a cluster, two Snakemakes wait in the job for the run to end
# A job is allowed this many times what the model says: its machine may be slower, or busy.
ALLOWANCE = 3.0


@dataclass(frozen=True)
class Work:
    """What a run does, in the units that cost time.

    Parameters
    ----------
    neurons, synapses : int
        That are built.
    updates : float
        Neurons times time steps.
    deliveries : float
        Spikes that arrive at recurrent synapses.
    threads : int
    recorded : float
        Spikes that are recorded.
    bytes_built : int
        Memory of the largest network.
    bytes_on_disk : float
        Size of the dataset, roughly.
    """

    neurons: int = 0
    synapses: int = 0
    updates: float = 0.0
    deliveries: float = 0.0
    threads: int = 1
    recorded: float = 0.0
    bytes_built: int = 0
    bytes_on_disk: float = 0.0


def work_of(checked: NotebookParameters) -> Work:
    """What a notebook with these parameters has to do; nothing worth counting, if it simulates no spikes."""
    if not isinstance(checked, SimulatedNetworkParameters):
        return Work()
    network = checked.network()
    time_s = 1e-3 * checked.n_seeds * (checked.warmup + checked.duration)
    steps = 1e3 * time_s / checked.dt
    rate = _highest_rate(network)
    spikes = network.size @ rate * time_s
    kept = spikes if checked.record == "all" else network.size.size * checked.record * rate.max() * time_s
    neurons, synapses = checked.n_seeds * int(network.size.sum()), checked.n_seeds * network.n_synapses
    updates = steps * network.size.sum()
    deliveries = network.size @ (network.K @ rate) * time_s
    if isinstance(checked, SurrogateParameters):
        # Three kinds, on Poisson trains, on shifted ones and on recorded ones, each with its population's whole input.
        surrogates = 3 * checked.surrogate_neurons
        neurons += checked.n_seeds * surrogates * network.size.size
        synapses += checked.n_seeds * surrogates * int(network.K.sum())
        updates += steps * surrogates * network.size.size
        deliveries += surrogates * (network.K @ rate).sum() * time_s
    return Work(
        neurons=neurons,
        synapses=synapses,
        updates=float(updates),
        deliveries=float(deliveries),
        threads=checked.threads,
        recorded=float(spikes),
        bytes_built=memory_needed(network),
        bytes_on_disk=float(
            kept * BYTES_PER_SPIKE_ON_DISK
            + checked.n_seeds * checked.duration / checked.bin_width * network.size.size * BYTES_PER_BIN_ON_DISK
        ),
    )


def _highest_rate(network: Network) -> np.ndarray:
    """Rates of the most active state that theory knows, in spikes/s: nobody can tell where a network will go."""
    from meanfield.theory.white_noise.fixed_points import fixed_points

    return fixed_points(network)["rate"].values.max(axis=0)


@dataclass(frozen=True)
class CostModel:
    """Constants of this machine, in seconds of one core; as given here, those of the machine they were written on.

    Parameters
    ----------
    fixed : float
        A run that simulates nothing: the runner, a kernel, imports.
    per_neuron, per_synapse : float
        To build.
    per_update : float
        A time step of a neuron with its Poisson drive.
    per_delivery : float
        A spike's arrival at a synapse, in a network too large for the caches.
    bytes_fixed : float
        What a run leaves on disk in any case: the executed notebook, an empty dataset.
    measured : str
        When, on what and with which NEST; empty if not on this machine.
    """

    fixed: float = 4.0
    per_neuron: float = 8e-6
    per_synapse: float = 2e-7
    per_update: float = 5e-8
    per_delivery: float = 3e-8
    bytes_fixed: float = 60_000.0
    measured: str = ""

    @classmethod
    def of_this_machine(cls) -> CostModel:
        """What `measure` found here last, with this NEST; otherwise what another machine had."""
        try:
            known = cls(**json.loads(MEASURED.read_text()))
        except (OSError, ValueError, TypeError):
            return cls()
        return known if known.measured.endswith(_machine()) else cls()

    def seconds(self, checked: NotebookParameters) -> float:
        """Time of a run on as many cores as it has threads."""
        work = work_of(checked)
        simulating = (
            self.per_neuron * work.neurons
            + self.per_synapse * work.synapses
            + self.per_update * work.updates
            + self.per_delivery * work.deliveries
        )
        return self.fixed + simulating / work.threads

    def memory(self, checked: NotebookParameters) -> int:
        """Peak memory of a run in bytes."""
        work = work_of(checked)
        return BYTES_OF_RUNNER + work.bytes_built + int(work.recorded * BYTES_PER_SPIKE_IN_MEMORY)

    def disk(self, checked: NotebookParameters) -> float:
        """What a run leaves on disk, in bytes."""
        return self.bytes_fixed + work_of(checked).bytes_on_disk

    def threads(self, checked: NotebookParameters) -> int:
        """Cores that a run keeps busy."""
        return work_of(checked).threads

    def memory_mb(self, checked: NotebookParameters) -> int:
        """Memory to ask a scheduler for, in MB: a quarter more than expected."""
        return math.ceil(1.25 * (self.memory(checked) + BYTES_BESIDE_JOB) / 1e6)

    def minutes_allowed(self, checked: NotebookParameters) -> int:
        """Run time to ask a scheduler for, in minutes."""
        return 2 + math.ceil(ALLOWANCE * self.seconds(checked) / 60)


def measure(say: Callable[[str], object] = print) -> CostModel:
    """Measure this machine (some 10 s on one core) and remember it for `CostModel.of_this_machine`.

    Parameters
    ----------
    say : callable
        Told what is being done.
    """
    say("measuring this machine, once; takes about 10 s …")
    with tempfile.TemporaryDirectory() as folder:
        options = ["-o", folder, "-p", "order", "10", "-p", "duration", "10"]
        command = [sys.executable, "-m", "meanfield", "run", ROOT / "notebooks" / "deviation.ipynb", *options]
        fixed, _ = _timed(lambda: subprocess.run(command, check=True, capture_output=True))
        left = sum(file.stat().st_size for file in Path(folder).iterdir())

    # Differences between four simulations: one thing more in each. The first also pays for imports, and is not counted.
    small, large = {"order": 1250, "epsilon": 0.001}, {"order": 1250}
    _simulate(duration=0.1, eta=0.5, **small)
    build_few, _ = _timed(lambda: _simulate(duration=0.1, eta=0.5, **small))
    build, _ = _timed(lambda: _simulate(duration=0.1, eta=0.5, **large))
    quiet, _ = _timed(lambda: _simulate(duration=200.1, eta=0.5, **large))
    active, spikes = _timed(lambda: _simulate(duration=200.1, eta=2.0, **large))
    network = brunel_network(**large)
    neurons = int(network.size.sum())
    model = CostModel(
        fixed=fixed,
        per_neuron=build_few / neurons,
        per_synapse=max(build - build_few, 0.0) / network.n_synapses,
        per_update=max(quiet - build, 0.0) / (neurons * 2000),
        per_delivery=max(active - quiet, 0.0) / (spikes * network.n_synapses / neurons),
        bytes_fixed=float(left),
        measured=f"{time.strftime('%Y-%m-%d')} on {_machine()}",
    )
    write_atomically(MEASURED, lambda temporary: temporary.write_text(json.dumps(asdict(model), indent=1)))
    return model


def _timed(work: Callable[[], object]) -> tuple[float, object]:
    """Processor time of this process and of those that it starts (what an idle machine would take), and the result."""
    started = sum(os.times()[:4])
    result = work()
    return sum(os.times()[:4]) - started, result


def _simulate(*, duration: float, **parameters) -> float:
    """Simulate Brunel's network on one thread; return the number of spikes."""
    from meanfield.simulation.spiking import simulate_spiking

    network = brunel_network(**parameters)
    run = {"duration": duration, "warmup": 0.0, "bin_width": 0.1, "threads": 1, "record": 0, "progress": False}
    spiking = simulate_spiking(network, **run)
    return float((spiking["rate"].values @ network.size).sum() * 1e-3 * duration)


def _machine() -> str:
    return f"{platform.node()} with NEST {metadata.version('nest-simulator')}"
