"""A kind of neurons, and what drives each of them: on the time grid, by all that a network may have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from meanfield.model.spread import spread_moments
from meanfield.theory.trains.membrane import Membrane

EXACTLY, POISSON = np.nan, 0.0


@dataclass(frozen=True)
class Kind:
    """Neurons of one kind, their S sorts of synapses, and their external input.

    Parameters
    ----------
    source : array of int, shape (S,)
        Kinds that send the trains of each sort.
    K : array, shape (S,)
        How many of them a neuron receives, on average.
    chance : array, shape (S,)
        Probability with which a neuron is connected to one of the source, by which in-degrees differ; `POISSON` if it
        is small, `EXACTLY` if they do not differ.
    J, J_cv : arrays, shape (S,)
        Jump at a spike (mV), its mean and relative standard deviation, as `meanfield.Network` has them.
    channel : array of int, shape (S,)
        Where the spikes arrive.
    current_decay, effect : arrays, shape (C,)
        Of each channel; 0 and 1 for delta synapses. See `meanfield.theory.trains.synapses`.
    J_ext : float, mV
        Jump at external spikes.
    external : float
        Mean number of external spikes in a step.
    channel_ext : int
        Where they arrive.
    noise : float, mV²
        Variance of the external white noise that a step adds.
    membrane : Membrane
        Of the neurons.
    """

    source: np.ndarray
    K: np.ndarray
    chance: np.ndarray
    J: np.ndarray
    J_cv: np.ndarray
    channel: np.ndarray
    current_decay: np.ndarray
    effect: np.ndarray
    J_ext: float
    external: float
    channel_ext: int
    noise: float
    membrane: Membrane

    @property
    def alike(self) -> bool:
        """Whether all neurons of the kind receive the same."""
        return bool(np.isnan(self.chance).all() and not self.J_cv.any())

    @property
    def mean_J(self) -> np.ndarray:
        """Mean of the weights that are kept when those of the wrong sign are drawn again, shape (S,), mV."""
        return self.J * spread_moments(self.J_cv)[0]

    @property
    def mean_square_J(self) -> np.ndarray:
        """Mean of their squares, shape (S,), mV²."""
        return self.J**2 * spread_moments(self.J_cv)[1]

    def in_degrees(self, random: np.random.Generator, n_neurons: int) -> np.ndarray:
        """In-degrees of neurons, shape (n_neurons, S), drawn so that each part of the distribution has its share."""
        K = np.tile(self.K, (n_neurons, 1))
        for s, (mean, chance) in enumerate(zip(self.K, self.chance, strict=True)):
            if np.isnan(chance):
                continue
            share = (random.permutation(n_neurons) + random.random(n_neurons)) / n_neurons
            law = stats.poisson(mean) if chance == POISSON else stats.binom(round(mean / chance), chance)
            K[:, s] = law.ppf(share)
        return K
