"""Linear response of a neuron's rate to the rates of its shot-noise input."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import checked_frequency
from meanfield.theory.shot_noise.grid_chain import NotSolved
from meanfield.theory.shot_noise.modulation import Modulation, fine_enough
from meanfield.theory.shot_noise.neuron import (
    Neuron,
    ShotNoiseParameters,
    refuse_continuous_time,
    trains_of,
    trains_of_jumps,
)
from meanfield.theory.shot_noise.refinement import rate_of_neuron


def shot_noise_transfer_function(
    frequency, input_rates, weights, *, tau_m, t_ref, theta, V_reset, mu_ext=0.0, dt=0.1, jumps="fixed"
) -> xr.Dataset:
    """Linear response of a leaky integrate-and-fire neuron to small modulations of the rates of its Poisson input.

    If the rate of one train is ν_j + ε exp(2πi f t) with small ε, that of the neuron is ν + ε R_j(f) exp(2πi f t). Of
    the same neuron, on the same time grid, as `shot_noise_rate`, where the parameters are explained; dt must be above
    0, and what a spike does in the step in which it arrives has no delay.

    Parameters
    ----------
    frequency : float or array, shape (F,), Hz, ≥ 0

    Returns
    -------
    Dataset
        ``response`` (frequency, train), complex, pure numbers, and its numerical error ``response_error``; ``rate``
        (spikes/s) of the neuron. What could not be computed is NaN, and attribute `missing` says why; else it is empty.

    Raises
    ------
    ParameterError
        As `shot_noise_rate`, and if a frequency is impossible or dt is 0.

    References
    ----------
    Richardson MJE, Swarbrick R (2010) Phys Rev Lett 105:178102, doi:10.1103/PhysRevLett.105.178102 (exponentially
    distributed jumps in continuous time)

    Notes
    -----
    The transition operator of one step on the grid of potentials changes with the rate of a train, and the chance to
    survive that step and n more with it; these are followed step by step (`modulated_chain.py`) and transformed for all
    frequencies at once. The error is the difference from a grid twice as coarse, and in proportion
    what the rate on the grid differs from that of `shot_noise_rate`.
    """
    given = ShotNoiseParameters(**{name: value for name, value in locals().items() if name != "frequency"})
    frequency = checked_frequency(frequency)
    refuse_continuous_time(given.dt, "responses are followed")
    neuron, (rates, sizes, exponential) = Neuron.of(given), trains_of(given)
    response, error, rate, missing = _response(neuron, rates, sizes, exponential, 2j * np.pi * frequency)
    over, units = ("frequency", "train"), {"units": "1"}
    return xr.Dataset(
        {
            "response": (over, response, units | {"long_name": "change of the rate for that of a train's rate"}),
            "response_error": (over, error, units | {"long_name": "its numerical error"}),
            "rate": ((), rate, {"units": "spikes/s", "long_name": "stationary rate"}),
        },
        coords={"frequency": ("frequency", frequency, {"units": "Hz", "long_name": "frequency"})},
        attrs={"dt": given.dt, "missing": missing},
    )


def _response(neuron, rates, sizes, exponential, rate_of_change):
    """Response, its error, rate (spikes/s), and why there are none."""
    settled = rate_of_neuron(neuron, rates, sizes, exponential)
    distinct, train = np.unique(sizes, return_inverse=True)
    acting = trains_of_jumps(rates, sizes, exponential)
    try:
        resolution = fine_enough(neuron, acting, settled)
        fine, coarse = (Modulation(neuron, acting, distinct, r) for r in (resolution, resolution - 1))
    except NotSolved as problem:
        unknown = np.full((len(rate_of_change), len(sizes)), np.nan)
        return unknown, unknown, settled.rate, str(problem)
    response, coarser = (one.at(rate_of_change)[0][:, train.ravel()] for one in (fine, coarse))
    # What equal cells make of the rate, they may make of the response.
    error = np.abs(response - coarser) + np.abs(response) * abs(fine.rate / settled.rate - 1.0)
    return response, error, settled.rate, ""
