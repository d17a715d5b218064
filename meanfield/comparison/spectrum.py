"""Predicted spectrum of the activity beside the measured one: where it leaves the band, and why."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.simulation.measures.spectra import UNITS, confidence_band


def spectrum_deviation(
    point: xr.Dataset, *, lowest: float = 10.0, highest: float = 500.0, level: float = 0.99
) -> xr.Dataset:
    """Predicted and measured spectra of one network, with the part that single neurons have in their deviation.

    Linear response makes the activity's spectrum in two steps: each neuron fires with a spectrum of its own, that of
    a renewal process; and the network filters the sum. Both can be had for white noise and for shot noise. In
    ``shot_noise_measured`` the first step is replaced by the spectrum that the neurons are seen to have, less what they
    share. Where neurons are equal, all populations' prediction is proportional to it, and a ratio is enough.

    Parameters
    ----------
    point : Dataset
        One network of the batch notebook ``state.ipynb``, with dimension seed.
    lowest, highest : float, Hz
        Where the two are compared (default 10 to 500).
    level : float
        Of the confidence band (default 0.99).

    Returns
    -------
    Dataset
        Over (frequency, population): ``power``, ``lower``, ``upper``, measured and its band, see `confidence_band`;
        ``white_noise``, ``shot_noise`` and ``shot_noise_measured``, predicted; of single neurons' own trains
        ``neuron_power``, ``white_noise_neuron_power`` and ``shot_noise_neuron_power``. Over (theory, population):
        ``inside``, the share of frequencies at which each prediction lies in the band, and ``ratio``, the geometric
        mean of predicted over measured power there. Over population: ``rate``, the simulated one.
    """
    frequency = point["frequency"].values
    point = point.isel(frequency=np.flatnonzero((frequency >= lowest) & (frequency <= highest)))
    band = confidence_band(point["power"], point["degrees_of_freedom"], level=level)
    # A neuron's train holds its own noise and what all share; the mean of N trains, the shared and 1/N of the own.
    neurons = point["neuron_power"].mean("seed") - band["power"]
    first = point.isel(seed=0, drop=True)
    predicted = {
        "white_noise": first["white_noise_power"],
        "shot_noise": first["shot_noise_power"],
        "shot_noise_measured": first["shot_noise_power"] * neurons / first["shot_noise_neuron_power"],
    }
    joined = xr.concat(list(predicted.values()), xr.DataArray(list(predicted), dims="theory", name="theory"))
    lies_in = (band["lower"] <= joined) & (joined <= band["upper"])
    described = {
        "white_noise": (predicted["white_noise"], UNITS, "power of the activity, white noise"),
        "shot_noise": (predicted["shot_noise"], UNITS, "power of the activity, shot noise"),
        "shot_noise_measured": (
            predicted["shot_noise_measured"],
            UNITS,
            "the same on the measured spectrum of neurons",
        ),
        "neuron_power": (neurons, UNITS, "power of a neuron's train without what neurons share"),
        "white_noise_neuron_power": (first["white_noise_neuron_power"], UNITS, "the same, white noise"),
        "shot_noise_neuron_power": (first["shot_noise_neuron_power"], UNITS, "the same, shot noise"),
        "inside": (lies_in.mean("frequency"), "1", "share of frequencies at which a prediction lies in the band"),
        "ratio": (np.exp(np.log(joined / band["power"]).mean("frequency")), "1", "mean predicted over measured power"),
        "rate": (point["rate"].mean("seed"), "spikes/s", "simulated rate"),
    }
    variables = {
        name: value.assign_attrs(units=units, long_name=words) for name, (value, units, words) in described.items()
    }
    return band.assign(variables).assign_attrs(lowest=lowest, highest=highest, level=level)


def ratio_in_bands(
    point: xr.Dataset, *, lowest: float = 8.0, highest: float = 500.0, width: float = 24.0
) -> xr.Dataset:
    """Measured over predicted power (shot noise) of all neurons' activity, averaged in bands of frequency.

    Parameters
    ----------
    point : Dataset
        One network of the batch notebook ``state.ipynb``, with dimension seed.
    lowest, highest : float, Hz
        Where bands begin and end (default 8 to 500).
    width : float, Hz
        Of a band (default 24).

    Returns
    -------
    Dataset
        ``ratio``, ``lower`` and ``upper``, of its 99 % interval, over frequency (Hz), the bands' middles.
    """
    frequency = point["frequency"].values
    per_band = max(1, round(width / (frequency[1] - frequency[0])))
    kept = point.isel(frequency=np.flatnonzero((frequency >= lowest) & (frequency <= highest)))
    ratio = kept["power_total"] / kept["shot_noise_total"]
    bands = ratio.coarsen(frequency=per_band, boundary="trim").mean()
    # A Hann window correlates the powers of neighbouring frequencies by (2/3)², of next ones by (1/6)².
    shared = 2 * ((1 - 1 / per_band) * 4 / 9 + max(0, 1 - 2 / per_band) / 36)
    band = confidence_band(bands, kept["degrees_of_freedom"] * per_band / (1 + shared))
    long_name = "measured over predicted power of the activity"
    return (
        band.drop_vars("degrees_of_freedom")
        .rename(power="ratio")
        .map(lambda value: value.assign_attrs(units="1", long_name=long_name))
    )
