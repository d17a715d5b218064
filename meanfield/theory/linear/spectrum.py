"""Power spectra of the population activities of a finite network, as linear response predicts them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError, checked_frequency, stated
from meanfield.theory.white_noise.linear_network import LinearNetwork

SPONTANEOUS = ("renewal", "poisson")
AS_AT_ZERO = 1e-6  # ω times mean interval, below which the spectrum of single neurons is that at frequency 0


def predicted_spectrum(
    network, frequency, rate=None, *, delay_width=0.0, spontaneous="renewal", trains=None
) -> xr.Dataset:
    """Power and cross spectra of the population activities of a finite network.

    The activity A_i(t) = (spikes of population i per time)/N_i of independent neurons fluctuates with power S_i/N_i,
    where S_i is the power spectrum of one neuron's spike train. Each fluctuation is passed on through the network, so
    that the matrix of cross spectra is

        C(f) = (1 − M)⁻¹ diag(S_i/N_i) (1 − M)⁻ᴴ,    M = M(2πi f).

    For renewal trains S = ν (1 − |ρ|²)/|1 − ρ|² with ρ the Fourier transform of the intervals' density.

    Parameters
    ----------
    network : Network
    frequency : float or array, shape (F,), Hz, ≥ 0
    rate : float or array, shape (N,), spikes/s, optional
        The stationary state; by default the rate of `trains`, or as in `eigenvalues`. It must be linearly stable for
        the spectrum to have a meaning, which is not checked here.
    delay_width : float, ms, ≥ 0
        Delays are uniformly distributed over this full width around the network's delays.
    spontaneous : {"renewal", "poisson"}
        The spectrum of a single neuron: that of a renewal process with the intervals of a neuron that receives white
        noise, or flat.
    trains : Dataset, optional
        Of `self_consistent_trains` for the network: each neuron has the spectrum of its own train in the network's
        input, instead of `spontaneous`. Up to 1000 Hz.

    Returns
    -------
    Dataset
        Dimensions frequency, population, population_2. All spectra are two-sided densities in (spikes/s)²/Hz: N
        independent Poisson neurons have rate/N; one-sided estimates are twice as large.

        - ``power`` of each population's activity, ``cross``: C, complex;
        - ``uncoupled``: S_i/N_i;
        - ``total``: power of the whole network's activity, spikes of all populations per neuron and time;
        - ``rate`` (spikes/s).

    Raises
    ------
    ParameterError
        If a frequency is negative or not finite, or the rates, the width or the kind of spectrum cannot be; or if
        `trains` are not the network's, are missing, or do not reach a frequency.

    References
    ----------
    Brunel N, Hakim V (1999) Neural Comput 11:1621–1671, doi:10.1162/089976699300016179
    Lindner B, Doiron B, Longtin A (2005) Phys Rev E 72:061919, doi:10.1103/PhysRevE.72.061919
    Grytskyy D, Tetzlaff T, Diesmann M, Helias M (2013) Front Comput Neurosci 7:131, doi:10.3389/fncom.2013.00131

    Notes
    -----
    Assumes that every neuron draws its inputs from the populations at random with a fixed in-degree, so that given the
    activities neurons are independent: the noise of the external Poisson trains, and what differs between the inputs of
    two neurons, is part of S_i; what they share enters through M. The white noise that both rest on is itself an
    assumption: recurrent trains that are not Poisson make input, S_i and M differ. With `trains`, S_i is right.
    """
    frequency = checked_frequency(frequency)
    if trains is not None:
        rate = trains["rate"].values if rate is None else rate
        of_trains = spectrum_of_trains(trains, network, frequency)
    if spontaneous not in SPONTANEOUS:
        raise ParameterError([f"{stated('spontaneous', spontaneous)} must be one of {', '.join(SPONTANEOUS)}"])
    state = LinearNetwork.of(network, rate, delay_width)
    if trains is not None:
        single, spontaneous = of_trains, "trains"
    elif spontaneous == "renewal":
        single = renewal_spectrum(state, frequency)
    else:
        single = np.tile(state.rate, (frequency.size, 1))
    coupling = state.coupling(2j * np.pi * frequency)
    return filtered(network, frequency, state.rate, coupling, single).assign_attrs(spontaneous=spontaneous)


def filtered(network, frequency, rate, coupling, single) -> xr.Dataset:
    """What a linear network makes of the spectra of its neurons; see `predicted_spectrum`.

    Parameters
    ----------
    network : Network
    frequency : array, shape (F,), Hz
    rate : array, shape (N,), spikes/s
    coupling : array of complex, shape (F, N, N)
        M.
    single : array, shape (F, N), spikes/s
        Power spectra of single neurons' trains without the network's response.
    """
    inverse = np.linalg.inv(np.eye(rate.size) - coupling)
    uncoupled = single / network.size
    cross = (inverse * uncoupled[:, None, :]) @ inverse.conj().swapaxes(1, 2)
    power = np.einsum("fii->fi", cross).real
    share = network.size / network.size.sum()
    units = "(spikes/s)²/Hz"
    names = list(network.populations)
    return xr.Dataset(
        {
            "power": (("frequency", "population"), power, {"units": units, "long_name": "power of the activity"}),
            "cross": (
                ("frequency", "population", "population_2"),
                cross,
                {"units": units, "long_name": "cross spectrum"},
            ),
            "uncoupled": (
                ("frequency", "population"),
                uncoupled,
                {"units": units, "long_name": "power without the network's response"},
            ),
            "total": (
                "frequency",
                np.einsum("i,fij,j->f", share, cross, share).real,
                {"units": units, "long_name": "power of the whole network's activity"},
            ),
            "rate": ("population", rate, {"units": "spikes/s", "long_name": "stationary rate"}),
        },
        coords={
            "frequency": ("frequency", frequency, {"units": "Hz", "long_name": "frequency"}),
            "population": names,
            "population_2": names,
        },
        attrs={"sides": "two"},
    )


def spectrum_of_trains(trains: xr.Dataset, network, frequency: np.ndarray) -> np.ndarray:
    """Power spectrum of one neuron's own train in each population, shape (F, N), (spikes/s)²/Hz.

    Parameters
    ----------
    trains : Dataset
        Of `self_consistent_trains`.
    network : Network
    frequency : array, shape (F,), Hz

    Raises
    ------
    ParameterError
        If they are not the network's, are missing, or do not reach a frequency.
    """
    names, highest = trains["population"].values.tolist(), float(trains["frequency"].max())
    culprits = []
    if names != list(network.populations):
        culprits.append(f"trains has populations {names}, the network {list(network.populations)}")
    # Of a population that never fired a bound is told as missing; its power is 0.
    silent_only = bool(np.isfinite(trains["rate"]).all() and (trains["rate"] == 0.0).any())
    if trains.attrs["missing"] and not silent_only:
        culprits.append(f"trains has no spectrum: {trains.attrs['missing']}")
    if frequency.max(initial=0.0) > highest:
        culprits.append(
            f"{stated('frequency', frequency.max(), 'Hz')} must be ≤ {highest:g} Hz, where those of trains end"
        )
    if culprits:
        raise ParameterError(culprits)
    spectra = trains["spectrum"].transpose("population", "frequency").values
    return np.array([np.interp(frequency, trains["frequency"].values, power) for power in spectra]).T


def renewal_spectrum(state, frequency):
    """Power spectrum of one neuron's spike train in each population, shape (F, N), spikes/s; two-sided, 0 if silent.

    Parameters
    ----------
    state : LinearNetwork, or what else has its `rate`, `cv` and `interval_transform`
    frequency : array, shape (F,), Hz
    """
    omega = 2.0 * np.pi * frequency[:, None]
    rate = state.rate
    # With x = (1 − ρ)/(iω), which tends to the mean interval, it is 1 − |ρ|² = −2 ω Im x − ω² |x|².
    x = state.interval_transform(1j * omega[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        spectrum = rate * (-2.0 * x.imag / (omega * np.abs(x) ** 2) - 1.0)
    at_zero = rate * np.where(rate > 0.0, state.cv, 0.0) ** 2  # 0 where nothing fires, which has no CV
    return np.where((omega <= AS_AT_ZERO * rate) | (rate == 0.0), at_zero, spectrum)
