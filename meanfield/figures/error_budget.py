"""Where the deviation of simulation from theory comes from: the figures of the notebook error_budget."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.error_budget import IN_WORDS, PARTS, TERMS
from meanfield.figures.style import AXIS_NAMES, COLOURS, DOUBLE_COLUMN, THEORY, letter, new_figure, style

TERM_COLOURS = dict(zip((*TERMS, *PARTS), (*COLOURS[:3], "0.6", "0.6", *COLOURS[3:5], "0.6"), strict=True))
TERM_MARKERS = dict(zip((*TERMS, *PARTS), ("s", "^", "o", "v", "x", "P", "h", "+"), strict=True))
TERM_LINES = {"control": ":", "rest": "--"}
ROOM_FOR_LEGEND = 0.35  # of the range of values


def draw_waterfall(axes: Axes, budget: xr.Dataset) -> None:
    """The way from Siegert's rate to the simulated one, a bar for each step; `budget` of one population."""
    steps = list(TERMS[:-1])
    heights = [float(budget["contribution"].sel(term=term)) for term in steps]
    errors = [float(budget["contribution_error"].sel(term=term)) for term in steps]
    if "part_contribution" in budget:
        steps += PARTS
        heights += [float(budget["part_contribution"].sel(part=part)) for part in PARTS]
        errors += [float(budget["part_error"].sel(part=part)) for part in PARTS]
    else:
        steps.append(TERMS[-1])
        heights.append(float(budget["contribution"].sel(term=TERMS[-1])))
        errors.append(float(budget["contribution_error"].sel(term=TERMS[-1])))

    level = float(budget["rung_rate"].sel(rung="siegert"))
    axes.plot(0, level, "D", color=THEORY, ms=5)
    for place, (step, height, error) in enumerate(zip(steps, heights, errors, strict=True), start=1):
        axes.plot([place - 1, place + 0.4], [level, level], color="0.5", lw=0.5)
        if not np.isfinite(height):
            continue
        # On a rising step the bar is full, on a falling one hatched, so that the direction shows in grey too.
        hatch = "" if height >= 0 else "////"
        axes.bar(place, height, bottom=level, width=0.7, color=TERM_COLOURS[step], hatch=hatch, ec="white", lw=0)
        level += height
        axes.errorbar(place, level, yerr=error, color="black", lw=0.8, capsize=2)
        above = max(level, level - height) if not error > 0 else max(level + error, level - height)
        axes.annotate(f"{height:+.2g}", (place, above), (0, 3), textcoords="offset points", ha="center", fontsize=6)
    end = len(steps) + 1
    rate, error = (float(budget[of].sel(rung="network")) for of in ("rung_rate", "rung_error"))
    axes.plot([end - 1, end], [level, level], color="0.5", lw=0.5)
    axes.errorbar(end, rate, yerr=error, fmt="o", color=THEORY, ms=5, capsize=3)
    labels = ["Siegert", *(IN_WORDS[step] for step in steps), "simulation"]
    axes.set_xticks(range(end + 1), labels, rotation=35, ha="right")
    axes.set_ylabel("rate (spikes/s)")
    axes.use_sticky_edges = False  # else nothing has room beyond the first bar's end
    axes.margins(y=0.2)


def waterfall_figure(budget: xr.Dataset) -> Figure:
    """From Siegert's rate to the simulated one, step by step; a panel for each population.

    Parameters
    ----------
    budget : Dataset
        From `error_budget`.
    """
    names = budget["population"].values
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.9)
        for number, (axes, name) in enumerate(
            zip(figure.subplots(1, len(names), sharey=True, squeeze=False)[0], names, strict=True)
        ):
            draw_waterfall(axes, budget.sel(population=name))
            axes.set_title(f"population {name}")
            if number:
                axes.set_ylabel("")
    return figure


