"""Noise of sources that a neuron has drawn more than once, whose spikes reach it several at a time."""

from __future__ import annotations

import numpy as np

from meanfield.model.spread import spread_moments


def multapse_share(network) -> np.ndarray:
    """What spikes that arrive together add to the noise, relative to what it is without them, shape (N, N).

    K independent draws among n sources hit a source m times, with mean of m² (K/n) (1 + K/n), or for fixed in-degrees
    (K/n) (1 + (K − 1)/n); each spike of it brings m synapses at once. That their delays differ is neglected.
    """
    if network.rule == "pairwise_bernoulli" or not network.multapses:
        return np.zeros_like(network.J)
    others = network.K - (network.rule == "fixed_indegree")
    first, second = spread_moments(network.J_cv)
    return np.maximum(others, 0.0) / network.size * first**2 / second
