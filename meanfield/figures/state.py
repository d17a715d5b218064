"""What one network does and what theory says of it, for the notebook state: raster, activity and spectrum."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.palettes import BAND, THEORIES, THEORY, population_looks
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, style
from meanfield.simulation.measures.spectra import confidence_band


def draw_excerpt(raster: Axes, activity: Axes, run: xr.Dataset) -> None:
    """Spikes of some neurons, and the first population's activity with theory's rate, at the end of one run."""
    time, population = run["raster_time"].values, run["raster_population"].values
    looks = population_looks(run["population"].values)
    for name, look in looks.items():
        row, column = np.nonzero((run["raster"].values > 0) & (population == name)[:, np.newaxis])
        raster.plot(time[column], row, ".", ms=2.0, mew=0, color=look.colour, rasterized=True)
    raster.set(ylim=(-1, len(population)), yticks=[])
    raster.tick_params(labelbottom=False)
    first = next(iter(looks))
    activity.plot(time, run["raster_activity"].sel(population=first), lw=0.6, color=looks[first].colour)
    activity.axhline(float(run["siegert"].sel(population=first)), color=THEORY, ls="--", lw=0.8)
    # Forty periods, or all: a fast rhythm would be a black block.
    end, rhythm = time[-1] + time[0], float(run["peak_frequency"])
    start = max(0.0, end - 10 * np.ceil(40e2 / rhythm)) if rhythm > 0 else 0.0
    activity.set(xlabel="time (ms)")
    for axes in (raster, activity):
        axes.set_xlim(start, end)
    activity.set_ylim(bottom=0)


def draw_spectrum(axes: Axes, point: xr.Dataset) -> None:
    """The first population's measured spectrum with its 99 % band; theory's where there is one, else its mode."""
    (first, look), *_ = population_looks(point["population"].values).items()
    measured = point.sel(population=first)
    band = confidence_band(measured["power"], measured["degrees_of_freedom"])
    frequency = point["frequency"].values
    axes.set(xlim=(frequency[0], frequency[-1]), xlabel="frequency (Hz)")
    if not (band["power"] > 0).any():
        axes.text(0.5, 0.5, "no spikes", transform=axes.transAxes, ha="center", va="center")
        return
    axes.fill_between(frequency, band["lower"], band["upper"], color=BAND, lw=0)
    axes.plot(frequency, band["power"], color=look.colour, lw=0.7)
    if np.isfinite(measured["white_noise_power"].isel(seed=0)).any():
        for theory in ("white_noise", "shot_noise"):
            axes.plot(frequency, measured[f"{theory}_power"].isel(seed=0), lw=0.9, **THEORIES[theory])
    else:
        axes.axvline(float(measured["white_noise_frequency"][0, 0]), color=THEORY, ls=":", lw=0.9)
    axes.set(xscale="log", yscale="log")
    axes.set_xticks([10, 100, 1000], ["10", "100", "1000"])


def legend_of_spectrum(axes: Axes) -> list[Artist]:
    """What `draw_spectrum` may draw, for a legend."""
    return [
        axes.fill_between([], [], color=BAND, label="measured, 99 % band"),
        *(axes.plot([], [], **THEORIES[theory])[0] for theory in ("white_noise", "shot_noise")),
        axes.plot([], [], ":", color=THEORY, label="unstable mode")[0],
    ]


def state_figure(dataset: xr.Dataset) -> Figure:
    """Raster, activity and spectrum of one network, with theory's rate and spectrum, or its unstable mode.

    Parameters
    ----------
    dataset : Dataset
        As the notebook state saves it.
    """
    first, state = dataset["population"].values[0], str(dataset["state"].item())
    predicted = str(dataset["white_noise_state"].item())
    with style():
        figure = new_figure(DOUBLE_COLUMN, 3.2)
        left, right = figure.add_gridspec(1, 2, width_ratios=(1.4, 1))
        raster, activity = left.subgridspec(2, 1, height_ratios=(1.3, 1)).subplots()
        spectrum = figure.add_subplot(right)
        draw_excerpt(raster, activity, dataset)
        draw_spectrum(spectrum, dataset.expand_dims("seed"))
        raster.set_ylabel("neuron (sample)")
        activity.set_ylabel(f"activity of {first}\n(spikes/s)")
        spectrum.set_ylabel(f"power of {first} ((spikes/s)²/Hz)")
        letter(raster, "A", f"simulated: {state}")
        letter(activity, "B", "population activity")
        letter(spectrum, "C", f"theory, white noise: {predicted}" if predicted else "")
        neurons = [
            raster.plot([], [], "o", ms=3, color=look.colour, label=f"neurons of {name}")[0]
            for name, look in population_looks(dataset["population"].values).items()
        ]
        figure.legend(handles=[*neurons, *legend_of_spectrum(spectrum)], loc="outside lower center", ncols=3)
    return figure
