"""Brunel's four states: rasters, activity, spectra and numbers of his Fig. 8 and Table 1."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.brunel_2000 import EXAMPLES, Example, examples_in, over_seeds, state_of
from meanfield.comparison.tables import number
from meanfield.figures.needs import drawn_from
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
    end = time[-1] + time[0]
    start = max(0.0, end - 10 * np.ceil(40e2 / float(run["peak_frequency"])))
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
    axes.fill_between(frequency, band["lower"], band["upper"], color=BAND, lw=0)
    axes.plot(frequency, band["power"], color=look.colour, lw=0.7)
    if np.isfinite(measured["white_noise_power"].isel(seed=0)).any():
        for theory in ("white_noise", "shot_noise"):
            axes.plot(frequency, measured[f"{theory}_power"].isel(seed=0), lw=0.9, **THEORIES[theory])
    else:
        axes.axvline(float(measured["white_noise_frequency"][0, 0]), color=THEORY, ls=":", lw=0.9)
    axes.set(xscale="log", yscale="log", xlim=(frequency[0], frequency[-1]), xlabel="frequency (Hz)")
    axes.set_xticks([10, 100, 1000], ["10", "100", "1000"])


def draw_numbers(axes: Axes, point: xr.Dataset, paper: Example) -> None:
    """Rates and frequencies: simulated, theory's, and the paper's."""
    axes.axis("off")
    run = point.isel(seed=0)

    lines = [
        ("g, η", f"{paper.g:g}, {paper.eta:g}"),
        ("rate", "(spikes/s)"),
        ("simulated", "{:.2f} ± {:.2f}".format(*over_seeds(point["network_rate"]))),
        ("white noise", number(run["siegert"].values[0], ".2f")),
        ("shot noise", number(run["shot_noise_rate"].values[0], ".2f")),
        ("paper, simulated", number(paper.simulated_rate, ".1f")),
        ("paper, theory", number(paper.theory_rate, ".1f")),
        ("frequency", "(Hz)"),
        ("simulated", "{:.1f} ± {:.1f}".format(*over_seeds(point["peak_frequency"]))),
        ("white noise", number(run["white_noise_frequency"].values[0], ".1f")),
        ("shot noise", number(run["shot_noise_frequency"].values[0], ".1f")),
        ("paper, simulated", number(paper.simulated_frequency, ".0f")),
        ("paper, theory", number(paper.theory_frequency, ".0f")),
    ]
    for row, (what, value) in enumerate(lines):
        weight = "bold" if value.startswith("(s") or value == "(Hz)" else None
        y = 1.0 - row / len(lines)
        axes.text(0.0, y, what, transform=axes.transAxes, fontsize=6.5, va="top", weight=weight)
        axes.text(1.0, y, value, transform=axes.transAxes, fontsize=6.5, va="top", ha="right")


@drawn_from("state", columns=("g", "eta"))
def brunel_states_figure(dataset: xr.Dataset) -> Figure:
    """Rasters, activity and spectra of the states A, B, C and D, and their rates and frequencies.

    Parameters
    ----------
    dataset : Dataset
        Collected by the experiment ``brunel_states``; see `meanfield.comparison.brunel_2000.examples_in`.
    """
    points = examples_in(dataset)
    first = dataset["population"].values[0]
    with style():
        figure = new_figure(DOUBLE_COLUMN, 6.5)
        rows = figure.subplots(4, len(points), height_ratios=(1.2, 1, 1.1, 1.4), squeeze=False)
        for column, (name, point) in enumerate(points.items()):
            raster, activity, spectrum, numbers = rows[:, column]
            draw_excerpt(raster, activity, point.isel(seed=0))
            draw_spectrum(spectrum, point)
            draw_numbers(numbers, point, EXAMPLES[name])
            letter(raster, f"{name}  {state_of(point)}")
        rows[0, 0].set_ylabel("neuron (sample)")
        rows[1, 0].set_ylabel(f"activity of {first} (spikes/s)")
        rows[2, 0].set_ylabel(f"power of {first} ((spikes/s)²/Hz)")
        looks = population_looks(dataset["population"].values)
        neurons = [
            rows[0, 0].plot([], [], "o", ms=3, color=look.colour, label=f"neurons of {name}")[0]
            for name, look in looks.items()
        ]
        handles = [
            *neurons,
            rows[2, 0].fill_between([], [], color=BAND, label="measured, 99 % band"),
            *(rows[2, 0].plot([], [], **THEORIES[theory])[0] for theory in ("white_noise", "shot_noise")),
            rows[2, 0].plot([], [], ":", color=THEORY, label="unstable mode")[0],
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
