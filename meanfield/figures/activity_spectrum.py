"""Predicted and measured spectrum of the activity of a network that stays in its stationary state."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.spectrum import spectrum_deviation
from meanfield.figures.needs import drawn_from
from meanfield.figures.style import COLOURS, DOUBLE_COLUMN, THEORY, letter, new_figure, plain_ticks, style

THEORIES = {
    "white_noise": {"ls": "--", "color": THEORY, "label": "theory, white noise"},
    "shot_noise": {"ls": "-", "color": THEORY, "label": "theory, shot noise"},
    "shot_noise_measured": {"ls": "-.", "color": COLOURS[5], "label": "the same, on measured trains"},
}


def draw_power(axes: Axes, found: xr.Dataset) -> None:
    """Measured power with its band, and what each theory predicts."""
    frequency = found["frequency"].values
    axes.fill_between(frequency, found["lower"], found["upper"], color=COLOURS[4], lw=0, label="measured, 99 % band")
    axes.plot(frequency, found["power"], color=COLOURS[0], lw=0.7)
    for name, look in THEORIES.items():
        axes.plot(frequency, found[name], lw=1.0, **look)
    axes.set(yscale="log", ylabel="activity's power ((spikes/s)²/Hz)")


def draw_ratio(axes: Axes, found: xr.Dataset) -> None:
    """Predicted over measured power, and the band around 1 in which it should stay."""
    frequency, power = found["frequency"].values, found["power"]
    axes.fill_between(frequency, found["lower"] / power, found["upper"] / power, color=COLOURS[4], lw=0)
    for name, look in THEORIES.items():
        axes.plot(frequency, found[name] / power, lw=0.8, **look)
    axes.axhline(1, color="0.4", lw=0.5)
    axes.set(yscale="log", ylabel="predicted / measured")
    low, high = axes.get_ylim()
    plain_ticks(axes, [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10) if low < tick < high])


def draw_neurons(axes: Axes, found: xr.Dataset) -> None:
    """Spectrum of single neurons' trains without what they share: measured, and theories'."""
    frequency = found["frequency"].values
    axes.plot(frequency, found["neuron_power"], color=COLOURS[0], lw=0.9)
    for name in ("white_noise", "shot_noise"):
        axes.plot(frequency, found[f"{name}_neuron_power"], lw=0.9, **THEORIES[name])
    axes.axhline(float(found["rate"]), color="0.4", ls=":", lw=0.8)
    axes.set(ylabel="a neuron's power ((spikes/s)²/Hz)")
    axes.set_ylim(bottom=0)


@drawn_from("state", columns=("g", "eta"))
def activity_spectrum_figure(dataset: xr.Dataset) -> Figure:
    """Predicted and measured spectrum at the first point that both theories find stable, and why they differ.

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
            found = spectrum_deviation(points.isel(g=0)).isel(population=0)
            for draw, axes in zip((draw_power, draw_ratio, draw_neurons), panels, strict=True):
                draw(axes, found)
                axes.set(xlabel="frequency (Hz)", xlim=(found.attrs["lowest"], found.attrs["highest"]))
        for axes, text in zip(panels, "ABC", strict=True):
            letter(axes, text)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, columnspacing=1.2)
    return figure
