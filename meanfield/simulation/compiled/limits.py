"""Networks that the compiled simulator refuses, each by name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from meanfield.model.network import Network
from meanfield.model.quantities import stated

# Spikes that a neuron may receive in one time step on average: their distribution's table then has 16,000 rows.
LARGEST_MEAN = 1e6

LARGEST_DEVIATE = 8.6  # above any normal number that is drawn for a delay


def unsimulated(network: Network, dt: float) -> Iterator[str]:
    """A sentence for each property of the network that compiled code cannot simulate."""
    mean = 1e-3 * dt * network.K_ext * network.rate_ext
    if np.any(mean > LARGEST_MEAN):
        yield (
            f"{stated('rate_ext', network.rate_ext, 'spikes/s')} must bring a neuron at most {LARGEST_MEAN:g} spikes "
            "in a time step dt with simulator = 'compiled'"
        )
    if np.any(network.delay_sd > 0) and np.any((network.delay + LARGEST_DEVIATE * network.delay_sd) / dt >= 2**16):
        yield (
            f"{stated('delay', network.delay, 'ms')} with {stated('delay_sd', network.delay_sd, 'ms')} must stay below "
            "65,536 time steps with simulator = 'compiled'"
        )
