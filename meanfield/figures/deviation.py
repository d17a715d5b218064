"""How far simulated rates lie from Siegert's, for the notebook deviation: rates, deviations and CVs."""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.compare import THEORY_LINE, draw_rates
from meanfield.figures.intervals import half_width, legend_entry
from meanfield.figures.palettes import population_looks
from meanfield.figures.style import DOUBLE_COLUMN, by_population, letter, new_figure, style


def draw_deviations(axes: Axes, dataset: xr.Dataset) -> None:
    """How far simulated rates lie from Siegert's, in percent of these, with 95 % intervals."""
    axes.axhline(0.0, **THEORY_LINE)
    looks = population_looks(dataset["population"].values)
    for number, (name, look) in enumerate(looks.items()):
        at = dataset.sel(population=name)
        error = half_width(at["deviation_percent_sem"], at["simulated_freedom"])
        axes.errorbar(number, at["deviation_percent"], yerr=error, capsize=3, **look.markers)
    by_population(axes, looks)
    axes.set_ylabel("deviation (%)")
    axes.margins(y=0.1)


def draw_cvs(axes: Axes, dataset: xr.Dataset) -> None:
    """CVs of the simulated intervals beside those of theory."""
    looks = population_looks(dataset["population"].values)
    for number, (name, look) in enumerate(looks.items()):
        at = dataset.sel(population=name)
        axes.plot(number, at["simulated_cv"], **look.markers)
        axes.plot([number - 0.35, number + 0.35], 2 * [float(at["siegert_cv"])], **THEORY_LINE | {"lw": 1.0})
    by_population(axes, looks)
    axes.set_ylabel("CV of intervals")
    largest = float(dataset[["simulated_cv", "siegert_cv"]].to_array().max())
    axes.set_ylim(0, 1.1 * largest if largest > 0 else 1.1)


def deviation_figure(dataset: xr.Dataset) -> Figure:
    """Simulated rates and CVs beside Siegert's, and the rates' deviation; `dataset` from `deviation`."""
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.5)
        rates, deviations, cvs = figure.subplots(1, 3)
        draw_rates(rates, dataset)
        draw_deviations(deviations, dataset)
        draw_cvs(cvs, dataset)
        letter(rates, "A", "mean rate")
        letter(deviations, "B", "relative to Siegert's rate")
        letter(cvs, "C", "irregularity")
        handles = [
            legend_entry(rates),
            rates.plot([], [], label="Siegert", **THEORY_LINE)[0],
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure
