"""The distribution of inter-spike intervals of a neuron with shot-noise input."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.theory.shot_noise.decay_cells import DecayCells
from meanfield.theory.shot_noise.discretisation import discretisation
from meanfield.theory.shot_noise.grid_chain import GridChain
from meanfield.theory.shot_noise.hazard import Hazard
from meanfield.theory.shot_noise.neuron import (
    Neuron,
    ShotNoiseParameters,
    refuse_continuous_time,
    trains_of,
    trains_of_jumps,
)
from meanfield.theory.shot_noise.refinement import rate_of_neuron

REST = 1e-6  # share of intervals that may be longer than the longest one listed
MOST_LISTED = 200_000


def shot_noise_intervals(
    input_rates, weights, *, tau_m, t_ref, theta, V_reset, mu_ext=0.0, dt=0.1, jumps="fixed"
) -> xr.Dataset:
    """Distribution of the inter-spike intervals of a leaky integrate-and-fire neuron with delta synapses.

    Of the same neuron, on the same Poisson input and the same time grid as in `shot_noise_rate`, where the parameters
    are explained; dt must be above 0. Intervals are independent of each other.

    Returns
    -------
    Dataset
        Over ``interval`` (ms; a multiple of dt, the shortest t_ref + dt): its ``probability``, and ``survival``, the
        probability of a longer one. They are listed until longer ones have a probability of 1e-6, but not more than
        200,000. Further ``mean`` (ms) and ``cv`` of all intervals. Attribute `missing` says why there are none, else it
        is empty.

    Raises
    ------
    ParameterError
        As `shot_noise_rate`, and if dt is 0.

    References
    ----------
    See `shot_noise_rate`.

    Notes
    -----
    The surviving density is followed from reset step by step on the grid of potentials on which the rate has settled.
    Once the probability of a spike per step is constant, the density has reached the chain's leading eigenvector, and
    the rest of the distribution is geometric.
    """
    given = ShotNoiseParameters(**locals())
    refuse_continuous_time(given.dt, "intervals are counted")
    neuron, trains = Neuron.of(given), trains_of(given)
    settled = rate_of_neuron(neuron, *trains)
    missing = settled.missing or ("" if settled.rate > 0.0 else "the neuron never fires")
    if missing:
        survival, hazard = np.empty(0), np.nan
    elif not settled.spacing:  # without fluctuations a clock
        steps = round(1e3 / (settled.rate * neuron.time.unit)) - neuron.refractory
        survival, hazard = np.repeat([1.0, 0.0], [steps, 1]), 1.0
    else:
        survival, hazard = _survival(discretisation(neuron, trains_of_jumps(*trains)).chain(settled.resolution))
    return _dataset(neuron, survival, hazard, missing)


def _survival(chain: GridChain | DecayCells) -> tuple[np.ndarray, float]:
    """Probability that no spike came within 0, 1, … steps after reset, and of a spike in each later step."""
    survival, hazard = [1.0], Hazard()
    for n, now in enumerate(chain.survivals(), start=1):
        hazard.add(survival[-1], now)
        survival.append(now)
        if now < REST or n == MOST_LISTED:
            return np.array(survival), hazard.last
        if hazard.settled:
            break
    last = hazard.last
    more = min(int(np.ceil(np.log(REST / now) / np.log1p(-last))), MOST_LISTED - n)
    return np.append(survival, now * (1.0 - last) ** np.arange(1, more + 1)), last


def _dataset(neuron: Neuron, survival, hazard, missing) -> xr.Dataset:
    mean = cv = np.nan
    if not missing:
        steps, last = np.arange(len(survival) - 1), len(survival) - 1
        # Beyond the list, a geometric series.
        mean = survival[:-1].sum() + survival[-1] / hazard
        square = (2 * steps + 1) @ survival[:-1]
        square += survival[-1] * ((2 * last + 1) / hazard + 2.0 * (1.0 - hazard) / hazard**2)
        deviation = max(square - mean**2, 0.0) ** 0.5
        mean, cv = neuron.time.unit * (neuron.refractory + mean), deviation / (neuron.refractory + mean)
    interval = neuron.time.unit * (neuron.refractory + np.arange(1, len(survival)))
    return xr.Dataset(
        {
            "probability": ("interval", -np.diff(survival), {"units": "1", "long_name": "probability of the interval"}),
            "survival": ("interval", survival[1:], {"units": "1", "long_name": "probability of a longer one"}),
            "mean": ((), mean, {"units": "ms", "long_name": "mean inter-spike interval"}),
            "cv": ((), cv, {"units": "1", "long_name": "coefficient of variation of inter-spike intervals"}),
        },
        coords={"interval": ("interval", interval, {"units": "ms", "long_name": "inter-spike interval"})},
        attrs={"dt": neuron.time.unit, "missing": missing},
    )
