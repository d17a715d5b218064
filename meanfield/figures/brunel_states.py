"""Brunel's four states: rasters, activity, spectra and numbers of his Fig. 8 and Table 1."""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.brunel_2000 import EXAMPLES, Example, examples_in, over_seeds, state_of
from meanfield.comparison.tables import number
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import population_looks
from meanfield.figures.state import draw_excerpt, draw_spectrum, legend_of_spectrum
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, style


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
        figure.legend(handles=[*neurons, *legend_of_spectrum(rows[2, 0])], loc="outside lower center", ncols=3)
    return figure
