"""Eigenvalues of a network with delays: how fast disturbances of its stationary state grow, and at what frequency."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.model.variables import RESIDUAL, variable
from meanfield.theory.linear.eigenvalue_search import Modes, leading
from meanfield.theory.white_noise.linear_network import LinearNetwork


def eigenvalues(network, rate=None, *, delay_width=0.0, min_growth=-300.0, max_frequency=1000.0) -> xr.Dataset:
    """Growth rates and frequencies of small disturbances of a network's stationary state.

    Disturbances exp(λt), λ = growth + 2πi·frequency, solve det(1 − M(λ)) = 0, where M(λ) returns the rates' disturbance
    through delays, synapses and neurons (`white_noise.linear_network`). All λ with growth ≥ `min_growth` and
    frequency ≤ `max_frequency` are listed: the determinant is multiplied by what has its poles as zeros, the zeros of a
    rational function fitted to it are polished, and the argument principle says how many there are.

    Parameters
    ----------
    network : Network
        Any number of populations. Delays are spread if the network's are (`delay_sd`), and exponential synapses are
        low-pass filters; random in-degrees and weights count by their means and by their noise.
    rate : float or array, shape (N,), spikes/s, optional
        The stationary state. By default the only fixed point; of several, the one with the highest rates of those
        stable in pseudo-time.
    delay_width : float, ms, ≥ 0
        Delays are uniformly distributed over this full width around the network's delays.
    min_growth : float, 1/s
        Eigenvalues that die out faster are left out.
    max_frequency : float, Hz, > 0
        Eigenvalues of higher frequency are left out.

    Returns
    -------
    Dataset
        Dimension mode, sorted from the fastest growing on; an eigenvalue and its conjugate are one entry.

        - ``growth`` (1/s), ``frequency`` (Hz, ≥ 0);
        - ``multiplicity``: how many eigenvalues this entry stands for, all within a relative 1e-7 of it, conjugates not
          counted. Equal populations have several in one place.
        - ``residual``: |det(1 − M)| without its poles, relative to that 10/s beside.
        - ``rate`` (spikes/s), over population: the stationary state.

        Attribute ``complete`` is 1 if multiplicities add up to the number of eigenvalues within these bounds and 1.4 %
        beyond, which the argument principle counts, else 0. The count is right unless the determinant turns 2π further
        between two points of a contour than delays, membranes and regular intervals let it, which is 1 rad at most.
        Attribute ``limit_growth`` (1/s) is where eigenvalues accumulate at frequencies beyond any bound, see Notes.

    Raises
    ------
    ParameterError
        If a bound, the rates or the width of the delays cannot be.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, App. A.3, doi:10.1023/A:1008925309027
    Nakatsukasa Y, Sète O, Trefethen LN (2018) SIAM J Sci Comput 40:A1494–A1522, doi:10.1137/16M1106122

    Notes
    -----
    White noise whose intensity changes moves the rate at once. With sharp delays there is therefore an endless chain of
    eigenvalues at ever higher frequencies, whose growth comes up to `limit_growth` (below 0): at C of Brunel's Table 1
    −47/s, more than the −135/s of the leading one below 1000 Hz. The diffusion approximation does not hold there;
    `max_frequency` leaves them out.

    The responses of a population have poles at its own resonances, where the transform ρ of its intervals is 1. Next to
    one lies an eigenvalue, however little returns to the population, and it is listed. Those of populations that hardly
    fire lie at −1/tau_m and its multiples, to rounding. Resonances of a population that is silent, or to which nothing
    of its own returns on any way, are no eigenvalues and not listed; nor are those of a difference between equal
    populations that nothing feels. Neurons of equal parameters whose inputs differ by less than a relative 1e-12 count
    as equal. Where disturbances return to equal populations, or through synapses of equal tau_syn > 1/|`min_growth`|,
    in several ways, a way that is weaker than the strongest by 1e12 counts as none; of one that is weaker by more than
    1e5 but less than that, double precision does not tell whether it is one, and `complete` is 0.
    """
    check_bounds(min_growth, max_frequency)
    state = LinearNetwork.of(network, rate, delay_width)
    found, complete = leading(state, min_growth, max_frequency)
    dataset = modes_dataset(network, state.rate, found)
    return dataset.assign_attrs(complete=int(complete), limit_growth=state.limit_growth)


def modes_dataset(network, rate, modes: Modes) -> xr.Dataset:
    """Eigenvalues at the given rates, as `eigenvalues` returns them."""
    residual = "|det(1 − M)| without poles, relative to that 10/s beside"
    return xr.Dataset(
        {
            "growth": ("mode", modes.values.real, {"units": "1/s", "long_name": "growth rate"}),
            "frequency": ("mode", modes.values.imag / (2.0 * np.pi), {"units": "Hz", "long_name": "frequency"}),
            "multiplicity": ("mode", modes.multiplicity, {"units": "1", "long_name": "eigenvalues in one"}),
            "residual": variable("mode", modes.residual, "1", residual, judged_as=RESIDUAL),
            "rate": ("population", rate, {"units": "spikes/s", "long_name": "stationary rate"}),
        },
        coords={"population": list(network.populations)},
    )


def check_bounds(min_growth, max_frequency):
    """Raise `ParameterError` naming what cannot be a bound of the search."""
    culprits = []
    for name, value, bound in (
        ("min_growth", min_growth, Quantity("1/s")),
        ("max_frequency", max_frequency, Quantity("Hz", above=0)),
    ):
        try:
            bound.number(value)
        except ValueError as error:
            culprits.append(f"{stated(name, value, bound.unit)} {error}")
    if culprits:
        raise ParameterError(culprits)
