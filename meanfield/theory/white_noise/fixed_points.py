"""Self-consistent rates: the fixed points of mean-field theory, stable and unstable ones, with their stability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from meanfield.model.variables import RESIDUAL
from meanfield.theory.white_noise import interval_search, many_starts, one_population
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.many_starts import same
from meanfield.theory.white_noise.newton import polish

MOST_POPULATIONS_FOR_ALL = 4
N_STARTS = 200
CONVERGED = 1e-9  # residual relative to the largest rate
NO_SOLUTION = "no self-consistent solution of Siegert's theory was found"
RATE_MISSING = "the rate to which the solution should be near is missing"


def fixed_points(network, *, coords: Mapping | None = None, n_starts: int = N_STARTS, seed: int = 1) -> xr.Dataset:
    """Rates that Siegert's formula, given the input they cause, returns.

    They solve rate = ν(mu(rate), sigma(rate)) for all populations at once. Populations of identical neurons with
    identical input are merged first, which loses nothing. If at most four remain, the box of possible rates is searched
    by exclusion with proven bounds (`meanfield.theory.white_noise.interval_search`). Where that comes to an end, as
    always with one or two populations, the dataset holds *all* solutions. Else it holds those that were *found*: the
    stable states that the flow in pseudo-time reaches from silence and from saturation, and what Newton's method adds
    from many starts until nothing new comes (`meanfield.theory.white_noise.many_starts`).

    Parameters
    ----------
    network : Network or StationaryInput
        One network, or a stack of networks.
    coords : mapping of str to array, optional
        Names of the stack's dimensions and values along them, in order; by default stack_0, stack_1, …
    n_starts : int
        From how many random rates to start in each round, where all solutions cannot be proven.
    seed : int
        Of these.

    Returns
    -------
    Dataset
        Dimensions: those of the stack, fixed_point (sorted by rate; NaN behind the last one), population, mode.

        - ``rate`` (spikes/s), ``mu`` and ``sigma`` of the input (mV);
        - ``residual`` (spikes/s): the largest deviation of a population's response from its rate;
        - ``converged``: whether there is a solution here. What deviates by more than 1e-9 of the largest rate is none,
          and is left out;
        - ``stable``: whether the flow in pseudo-time returns to it; ``eigenvalue_real`` and ``eigenvalue_imag`` (in
          1/tau of that flow) of the Jacobian of −rate + ν(rate);
        - ``count``: how many there are, over the stack.

        Attribute ``completeness`` is "all" or "found"; attribute ``missing`` says for how many networks there is none
        at all, and is empty if there is no such. Two solutions within a relative distance of 1e-6 count as one.

    Raises
    ------
    ValueError
        If `coords` does not fit the stack.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, eqs 4 and 21, doi:10.1023/A:1008925309027
    Hahne J et al. (2017) Front Neuroinform 11:34, eq. 30, doi:10.3389/fninf.2017.00034

    Notes
    -----
    Stability is that of the flow in pseudo-time; delays and the spiking network's fast dynamics play no part in it.
    """
    inputs = network if isinstance(network, StationaryInput) else StationaryInput.of(network)
    names = getattr(network, "populations", range(inputs.n_populations))
    stack = inputs.stack
    coords = {f"stack_{i}": np.arange(n) for i, n in enumerate(stack)} if coords is None else dict(coords)
    lengths = tuple(len(values) for values in coords.values())
    if lengths != stack:
        raise ValueError(f"coords has lengths {lengths}, but the stack of networks has shape {stack}")

    index, rate, mu, sigma, residual, eigenvalues, complete = solve(inputs, n_starts=n_starts, seed=seed)

    # Solutions of one network stand in a row, sorted; `place` counts them.
    count = np.bincount(index, minlength=int(np.prod(stack)))
    place = np.arange(len(index)) - np.repeat(np.cumsum(count) - count, count)

    def laid_out(values, fill):
        full = np.full((count.size, max(count.max(), 1), *values.shape[1:]), fill, dtype=values.dtype)
        full[index, place] = values
        return full.reshape(*stack, *full.shape[1:])

    none = int((count == 0).sum())
    of_networks = f" for {none} of {count.size} networks" if stack else ""
    over = (*coords, "fixed_point")
    return xr.Dataset(
        {
            "rate": ((*over, "population"), laid_out(rate, np.nan), {"units": "spikes/s"}),
            "mu": ((*over, "population"), laid_out(mu, np.nan), {"units": "mV"}),
            "sigma": ((*over, "population"), laid_out(sigma, np.nan), {"units": "mV"}),
            "residual": (over, laid_out(residual, np.nan), {"units": "spikes/s", "judged_as": RESIDUAL}),
            "converged": (over, laid_out(np.ones(len(index), dtype=bool), False), {"units": "1"}),
            "stable": (over, laid_out((eigenvalues.real < 0.0).all(-1), False), {"units": "1"}),
            "eigenvalue_real": ((*over, "mode"), laid_out(eigenvalues.real, np.nan), {"units": "1/tau"}),
            "eigenvalue_imag": ((*over, "mode"), laid_out(eigenvalues.imag, np.nan), {"units": "1/tau"}),
            "count": (tuple(coords), count.reshape(stack), {"units": "1"}),
        },
        coords={**coords, "population": list(names)},
        attrs={
            "completeness": "all" if complete else "found",
            "missing": f"{NO_SOLUTION}{of_networks}" if none else "",
        },
    )


class Solutions(NamedTuple):
    """Fixed points as bare arrays, one row each, those of one network in a row and sorted by the sum of their rates."""

    index: np.ndarray  # shape (R,): to which network of the flattened stack it belongs, ascending
    rate: np.ndarray  # shape (R, N), spikes/s
    mu: np.ndarray  # shape (R, N), mV
    sigma: np.ndarray  # shape (R, N), mV
    residual: np.ndarray  # shape (R,), spikes/s
    eigenvalues: np.ndarray  # shape (R, N), in 1/tau
    complete: bool  # whether these are all


def solve(inputs: StationaryInput, *, n_starts: int = N_STARTS, seed: int = 1) -> Solutions:
    """Fixed points without the dataset around them; the arguments are those of `fixed_points`."""
    n = inputs.n_populations
    merged, into = inputs.merged()
    merged = merged.flat()
    theta = merged.theta
    merged = merged.from_threshold()
    states, complete = one_population.search(merged) if merged.mu_0.shape == (1, 1) else ([], False)
    if complete:
        table = np.array(sorted(states)).reshape(-1, 6)
        index = np.zeros(len(table), dtype=int)
        rate, mu, sigma, residual, jacobian = (
            table[:, :1],
            table[:, 1:2],
            table[:, 2:3],
            table[:, 3],
            table[:, 5, None, None],
        )
        low, high = np.zeros_like(rate), np.full_like(rate, np.inf)
    else:
        index, rate, low, high, complete = _search(merged, n_starts, seed)
        order = np.lexsort((rate.sum(-1), index))
        index, rate, low, high = (x[order] for x in (index, rate, low, high))
        each = merged.take(index)
        mu, sigma = each.moments(rate)
        response, jacobian = each.response_and_jacobian(rate)
        residual = np.abs(response - rate).max(-1)
    # Disturbances that populations merged into one do not share die out with the flow's own time constant.
    eigenvalues = np.full((len(rate), n), -1.0, dtype=complex)
    m = rate.shape[-1]
    eigenvalues[:, :m] += jacobian[..., 0] if m == 1 else np.linalg.eigvals(jacobian)
    converged = residual <= CONVERGED * rate.max(-1) + 1e-300
    shown = np.flatnonzero(converged)
    shown = shown[_first_of_each(index[shown], rate[shown])]
    complete = complete and not _may_hold_more(converged, index, rate, low, high).any()
    columns = index, rate[:, into], (mu + theta[index])[:, into], sigma[:, into], residual, eigenvalues
    return Solutions(*(x[shown] for x in columns), complete)


def _may_hold_more(converged, index, rate, low, high):
    """Which boxes without a solution are more than the neighbourhood of one, where any would count as that one."""
    more = ~converged
    for i in np.flatnonzero(more):
        known = rate[converged & (index == index[i])]
        more[i] = not (same(known, low[i]) & same(known, high[i])).any()
    return more


def _first_of_each(index, rate):
    """Which of the sorted solutions are not a repetition of the one before."""
    new = np.ones(len(index), dtype=bool)
    new[1:] = (index[1:] != index[:-1]) | ~same(rate[1:], rate[:-1])
    return new


def _search(merged, n_starts, seed):
    """Networks' indices, rates, boxes around them and whether these are all: by exclusion, else from starts."""
    n_networks, m = merged.mu_0.shape
    index, complete = np.empty(0, dtype=int), np.zeros(n_networks, dtype=bool)
    rate = low = high = np.empty((0, m))
    if m <= MOST_POPULATIONS_FOR_ALL:
        index, low, high, complete = interval_search.search(merged)
        rate = polish(merged.take(index), 0.5 * (low + high), low, high)
    for i in np.flatnonzero(~complete):
        more = many_starts.search(merged.take(i), n_starts, seed)
        index = np.append(index, np.full(len(more), i))
        rate, low, high = (np.concatenate([x, more]) for x in (rate, low, high))
    return index, rate, low, high, bool(complete.all())


def nearest_solution(solutions: xr.Dataset, rate: xr.DataArray | np.ndarray) -> xr.Dataset:
    """Of all self-consistent solutions that converged the one whose rates are nearest to given ones.

    Parameters
    ----------
    solutions : Dataset
        From `fixed_points`, of one network.
    rate : array, shape (N,), spikes/s

    Returns
    -------
    Dataset
        Without dimension fixed_point. If no solution converged, or a given rate is NaN, ``rate``, ``mu`` and ``sigma``
        are NaN, and attribute `missing` says why.
    """
    converged = solutions["converged"].values
    distance = np.where(converged, np.abs(solutions["rate"].values - np.asarray(rate)).max(axis=-1), np.inf)
    nearest = solutions.isel(fixed_point=int(distance.argmin()))
    if np.isfinite(distance).any():
        return nearest
    unknown = {name: nearest[name].where(False) for name in ("rate", "mu", "sigma")}
    reason = solutions.attrs.get("missing") or NO_SOLUTION
    return nearest.assign(unknown).assign_attrs(missing=RATE_MISSING if converged.any() else reason)
