"""Independent noise for each neuron, a number for each time step: Poisson input from a table, and white noise."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit, uint32
from scipy import special

from meanfield.simulation.compiled.philox import POISSON_DRIVE, WHITE_NOISE, fill_with_words, normal_pair

GUIDE_BITS = 11


class PoissonDrive(NamedTuple):
    """Table of a Poisson distribution for words of 32 bits.

    A word that is greater than ``last[k]`` and at most ``last[k + 1]`` means row k + 1. Probabilities are rounded to
    multiples of 2⁻³²: what is rarer never comes, and the mean is right to 1e-9 spikes.

    Attributes
    ----------
    unit : int
        Number of the stream, different for each drive of a network.
    guide : array of int32, shape (2048,)
        The row from which to search, for each value of a word's first eleven bits.
    last : array of uint32, shape (rows,)
        The last word of each row.
    jump : array of float, shape (rows,)
        What so many spikes add to the input.
    """

    unit: int
    guide: np.ndarray
    last: np.ndarray
    jump: np.ndarray


def poisson_drive(unit: int, mean: float, weight: float) -> PoissonDrive:
    """The table for `mean` spikes in a time step on average, each of which adds `weight`."""
    width = 8 * math.sqrt(mean)
    count = np.arange(max(0, math.floor(mean - width)), math.ceil(mean + width) + 40)
    cumulative = np.rint(2.0**32 * special.pdtr(count, mean)).astype(np.int64)
    possible = np.diff(cumulative, prepend=0) > 0
    count, last = count[possible], (cumulative[possible] - 1).astype(np.uint32)
    starts = (np.arange(2**GUIDE_BITS, dtype=np.int64) << (32 - GUIDE_BITS)).astype(np.uint32)
    guide = np.searchsorted(last, starts, side="left").astype(np.int32)
    return PoissonDrive(unit, guide, last, count * weight)


@njit(nogil=True, cache=True)
def add_poisson_input(buffer, step, n_steps, start, seed, unit, guide, last, jump):
    """Add a drive's input in the steps from `step` on to a ring buffer (slot, neuron) of neurons `start` …"""
    n_slots, n = buffer.shape
    word = np.empty((n + 3) // 4 * 4, dtype=np.uint32)
    for now in range(step, step + n_steps):
        fill_with_words(word, start, now, unit, seed, POISSON_DRIVE)
        row = buffer[now % n_slots]
        for i in range(n):
            k = guide[word[i] >> uint32(32 - GUIDE_BITS)]
            while word[i] > last[k]:
                k += 1
            row[i] += jump[k]


@njit(nogil=True, cache=True)
def add_white_noise(buffer, step, n_steps, start, seed, unit, sd):
    """Add a normal number of standard deviation `sd` in each step and neuron; other arguments as above.

    Made from words of 32 bits; what is rarer than 2⁻³² (6.7 standard deviations) never comes.
    """
    n_slots, n = buffer.shape
    word = np.empty((n + 3) // 4 * 4, dtype=np.uint32)
    for now in range(step, step + n_steps):
        fill_with_words(word, start, now, unit, seed, WHITE_NOISE)
        row = buffer[now % n_slots]
        for i in range(0, n, 2):
            first, second = normal_pair((word[i] + 0.5) / 4294967296.0, word[i + 1] / 4294967296.0)
            row[i] += sd * first
            if i + 1 < n:
                row[i + 1] += sd * second
