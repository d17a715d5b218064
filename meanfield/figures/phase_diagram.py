"""Brunel's phase diagrams (2000, Figs 1, 2 and 7): lines from theory, simulated states as markers."""

from __future__ import annotations

import itertools

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.needs import drawn_from
from meanfield.figures.palettes import CRITICAL_LINES, SERIES, STATES
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, style

# How a curve's name stands at its end.
BESIDE = {"textcoords": "offset points", "va": "center", "fontsize": 7, "annotation_clip": False}


def draw_lines(axes: Axes, lines: xr.Dataset) -> None:
    """Critical lines of one network and delay in the plane of g and eta."""
    for number in np.unique(lines["line_number"].values[lines["line_number"].values >= 0]):
        line = lines.isel(point=np.flatnonzero(lines["line_number"].values == number))
        kinds = line["line_kind"].values.astype(str)
        # A line changes its kind along the way where its frequency passes a bound: its parts share a point.
        for first, last in _stretches(kinds):
            axes.plot(
                line["line_g"][first : last + 1],
                line["line_eta"][first : last + 1],
                lw=1.1,
                **CRITICAL_LINES[kinds[first]],
            )
    axes.set(xlim=(0, 8), ylim=(0, 4))


def _stretches(kinds: np.ndarray) -> list[tuple[int, int]]:
    starts = [0, *(np.flatnonzero(kinds[1:] != kinds[:-1]) + 1), len(kinds)]
    return list(itertools.pairwise(starts))


def draw_states(axes: Axes, states: xr.Dataset) -> None:
    """Simulated states as markers: open where linear stability says otherwise."""
    for g, eta, state, predicted in zip(
        states["g"].values,
        states["eta"].values,
        states["state"].values.astype(str),
        states["white_noise_state"].values.astype(str),
        strict=True,
    ):
        agrees = state == predicted or {state, predicted} == {"AR", "AI"}
        look = STATES[state]
        face = look["color"] if agrees or look["marker"] == "x" else "white"
        axes.plot(g, eta, look["marker"], ms=4.2, mec=look["color"], mfc=face, clip_on=False, zorder=4)


@drawn_from("state", columns=("g", "eta", "delay"))
def phase_diagram_figure(dataset: xr.Dataset) -> Figure:
    """Critical lines for each network (row) and delay (column), with the simulated states where there are any.

    Parameters
    ----------
    dataset : Dataset
        As ``phase_diagram.ipynb`` saves it; of a collected batch without lines, the states alone are drawn.
    """
    networks = dataset["network"].values if "network" in dataset.dims else [""]
    delays = dataset["delay"].values
    with style():
        figure = new_figure(DOUBLE_COLUMN, 0.7 + 1.9 * len(networks))
        rows = figure.subplots(len(networks), len(delays), sharex=True, sharey=True, squeeze=False)
        for n, name in enumerate(networks):
            for axes, delay in zip(rows[n], delays, strict=True):
                here = dataset.sel(delay=delay)
                if "line_g" in dataset:
                    draw_lines(axes, here.isel(network=n))
                if n == 0 and "state" in dataset:
                    draw_states(axes, here)
                if n == 0:
                    axes.set_title(f"delay {delay:g} ms", loc="right")
            rows[n, 0].set_ylabel(f"{name}\nη" if name else "η")
            letter(rows[n, 0], "ABCD"[n])
        for axes in rows[-1]:
            axes.set_xlabel("g")
        _legend(figure, rows[0, 0], dataset)
    return figure


def _legend(figure: Figure, axes: Axes, dataset: xr.Dataset) -> None:
    handles = [axes.plot([], [], lw=1.1, **look)[0] for look in CRITICAL_LINES.values()] if "line_g" in dataset else []
    if "state" in dataset:
        present = set(dataset["state"].values.astype(str).ravel())
        handles += [
            axes.plot([], [], look["marker"], ms=4.2, color=look["color"], label=name)[0]
            for name, look in STATES.items()
            if name in present
        ]
        handles.append(axes.plot([], [], "o", ms=4.2, mec="0.3", mfc="white", label="unlike theory")[0])
    figure.legend(handles=handles, loc="outside lower center", ncols=6, columnspacing=1.2, handletextpad=0.5)


def stationary_states_figure(dataset: xr.Dataset) -> Figure:
    """Stationary rates and squared CVs along g, as in Brunel's Figs 1B and 1C (whose axis says CV).

    Parameters
    ----------
    dataset : Dataset
        As ``phase_diagram.ipynb`` saves it.
    """
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.4)
        rates, cvs = figure.subplots(1, 2)
        g = dataset["curve_g"].values
        for (_, colour), eta in zip(itertools.cycle(SERIES), dataset["curve_eta"].values, strict=False):
            curve = dataset.sel(curve_eta=eta)
            stable = curve["curve_stable"].values
            for axes, name in ((rates, "curve_rate"), (cvs, "curve_cv2")):
                for solution in range(curve.sizes["solution"]):
                    values = curve[name].values[:, solution]
                    axes.plot(g, np.where(stable[:, solution], values, np.nan), ".", ms=2, color=colour)
                axes.annotate(f"η = {eta:g}", (g[-1], curve[name].values[-1, 0]), (2, 0), **BESIDE, color=colour)
        rates.set(yscale="log", ylabel="stationary rate (spikes/s)", ylim=(0.1, 600))
        cvs.set(ylabel="squared CV of intervals", ylim=(0, None))
        for axes in (rates, cvs):
            axes.set(xlabel="g", xlim=(0, g[-1]))
        letter(rates, "A", "rates of stable solutions")
        letter(cvs, "B", "irregularity of their spikes")
    return figure
