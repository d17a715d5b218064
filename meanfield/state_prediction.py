"""What theory says of a network's state: where it rests, whether it stays there, how its noise is shaped."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.comparison import nearest_solution
from meanfield.networks import Network
from meanfield.states import mean_delay
from meanfield.theory.eigenvalues import eigenvalues
from meanfield.theory.fixed_points import fixed_points
from meanfield.theory.interspike import siegert_cv
from meanfield.theory.predicted_spectrum import predicted_spectrum

MODES = 4
# Frequency times delay, as theory.critical_lines has it; said again here, so that a run does not depend on that file.
SLOW_BELOW, REGULAR_ABOVE = 0.12, 0.6


def predict_state(network: Network, rate: np.ndarray, frequency: np.ndarray) -> xr.Dataset:
    """Theory's stationary state, its stability, and the spectrum of the activity around it.

    Parameters
    ----------
    network : Network
    rate : array, shape (N,), spikes/s
        Of all self-consistent solutions, the one nearest to these rates is meant.
    frequency : array, Hz
        Where the spectrum is wanted.

    Returns
    -------
    Dataset
        ``siegert`` and ``siegert_cv`` (population); ``growth`` (1/s) and ``mode_frequency`` (Hz) of the four leading
        eigenvalues (mode), NaN where there are fewer; ``predicted_power`` of the activity and
        ``predicted_neuron_power``, of a neuron's own spike train without what it shares with others (frequency,
        population), and ``predicted_total`` (frequency), of all neurons' activity, by `predicted_spectrum`, NaN where
        the state is unstable or silent; ``predicted_state``, see `name_of_stability`.
    """
    siegert = nearest_solution(fixed_points(network), rate)["rate"].values
    mu, sigma = network.input_moments(siegert)
    cv = siegert_cv(mu, sigma, tau_m=network.tau_m, t_ref=network.t_ref, theta=network.theta, V_reset=network.V_reset)
    modes = eigenvalues(network, siegert)
    growth, mode_frequency = (
        np.pad(modes[name].values[:MODES], (0, max(0, MODES - modes.sizes["mode"])), constant_values=np.nan)
        for name in ("growth", "frequency")
    )
    unstable = bool(growth[0] > 0)
    shape = (len(frequency), len(siegert))
    power, of_neurons, total = np.full(shape, np.nan), np.full(shape, np.nan), np.full(len(frequency), np.nan)
    if not unstable and np.all(siegert > 0):
        spectrum = predicted_spectrum(network, frequency, siegert)
        power, total = spectrum["power"].values, spectrum["total"].values
        of_neurons = spectrum["uncoupled"].values * network.size

    def told_as(dimensions, values, units, long_name):
        return dimensions, values, {"units": units, "long_name": long_name}

    density = "(spikes/s)²/Hz"
    by_frequency = ("frequency", "population")
    return xr.Dataset(
        {
            "siegert": told_as("population", siegert, "spikes/s", "Siegert's self-consistent rate"),
            "siegert_cv": told_as("population", cv, "1", "CV of inter-spike intervals in theory"),
            "growth": told_as("mode", growth, "1/s", "growth rate of a disturbance, theory"),
            "mode_frequency": told_as("mode", mode_frequency, "Hz", "its frequency"),
            "predicted_power": told_as(by_frequency, power, density, "power of the population activity, theory"),
            "predicted_neuron_power": told_as(by_frequency, of_neurons, density, "power of a neuron's train, theory"),
            "predicted_total": told_as("frequency", total, density, "power of all neurons' activity, theory"),
            "predicted_state": told_as(
                (),
                name_of_stability(growth[0], mode_frequency[0], mean_delay(network)),
                "1",
                "state by linear stability",
            ),
        },
        coords={
            "population": list(network.populations),
            "frequency": ("frequency", frequency, {"units": "Hz", "long_name": "frequency"}),
            "mode": np.arange(MODES),
        },
    )


def name_of_stability(growth: float, frequency: float, delay: float) -> str:
    """The state that linear stability tells, as `meanfield.theory.critical_lines` names its boundaries.

    Parameters
    ----------
    growth : float, 1/s
        Of the leading mode; NaN if there is none.
    frequency : float, Hz
        Its frequency.
    delay : float, ms

    Returns
    -------
    str
        "AI" where nothing grows. Else, by frequency times delay: "SR" above 0.6 (near 1, recurrent excitation
        synchronises), "SI-slow" below 0.12, "SI-fast" (near 1/4) between. Whether stationary firing is regular, AR, is
        not told by its stability.
    """
    if not growth > 0:
        return "AI"
    cycles = 1e-3 * frequency * delay
    return "SR" if cycles > REGULAR_ABOVE else "SI-slow" if cycles < SLOW_BELOW else "SI-fast"
