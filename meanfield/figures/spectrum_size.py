"""Spectrum of the activity and rate beside theory's, in networks of several sizes."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.spectrum import ratio_in_bands
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import SERIES, THEORIES
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, plain_ticks, style


def draw_ratios(axes: Axes, dataset: xr.Dataset, size: np.ndarray) -> None:
    """Measured over predicted power in bands of frequency with 99 % intervals, for each size."""
    axes.axhline(1, color="0.4", lw=0.6)
    for number, (neurons, (marker, colour)) in enumerate(zip(size, SERIES, strict=False)):
        bands = ratio_in_bands(dataset.isel(order=number))
        errors = [bands["ratio"] - bands["lower"], bands["upper"] - bands["ratio"]]
        look = {"fmt": f"{marker}-", "ms": 3, "lw": 0.7, "elinewidth": 0.6, "color": colour}
        axes.errorbar(bands["frequency"], bands["ratio"], yerr=errors, label=f"{neurons:,} neurons", **look)
    axes.set(yscale="log", xlabel="frequency (Hz)", ylabel="measured / predicted power")
    plain_ticks(axes, [0.5, 1, 2, 5])


def draw_rates(axes: Axes, dataset: xr.Dataset, size: np.ndarray) -> None:
    """Simulated rates over 1/N, a marker for each seed, and both theories' rates, which do not depend on N."""
    for number, (neurons, (marker, colour)) in enumerate(zip(size, SERIES, strict=False)):
        rates = dataset["network_rate"].isel(order=number).values
        axes.plot(np.full(rates.shape, 1e4 / neurons), rates, marker, ms=3.5, color=colour, mfc="none")
    for theory, name in (("white_noise", "siegert"), ("shot_noise", "shot_noise_rate")):
        axes.axhline(float(dataset[name].values.flat[0]), lw=0.9, **THEORIES[theory])
    axes.set(xlabel="10,000 / number of neurons", ylabel="rate of all neurons (spikes/s)")
    axes.set_xlim(left=0)


@drawn_from("state", columns=("order",))
def spectrum_size_figure(dataset: xr.Dataset) -> Figure:
    """Measured over predicted power of the activity (shot noise), and the rate, for each size of a network.

    Parameters
    ----------
    dataset : Dataset
        Points of ``state.ipynb`` collected along an axis "order", with dimension seed.
    """
    size = 5 * dataset["order"].values
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.7)
        ratios, rates = figure.subplots(1, 2)
        draw_ratios(ratios, dataset, size)
        draw_rates(rates, dataset, size)
        figure.legend(loc="outside lower center", ncols=5, columnspacing=1.2)
        letter(ratios, "A", "power of the activity")
        letter(rates, "B", "mean rate, one marker a seed")
    return figure
