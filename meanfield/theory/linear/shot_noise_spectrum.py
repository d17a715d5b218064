"""Power spectra of a finite network whose neurons receive shot-noise input, by linear response."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import checked_frequency
from meanfield.theory.linear.spectrum import filtered, renewal_spectrum, spectrum_of_trains
from meanfield.theory.shot_noise.linear_network import ShotNoiseLinearNetwork, linearised


def shot_noise_spectrum(network, frequency, rate=None, *, dt: float = 0.1, trains=None) -> xr.Dataset:
    """Power and cross spectra of the population activities of a finite network, for shot-noise input.

    As `meanfield.predicted_spectrum`, with the response of neurons on Poisson trains of jumps in time steps, and the
    spectrum of their own trains, in place of those of neurons in white noise.

    Parameters
    ----------
    network : Network
    frequency : float or array, shape (F,), Hz, ≥ 0
    rate : float or array, shape (N,), spikes/s, optional
        The stationary state, by default the rate of `trains`, or that of `shot_noise_fixed_point`. It must be stable
        for the spectrum to have a meaning, which is not checked here; see `shot_noise_eigenvalues`.
    dt : float, ms, > 0
        Time step of the simulation that is predicted.
    trains : Dataset, optional
        Of `meanfield.self_consistent_trains` for the network, whose spectrum stands for that of neurons on Poisson
        trains. Up to 1000 Hz.

    Returns
    -------
    Dataset
        As of `meanfield.predicted_spectrum`. What could not be computed is NaN, and attribute `missing` says why; else
        it is empty.

    Raises
    ------
    ParameterError
        If a frequency, a rate or dt is impossible; or if `trains` are not the network's, are missing, or do not reach a
        frequency.

    References
    ----------
    Richardson MJE, Swarbrick R (2010) Phys Rev Lett 105:178102, doi:10.1103/PhysRevLett.105.178102 (response of neurons
    to modulated Poisson trains of exponentially distributed jumps)

    Notes
    -----
    A jump that inhibits never fires a neuron, however suddenly its rate grows, and one that excites does so only from
    within its size below threshold. So fast modulations pass less easily than in white noise, which always finds a
    neuron just below threshold; and the more so the larger the jumps.
    """
    frequency = checked_frequency(frequency)
    single = None
    if trains is not None:
        rate = trains["rate"].values if rate is None else rate
        single = spectrum_of_trains(trains, network, frequency)
    state, missing = linearised(network, rate, dt)
    return spectrum_about(network, state, frequency, single).assign_attrs(dt=dt, missing=missing)


def spectrum_about(network, state: ShotNoiseLinearNetwork | None, frequency, single=None) -> xr.Dataset:
    """`shot_noise_spectrum` of a network that is linearised already; NaN if it could not be.

    `single`, shape (F, N), stands for the spectrum of neurons on Poisson trains.
    """
    if state is None:
        n = len(network.populations)
        unknown = (np.full(shape, np.nan) for shape in (n, (frequency.size, n, n), (frequency.size, n)))
        return filtered(network, frequency, *unknown)
    coupling = state.coupling(2j * np.pi * frequency)
    single = renewal_spectrum(state, frequency) if single is None else single
    return filtered(network, frequency, state.rate, coupling, single)
