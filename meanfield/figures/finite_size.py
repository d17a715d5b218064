"""Rates over 1/N for three ways of wiring, and the limit that theory predicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.finite_size import infinite_network
from meanfield.figures.intervals import half_width
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import SERIES, TRAINS
from meanfield.figures.style import DOUBLE_COLUMN, SINGLE_COLUMN, letter, new_figure, style
from meanfield.theory.trains.parameters import REPETITIONS

UNIT = 1e4  # neurons


def draw_sizes(axes: Axes, sizes: xr.Dataset) -> None:
    """One network's rates over 1/N with their lines, and the limit."""
    x = UNIT / sizes["neurons"].values
    line = infinite_network(sizes)
    for number, (wiring, (marker, colour)) in enumerate(zip(sizes["wiring"].values, SERIES, strict=False)):
        at, fit = sizes.sel(wiring=wiring), line.sel(wiring=wiring)
        ends = np.array([0.0, x.max()])
        axes.plot(ends, float(fit["limit"]) + float(fit["slope"]) / UNIT * ends, lw=0.7, color=colour)
        beside = x * (1.0 + 0.015 * (number - 1))
        look = {"ms": 3.5, "color": colour, "mfc": "white", "capsize": 1.5, "elinewidth": 0.7, "label": str(wiring)}
        error = half_width(at["simulated_sem"], at["simulated_freedom"])
        axes.errorbar(beside, at["simulated"], error, fmt=marker, **look)
    limit, error = float(sizes["trains_rate"]), float(half_width(sizes["trains_rate_sem"], REPETITIONS - 1))
    look = {"color": TRAINS["color"], "ms": 6, "capsize": 2.5, "zorder": 4, "clip_on": False}
    axes.errorbar([0.0], [limit], [error], fmt="D", label="self-consistent trains", **look)
    axes.axhline(limit, **TRAINS | {"lw": 0.8})
    axes.set(xlabel="10,000 / number of neurons", xlim=(0.0, 1.05 * x.max()))


def _title(sizes: xr.Dataset) -> str:
    """What a point of an experiment has for its own."""
    if "network_file" in sizes.coords and (file := sizes["network_file"].item()):
        return Path(file).stem.replace("_", ", ")
    units = {"J": " mV", "V_reset": " mV", "g": "", "eta": ""}
    return ", ".join(f"{name} = {float(sizes[name]):g}{unit}" for name, unit in units.items() if name in sizes.coords)


@drawn_from("finite_size", n_axes=1)
def finite_size_figure(dataset: xr.Dataset) -> Figure:
    """Simulated rates of the first population over 1/N, for three ways of wiring, running into the predicted limit.

    Parameters
    ----------
    dataset : Dataset
        Of ``finite_size.ipynb``, or of several such runs collected along one axis, each of which gets a panel.

    Returns
    -------
    Figure
    """
    dataset = dataset.isel(population=0)
    axis = [name for name in dataset["simulated"].dims if name not in ("wiring", "factor")]
    points = [dataset.isel({axis[0]: i}) for i in range(dataset.sizes[axis[0]])] if axis else [dataset]
    with style():
        figure = new_figure(SINGLE_COLUMN if len(points) == 1 else DOUBLE_COLUMN, 2.7)
        panels = figure.subplots(1, len(points), squeeze=False)[0]
        for axes, point, text in zip(panels, points, "ABCDEFGH", strict=False):
            draw_sizes(axes, point)
            axes.set_title(_title(point))
            letter(axes, text)
        panels[0].set_ylabel(f"rate of {dataset['population'].item()} (spikes/s)")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2 if len(points) == 1 else 4)
    return figure
