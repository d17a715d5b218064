"""Eigenvalues of a network whose neurons receive shot-noise input."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.theory.linear.eigenvalue_search import Modes, leading
from meanfield.theory.linear.eigenvalues import check_bounds, modes_dataset
from meanfield.theory.shot_noise.linear_network import ShotNoiseLinearNetwork, linearised

REACH = 0.8  # of the rate at which the longest intervals end: eigenvalues that die out faster are not looked for


def shot_noise_eigenvalues(network, rate=None, *, dt=0.1, min_growth=-300.0, max_frequency=1000.0) -> xr.Dataset:
    """Growth rates and frequencies of small disturbances of a network's stationary state, for shot noise.

    As `meanfield.eigenvalues`, with the response of neurons on Poisson trains of jumps in time steps in place of that
    of neurons in white noise.

    Parameters
    ----------
    network : Network
    rate : float or array, shape (N,), spikes/s, optional
        The stationary state, by default that of `shot_noise_fixed_point`.
    dt : float, ms, > 0
        Time step of the simulation that is predicted.
    min_growth : float, 1/s
        Eigenvalues that die out faster are left out; also those that do so about as fast as the longest intervals of a
        population get rarer, since its response is not known beyond.
    max_frequency : float, Hz, > 0
        Eigenvalues of higher frequency are left out.

    Returns
    -------
    Dataset
        Dimension mode, sorted from the fastest growing on: ``growth`` (1/s), ``frequency`` (Hz), ``multiplicity``,
        ``residual``; and ``rate`` (spikes/s) over population. Attribute ``min_growth`` (1/s) is the growth below which
        none were looked for; ``complete`` is 1 if the number above it is confirmed; ``missing`` says why nothing could
        be computed, else it is empty.

    Raises
    ------
    ParameterError
        If a bound, a rate or dt is impossible.

    References
    ----------
    See `meanfield.eigenvalues` and `meanfield.shot_noise_spectrum`.
    """
    check_bounds(min_growth, max_frequency)
    state, missing = linearised(network, rate, dt)
    return modes_about(network, state, min_growth, max_frequency).assign_attrs(missing=missing)


def modes_about(network, state: ShotNoiseLinearNetwork | None, min_growth=-300.0, max_frequency=1000.0) -> xr.Dataset:
    """`shot_noise_eigenvalues` of a network that is linearised already; none if it could not be."""
    if state is None:
        rate = np.full(len(network.populations), np.nan)
        return modes_dataset(network, rate, Modes.none()).assign_attrs(complete=0, min_growth=np.nan)
    min_growth = max(min_growth, -REACH * state.slowest_end)
    found, complete = leading(state, min_growth, max_frequency)
    return modes_dataset(network, state.rate, found).assign_attrs(complete=int(complete), min_growth=float(min_growth))
