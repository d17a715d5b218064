"""Who is connected with whom: the sources of each neuron, drawn at random by one of three rules.

What is drawn for a target depends on its number in its population alone, not on which targets are drawn together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numba import njit

from meanfield.model.network import Network
from meanfield.simulation.compiled.philox import WIRING, philox, to_unit_interval

BLOCK = 512  # targets whose sources are drawn at a time, so that these take little memory


def sources_of(
    network: Network, population: int, source: int, start: int, n: int, n_sources: int, itself: bool, seed: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """The sources of `n` neurons of a population from number `start` on, in blocks.

    Parameters
    ----------
    network : Network
    population, source, start, n : int
        Of the targets, and the population that the sources are from.
    n_sources : int
        Its size.
    itself : bool
        Whether sources and targets are the same neurons.
    seed : int

    Yields
    ------
    first : int
        Number of the block's first target, counted from `start`.
    degree : array of int64
        How many sources each target has.
    drawn : array of int32
        The sources, target by target.
    """
    K, exclude = float(network.K[population, source]), itself and not network.autapses
    unit = population * len(network.populations) + source
    if network.rule == "fixed_total_number":
        size = int(network.size[population])
        degrees = deal(round(K * size), size, seed, unit)[start : start + n]
    elif network.rule == "fixed_indegree":
        degrees = np.full(n, int(K))
    for first in range(0, n, BLOCK):
        number, length = start + first, min(BLOCK, n - first)
        if network.rule == "pairwise_bernoulli":
            degree, drawn = draw_pairs(number, length, K / (n_sources - exclude), n_sources, exclude, seed, unit)
        else:
            degree = degrees[first : first + length]
            drawn = draw_sources(number, degree, n_sources, network.multapses, exclude, seed, unit)
        yield first, degree, drawn


@njit(inline="always")
def below(u, n):
    """A whole number from 0 to n − 1 from a uniform one in [0, 1); all are equally likely to 1e-16 n."""
    return np.int64(u * n)


@njit(nogil=True, cache=True)
def deal(n_synapses, n_targets, seed, unit):
    """In-degrees, if each of `n_synapses` is dealt to one of the targets; array of int64, shape (n_targets,)."""
    degree = np.zeros(n_targets, dtype=np.int64)
    for pair in range((n_synapses + 1) // 2):
        a, b, c, d = philox(pair & 0xFFFFFFFF, pair >> 32, 1, unit, seed, WIRING)
        degree[below(to_unit_interval(a, b), n_targets)] += 1
        if 2 * pair + 1 < n_synapses:
            degree[below(to_unit_interval(c, d), n_targets)] += 1
    return degree


@njit(nogil=True, cache=True)
def draw_sources(start, degree, n_sources, multapses, exclude_itself, seed, unit):
    """A given number of sources for each of the targets number `start` … of their population.

    Parameters
    ----------
    start : int
    degree : array of int64, shape (n_targets,)
        How many sources each has.
    n_sources : int
        Neurons in the source population.
    multapses : bool
        Whether a source may be drawn more than once; if not, all sets of sources are equally likely (Floyd's algorithm;
        Bentley & Floyd 1987, doi:10.1145/30401.315746).
    exclude_itself : bool
        Whether the source of a target's own number is left out.
    seed, unit : int
        Of the random numbers; `unit` is different for each pair of populations.

    Returns
    -------
    array of int32, shape (degree.sum(),)
    """
    among = n_sources - 1 if exclude_itself else n_sources
    source = np.empty(degree.sum(), dtype=np.int32)
    user = np.full(0 if multapses else among, -1)  # the last target that a source was drawn for
    end = 0
    for i in range(len(degree)):
        K = degree[i]
        row = source[end : end + K]
        end += K
        for pair in range((K + 1) // 2):
            a, b, c, d = philox(start + i, pair, 0, unit, seed, WIRING)
            k = 2 * pair
            row[k] = below(to_unit_interval(a, b), among if multapses else among - K + k + 1)
            if k + 1 < K:
                row[k + 1] = below(to_unit_interval(c, d), among if multapses else among - K + k + 2)
        if not multapses:
            for k in range(K):
                if user[row[k]] == i:
                    row[k] = among - K + k
                user[row[k]] = i
        if exclude_itself:
            for k in range(K):
                row[k] += row[k] >= start + i
    return source


@njit(nogil=True, cache=True)
def draw_pairs(start, n_targets, probability, n_sources, exclude_itself, seed, unit):
    """Sources of the targets number `start` … if each pair is connected with the same probability, independently.

    The gaps between sources that follow each other have a geometric distribution. Arguments as of `draw_sources`; gives
    back degrees and sources.
    """
    among = n_sources - 1 if exclude_itself else n_sources
    most = np.int64(among * probability + 10 * math.sqrt(among * probability) + 50)
    degree = np.zeros(n_targets, dtype=np.int64)
    source = np.empty(n_targets * min(most, among), dtype=np.int32)
    scale = 1.0 / math.log1p(-probability) if probability < 1.0 else 0.0
    end = 0
    for i in range(n_targets):
        last = -1
        pair = 0
        while last < among:
            words = philox(start + i, pair, 0, unit, seed, WIRING)
            for half in range(2):
                u = to_unit_interval(words[2 * half], words[2 * half + 1])
                gap = math.log(1.0 - u) * scale
                last = among if gap >= among - last else last + 1 + np.int64(gap)
                if last < among:
                    source[end] = last + (exclude_itself and last >= start + i)
                    end += 1
                    degree[i] += 1
            pair += 1
    return degree, source[:end].copy()
