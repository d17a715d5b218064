"""Figures of where theory holds: the deviation over a plane of parameters, and along a line."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure

from meanfield.comparison.tables import MISSING, number
from meanfield.comparison.validity import where_theory_holds
from meanfield.figures.intervals import half_width, legend_entry
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import THEORY, TRAINS, population_looks
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
        Runs of ``deviation.ipynb`` over two axes and `seed`. If those of `predict_trains` are merged into it, a map of
        the deviation that self-consistent trains predict stands between.
    population : str, optional
        By default the first one.

    Returns
    -------
    Figure
    """
    population = population or str(collected["population"].values[0])
    first, second = (name for name in collected["n_solutions"].dims if name != "seed")
    table = where_theory_holds(collected).sel(population=population).transpose(second, first, ...)
    draw = [_draw_deviation, _draw_trains, _draw_irregularity]
    if "trains_percent" not in table:
        draw.remove(_draw_trains)
    with style():
        figure = new_figure(DOUBLE_COLUMN, 3.2 * len(draw))
        for axes, draw_panel, text in zip(figure.subplots(len(draw), 1), draw, "ABC", strict=False):
            draw_panel(axes, table, population)
            letter(axes, text)
            axes.set_xticks(range(table.sizes[first]), [f"{value:g}" for value in table[first].values])
            axes.set_yticks(range(table.sizes[second]), [f"{value:g}" for value in table[second].values])
            axes.set_xlabel(AXIS_NAMES.get(first, first))
            axes.set_ylabel(AXIS_NAMES.get(second, second))
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
    return figure


def _draw_deviation(axes: Axes, table: xr.Dataset, population: str) -> None:
    text = [
        f"{_signed(value)}\n±{_short(error)}" if np.isfinite(value) else "silent" if np.isfinite(siegert) else MISSING
        for value, error, siegert in _in_cells(table, "percent", "percent_sem", "siegert")
    ]
    ink = _draw_percent(axes, table["percent"].values, text, ~table["significant"].values, "simulated − Siegert (%)")
    for row, column in np.argwhere(table["n_solutions"].values > 1):
        axes.plot(column + 0.42, row + 0.38, marker="^", ms=3.5, color=ink[row, column], mew=0)
    key = "in brackets: not significant at 1 %; triangle: several solutions"
    axes.set_title(f"deviation of population {population}'s rate (%); {key}")


def _draw_trains(axes: Axes, table: xr.Dataset, population: str) -> None:
    text = [
        f"{_signed(predicted)}\n{_signed(value - predicted)}"
        for predicted, value in _in_cells(table, "trains_percent", "percent")
    ]
    agrees = ~table["trains_significant"].values
    _draw_percent(axes, table["trains_percent"].values, text, agrees, "self-consistent trains − Siegert (%)")
    key = "below: simulated − self-consistent trains; in brackets: not significant at 1 %"
    axes.set_title(f"predicted deviation (%); {key}")


def _in_cells(table: xr.Dataset, *names: str) -> zip:
    return zip(*(table[name].values.ravel() for name in names), strict=True)


def _draw_percent(axes: Axes, percent: np.ndarray, texts: list[str], chance: np.ndarray, label: str) -> np.ndarray:
    """Cells with their colour and text, in brackets where it is chance; returns the colour of each text."""
    colours = SymLogNorm(LINEAR_PERCENT, vmin=-MOST_PERCENT, vmax=MOST_PERCENT, base=10)
    image = axes.pcolormesh(*_centres(percent), percent, norm=colours, cmap="PuOr_r", edgecolors="white", linewidth=1.0)
    dark = np.abs(colours(np.clip(percent, -MOST_PERCENT, MOST_PERCENT)).filled(0.5) - 0.5) >= DARK / 2
    ink = np.where(dark & np.isfinite(percent), "white", "black")
    for ((row, column), value), text in zip(np.ndenumerate(percent), texts, strict=True):
        bracketed = chance[row, column] and np.isfinite(value)
        _write(axes, column, row, f"({text})" if bracketed else text, ink[row, column])
    bar = axes.figure.colorbar(image, ax=axes, ticks=[-100, -10, -1, 0, 1, 10, 100], pad=0.015, aspect=30)
    bar.ax.set_yticklabels([f"{value:+g}" if value else "0" for value in (-100, -10, -1, 0, 1, 10, 100)])
    bar.set_label(label)
    bar.outline.set_visible(False)
    return ink


