"""Panels of the explorer: solutions and basins, branches along a parameter, eigenvalues, spectrum."""

from __future__ import annotations

import textwrap

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from meanfield.figures.mean_field import draw_phase_plane
from meanfield.figures.palettes import THEORY, UNSTABLE, population_looks
from meanfield.figures.style import AXIS_NAMES, DOUBLE_COLUMN, letter, new_figure, style

SHADES = ("#ffffff", "#e4ecf4", "#f6e8d8", "#e3f1ea")  # basins, one for each stable solution


def draw_solutions(axes: Axes, dataset: xr.Dataset) -> None:
    """Nullclines, solutions and basins of two populations; of any other number the rates of all solutions."""
    if "velocity" not in dataset:
        _draw_rates(axes, dataset)
        return
    if "basin" in dataset:
        stable = np.flatnonzero(dataset["stable"].values)
        number = np.searchsorted(stable, dataset["basin"].values).astype(float)
        number[dataset["basin"].values < 0] = np.nan
        first, second = dataset["start_first"].values, dataset["start_second"].values
        shades = ListedColormap([SHADES[n % len(SHADES)] for n in range(len(stable))])
        limits = {"vmin": -0.5, "vmax": len(stable) - 0.5}
        axes.pcolormesh(first, second, number, cmap=shades, shading="nearest", zorder=0, rasterized=True, **limits)
    draw_phase_plane(axes, dataset)


def _draw_rates(axes: Axes, dataset: xr.Dataset) -> None:
    place = np.arange(dataset.sizes["population"])
    for rate, stable in zip(dataset["rate"].values, dataset["stable"].values, strict=True):
        axes.plot(place, rate, "o", color=THEORY if stable else UNSTABLE, mfc=THEORY if stable else "white", ms=5)
    axes.set_xticks(place, [str(name) for name in dataset["population"].values])
    axes.set_yscale("asinh", linear_width=1.0)
    axes.set(ylabel="rate (spikes/s)", ylim=(0.0, None))


def draw_along(axes: Axes, dataset: xr.Dataset, at: float | None = None) -> None:
    """The first population's rate in all solutions along a parameter; where the network stands is marked."""
    values = np.broadcast_to(dataset["along"].values[:, np.newaxis], dataset["branch_rate"].shape)
    rate, stable = dataset["branch_rate"].values, dataset["branch_stable"].values
    for which, marker, colour, label in ((stable, "o", THEORY, "stable"), (~stable, "o", UNSTABLE, "unstable")):
        shown = which & np.isfinite(rate)
        face = colour if label == "stable" else "white"
        axes.plot(values[shown], rate[shown], marker, ms=2.6, mfc=face, color=colour, mew=0.7, ls="none", label=label)
    if at is not None:
        axes.axvline(at, color="0.7", lw=0.8, zorder=0)
    axes.set_yscale("asinh", linear_width=1.0)
    _plain_ticks(axes, np.nanmax(rate, initial=1.0))
    name, vary = str(dataset["population"].values[0]), str(dataset.attrs["vary"])
    axes.set(xlabel=NAMES.get(vary, vary), ylabel=f"rate of {name} (spikes/s)")
    axes.set(xlim=(values.min(), values.max()), ylim=(-0.3, 1.5 * max(1.0, np.nanmax(rate, initial=1.0))))
    axes.legend()


NAMES = AXIS_NAMES | {
    "drive": "external drive, relative to the file's",
    "V_reset": "reset potential (mV)",
    "tau_syn": "synaptic time constant (ms)",
}


def draw_modes(axes: Axes, dataset: xr.Dataset) -> None:
    """Growth and frequency of disturbances about the solution that is looked at; to the right of the line they grow."""
    growth, frequency = dataset["mode_growth"].values, dataset["mode_frequency"].values
    for which, colour in ((growth > 0, UNSTABLE), (growth <= 0, THEORY)):
        if which.any():
            axes.plot(growth[which], frequency[which], "o", ms=4, color=colour, clip_on=False)
    axes.axvline(0.0, color="0.7", lw=0.8, zorder=0)
    widest = 1.15 * max(60.0, np.abs(growth).max(initial=0.0))
    axes.set(xlabel="growth (1/s)", ylabel="frequency (Hz)", xlim=(-65.0, widest), ylim=(-15.0, 1000.0))
    state = str(dataset["state"].item())
    shown = f"state: {state}" if state else "state not known"
    axes.set_title(shown)
    if not len(growth):
        axes.text(0.25, 0.5, "all disturbances\nfade fast", transform=axes.transAxes, ha="center")


def draw_spectrum(axes: Axes, dataset: xr.Dataset) -> None:
    """Spectrum of each population's activity."""
    power = dataset["power"].where(dataset["power"] > 0.0)  # that of a silent population is 0
    for name, look in population_looks(dataset["population"].values).items():
        axes.plot(dataset["frequency"], power.sel(population=name), label=name, **look.curve)
    if power.notnull().any():
        axes.set_yscale("log")
        axes.legend()
    else:
        reason = dataset["power"].attrs.get("missing") or "no population fires"
        axes.text(0.5, 0.5, textwrap.fill(f"no spectrum: {reason}", 40), transform=axes.transAxes, ha="center")
        axes.set_yticks([])
    axes.set(xlabel="frequency (Hz)", ylabel="power ((spikes/s)²/Hz)", xlim=(0.0, float(dataset["frequency"].max())))


def _plain_ticks(axes: Axes, highest: float) -> None:
    ticks = [t for t in (0, 1, 10, 100, 1000) if t <= 1.2 * highest]
    axes.yaxis.set_ticks(ticks, [str(t) for t in ticks])
    axes.yaxis.set_ticks([], minor=True)


PANELS = {"solutions": draw_solutions, "along": draw_along, "modes": draw_modes, "spectrum": draw_spectrum}


def explorer_panel(name: str, dataset: xr.Dataset, at: float | None = None) -> Figure:
    """One panel as a figure of its own.

    Parameters
    ----------
    name : str
        "solutions", "along", "modes" or "spectrum".
    dataset : Dataset
        With what the panel shows, as `meanfield.runs.explorer.predictions` makes it.
    at : float, optional
        Where the network stands along the parameter that varies.
    """
    with style():
        figure = new_figure(3.9, 3.0)
        axes = figure.subplots()
        PANELS[name](axes, dataset, *([at] if name == "along" else []))
        if name == "solutions" and "velocity" in dataset:
            axes.legend(loc="upper left", fontsize=6)
        return figure


def explorer_figure(dataset: xr.Dataset) -> Figure:
    """All that theory says of one network: solutions, branches, eigenvalues and spectrum.

    Parameters
    ----------
    dataset : Dataset
        As the notebook explore saves it.
    """
    with style():
        figure = new_figure(DOUBLE_COLUMN, 5.4)
        for axes, (name, draw), text in zip(figure.subplots(2, 2).ravel(), PANELS.items(), "ABCD", strict=True):
            draw(axes, dataset, *([dataset.attrs.get("at")] if name == "along" else []))
            letter(axes, text)
        figure.axes[0].legend(fontsize=6)
        return figure
