"""Memory that a spiking network takes, estimated before it is built."""

from __future__ import annotations

import math
from pathlib import Path

import psutil

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError

# Measured on NEST 3.10.0 (the wheel of PyPI, Linux x86_64) as growth of the resident set after building Brunel networks
# of 1,250 to 20,000 neurons (0.16 to 40 million synapses) with 1, 2 and 4 threads; the fit holds to 2 %.
BYTES_PER_SYNAPSE = 32
BYTES_PER_SYNAPSE_WITH_OWN_WEIGHT = 40
BYTES_PER_NEURON = 36_000
BYTES_OF_PROCESS = 300_000_000  # Python, NEST, matplotlib and a notebook's kernel

# The same of compiled code: two bytes for the target, and six for a weight and a delay of its own.
COMPILED_BYTES_PER_SYNAPSE = 2
COMPILED_BYTES_PER_SPREAD_SYNAPSE = 8
COMPILED_BYTES_PER_NEURON = 1_000

# A synapse model costs little, but NEST has room for some hundreds only.
MAX_SHARED_WEIGHTS = 100


def shares_weights(network: Network) -> bool:
    """Whether synapses of one weight share its storage, as they do unless the network has very many weights."""
    return len(set(zip(network.J[network.K > 0], network.tau_syn[network.K > 0], strict=True))) <= MAX_SHARED_WEIGHTS


def memory_needed(network: Network, simulator: str = "nest") -> int:
    """Bytes that the network takes in a simulator, the process itself included."""
    return sum(_shares(network, simulator))


def _shares(network: Network, simulator: str) -> tuple[int, int, int]:
    """Bytes of the process, of the neurons and of the synapses."""
    n_neurons, n_synapses = int(network.size.sum()), network.n_synapses
    if simulator == "compiled":
        spread = network.J_cv.any() or network.delay_sd.any()
        per_synapse = COMPILED_BYTES_PER_SPREAD_SYNAPSE if spread else COMPILED_BYTES_PER_SYNAPSE
        return BYTES_OF_PROCESS, n_neurons * COMPILED_BYTES_PER_NEURON, n_synapses * per_synapse
    if not shares_weights(network):
        synapses = n_synapses * BYTES_PER_SYNAPSE_WITH_OWN_WEIGHT
    else:
        spread = float((network.size[:, None] * network.K)[network.J_cv > 0].sum())
        extra = round(spread * (BYTES_PER_SYNAPSE_WITH_OWN_WEIGHT - BYTES_PER_SYNAPSE))
        synapses = n_synapses * BYTES_PER_SYNAPSE + extra
    return BYTES_OF_PROCESS, n_neurons * BYTES_PER_NEURON, synapses


def memory_available() -> int:
    """Bytes that this process may still take: the machine's, or less where a control group sets a limit."""
    available = psutil.virtual_memory().available
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        try:
            available = min(available, int(Path(limit).read_text()) - int(Path(used).read_text()))
        except (OSError, ValueError):  # no such file, or no limit ("max")
            continue
    return available


def refuse_what_does_not_fit(network: Network, simulator: str = "nest") -> None:
    """Compare the network's need with what is free.

    Raises
    ------
    ParameterError
        If it does not fit, with the estimate and the scale that would.
    """
    process, b, a = _shares(network, simulator)
    needed, available = process + a + b, memory_available()
    if needed <= available:
        return
    # Scaling all sizes and in-degrees by s scales the synapses by s²: solve a s² + b s = c for what is free.
    c = max(available - process, 0)
    scale = 2 * c / (b + math.sqrt(b * b + 4 * a * c))
    raise ParameterError(
        [
            f"the network of {int(network.size.sum()):,} neurons and {network.n_synapses:,} synapses needs "
            f"{needed / 1e9:.1f} GB of memory, of which {available / 1e9:.1f} GB are free; "
            f"{scale:.2g} times its size (its order) with the same connection probability would fit"
        ]
    )
