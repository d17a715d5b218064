"""Counter-based random numbers: each is a function of its seed, its purpose and its place, whoever draws it and when.

Philox4x32-10 of Salmon et al. (2011), doi:10.1145/2063384.2063405, the generator of the Random123 library. The key is
(seed, purpose); the counter says for which neuron, time step or synapse the numbers are. So no state is carried along,
and the same numbers come whatever the number of threads, and however the time is cut into pieces.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint32, uint64

# Purposes, the second half of the key.
WIRING, POISSON_DRIVE, INITIAL_POTENTIAL, SPREAD, WHITE_NOISE = 1, 2, 3, 4, 5

LOW = uint64(0xFFFFFFFF)


@njit(inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Four random words of 32 bits from a counter of four and a key of two; all are held in 64 bits."""
    c0, c1, c2, c3, k0, k1 = uint64(c0), uint64(c1), uint64(c2), uint64(c3), uint64(k0), uint64(k1)
    for _ in range(10):
        p0, p1 = uint64(0xD2511F53) * c0, uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> uint64(32)) ^ c1 ^ k0, p1 & LOW, (p0 >> uint64(32)) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + uint64(0x9E3779B9)) & LOW, (k1 + uint64(0xBB67AE85)) & LOW
    return c0, c1, c2, c3


@njit(inline="always")
def to_unit_interval(high, low):
    """A double in [0, 1), a multiple of 2⁻⁵³, from two words."""
    return (float(high >> uint64(5)) * 67108864.0 + float(low >> uint64(6))) * (1.0 / 9007199254740992.0)


@njit(inline="always")
def normal_pair(first, second):
    """Two independent standard normal numbers from two uniform ones in [0, 1) (Box & Muller 1958)."""
    radius, angle = math.sqrt(-2.0 * math.log(1.0 - first)), 2.0 * math.pi * second
    return radius * math.cos(angle), radius * math.sin(angle)


@njit(nogil=True, cache=True)
def uniform(seed, purpose, unit, start, n):
    """Numbers `start` … `start + n − 1` of a row of uniform ones in [0, 1); `start` is even."""
    drawn = np.empty(n + n % 2)
    for pair in range(len(drawn) // 2):
        a, b, c, d = philox(start // 2 + pair, 0, 0, unit, seed, purpose)
        drawn[2 * pair] = to_unit_interval(a, b)
        drawn[2 * pair + 1] = to_unit_interval(c, d)
    return drawn[:n]


@njit(inline="always")
def fill_with_words(word, start, step, unit, seed, purpose):
    """Words number `start` … of the row that belongs to a time step; `start` and ``len(word)`` are multiples of 4."""
    for group in range(len(word) // 4):
        a, b, c, d = philox(start // 4 + group, step & 0xFFFFFFFF, step >> 32, unit, seed, purpose)
        word[4 * group] = uint32(a)
        word[4 * group + 1] = uint32(b)
        word[4 * group + 2] = uint32(c)
        word[4 * group + 3] = uint32(d)
