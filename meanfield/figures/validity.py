"""Figures of where theory holds: the deviation over a plane of parameters, and along a line."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure

from meanfield.comparison.tables import MISSING
from meanfield.comparison.validity import where_theory_holds
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import THEORY, population_looks
from meanfield.figures.style import AXIS_NAMES, DOUBLE_COLUMN, SINGLE_COLUMN, letter, new_figure, style

MOST_PERCENT = 100.0
LINEAR_PERCENT = 1.0  # below this the colours are linear, above it logarithmic
DARK = 0.72  # of the colour scale's half: on darker cells the text is white


@drawn_from("deviation", n_axes=2)
def validity_map_figure(collected: xr.Dataset, population: str | None = None) -> Figure:
    """Relative deviation of the simulated from Siegert's rate over two parameters, and the CV beside theory's.

    Parameters
    ----------
    collected : Dataset
        Runs of ``deviation.ipynb`` over two axes and `seed`.
    population : str, optional
        By default the first one.

    Returns
    -------
    Figure
    """
    population = population or str(collected["population"].values[0])
    first, second = (name for name in collected["n_solutions"].dims if name != "seed")
    table = where_theory_holds(collected).sel(population=population).transpose(second, first, ...)
    with style():
        figure = new_figure(DOUBLE_COLUMN, 6.4)
        above, below = figure.subplots(2, 1)
        _draw_deviation(above, table, population)
        _draw_irregularity(below, table, population)
        for axes, text in ((above, "A"), (below, "B")):
            letter(axes, text)
            axes.set_xticks(range(table.sizes[first]), [f"{value:g}" for value in table[first].values])
            axes.set_yticks(range(table.sizes[second]), [f"{value:g}" for value in table[second].values])
            axes.set_xlabel(AXIS_NAMES.get(first, first))
            axes.set_ylabel(AXIS_NAMES.get(second, second))
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
    return figure


def _draw_deviation(axes: Axes, table: xr.Dataset, population: str) -> None:
    percent = table["percent"].values
    colours = SymLogNorm(LINEAR_PERCENT, vmin=-MOST_PERCENT, vmax=MOST_PERCENT, base=10)
    image = axes.pcolormesh(*_centres(percent), percent, norm=colours, cmap="PuOr_r", edgecolors="white", linewidth=1.0)
    for (row, column), value in np.ndenumerate(percent):
        cell = table.isel(dict(zip(table["percent"].dims, (row, column), strict=True)))
        text = f"{_signed(value)}\n±{_short(float(cell['percent_sem']))}"
        if np.isnan(value):
            text = "silent" if np.isfinite(float(cell["siegert"])) else MISSING
        chance = not bool(cell["significant"]) and np.isfinite(value)
        light = np.isnan(value) or abs(float(colours(np.clip(value, -MOST_PERCENT, MOST_PERCENT))) - 0.5) < DARK / 2
        _write(axes, column, row, f"({text})" if chance else text, "black" if light else "white")
        if int(cell["n_solutions"]) > 1:
            axes.plot(column + 0.42, row + 0.38, marker="^", ms=3.5, color="black" if light else "white", mew=0)
    bar = axes.figure.colorbar(image, ax=axes, ticks=[-100, -10, -1, 0, 1, 10, 100], pad=0.015, aspect=30)
    bar.ax.set_yticklabels([f"{value:+g}" if value else "0" for value in (-100, -10, -1, 0, 1, 10, 100)])
    bar.set_label("simulated − Siegert (%)")
    bar.outline.set_visible(False)
    key = "in brackets: not significant at 1 %; triangle: several solutions"
    axes.set_title(f"deviation of population {population}'s rate (%); {key}")


def _draw_irregularity(axes: Axes, table: xr.Dataset, population: str) -> None:
    cv, theory = table["cv"].values, table["siegert_cv"].values
    colours = Normalize(0.0, max(0.4, float(np.nanmax(cv, initial=0.0))))
    image = axes.pcolormesh(*_centres(cv), cv, norm=colours, cmap="cividis", edgecolors="white", linewidth=1.0)
    for (row, column), value in np.ndenumerate(cv):
        if np.isfinite(value):
            light = colours(value) > 0.55
            _write(axes, column, row, f"{value:.2f}\n{theory[row, column]:.2f}", "black" if light else "white")
    bar = axes.figure.colorbar(image, ax=axes, pad=0.015, aspect=30)
    bar.set_label("simulated CV")
    bar.outline.set_visible(False)
    axes.set_title(
        f"CV of population {population}'s intervals: simulated above, theory's below; blank: too few intervals"
    )


def _centres(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells of equal size around whole numbers, since values on a grid need not be equally far apart."""
    rows, columns = cells.shape
    return np.arange(columns), np.arange(rows)


def _write(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=5.5, color=colour, linespacing=0.95)


def _signed(percent: float) -> str:
    decimals = 0 if abs(percent) >= 10 else 1 if abs(percent) >= 1 else 2
    return f"{percent:+.{decimals}f}".replace("-", "−")


def _short(percent: float) -> str:
    return f"{percent:.2g}" if percent < 10 else f"{percent:.0f}"


@drawn_from("deviation", n_axes=1)
def validity_line_figure(collected: xr.Dataset) -> Figure:
    """Simulated and Siegert's rate, their relative deviation and the CV along one parameter, for each population.

    Parameters
    ----------
    collected : Dataset
        Runs of ``deviation.ipynb`` over one axis and `seed`.

    Returns
    -------
    Figure
    """
    (along,) = (name for name in collected["n_solutions"].dims if name != "seed")
    table = where_theory_holds(collected)
    x = table[along].values
    with style():
        figure = new_figure(SINGLE_COLUMN, 5.6)
        rates, percent, cv = figure.subplots(3, 1, sharex=True)
        handles = [rates.errorbar([], [], [], fmt="o", ms=4, capsize=2, color="0.4", label="simulation (95 %)")]
        handles.append(rates.plot([], [], color="0.4", label="Siegert")[0])
        percent.axhline(0.0, color=THEORY, lw=0.8)
        looks = population_looks(table["population"].values)
        shift = 0.007 * (x.max() - x.min()) if len(looks) > 2 else 0.0  # error bars stand beside each other
        for number, (name, look) in enumerate(looks.items()):
            at, beside = table.sel(population=name), x + shift * (number - (len(looks) - 1) / 2)
            rates.plot(x, at["siegert"], zorder=0, **look.curve)
            rates.errorbar(beside, at["rate"], 1.96 * at["rate_sem"], capsize=2, **look.markers)
            percent.errorbar(beside, at["percent"], 1.96 * at["percent_sem"], capsize=2, **look.markers)
            cv.plot(x, at["siegert_cv"], zorder=0, **look.curve)
            cv.plot(beside, at["cv"], **look.markers)
            handles.append(rates.plot([], [], label=name, **look.markers | look.curve | {"lw": 1.2})[0])
        rates.set_ylabel("rate (spikes/s)")
        rates.set_ylim(bottom=0)
        percent.set_ylabel("deviation (%)")
        cv.set_ylabel("CV of intervals")
        cv.set_ylim(bottom=0)
        cv.set_xlabel(AXIS_NAMES.get(along, along))
        figure.legend(handles=handles, loc="outside lower center", ncols=4, columnspacing=1.2)
        for axes, text in ((rates, "A"), (percent, "B"), (cv, "C")):
            letter(axes, text)
    return figure
