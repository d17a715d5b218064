"""Power spectra measured in simulations: of a population's activity and of single neurons, with confidence bands.

All are two-sided densities in (spikes/s)²/Hz, as theory's are: the activity of N independent Poisson neurons of rate ν
has power ν/N at every frequency. (The default of `scipy.signal.welch` is one-sided: twice that.)
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import signal, special

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.model.variables import SINGLE_DRAW, variable

HIGHEST = 1000.0  # Hz, where spectra end
UNITS = "(spikes/s)²/Hz"


def activity_spectrum(spiking: xr.Dataset, *, segment: float = 250.0) -> xr.Dataset:
    """Power spectra of the populations' activity and of single neurons' trains (Welch 1967).

    The activity is cut into half-overlapping segments, each freed of its mean and weighted with a Hann window; the
    power is their mean. Neighbouring frequencies are 1/segment apart; a line is about 1.4 of these wide at half height.

    Parameters
    ----------
    spiking : Dataset
        From `simulate_spiking`. Bins of the activity (`bin_width`) of 0.1 ms leave no trace below 1000 Hz; bins of
        0.5 ms fold a tenth of the power at 1500 Hz into 500 Hz.
    segment : float, ms
        Length of a segment (default 250). A shorter run is one segment, padded with zeros to the same frequencies.

    Returns
    -------
    Dataset
        Frequencies from 2/segment (below, taking away the mean takes power too) to 1000 Hz:
        ``power`` (seed, frequency, population), of the population activity; ``power_total`` (seed, frequency), of the
        activity of all neurons; ``neuron_power`` (seed, frequency, population), mean over the recorded neurons of their
        trains' spectra; ``degrees_of_freedom`` (seed), of the first two: power · degrees / true power is distributed
        like χ² with so many.

    Raises
    ------
    ParameterError
        If `segment` cannot be used or is shorter than four bins.

    References
    ----------
    Welch P (1967) IEEE Trans Audio Electroacoust 15:70–73, doi:10.1109/TAU.1967.1161901
    """
    bin_width = spiking.attrs["bin_width"]
    try:
        Quantity("ms", at_least=4 * bin_width).number(segment)
    except ValueError as error:
        raise ParameterError([f"{stated('segment', segment, 'ms')} {error}"]) from None
    n_bins = round(segment / bin_width)
    names = spiking["population"].values
    member = spiking["neuron_population"].values
    size = np.array([(member == name).sum() for name in names])
    recorded = size if spiking.attrs["record"] == "all" else np.minimum(size, spiking.attrs["record"])

    per_seed = []
    for seed in spiking["seed"].values:
        activity = spiking["activity"].sel(seed=seed).values
        activity = activity[np.isfinite(activity[:, 0])]  # runs that ended early are padded
        total = activity @ size / size.sum()
        frequency, power, degrees = _welch(np.column_stack([activity, total]), bin_width, n_bins)
        of_seed = spiking["spike_seed"].values == seed
        step, neuron = spiking["spike_step"].values[of_seed], spiking["spike_neuron"].values[of_seed]
        of_neurons = [
            _mean_of_trains(step, neuron, np.flatnonzero(member == name)[:n], spiking.attrs, len(activity), n_bins)
            for name, n in zip(names, recorded, strict=True)
        ]
        per_seed.append((power, np.column_stack(of_neurons), degrees))
    power, of_neurons, degrees = (np.array(x) for x in zip(*per_seed, strict=True))
    over = ("seed", "frequency", "population")

    def draw(dimensions, values, long_name):
        return variable(dimensions, values, UNITS, long_name, judged_as=SINGLE_DRAW)

    return xr.Dataset(
        {
            "power": draw(over, power[..., :-1], "power of the population activity"),
            "power_total": draw(over[:2], power[..., -1], "power of all neurons' activity"),
            "neuron_power": draw(over, of_neurons, "power of single neurons' spike trains"),
            "degrees_of_freedom": (
                "seed",
                degrees,
                {"units": "1", "long_name": "effective degrees of freedom of the activity's power"},
            ),
        },
        coords={
            "seed": spiking["seed"].values,
            "frequency": ("frequency", frequency, {"units": "Hz", "long_name": "frequency"}),
            "population": names,
        },
        attrs={"segment": segment, "window": "Hann, half overlapping"},
    )


def confidence_band(power: xr.DataArray, degrees_of_freedom: xr.DataArray, *, level: float = 0.99) -> xr.Dataset:
    """Mean of spectra over seeds, and the band that holds the true spectrum with probability `level` at each frequency.

    Parameters
    ----------
    power : DataArray, with dimension seed
        ``power``, or ``power_total``, of `activity_spectrum`.
    degrees_of_freedom : DataArray (seed)
        Their degrees of freedom; seeds are independent, so those of their weighted mean are the sum.
    level : float
        Default 0.99.

    Returns
    -------
    Dataset
        ``power``, ``lower``, ``upper`` and ``degrees_of_freedom``.

    Notes
    -----
    The estimate is taken for χ² distributed (exact for Gaussian activity, where the spectrum hardly changes within
    1/segment). At 100 frequencies, a true spectrum leaves a band of 99 % at one of them on average.
    """
    degrees = degrees_of_freedom.sum("seed")
    mean = (power * degrees_of_freedom).sum("seed") / degrees
    tail = (1 - level) / 2
    # χ² with n degrees of freedom is twice a gamma variable of shape n/2.
    band = {
        "power": mean,
        "lower": mean * degrees / (2 * special.gammaincinv(degrees / 2, 1 - tail)),
        "upper": mean * degrees / (2 * special.gammaincinv(degrees / 2, tail)),
    }
    variables = {
        name: value.assign_attrs(units=UNITS, long_name=long_name)
        for (name, value), long_name in zip(
            band.items(),
            (
                "power, mean over seeds",
                f"lower end of the {100 * level:g} % band",
                f"upper end of the {100 * level:g} % band",
            ),
            strict=True,
        )
    }
    variables["degrees_of_freedom"] = degrees.assign_attrs(units="1", long_name="effective degrees of freedom")
    return xr.Dataset(variables)


def _welch(activity: np.ndarray, bin_width: float, n_bins: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Frequencies, two-sided power along the first axis, and degrees of freedom; segments of `n_bins` bins."""
    length = min(n_bins, len(activity))
    overlap = length // 2
    frequency, power = signal.welch(
        activity, fs=1e3 / bin_width, nperseg=length, noverlap=overlap, nfft=n_bins, window="hann", axis=0
    )
    kept = (
        (frequency >= 2e3 / (n_bins * bin_width) * (1 - 1e-9)) & (frequency <= HIGHEST) & (frequency < 500 / bin_width)
    )
    n_segments = 1 + (len(activity) - length) // (length - overlap)
    window = signal.get_window("hann", length)
    # Neighbouring segments share half their data, of which the window leaves this correlation of their powers.
    shared = (np.sum(window[: length - overlap] * window[overlap:]) / np.sum(window**2)) ** 2
    degrees = 2 * n_segments / (1 + 2 * shared * (n_segments - 1) / n_segments)
    return frequency[kept], 0.5 * power[kept], degrees


def _mean_of_trains(
    step: np.ndarray, neuron: np.ndarray, chosen: np.ndarray, attrs: dict, n_activity_bins: int, n_bins: int
) -> np.ndarray:
    """Mean of the spectra of the trains of the `chosen`, successive neurons; NaN if there are none."""
    bin_width = attrs["bin_width"]
    spike_bin = (step - 1) // round(bin_width / attrs["dt"])
    powers = []
    for first in chosen[::50]:  # fifty neurons at a time: their trains are long
        of_group = (neuron >= first) & (neuron <= min(first + 49, chosen[-1])) & (spike_bin < n_activity_bins)
        trains = np.zeros((n_activity_bins, min(50, chosen[-1] + 1 - first)))
        np.add.at(trains, (spike_bin[of_group], neuron[of_group] - first), 1e3 / bin_width)
        powers.append(_welch(trains, bin_width, n_bins)[1])
    if not powers:
        return np.full(len(_welch(np.zeros(n_activity_bins), bin_width, n_bins)[0]), np.nan)
    return np.concatenate(powers, axis=1).mean(axis=1)
