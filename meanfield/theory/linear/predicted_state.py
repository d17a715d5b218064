"""Predicted state of a network: where it rests, whether it stays there, how its noise is shaped."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from meanfield.model.brunel import REGULAR_ABOVE, SLOW_BELOW
from meanfield.model.network import Network
from meanfield.model.variables import variable
from meanfield.theory.attempt import attempt
from meanfield.theory.linear.eigenvalues import eigenvalues
from meanfield.theory.linear.shot_noise_eigenvalues import modes_about
from meanfield.theory.linear.shot_noise_spectrum import spectrum_about
from meanfield.theory.linear.spectrum import predicted_spectrum
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point
from meanfield.theory.shot_noise.linear_network import linearised
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.fixed_points import fixed_points, nearest_solution

MODES = 4


def predict_state(network: Network, rate: np.ndarray, frequency: np.ndarray, dt: float) -> xr.Dataset:
    """Theory's stationary state, its stability, and the spectrum of the activity around it.

    Parameters
    ----------
    network : Network
    rate : array, shape (N,), spikes/s
        Of all self-consistent solutions, the one nearest to these rates is meant.
    frequency : array, Hz
        Where the spectrum is wanted.
    dt : float, ms
        Time step of the simulation.

    Returns
    -------
    Dataset
        For white noise: ``siegert`` and ``siegert_cv`` (population); ``white_noise_growth`` (1/s) and
        ``white_noise_frequency`` (Hz) of the four leading eigenvalues (mode), NaN where there are fewer;
        ``white_noise_power`` of the activity and ``white_noise_neuron_power``, of a neuron's own spike train without
        what it shares with others (frequency, population), and ``white_noise_total`` (frequency), of all neurons'
        activity, by `predicted_spectrum`, NaN where the state is unstable or all are silent; ``white_noise_state``, see
        `name_of_stability`.

        The same for shot noise in time steps, by `shot_noise_fixed_point`, `shot_noise_eigenvalues` and
        `shot_noise_spectrum`: ``shot_noise_rate``, ``shot_noise_cv``, ``shot_noise_growth`` and
        ``shot_noise_frequency`` (only what grows, or fades slowly), ``shot_noise_power``,
        ``shot_noise_neuron_power``, ``shot_noise_total``, ``shot_noise_state``.

        What could not be computed is NaN, and a state then empty; attribute `missing` of the rates says why.
    """
    nearest = nearest_solution(fixed_points(network), rate)
    siegert = nearest["rate"].values
    white_noise = _by_white_noise(network, siegert, frequency, nearest.attrs.get("missing", ""))
    shot_noise = _by_shot_noise(network, np.where(np.isfinite(siegert), siegert, rate), frequency, dt)
    return xr.merge(
        [
            _variables(network, frequency, "white noise", white_noise, "siegert", "siegert_cv"),
            _variables(network, frequency, "shot noise", shot_noise, "shot_noise_rate", "shot_noise_cv"),
        ]
    )


class _Prediction(NamedTuple):
    """What one theory says; what it cannot say is NaN, None or empty."""

    rate: np.ndarray
    cv: np.ndarray
    modes: xr.Dataset | None
    spectrum: xr.Dataset | None
    state: str
    missing: str


def _by_white_noise(network, siegert, frequency, missing) -> _Prediction:
    if missing:
        return _Prediction(siegert, siegert, None, None, "", missing)
    mu, sigma = network.input_moments(siegert)
    cv = siegert_cv(mu, sigma, **network.neurons, tau_syn=network.effective_tau_syn(siegert))
    modes, why_no_modes = attempt(lambda: eigenvalues(network, siegert), None)
    if modes is None:
        return _Prediction(siegert, cv, None, None, "", why_no_modes)
    spectrum, why_no_spectrum = None, ""
    if not np.any(modes["growth"] > 0) and np.any(siegert > 0):
        spectrum, why_no_spectrum = attempt(lambda: predicted_spectrum(network, frequency, siegert), None)
    return _Prediction(siegert, cv, modes, spectrum, stability(network, modes)[2], why_no_spectrum)


def _by_shot_noise(network, start, frequency, dt) -> _Prediction:
    unknown = np.full(len(start), np.nan)
    stationary, reason = attempt(lambda: shot_noise_fixed_point(network, dt, start=start), None)
    if stationary is None:
        return _Prediction(unknown, unknown, None, None, "", reason)
    rate, cv, reason = stationary["rate"].values, stationary["cv"].values, stationary.attrs["missing"]
    if not np.isfinite(rate).all():
        return _Prediction(rate, cv, None, None, "", reason)

    def about():
        state, why_not = linearised(network, rate, dt)
        if state is None:
            raise ValueError(why_not)
        modes = modes_about(network, state)
        return modes, None if np.any(modes["growth"] > 0) else spectrum_about(network, state, frequency)

    (modes, spectrum), reason = attempt(about, (None, None))
    return _Prediction(rate, cv, modes, spectrum, "" if modes is None else stability(network, modes)[2], reason)


def stability(network: Network, modes: xr.Dataset) -> tuple[float, float, str]:
    """Growth (1/s) and frequency (Hz) of the leading mode from `eigenvalues`, NaN if there is none, and the state."""
    leading = modes.isel(mode=0) if modes.sizes["mode"] else {"growth": np.nan, "frequency": np.nan}
    growth, frequency = float(leading["growth"]), float(leading["frequency"])
    return growth, frequency, name_of_stability(growth, frequency, network.mean_delay)


def _variables(network, frequency, theory, prediction: _Prediction, rate: str, cv: str) -> xr.Dataset:
    """One theory's part of what `predict_state` returns; rate and CV under the names given."""
    n, n_frequencies = len(network.populations), len(frequency)
    growth, of_mode = np.full((2, MODES), np.nan)
    if (modes := prediction.modes) is not None:
        n_modes = min(MODES, modes.sizes["mode"])
        growth[:n_modes], of_mode[:n_modes] = modes["growth"][:n_modes], modes["frequency"][:n_modes]
    power, of_neurons = np.full((2, n_frequencies, n), np.nan)
    total = np.full(n_frequencies, np.nan)
    if (spectrum := prediction.spectrum) is not None:
        power, total = spectrum["power"].values, spectrum["total"].values
        of_neurons = spectrum["uncoupled"].values * network.size
    density, over = "(spikes/s)²/Hz", ("frequency", "population")

    def named(dimensions, values, units, long_name, **marks):
        return variable(dimensions, values, units, f"{long_name}, {theory}", **marks)

    prefix = theory.replace(" ", "_")
    return xr.Dataset(
        {
            rate: named("population", prediction.rate, "spikes/s", "self-consistent rate", missing=prediction.missing),
            cv: named("population", prediction.cv, "1", "CV of inter-spike intervals"),
            f"{prefix}_growth": named("mode", growth, "1/s", "growth rate of a disturbance"),
            f"{prefix}_frequency": named("mode", of_mode, "Hz", "frequency of a disturbance"),
            f"{prefix}_power": named(over, power, density, "power of the population activity"),
            f"{prefix}_neuron_power": named(over, of_neurons, density, "power of a neuron's train"),
            f"{prefix}_total": named("frequency", total, density, "power of all neurons' activity"),
            f"{prefix}_state": named((), prediction.state, "1", "state by linear stability"),
        },
        coords={
            "population": list(network.populations),
            "frequency": variable("frequency", frequency, "Hz", "frequency"),
            "mode": np.arange(MODES),
        },
    )


def name_of_stability(growth: float, frequency: float, delay: float) -> str:
    """The state that linear stability tells, as `meanfield.theory.linear.critical_lines` names its boundaries.

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
