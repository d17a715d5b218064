"""Circuits of a network, in which disturbances come back to where they began, and their determinants without poles."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components

from meanfield.theory.linear.argument_principle import REGULAR, SHORTEST_DELAY
from meanfield.theory.white_noise.linear_network import LARGEST_LOGARITHM

PROBES = np.array([37.0 + 211.0j, 61.0 + 83.0j, 113.0 + 461.0j])  # 1/s: rates of change without any meaning
DIFFERENCE = 1e-2  # 1/s: of λ, for derivatives
NOTHING, SOMETHING = 1e-12, 1e-5  # relative strength of a feedback that is rounding at most, or at least more


class Circuit:
    """Populations each of which reaches every other, and det(1 − M) of them as a function that has zeros alone.

    The responses of population i have poles where its (1 − ρ_i)/λ vanishes, ρ_i being the transform of its intervals.
    So each row of 1 − M is multiplied by (1 − ρ_i)/λ, itself made analytic. Poles at −1/tau_syn and −2/tau_syn, which
    synapses with memory add, are multiplied away as well. What is left is analytic, and its zeros are the eigenvalues.

    Equal populations with equal input share their poles, and so do synapses that are as slow. A pole is of as many
    orders as there are independent ways in which disturbances come back through what has it: where rows of M depend on
    each other, they are fewer than rows. The excess is divided out.

    Parameters
    ----------
    state : LinearNetwork or ShotNoiseLinearNetwork
    members : array of int, shape (n,)
        Its populations.
    min_growth : float, 1/s
        Poles of synapses below are left.

    Attributes
    ----------
    decided : bool
        Whether the orders of all poles are certain.
    delays, memory : float, s
        By how much at most the determinant turns with λ: in radians per 1/s, by delays, and by all that neurons
        remember.
    membranes : array, 1/s
        Next to these rates of growth, and to their multiples, are resonances of populations that hardly fire.
    """

    def __init__(self, state, members, min_growth):
        self.state, self.members, self.decided = state, members, True
        self.delays = len(members) * max(float(state.longest_delay), SHORTEST_DELAY)
        self.membranes = -1e3 / np.unique(state.tau_m[members])
        regular = np.flatnonzero((state.rate > 0.0) & (state.cv < REGULAR))
        periods = (1.0 / state.rate[i] for i in np.intersect1d(members, regular))
        self.memory = self.delays + 1e-3 * state.tau_m[members].sum() + sum(periods)
        kind, self._first, sizes = np.unique(state.kind[members], return_index=True, return_counts=True)
        M = self.coupling(PROBES)
        shared = [np.flatnonzero(state.kind[members] == k) for k in kind]
        self._orders = np.array([1 if len(i) == 1 else self._order(M, _some_rows(M, i)) for i in shared])
        self._excess = sizes - self._orders
        self._synapses = [
            (pole, self._order(M, part[:, members[:, None], members]))
            for pole, part in state.through_synapses(PROBES).items()
            if pole >= min_growth
        ]

    def _order(self, M, part):
        """Order of a pole of det(1 − M) that a part of M has: the determinant's degree in that part's strength."""
        strength = np.abs(np.linalg.eigvals(np.linalg.solve(np.eye(len(self.members)) - M + part, part)))
        strength = np.sort(strength / np.maximum(strength.max(axis=1, keepdims=True), np.finfo(float).tiny), axis=1)
        strength = strength.max(axis=0)
        self.decided &= not np.any((strength > NOTHING) & (strength < SOMETHING))
        return np.count_nonzero(strength > NOTHING)

    def coupling(self, rate_of_change):
        """M of the circuit, shape (n, N, N)."""
        return self.state.coupling(rate_of_change)[:, self.members[:, None], self.members]

    def determinant(self, rate_of_change):
        """det(1 − M) without poles, times positive numbers, see `analytic`; shape (n,)."""
        return self._parts(rate_of_change)[0]

    def analytic(self, rate_of_change):
        """`determinant` and the logarithm of a positive number that makes it analytic, both of shape (n,)."""
        value, _, size = self._parts(rate_of_change)
        return value, size

    def levelled(self, rate_of_change):
        """`determinant` over a function that it is close to where disturbances return weakly, with few real poles."""
        value, end, _ = self._parts(rate_of_change)
        rate = self.state.rate[self.members][self._first]
        return value / end * ((rate_of_change[:, None] + rate) ** self._orders).prod(-1)

    def to_closest(self, rate_of_change):
        """Steps in λ after which linearised rows are singular, towards eigenvalues of any multiplicity; shape (n,).

        By the method of successive linear problems: Ruhe A (1973) SIAM J Numer Anal 10:674–689, doi:10.1137/0710059.
        """
        aside = np.concatenate([rate_of_change, rate_of_change - DIFFERENCE, rate_of_change + DIFFERENCE])
        rows, _, _, size = self._rows(aside)
        (here, before, after), size = (x.reshape(3, -1, *x.shape[1:]) for x in (rows, size))
        ratio = np.exp(size - size[0])[..., None]
        slope = (after * ratio[2] - before * ratio[1]) / (2.0 * DIFFERENCE)
        usable = np.isfinite(here).all((1, 2)) & np.isfinite(slope).all((1, 2))
        usable &= np.linalg.det(here) != 0.0
        step = np.where(np.isfinite(here).all((1, 2)), 0.0, np.nan).astype(complex)
        inverse = np.linalg.eigvals(np.linalg.solve(here[usable], slope[usable]))
        step[usable] = -1.0 / inverse[np.arange(len(inverse)), np.abs(inverse).argmax(axis=1)]
        return step

    def _rows(self, rate_of_change):
        """Rows of 1 − M, each times its (1 − ρ)/λ, which is the second of four; the last two are end and size of it."""
        with np.errstate(divide="ignore", invalid="ignore"):  # at the poles of synapses
            parts = self.state.pole_free(rate_of_change)
        interval, end, size = (x[:, self.members] for x in (parts.interval, parts.end, parts.size))
        rows = -parts.returned[:, self.members[:, None], self.members]
        rows[:, np.arange(len(self.members)), np.arange(len(self.members))] += interval
        return rows, interval, end, size

    def _parts(self, rate_of_change):
        """Value, end and size: value · exp(size) and end · exp(size) are analytic."""
        first, orders = self._first, self._orders
        rows, interval, end, size = self._rows(rate_of_change)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            sign, logarithm = np.linalg.slogdet(rows)
            value = sign * np.exp(np.minimum(logarithm, LARGEST_LOGARITHM))
            value = value / (interval[:, first] ** self._excess).prod(-1)
        for pole, order in self._synapses:
            value = value * (1.0 - rate_of_change / pole) ** order
        return value, (end[:, first] ** orders).prod(-1), (size[:, first] * orders).sum(-1)


def _some_rows(M, which):
    """M with all but some rows 0."""
    kept = np.zeros_like(M)
    kept[:, which] = M[:, which]
    return kept


def circuits(state, min_growth) -> list[Circuit]:
    """All circuits of a network about its stationary state.

    A population that does not fire, or to which nothing of its own comes back, is in none: it adds no eigenvalue.
    """
    passed_on = state.passed_on
    n, number = connected_components(passed_on, connection="strong")
    members = [np.flatnonzero(number == k) for k in range(n)]
    return [Circuit(state, some, min_growth) for some in members if len(some) > 1 or passed_on[some[0], some[0]]]
