"""Brunel's four states: rasters, activity, spectra and numbers of his Fig. 8 and Table 1."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.brunel_2000 import EXAMPLES, Example, examples_in, over_seeds, state_of
from meanfield.figures.needs import drawn_from
from meanfield.figures.style import COLOURS, DOUBLE_COLUMN, THEORY, letter, new_figure, population_colour, style
from meanfield.simulation.measures.spectra import confidence_band


def draw_excerpt(raster: Axes, activity: Axes, run: xr.Dataset) -> None:
    """Spikes of some neurons, and the first population's activity with theory's rate, at the end of one run."""
    time, population = run["raster_time"].values, run["raster_population"].values
    for number, name in enumerate(run["population"].values):
        row, column = np.nonzero((run["raster"].values > 0) & (population == name)[:, np.newaxis])
        raster.plot(time[column], row, ".", ms=2.0, mew=0, color=population_colour(number), rasterized=True)
    raster.set(ylim=(-1, len(population)), yticks=[])
    raster.tick_params(labelbottom=False)
    activity.plot(time, run["raster_activity"].isel(population=0), lw=0.6, color=population_colour(0))
    activity.axhline(float(run["siegert"][0]), color=THEORY, ls="--", lw=0.8)
    # Forty periods, or all: a fast rhythm would be a black block.
    end = time[-1] + time[0]
    start = max(0.0, end - 10 * np.ceil(40e2 / float(run["peak_frequency"])))
    activity.set(xlabel="time (ms)")
    for axes in (raster, activity):
        axes.set_xlim(start, end)
    activity.set_ylim(bottom=0)


def draw_spectrum(axes: Axes, point: xr.Dataset) -> None:
    """The first population's measured spectrum with its 99 % band; theory's where there is one, else its mode."""
    of = point.isel(population=0)
    band = confidence_band(of["power"], of["degrees_of_freedom"])
    frequency = point["frequency"].values
    axes.fill_between(frequency, band["lower"], band["upper"], color=COLOURS[4], lw=0)
    axes.plot(frequency, band["power"], color=population_colour(0), lw=0.7)
    predicted = {"--": of["white_noise_power"].isel(seed=0).values, "-": of["shot_noise_power"].isel(seed=0).values}
    if np.isfinite(predicted["--"]).any():
        for look, power in predicted.items():
            axes.plot(frequency, power, look, color=THEORY, lw=0.9)
    else:
        axes.axvline(float(of["white_noise_frequency"][0, 0]), color=THEORY, ls=":", lw=0.9)
    axes.set(xscale="log", yscale="log", xlim=(frequency[0], frequency[-1]), xlabel="frequency (Hz)")
    axes.set_xticks([10, 100, 1000], ["10", "100", "1000"])


def draw_numbers(axes: Axes, point: xr.Dataset, paper: Example) -> None:
    """Rates and frequencies: simulated, theory's, and the paper's."""
    axes.axis("off")
    run = point.isel(seed=0)

    def of(number: float, how: str) -> str:
        return format(number, how) if np.isfinite(number) else "–"

    lines = [
        ("g, η", f"{paper.g:g}, {paper.eta:g}"),
        ("rate", "(spikes/s)"),
        ("simulated", "{:.2f} ± {:.2f}".format(*over_seeds(point["network_rate"]))),
        ("white noise", of(run["siegert"].values[0], ".2f")),
        ("shot noise", of(run["shot_noise_rate"].values[0], ".2f")),
        ("paper, simulated", of(paper.simulated_rate, ".1f")),
        ("paper, theory", of(paper.theory_rate, ".1f")),
        ("frequency", "(Hz)"),
        ("simulated", "{:.1f} ± {:.1f}".format(*over_seeds(point["peak_frequency"]))),
        ("white noise", of(run["white_noise_frequency"].values[0], ".1f")),
        ("shot noise", of(run["shot_noise_frequency"].values[0], ".1f")),
        ("paper, simulated", of(paper.simulated_frequency, ".0f")),
        ("paper, theory", of(paper.theory_frequency, ".0f")),
    ]
    for number, (what, value) in enumerate(lines):
        weight = "bold" if value.startswith("(s") or value == "(Hz)" else None
        y = 1.0 - number / len(lines)
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
        rows[1, 0].set_ylabel("activity of E (spikes/s)")
        rows[2, 0].set_ylabel("power ((spikes/s)²/Hz)")
        handles = [
            *(
                rows[0, 0].plot([], [], "o", ms=3, color=population_colour(n), label=f"neurons of {name}")[0]
                for n, name in enumerate(dataset["population"].values)
            ),
            rows[2, 0].fill_between([], [], color=COLOURS[4], label="measured, 99 % band"),
            rows[2, 0].plot([], [], "--", color=THEORY, label="theory, white noise")[0],
            rows[2, 0].plot([], [], "-", color=THEORY, label="theory, shot noise")[0],
            rows[2, 0].plot([], [], ":", color=THEORY, label="unstable mode")[0],
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
