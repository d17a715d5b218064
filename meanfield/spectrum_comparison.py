"""The predicted spectrum of the activity beside the measured one: does it stay in the band, and where not, why?"""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.spectra import UNITS, confidence_band


def spectrum_deviation(
    point: xr.Dataset, *, lowest: float = 10.0, highest: float = 500.0, level: float = 0.99
) -> xr.Dataset:
    """Predicted and measured spectra of one network, with the part that single neurons have in their deviation.

    Linear response makes the activity's spectrum in two steps: each neuron fires with a spectrum of its own, that of
    a renewal process in white noise; and the network filters the sum. Only the first step is replaced in
    ``predicted_measured``, by the spectrum that the neurons are seen to have, less what they share. As all populations'
    prediction is proportional to it where their neurons are equal, no more than a ratio is needed.

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
        ``predicted`` and ``predicted_measured``; ``neuron_power`` and ``predicted_neuron_power`` of single neurons' own
        trains; and over population: ``inside`` and ``inside_measured``, the share of frequencies at which the two
        predictions lie in the band; ``rate``, the simulated one.
    """
    frequency = point["frequency"].values
    point = point.isel(frequency=np.flatnonzero((frequency >= lowest) & (frequency <= highest)))
    band = confidence_band(point["power"], point["degrees_of_freedom"], level=level)
    # A neuron's train holds its own noise and what all share; the mean of N trains, the shared and 1/N of the own.
    own = point["neuron_power"].mean("seed") - band["power"]
    first = point.isel(seed=0)
    predicted = first["predicted_power"].drop_vars("seed")
    of_neuron = first["predicted_neuron_power"].drop_vars("seed")
    on_measured = predicted * own / of_neuron

    def inside(spectrum: xr.DataArray) -> xr.DataArray:
        return ((band["lower"] <= spectrum) & (spectrum <= band["upper"])).mean("frequency")

    found = {
        "predicted": (predicted, UNITS, "power of the activity, theory"),
        "predicted_measured": (on_measured, UNITS, "power of the activity, theory on the measured trains' spectrum"),
        "neuron_power": (own, UNITS, "power of a neuron's train without what neurons share"),
        "predicted_neuron_power": (of_neuron, UNITS, "power of a neuron's train, theory"),
        "inside": (inside(predicted), "1", "share of frequencies at which theory lies in the band"),
        "inside_measured": (inside(on_measured), "1", "the same for theory on the measured trains' spectrum"),
        "rate": (point["rate"].mean("seed"), "spikes/s", "simulated rate"),
    }
    told = {name: value.assign_attrs(units=units, long_name=words) for name, (value, units, words) in found.items()}
    return band.assign(told).assign_attrs(lowest=lowest, highest=highest, level=level)
