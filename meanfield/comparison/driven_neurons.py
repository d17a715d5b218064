"""Mean rate of neurons that are driven by given rates, in the theory of white noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from meanfield.model.assumptions import neurons_differ
from meanfield.model.multapses import multapse_share
from meanfield.model.network import Network
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.rate_distribution import mean_response
from meanfield.theory.white_noise.siegert import siegert_rate


def driven_rate(
    network: Network, rate: np.ndarray, second: np.ndarray | None = None, *, multapses: bool = False
) -> np.ndarray:
    """Mean rate of neurons that receive what the network's neurons do, but whose spikes go nowhere.

    Parameters
    ----------
    network : Network
    rate : array, shape (N,), spikes/s
        Mean rates of the neurons that drive, in each population.
    second : array, shape (N,), optional
        Their mean squares, if the neurons that are driven differ in their in-degrees and weights.
    multapses : bool
        Whether the noise knows of sources that are drawn more than once, see `multapse_share`.

    Returns
    -------
    array, shape (N,), spikes/s
    """
    inputs = StationaryInput.of(network)
    if multapses:
        more = 1.0 + multapse_share(network)
        coloured = None if inputs.coloured is None else more * inputs.coloured
        inputs = replace(inputs, diffusion=more * inputs.diffusion, coloured=coloured)
    if second is None or not neurons_differ(network):
        return siegert_rate(*inputs.effective_moments(rate), **inputs.neurons)
    return mean_response(network, inputs, rate, second)
