"""Two stable states and the border between them: before, after a perturbation, and with compensating connections."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.palettes import COLOURS
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, style

LOOKS = {
    "original": {"color": COLOURS["black"], "ls": "-"},
    "perturbed": {"color": COLOURS["vermillion"], "ls": "--"},
    "compensated": {"color": COLOURS["blue"], "ls": "-."},
}
STABLE = (True, False, True)


def draw_velocity(axes: Axes, dataset: xr.Dataset) -> None:
    """Velocity of the rate along the flow, with the solutions where it is zero."""
    for name, look in LOOKS.items():
        at = dataset.sel(network=name)
        axes.plot(dataset["rate"], at["velocity"], **look, label=name)
        for rate, stable in zip(at["fixed_point_rate"].values, STABLE, strict=True):
            axes.plot(rate, 0.0, "o", ms=5, color=look["color"], mfc=look["color"] if stable else "white", zorder=3)
    axes.axhline(0.0, color="0.7", lw=0.6, zorder=0)
    axes.set(xlabel="rate ν (spikes/s)", ylabel="Φ(ν) − ν (spikes/s)", xlim=(-2, float(dataset["rate"][-1])))


def draw_branches(axes: Axes, dataset: xr.Dataset) -> None:
    """All solutions along the external rate, before and after the compensation."""
    for name in dataset["connections"].values:
        rates = dataset["branch"].sel(connections=name).values
        known = np.isfinite(rates)
        drive = np.broadcast_to(dataset["rate_ext"].values[:, None], rates.shape)[known]
        # From silence up, back along the separatrix and up again: one line.
        order = np.argsort(rates[known])
        axes.plot(drive[order], rates[known][order], **LOOKS[str(name)])
    for drive in np.unique(dataset["drive"]):
        axes.axvline(drive, color="0.7", lw=0.8, zorder=0)
    axes.set(xlabel="external rate (spikes/s)", ylabel="rate (spikes/s)", ylim=(-2, None))


def draw_paths(axes: Axes, dataset: xr.Dataset) -> None:
    """The rate network from both sides of the original separatrix."""
    for name, look in LOOKS.items():
        axes.plot(dataset["pseudo_time"], dataset["path"].sel(network=name).T, **look)
    axes.axhline(float(dataset["fixed_point_rate"].sel(network="original")[1]), color="0.4", ls=":", lw=1.0)
    axes.set(xlabel="pseudo-time (ms)", ylabel="rate (spikes/s)", xlim=(0, float(dataset["pseudo_time"][-1])))
    axes.set_ylim(-2, None)


def draw_pushed(axes: Axes, dataset: xr.Dataset) -> None:
    """Activity of the spiking network after each push, a wider line for a stronger one, and theory's upper state."""
    strengths = np.linspace(0.5, 1.3, dataset.sizes["push"])
    for name, look in LOOKS.items():
        at = dataset.sel(network=name)
        for run, strength in zip(at["activity"].values, strengths, strict=True):
            axes.plot(dataset["time"], run, **look, lw=strength)
        axes.axhline(float(at["fixed_point_rate"][-1]), color=look["color"], ls=":", lw=0.8)
    axes.set(xlabel="time (ms)", ylabel="activity (spikes/s)", xlim=(0, float(dataset["time"][-1])), ylim=(-2, None))


PANELS = {
    "velocity of the rate; full: stable": draw_velocity,
    "all solutions along the drive": draw_branches,
    "rate network, from beside the separatrix": draw_paths,
    "spiking network, pushed for 300 ms": draw_pushed,
}


def constraints_figure(dataset: xr.Dataset) -> Figure:
    """The separatrix of a bistable network: in the flow, along the drive, and in rate and spiking network.

    Parameters
    ----------
    dataset : Dataset
        As ``constraints.ipynb`` saves it.
    """
    with style():
        figure = new_figure(DOUBLE_COLUMN, 4.6)
        panels = figure.subplots(2, 2)
        for axes, text, (seen, draw) in zip(panels.flat, "ABCD", PANELS.items(), strict=True):
            draw(axes, dataset)
            letter(axes, text, seen)
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
