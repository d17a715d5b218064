"""What theory says of a network's state: where it rests, whether it stays there, how its noise is shaped."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.brunel import REGULAR_ABOVE, SLOW_BELOW
from meanfield.model.network import Network
from meanfield.theory.linear.eigenvalues import eigenvalues
from meanfield.theory.linear.shot_noise_eigenvalues import modes_about
from meanfield.theory.linear.shot_noise_spectrum import spectrum_about
from meanfield.theory.linear.spectrum import predicted_spectrum
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point
from meanfield.theory.shot_noise.linear_network import linearised
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.fixed_points import fixed_points, nearest_solution

MODES = 4
OF_SPECTRUM = ("power", "neuron_power", "total")


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
        activity, by `predicted_spectrum`, NaN where the state is unstable or silent; ``white_noise_state``, see
        `name_of_stability`.

        The same for shot noise in time steps, by `shot_noise_fixed_point`, `shot_noise_eigenvalues` and
        `shot_noise_spectrum`: ``shot_noise_rate``, ``shot_noise_cv``, ``shot_noise_growth`` and
        ``shot_noise_frequency`` (only what grows, or fades slowly), ``shot_noise_power``,
        ``shot_noise_neuron_power``, ``shot_noise_total``, ``shot_noise_state``, which is empty where nothing could be
        computed.
    """
    siegert = nearest_solution(fixed_points(network), rate)["rate"].values
    return xr.merge([_by_white_noise(network, siegert, frequency), _by_shot_noise(network, siegert, frequency, dt)])


def _by_white_noise(network, siegert, frequency) -> xr.Dataset:
    mu, sigma = network.input_moments(siegert)
    cv = siegert_cv(mu, sigma, **network.neurons, tau_syn=network.effective_tau_syn(siegert))
    modes = eigenvalues(network, siegert)
    meaningful = not np.any(modes["growth"] > 0) and np.all(siegert > 0)
    spectrum = predicted_spectrum(network, frequency, siegert) if meaningful else None
    state = _state_of(modes, network)
    names = ["siegert", "siegert_cv", *(f"white_noise_{x}" for x in ("growth", "frequency", *OF_SPECTRUM, "state"))]
    return _told(network, frequency, names, "white noise", siegert, cv, modes, spectrum, state)


def _by_shot_noise(network, siegert, frequency, dt) -> xr.Dataset:
    stationary = shot_noise_fixed_point(network, dt, start=siegert)
    rate, cv = stationary["rate"].values, stationary["cv"].values
    modes = spectrum = None
    state = ""
    about, _ = linearised(network, rate, dt) if np.isfinite(rate).all() else (None, "")
    if about is not None:
        modes = modes_about(network, about)
        state = _state_of(modes, network)
        if not np.any(modes["growth"] > 0):
            spectrum = spectrum_about(network, about, frequency)
    names = [f"shot_noise_{x}" for x in ("rate", "cv", "growth", "frequency", *OF_SPECTRUM, "state")]
    return _told(network, frequency, names, "shot noise", rate, cv, modes, spectrum, state)


def _state_of(modes, network) -> str:
    leading = modes.isel(mode=0) if modes.sizes["mode"] else {"growth": np.nan, "frequency": np.nan}
    return name_of_stability(float(leading["growth"]), float(leading["frequency"]), network.mean_delay)


def _told(network, frequency, names, theory, rate, cv, modes, spectrum, state) -> xr.Dataset:
    """One theory's part of what `predict_state` returns, under its own names; what is None is NaN."""
    n, n_frequencies = len(network.populations), len(frequency)
    growth, of_mode = np.full((2, MODES), np.nan)
    if modes is not None:
        found = min(MODES, modes.sizes["mode"])
        growth[:found], of_mode[:found] = modes["growth"][:found], modes["frequency"][:found]
    power, of_neurons, total = (
        np.full(shape, np.nan) for shape in ((n_frequencies, n), (n_frequencies, n), n_frequencies)
    )
    if spectrum is not None:
        power, total = spectrum["power"].values, spectrum["total"].values
        of_neurons = spectrum["uncoupled"].values * network.size
    density, by_frequency = "(spikes/s)²/Hz", ("frequency", "population")
    told = (
        ("population", rate, "spikes/s", "self-consistent rate"),
        ("population", cv, "1", "CV of inter-spike intervals"),
        ("mode", growth, "1/s", "growth rate of a disturbance"),
        ("mode", of_mode, "Hz", "frequency of a disturbance"),
        (by_frequency, power, density, "power of the population activity"),
        (by_frequency, of_neurons, density, "power of a neuron's train"),
        ("frequency", total, density, "power of all neurons' activity"),
        ((), state, "1", "state by linear stability"),
    )
    return xr.Dataset(
        {
            name: (dimensions, values, {"units": units, "long_name": f"{long_name}, {theory}"})
            for name, (dimensions, values, units, long_name) in zip(names, told, strict=True)
        },
        coords={
            "population": list(network.populations),
            "frequency": ("frequency", frequency, {"units": "Hz", "long_name": "frequency"}),
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