def waterfalls_figure(budgets: xr.Dataset) -> Figure:
    """A waterfall for each of several networks; of the first population.

    Parameters
    ----------
    budgets : Dataset
        Of an experiment with one axis, collected from datasets of the notebook error_budget.
    """
    along = axis_of(budgets)
    n = budgets.sizes[along]
    n_rows = -(-n // 2)
    with style():
        figure = new_figure(DOUBLE_COLUMN, 0.9 + 1.6 * n_rows)
        panels = figure.subplots(n_rows, 2, sharex=True, squeeze=False).flat
        for place, axes in enumerate(panels):
            if place >= n:
                axes.set_visible(False)
                continue
            draw_waterfall(axes, budgets.isel({along: place, "population": 0}))
            axes.set_title(_named(along, budgets[along].values[place]))
            axes.tick_params(labelbottom=place >= n - 2)
            if place % 2:
                axes.set_ylabel("")
    return figure


def _named(along: str, value) -> str:
    if along == "network_file":
        return Path(str(value)).stem.replace("_", ", ")
    return f"{AXIS_NAMES.get(along, along).split(' (')[0]} = {value:g}" + (" mV" if along == "J" else "")


def budget_along_figure(budgets: xr.Dataset) -> Figure:
    """How the terms and the last one's parts change with a parameter, in percent; of the first population.

    Parameters
    ----------
    budgets : Dataset
        Of an experiment with one axis, collected from datasets of the notebook error_budget.
    """
    along = axis_of(budgets)
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.9)
        terms, parts = figure.subplots(1, 2)
        draw_terms_along(terms, budgets, along)
        draw_parts_along(parts, budgets, along)
        for axes, text in zip((terms, parts), "AB", strict=True):
            letter(axes, text)
            low, high = axes.get_ylim()
            axes.set_ylim(low, high + ROOM_FOR_LEGEND * (high - low))
            axes.legend(fontsize=6, loc="upper left", ncols=2)
    return figure


def axis_of(budgets: xr.Dataset) -> str:
    """The dimension along which budgets are collected."""
    (along,) = set(budgets["rung_rate"].dims) - {"rung", "population"}
    return along


def draw_terms_along(axes: Axes, budgets: xr.Dataset, along: str) -> None:
    """The budget's terms and their total."""
    of = budgets.isel(population=0)
    siegert = of["rung_rate"].sel(rung="siegert")
    lines = [(of["contribution"].sel(term=term), of["contribution_error"].sel(term=term), term) for term in TERMS]
    _draw_lines(axes, budgets[along].values, lines, siegert)
    axes.errorbar(
        budgets[along].values,
        100 * of["total"] / siegert,
        yerr=100 * of["total_error"] / siegert,
        fmt="D",
        ms=4,
        capsize=2,
        color=THEORY,
        mfc="none",
        label="total: simulation − Siegert",
    )
    axes.set(xlabel=AXIS_NAMES.get(along, along), ylabel="part of Siegert's rate (%)")


def draw_parts_along(axes: Axes, budgets: xr.Dataset, along: str) -> None:
    """What the last term consists of."""
    of = budgets.isel(population=0)
    siegert = of["rung_rate"].sel(rung="siegert")
    lines = [(of["part_contribution"].sel(part=part), of["part_error"].sel(part=part), part) for part in PARTS]
    _draw_lines(axes, budgets[along].values, lines, siegert)
    axes.set(xlabel=AXIS_NAMES.get(along, along), ylabel="part of Siegert's rate (%)")


def _draw_lines(axes: Axes, value, lines, siegert) -> None:
    axes.axhline(0, color="0.8", lw=0.6, zorder=0)
    for contribution, error, name in lines:
        axes.errorbar(
            value,
            100 * contribution / siegert,
            yerr=100 * error / siegert,
            fmt=TERM_MARKERS[name],
            ls=TERM_LINES.get(name, "-"),
            ms=3.5,
            lw=0.8,
            capsize=2,
            color=TERM_COLOURS[name],
            label=IN_WORDS[name],
        )
