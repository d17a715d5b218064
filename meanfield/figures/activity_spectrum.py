"""Predicted and measured spectrum of the activity of a network that stays in its stationary state."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.spectrum import spectrum_deviation
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import BAND, SIMULATED, THEORIES
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, plain_ticks, style


def draw_power(axes: Axes, spectra: xr.Dataset) -> None:
    """Measured power with its band, and what each theory predicts."""
    frequency = spectra["frequency"].values
    axes.fill_between(frequency, spectra["lower"], spectra["upper"], color=BAND, lw=0, label="measured, 99 % band")
    axes.plot(frequency, spectra["power"], color=SIMULATED, lw=0.7)
    for name, look in THEORIES.items():
        axes.plot(frequency, spectra[name], lw=1.0, **look)
    axes.set(yscale="log", ylabel="power ((spikes/s)²/Hz)", title=f"activity of {spectra['population'].item()}")


def draw_ratio(axes: Axes, spectra: xr.Dataset) -> None:
    """Predicted over measured power, and the band around 1 in which it should stay."""
    frequency, power = spectra["frequency"].values, spectra["power"]
    axes.fill_between(frequency, spectra["lower"] / power, spectra["upper"] / power, color=BAND, lw=0)
    for name, look in THEORIES.items():
        axes.plot(frequency, spectra[name] / power, lw=0.8, **look)
    axes.axhline(1, color="0.4", lw=0.5)
    axes.set(yscale="log", ylabel="predicted / measured power", title=f"activity of {spectra['population'].item()}")
    low, high = axes.get_ylim()
    plain_ticks(axes, [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10) if low < tick < high])


def draw_neurons(axes: Axes, spectra: xr.Dataset) -> None:
    """Spectrum of single neurons' trains without what they share: measured, and theories'."""
    frequency = spectra["frequency"].values
    axes.plot(frequency, spectra["neuron_power"], color=SIMULATED, lw=0.9)
    for name in ("white_noise", "shot_noise"):
        axes.plot(frequency, spectra[f"{name}_neuron_power"], lw=0.9, **THEORIES[name])
    axes.axhline(float(spectra["rate"]), color="0.4", ls=":", lw=0.8, label="rate, a Poisson train's power")
    axes.set(ylabel="power ((spikes/s)²/Hz)", title=f"a neuron of {spectra['population'].item()}")
    axes.set_ylim(bottom=0)


@drawn_from("state", columns=("g", "eta"))
def activity_spectrum_figure(dataset: xr.Dataset) -> Figure:
    """Predicted and measured spectrum at the first point that both theories find stable; of the first population.

    Parameters
    ----------
    dataset : Dataset
        Points of ``state.ipynb`` collected along an axis "g", with dimension seed.
    """
    stable = np.isfinite(dataset["white_noise_total"] * dataset["shot_noise_total"]).all(("seed", "frequency"))
    points = dataset.isel(g=np.flatnonzero(stable.values))
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.7)
        panels = figure.subplots(1, 3)
        if points.sizes["g"]:
            spectra = spectrum_deviation(points.isel(g=0)).isel(population=0)
            for draw, axes in zip((draw_power, draw_ratio, draw_neurons), panels, strict=True):
                draw(axes, spectra)
                axes.set(xlabel="frequency (Hz)", xlim=(spectra.attrs["lowest"], spectra.attrs["highest"]))
        for axes, text in zip(panels, "ABC", strict=True):
            letter(axes, text)
        handles = {label: h for axes in panels for h, label in zip(*axes.get_legend_handles_labels(), strict=True)}
        figure.legend(handles.values(), handles, loc="outside lower center", ncols=3, columnspacing=1.2)
    return figure
