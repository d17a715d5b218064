"""The cortical microcircuit: spikes, rates, irregularity, and the distributions of rates over neurons by layer."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.intervals import half_width
from meanfield.figures.palettes import THEORY, population_looks
from meanfield.figures.style import DOUBLE_COLUMN, by_population, letter, new_figure, style

UNEQUAL = {"color": THEORY, "ls": "-", "lw": 1.0}
EQUAL = {"color": THEORY, "ls": "--", "lw": 1.0}
MOST_BINS = 24  # of a histogram of rates


def draw_layers_raster(axes: Axes, dataset: xr.Dataset) -> None:
    """Spikes of some neurons at the end of the first run, the first population on top."""
    time, population = dataset["raster_time"].values, dataset["raster_population"].values
    ticks, names = [], []
    for name, look in population_looks(dataset["population"].values).items():
        row, column = np.nonzero((dataset["raster"].values > 0) & (population == name)[:, np.newaxis])
        axes.plot(time[column], row, look.marker, ms=1.6, mew=0, color=look.colour, rasterized=True)
        members = np.flatnonzero(population == name)
        ticks.append(members.mean())
        names.append(name)
        axes.axhline(members[-1] + 0.5, color="0.85", lw=0.4, zorder=0)
    axes.set_yticks(ticks, names)
    axes.set(xlim=(0, time[-1] + time[0]), ylim=(len(population), -1), xlabel="time (ms)")
    axes.tick_params(axis="y", length=0)


def draw_activities(axes: Axes, dataset: xr.Dataset) -> None:
    """Activity of each population at the end of the first run, in a row with a scale of its own, the first on top."""
    looks, activity = population_looks(dataset["population"].values), dataset["raster_activity"]
    smooth = activity.rolling(raster_time=4, center=True, min_periods=1).mean()  # 2 ms
    smooth = smooth / np.maximum(1.1 * smooth.max("raster_time"), 1e-9)
    for row, (name, look) in enumerate(reversed(looks.items())):
        axes.plot(dataset["raster_time"], row + smooth.sel(population=name), lw=0.6, color=look.colour)
    axes.set_yticks(range(len(looks)), list(reversed(looks)), va="bottom")
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(0, float(dataset["raster_time"][-1])), ylim=(0, len(looks)), xlabel="time (ms)")
    axes.set_ylabel("activity (own scales)")


def draw_mean_rates(axes: Axes, dataset: xr.Dataset) -> None:
    """Simulated rates with 95 % intervals, beside those of equal and of unequal neurons in theory."""
    for place, (name, look) in enumerate(population_looks(dataset["population"].values).items()):
        at = dataset.sel(population=name)
        error = half_width(at["simulated_sem"], at["simulated_freedom"])
        axes.errorbar(place, at["simulated"], yerr=error, capsize=2, **look.markers | {"ms": 5})
        for rate, line in ((at["siegert"], EQUAL), (at["predicted_rate"], UNEQUAL)):
            axes.plot([place - 0.38, place + 0.38], 2 * [float(rate)], **line)
    by_population(axes, dataset["population"].values, upright=8)
    axes.set_ylabel("rate (spikes/s)")
    axes.set_ylim(bottom=0)


def draw_cvs(axes: Axes, dataset: xr.Dataset) -> None:
    """Distribution of CVs over neurons, an outline for each population; theory's mean CV of equal neurons as a dash."""
    top = float(dataset["cv_density"].max()) or 1.0
    for place, (name, look) in enumerate(population_looks(dataset["population"].values).items()):
        at = dataset.sel(population=name)
        half = 0.42 * at["cv_density"] / top
        axes.fill_betweenx(dataset["cv_bin"], place - half, place + half, color=look.colour, lw=0, alpha=0.35)
        axes.plot(place, at["simulated_cv"], **look.markers | {"ms": 5})
        axes.plot([place - 0.38, place + 0.38], 2 * [float(at["siegert_cv"])], **EQUAL)
    by_population(axes, dataset["population"].values, upright=8)
    axes.set(ylabel="CV of intervals", ylim=(0, 1.3))


def draw_layer(axes: Axes, dataset: xr.Dataset, names: list[str]) -> None:
    """Distribution of rates over neurons for the populations of one layer, simulated and in theory."""
    duration, looks = 1e-3 * dataset.attrs["duration"], population_looks(dataset["population"].values)
    reach = dataset["count_share"].sel(population=names).sum("population").cumsum()
    most = int(np.searchsorted(reach, 0.995 * len(names))) + 1
    width = max(1, -(-most // MOST_BINS))
    edges = np.arange(0, most + width, width)
    for name in names:
        at, look = dataset.sel(population=name), looks[name]
        simulated, predicted = (
            np.add.reduceat(at[share].values[: edges[-1]], edges[:-1]) / width * duration
            for share in ("count_share", "predicted_share")
        )
        axes.stairs(simulated, (edges - 0.5) / duration, color=look.colour, ls=look.line, lw=1.2, label=name)
        axes.plot((edges[:-1] + (width - 1) / 2) / duration, predicted, color=THEORY, ls=look.line, lw=0.8)
        axes.plot([], [], label=" ", alpha=0)
    axes.set(xlabel="neuron's rate (spikes/s)", xlim=(-0.5 / duration, edges[-1] / duration))
    axes.set_ylim(bottom=0)
    axes.legend(*_pairs(axes, names), loc="upper right", handlelength=1.8)


def _pairs(axes: Axes, names: list[str]):
    handles = {handle.get_label(): handle for handle in axes.get_legend_handles_labels()[0]}
    return [handles[name] for name in names], names


def microcircuit_figure(dataset: xr.Dataset) -> Figure:
    """What the microcircuit does, and how its rates, and their distribution over neurons, compare with theory.

    Parameters
    ----------
    dataset : Dataset
        As ``microcircuit.ipynb`` saves it.
    """
    names = [str(name) for name in dataset["population"].values]
    layers = [names[place : place + 2] for place in range(0, len(names), 2)]
    with style():
        figure = new_figure(DOUBLE_COLUMN, 7.4)
        top, bottom = figure.add_gridspec(2, 1, height_ratios=(2.1, 1))
        left, right = top.subgridspec(1, 2, width_ratios=(1.35, 1))
        raster, activity = left.subgridspec(2, 1, height_ratios=(1.3, 1)).subplots()
        rates, cvs = right.subgridspec(2, 1).subplots()
        draw_layers_raster(raster, dataset)
        draw_activities(activity, dataset)
        draw_mean_rates(rates, dataset)
        draw_cvs(cvs, dataset)
        panels = bottom.subgridspec(1, len(layers)).subplots()
        for axes, layer in zip(np.atleast_1d(panels), layers, strict=True):
            draw_layer(axes, dataset, layer)
        panels[0].set_ylabel("density (s)")
        letter(raster, "A", "spikes")
        letter(activity, "B", "population activity")
        letter(rates, "C", "mean rates")
        letter(cvs, "D", "irregularity")
        letter(panels[0], "E")
        handles = [
            rates.errorbar([], [], [], fmt="o", ms=5, capsize=2, color="0.4", label="simulation: E full, I open"),
            rates.plot([], [], label="Siegert, equal neurons", **EQUAL)[0],
            rates.plot([], [], label="theory, unequal neurons", **UNEQUAL)[0],
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
