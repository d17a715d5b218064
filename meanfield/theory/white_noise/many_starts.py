"""Fixed points of networks of any size: where the flow comes to rest, and where Newton's method leads from afar."""

from __future__ import annotations

import numpy as np

from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.newton import arrivals, polish
from meanfield.theory.white_noise.settling import settle

QUIET_ROUNDS, MOST_QUIET_ROUNDS = 2, 20  # without a new fixed point, if the index says that none is missing, and if not
MOST_ROUNDS = 100
# A step of Newton's method costs M³: in large networks fewer starts are affordable, and between if none is missing.
WORK, FEWEST_STARTS, FEWEST_BETWEEN, WORK_BETWEEN = 2_000_000, 2, 24, 20_000_000
SAME = 1e-6  # distance within which two fixed points are one, relative to a population's rate
FAINT = 1e-3  # or, where that is lower, relative to this part of the network's largest rate
LOGARITHMIC = 8  # power to which uniform numbers are raised, so that low rates are started from as well


def search(inputs: StationaryInput, n_starts: int, seed: int):
    """Fixed points of one network, stable and unstable ones, to rounding.

    The first are those that the flow in pseudo-time reaches from silence and from saturation. Then Newton's method goes
    on from random rates and, as soon as there are two fixed points, from between pairs of them: a network of clusters,
    each of which is active or not, has fixed points for most combinations. The search ends when nothing new comes.

    What comes is held against the index theorem. The response maps the box 0 ≤ rate ≤ 1/t_ref into itself; therefore
    the signs of det(1 − Jacobian), summed over all fixed points, give 1. As long as they do not, some are missing, and
    the search is more patient.

    Parameters
    ----------
    inputs : StationaryInput
        One network of M populations.
    n_starts : int
        Random starts in each round; fewer in networks of more than some twenty populations.
    seed : int
        Of these.

    Returns
    -------
    array, shape (R, M), spikes/s
    """
    m, highest = inputs.n_populations, inputs.highest_rate
    n_starts = min(n_starts, max(FEWEST_STARTS, WORK // m**3))
    random = np.random.default_rng(seed)
    ends, _ = settle(inputs, np.stack([np.zeros(m), highest]))
    known = _with_new(inputs, np.empty((0, m)), arrivals(inputs, ends, np.zeros(2)))
    quiet, none_missing = 0, _index(inputs, known) == 1
    for _ in range(MOST_ROUNDS):
        starts = highest * random.uniform(size=(n_starts, m)) ** LOGARITHMIC
        damping = np.ones(n_starts)
        if len(known) > 1:
            fewest = min(FEWEST_BETWEEN, WORK_BETWEEN // m**3) if none_missing else FEWEST_BETWEEN
            n_between = max(n_starts, fewest) + 2 * len(known)
            one, other = known[random.integers(len(known), size=(2, n_between))]
            starts = np.concatenate([starts, one + (other - one) * random.uniform(size=one.shape)])
            damping = np.append(damping, np.zeros(n_between))
        before = len(known)
        known = _with_new(inputs, known, arrivals(inputs, starts, damping))
        quiet = 0 if len(known) > before else quiet + 1
        none_missing = _index(inputs, known) == 1
        if quiet >= (QUIET_ROUNDS if none_missing else MOST_QUIET_ROUNDS):
            break
    return known


def _with_new(inputs, known, rates):
    """The known fixed points and those among `rates` that are new, polished."""
    rates = polish(inputs, rates, 0.0, inputs.highest_rate)
    for rate in rates[~same(rates[:, None], known).any(-1)]:
        if not same(rate, known).any():
            known = np.append(known, rate[None], axis=0)
    return known


def same(rate, other):
    """Whether two fixed points are one; arrays of shape (..., M)."""
    scale = np.maximum(rate, FAINT * rate.max(-1, keepdims=True))
    return (np.abs(rate - other) <= SAME * scale).all(-1)


def _index(inputs, rates):
    """Sum of the fixed points' indices."""
    _, jacobian = inputs.response_and_jacobian(rates)
    sign, _ = np.linalg.slogdet(np.eye(rates.shape[-1]) - jacobian)
    return sign.sum()
