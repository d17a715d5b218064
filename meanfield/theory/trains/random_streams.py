"""Random numbers that depend on what they are for, not on who draws them first."""

from __future__ import annotations

import functools

import numpy as np
from numba import njit
from scipy import special

SHIFT_11, SHIFT_27, SHIFT_30, SHIFT_31 = (np.uint64(n) for n in (11, 27, 30, 31))
SHIFT_17, SHIFT_23, SHIFT_45, SHIFT_41, SHIFT_19 = (np.uint64(n) for n in (17, 23, 45, 41, 19))
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
TO_UNIT = 2.0**-53

FAR = 9.0  # standard deviations from the mean to the last count that is listed, and some more for small means
GUIDES = 1024


@njit(cache=True)
def _mixed(x):
    """A bijection of 64-bit numbers that leaves no trace of order (SplitMix64)."""
    x = (x ^ (x >> SHIFT_30)) * MIX_1
    x = (x ^ (x >> SHIFT_27)) * MIX_2
    return x ^ (x >> SHIFT_31)


@njit(cache=True)
def stream(key):
    """State of a generator (xoshiro256++, Blackman & Vigna 2021, doi:10.1145/3460772) for a row of whole numbers.

    Parameters
    ----------
    key : array of int64
        Each different row gives an independent stream.

    Returns
    -------
    array of uint64, shape (4,)
    """
    x = np.uint64(0)
    for number in key:
        x = _mixed(x + GOLDEN + np.uint64(number))
    state = np.empty(4, np.uint64)
    for i in range(4):
        x += GOLDEN
        state[i] = _mixed(x)
    return state


@njit(cache=True, inline="always")
def uniform(state):
    """The stream's next number, uniform in [0, 1)."""
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    x = s0 + s3
    x = ((x << SHIFT_23) | (x >> SHIFT_41)) + s0
    moved = s1 << SHIFT_17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= moved
    s3 = (s3 << SHIFT_45) | (s3 >> SHIFT_19)
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3
    return (x >> SHIFT_11) * TO_UNIT


@njit(cache=True)
def normal(state):
    """A standard normal number from the stream (Box & Muller)."""
    radius = (-2.0 * np.log(1.0 - uniform(state))) ** 0.5
    return radius * np.cos(2.0 * np.pi * uniform(state))


@njit(cache=True)
def number_at(key, place, which):
    """A number in [0, 1) that belongs to a place: the same whoever asks, and how often."""
    x = _mixed(np.uint64(key) + GOLDEN * np.uint64(place))
    return (_mixed(x + np.uint64(which)) >> SHIFT_11) * TO_UNIT


@njit(cache=True)
def normal_at(key, place, which):
    """A standard normal number, from the numbers `which` and which + 1 that belong to a place."""
    radius = (-2.0 * np.log(1.0 - number_at(key, place, which))) ** 0.5
    return radius * np.cos(2.0 * np.pi * number_at(key, place, which + 1))


@njit(cache=True, inline="always")
def poisson(state, first, cumulative, guide):
    """A Poisson count, by inversion of the table from `poisson_table`."""
    u = uniform(state)
    n = guide[int(u * GUIDES)]
    while cumulative[n] <= u:
        n += 1
    return first + n


@functools.lru_cache
def poisson_table(mean: float):
    """Cumulative distribution of Poisson counts, and where to start searching in it.

    Parameters
    ----------
    mean : float

    Returns
    -------
    first : int
        The first count listed.
    cumulative : array
        Probability of at most first, first + 1, … ; the last is 1.
    guide : array of int32, shape (GUIDES,)
        For numbers from i/GUIDES on, the first candidate in the list.
    """
    reach = FAR * mean**0.5 + 30.0
    first, last = max(int(mean - reach), 0), int(mean + reach)
    cumulative = special.pdtr(np.arange(first, last + 1), mean)
    cumulative[-1] = 1.0
    guide = np.searchsorted(cumulative, np.arange(GUIDES) / GUIDES, side="right").astype(np.int32)
    return first, cumulative, guide
