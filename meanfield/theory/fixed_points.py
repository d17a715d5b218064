"""Self-consistent rates: the fixed points of mean-field theory, stable and unstable ones, with their stability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from meanfield.theory import interval_search
from meanfield.theory.newton import polish, search_from_starts
from meanfield.theory.stationary_input import StationaryInput

MOST_POPULATIONS_FOR_ALL = 2


def fixed_points(network, *, coords: Mapping | None = None, n_starts: int = 4, seed: int = 1) -> xr.Dataset:
    """Rates that Siegert's formula, given the input they cause, returns.

    They solve rate = ν(mu(rate), sigma(rate)) for all populations at once. Populations of identical neurons with
    identical input are merged first, which loses nothing. If one or two remain, as in Brunel's network, the dataset
    holds *all* solutions: the box of possible rates is searched by exclusion with proven bounds
    (`meanfield.theory.interval_search`). If more remain, it holds those that Newton's method *found*
    (`meanfield.theory.newton`).

    Parameters
    ----------
    network : Network or StationaryInput
        One network, or a stack of networks.
    coords : mapping of str to array, optional
        Names of the stack's dimensions and values along them, in order; by default stack_0, stack_1, …
    n_starts : int
        From how many starts to search if more than two populations remain.
    seed : int
        Of the random ones among these.

    Returns
    -------
    Dataset
        Dimensions: those of the stack, fixed_point (sorted by rate; NaN behind the last one), population, mode.

        - ``rate`` (spikes/s), ``mu`` and ``sigma`` of the input (mV);
        - ``residual`` (spikes/s): the largest deviation of a population's response from its rate; ``converged``,
          whether it is at most 1e-9 of the largest rate;
        - ``stable``: whether the flow in pseudo-time returns to it; ``eigenvalue_real`` and ``eigenvalue_imag`` (in
          1/tau of that flow) of the Jacobian of −rate + ν(rate);
        - ``count``: how many there are, over the stack.

        Attribute ``completeness`` is "all" or "found". Two solutions within a relative distance of 1e-6 count as one.

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

    index, rate, complete = solve(inputs, n_starts=n_starts, seed=seed)
    each = inputs.flat().take(index)
    mu, sigma = each.moments(rate)
    response, jacobian = each.response_and_jacobian(rate)
    eigenvalues = np.linalg.eigvals(jacobian - np.eye(inputs.n_populations))
    residual = np.abs(response - rate).max(-1)

    # Solutions of one network stand in a row, sorted; `place` counts them.
    count = np.bincount(index, minlength=int(np.prod(stack)))
    place = np.arange(len(index)) - np.repeat(np.cumsum(count) - count, count)

    def laid_out(values, fill):
        full = np.full((count.size, max(count.max(), 1), *values.shape[1:]), fill, dtype=values.dtype)
        full[index, place] = values
        return full.reshape(*stack, *full.shape[1:])

    over = (*coords, "fixed_point")
    return xr.Dataset(
        {
            "rate": ((*over, "population"), laid_out(rate, np.nan), {"units": "spikes/s"}),
            "mu": ((*over, "population"), laid_out(mu, np.nan), {"units": "mV"}),
            "sigma": ((*over, "population"), laid_out(sigma, np.nan), {"units": "mV"}),
            "residual": (over, laid_out(residual, np.nan), {"units": "spikes/s"}),
            "converged": (over, laid_out(residual <= 1e-9 * rate.max(-1) + 1e-300, False), {"units": "1"}),
            "stable": (over, laid_out((eigenvalues.real < 0.0).all(-1), False), {"units": "1"}),
            "eigenvalue_real": ((*over, "mode"), laid_out(eigenvalues.real, np.nan), {"units": "1/tau"}),
            "eigenvalue_imag": ((*over, "mode"), laid_out(eigenvalues.imag, np.nan), {"units": "1/tau"}),
            "count": (tuple(coords), count.reshape(stack), {"units": "1"}),
        },
        coords={**coords, "population": list(names)},
        attrs={"completeness": "all" if complete else "found"},
    )


def solve(inputs: StationaryInput, *, n_starts: int = 4, seed: int = 1):
    """Fixed points as bare arrays; the arguments are those of `fixed_points`.

    Returns
    -------
    index : array of int, shape (R,)
        To which network of the flattened stack each of the R fixed points belongs, ascending.
    rate : array, shape (R, N), spikes/s
        Sorted by their sum for each network.
    complete : bool
        Whether these are all.
    """
    merged, into = inputs.merged()
    merged = merged.flat()
    complete = merged.n_populations <= MOST_POPULATIONS_FOR_ALL
    if complete:
        index, low, high, each_complete = interval_search.search(merged)
        complete = bool(each_complete.all())
        rate = polish(merged.take(index), low, high)
    else:
        found = [search_from_starts(merged.take(i), n_starts, seed) for i in range(len(merged.mu_0))]
        index = np.repeat(np.arange(len(found)), [len(rates) for rates in found])
        rate = np.concatenate(found)
    order = np.lexsort((rate.sum(-1), index))
    index, rate = index[order], rate[order]
    repeated = (index[1:] == index[:-1]) & (
        np.abs(rate[1:] - rate[:-1]).max(-1) <= 1e-6 * np.maximum(rate[1:].max(-1), 1e-300)
    )
    keep = np.concatenate([[True], ~repeated])[: len(index)]
    return index[keep], rate[keep][:, into], complete
