"""Figures of the error budget: where the deviation of simulation from theory comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.terms import Term, split_above, term
from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import COLOURS, THEORY
from meanfield.figures.style import AXIS_NAMES, DOUBLE_COLUMN, letter, new_figure, style

# The rung at which the parts that are measured on surrogates should arrive with "trains".
COMPUTED_BESIDE = "self_consistent_trains"


class Step(NamedTuple):
    """A term or a part of the last step, of one population; numbers, or arrays along a parameter, in spikes/s."""

    term: Term
    height: xr.DataArray
    error: xr.DataArray


def terms_of(budget: xr.Dataset) -> Iterator[Step]:
    """The terms that a budget has, whatever they are."""
    for name in budget["term"].values:
        yield Step(term(name), budget["contribution"].sel(term=name), budget["contribution_error"].sel(term=name))


def parts_of(budget: xr.Dataset) -> Iterator[Step]:
    """The parts of the step to the simulated rate, if there are any."""
    for name in budget["part"].values if "part_contribution" in budget else ():
        yield Step(term(name), budget["part_contribution"].sel(part=name), budget["part_error"].sel(part=name))


def draw_waterfall(axes: Axes, budget: xr.Dataset) -> None:
    """The way from Siegert's rate to the simulated one, a bar for each step; `budget` of one population.

    Steps that are measured on surrogates take the place of computed ones; an open diamond is where theory has them
    arrive.
    """
    steps, parts = list(terms_of(budget)), list(parts_of(budget))
    rungs = list(budget["rung"].values)
    computed = None
    if parts:
        steps = [*steps[: rungs.index(split_above(budget))], *parts]
        computed = COMPUTED_BESIDE if COMPUTED_BESIDE in rungs else None
    level = float(budget["rung_rate"].isel(rung=0))
    how = _format(len(steps), max((abs(float(height)) for _, height, _ in steps), default=0.0))
    axes.plot(0, level, "D", color=THEORY, ms=5)
    for place, (row, height, error) in enumerate(steps, start=1):
        height, error = float(height), float(error)
        axes.plot([place - 1, place + 0.4], [level, level], color="0.5", lw=0.5)
        if not np.isfinite(height):
            continue
        # On a rising step the bar is full, on a falling one hatched, so that the direction shows in grey too.
        hatch = "" if height >= 0 else "////"
        axes.bar(place, height, bottom=level, width=0.7, color=COLOURS[row.colour], hatch=hatch, ec="white", lw=0)
        level += height
        axes.errorbar(place, level, yerr=error, color="black", lw=0.8, capsize=2)
        above = max(level, level - height) if not error > 0 else max(level + error, level - height)
        if row.name == "trains" and computed:  # what the parts up to here should lead to
            rung = budget.sel(rung=computed)
            axes.errorbar(place, rung["rung_rate"], yerr=rung["rung_error"], fmt="D", color=THEORY, mfc="none", ms=4)
        axes.annotate(
            f"{height:{how}}".replace("-", "−"),
            (place, above),
            (0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=6,
        )
    end = len(steps) + 1
    simulated = budget.isel(rung=-1)
    axes.plot([end - 1, end], [level, level], color="0.5", lw=0.5)
    error = float(simulated["rung_error"])
    axes.errorbar(end, float(simulated["rung_rate"]), yerr=error, fmt="o", color=THEORY, ms=5, capsize=3)
    labels = ["Siegert", *(step.term.words for step in steps), "simulation"]
    axes.set_xticks(range(end + 1), labels, rotation=35, ha="right")
    axes.set_ylabel("rate (spikes/s)")
    axes.use_sticky_edges = False  # else nothing has room beyond the first bar's end
    axes.margins(y=0.2)


def _format(n_steps: int, largest: float) -> str:
    """How heights are written above the bars: where there are many, as short as the two digits of the largest."""
    if n_steps < 8 or not largest > 0:
        return "+.2g"
    return f"+.{max(0, 1 - math.floor(math.log10(largest)))}f"


def waterfall_figure(budget: xr.Dataset) -> Figure:
    """From Siegert's rate to the simulated one, step by step; a panel for each population.

    Parameters
    ----------
    budget : Dataset
        From `error_budget`.
    """
    return _waterfalls([(f"population {name}", budget.sel(population=name)) for name in budget["population"].values])


@drawn_from("error_budget", n_axes=1)
def waterfalls_figure(budgets: xr.Dataset) -> Figure:
    """A waterfall for each population of each of several networks.

    Parameters
    ----------
    budgets : Dataset
        Of an experiment with one axis, collected from datasets of the notebook error_budget.
    """
    along = axis_of(budgets)
    return _waterfalls(
        [
            (f"{_named(along, value)}: population {name}", budgets.isel({along: place}).sel(population=name))
            for place, value in enumerate(budgets[along].values)
            for name in budgets["population"].values
        ]
    )


def _waterfalls(budgets: list[tuple[str, xr.Dataset]]) -> Figure:
    """Titles and budgets of one population each, in two columns of panels."""
    columns = min(2, len(budgets))
    n_rows = -(-len(budgets) // columns)
    with style():
        figure = new_figure(DOUBLE_COLUMN, 1.0 + 1.5 * n_rows if n_rows > 1 else 2.9)
        panels = figure.subplots(n_rows, columns, sharex=True, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place >= len(budgets):
                axes.set_visible(False)
                continue
            title, budget = budgets[place]
            draw_waterfall(axes, budget)
            axes.set_title(title)
            axes.tick_params(labelbottom=place >= len(budgets) - columns)
            if place % columns:
                axes.set_ylabel("")
    return figure


def _named(along: str, value: Any) -> str:
    if along == "network_file":
        return Path(str(value)).stem.replace("_", ", ")
    return f"{AXIS_NAMES.get(along, along).split(' (')[0]} = {value:g}" + (" mV" if along == "J" else "")


@drawn_from("error_budget", n_axes=1)
def budget_along_figure(budgets: xr.Dataset) -> Figure:
    """The budget along a parameter, in percent: terms, and parts of the step to simulation; a row for each population.

    Parameters
    ----------
    budgets : Dataset
        Of an experiment with one axis, collected from datasets of the notebook error_budget.
    """
    along, names = axis_of(budgets), budgets["population"].values
    with style():
        row = 2.2 if len(names) <= 2 else 1.5 if len(names) <= 4 else 1.15  # eight fit on a page
        figure = new_figure(DOUBLE_COLUMN, 0.7 + row * len(names))
        rows = figure.subplots(len(names), 2, sharex=True, sharey="col", squeeze=False)
        for (terms, parts), name in zip(rows, names, strict=True):
            budget = budgets.sel(population=name)
            siegert = budget["rung_rate"].isel(rung=0)
            _draw_lines(terms, terms_of(budget), budgets[along], siegert)
            total = {"fmt": "D", "ms": 4, "capsize": 2, "color": THEORY, "mfc": "none", "lw": 0.8}
            percent, error = 100 * budget["total"] / siegert, 100 * budget["total_error"] / siegert
            terms.errorbar(budgets[along], percent, yerr=error, label="total: simulation − Siegert", **total)
            _draw_lines(parts, parts_of(budget), budgets[along], siegert)
            terms.set_ylabel(f"part of {name}'s\nSiegert rate (%)")
        for axes in rows[-1]:
            axes.set_xlabel(AXIS_NAMES.get(along, along))
        for axes, text in zip(rows[0], "AB", strict=True):
            letter(axes, text)
        rows[0, 0].set_title("terms of the deviation")
        if "part_contribution" in budgets:
            rows[0, 1].set_title(f"parts of the step from {term(split_above(budgets)).words} to simulation")
        handles, labels = (a + b for a, b in zip(*(axes.get_legend_handles_labels() for axes in rows[0]), strict=True))
        figure.legend(handles, labels, loc="outside lower center", ncols=5, columnspacing=1.2)
    return figure


def axis_of(budgets: xr.Dataset) -> str:
    """The dimension along which budgets are collected."""
    (along,) = set(budgets["rung_rate"].dims) - {"rung", "population"}
    return along


def _draw_lines(axes: Axes, steps: Iterator[Step], along: xr.DataArray, siegert: xr.DataArray) -> None:
    axes.axhline(0, color="0.8", lw=0.6, zorder=0)
    for row, height, error in steps:
        look = {"fmt": row.marker, "ls": row.line, "color": COLOURS[row.colour], "ms": 3.5, "lw": 0.8, "capsize": 2}
        axes.errorbar(along, 100 * height / siegert, yerr=100 * error / siegert, label=row.words, **look)