def _draw_irregularity(axes: Axes, table: xr.Dataset, population: str) -> None:
    cv, theory = table["cv"].values, table["trains_cv" if "trains_cv" in table else "siegert_cv"].values
    colours = Normalize(0.0, max(0.4, float(np.nanmax(cv, initial=0.0))))
    image = axes.pcolormesh(*_centres(cv), cv, norm=colours, cmap="cividis", edgecolors="white", linewidth=1.0)
    for (row, column), value in np.ndenumerate(cv):
        if np.isfinite(value):
            light = colours(value) > 0.55
            _write(
                axes, column, row, f"{value:.2f}\n{number(theory[row, column], '.2f')}", "black" if light else "white"
            )
    bar = axes.figure.colorbar(image, ax=axes, pad=0.015, aspect=30)
    bar.set_label("simulated CV")
    bar.outline.set_visible(False)
    whose = "self-consistent trains'" if "trains_cv" in table else "theory's"
    axes.set_title(f"CV of {population}'s intervals: simulated above, {whose} below; blank: too few intervals")


def _centres(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells of equal size around whole numbers, since values on a grid need not be equally far apart."""
    rows, columns = cells.shape
    return np.arange(columns), np.arange(rows)


def _write(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=5.5, color=colour, linespacing=0.95)


def _signed(percent: float) -> str:
    if np.isnan(percent):
        return MISSING
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
        Runs of ``deviation.ipynb`` over one axis and `seed`; also with those of `predict_trains`.

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
        handles = [legend_entry(rates)]
        handles.append(rates.plot([], [], color="0.4", label="Siegert")[0])
        if trains := "trains_percent" in table:
            handles.append(rates.plot([], [], **TRAINS, label="self-consistent trains")[0])
        percent.axhline(0.0, color=THEORY, lw=0.8)
        looks = population_looks(table["population"].values)
        shift = 0.007 * (x.max() - x.min()) if len(looks) > 2 else 0.0  # error bars stand beside each other
        for number, (name, look) in enumerate(looks.items()):
            at, beside = table.sel(population=name), x + shift * (number - (len(looks) - 1) / 2)
            rates.plot(x, at["siegert"], zorder=0, **look.curve)
            for axes, of_network in ((rates, "rate"), (percent, "percent")):
                error = half_width(at[f"{of_network}_sem"], at["percent_freedom"])
                axes.errorbar(beside, at[of_network], error, capsize=2, **look.markers)
            cv.plot(x, at["siegert_cv"], zorder=0, **look.curve)
            if trains:
                for axes, of_trains in ((rates, "trains_rate"), (percent, "trains_percent"), (cv, "trains_cv")):
                    axes.plot(x, at[of_trains], zorder=1, **TRAINS)
            cv.plot(beside, at["cv"], **look.markers)
            handles.append(rates.plot([], [], label=name, **look.markers | look.curve | {"lw": 1.2})[0])
        rates.set_ylabel("rate (spikes/s)")
        rates.set_ylim(bottom=0)
        percent.set_ylabel("deviation (%)")
        cv.set_ylabel("CV of intervals")
        cv.set_ylim(bottom=0)
        cv.set_xlabel(AXIS_NAMES.get(along, along))
        figure.legend(handles=handles, loc="outside lower center", ncols=3 if trains else 4, columnspacing=1.2)
        letter(rates, "A", "mean rate")
        letter(percent, "B", "simulated relative to Siegert's rate")
        letter(cv, "C", "irregularity")
    return figure
