"""Figures of theory for a network and its neighbours: phase plane, bifurcation diagram, map of solutions."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure

from meanfield.figures.palettes import THEORY, TRAJECTORY, UNSTABLE, population_looks
from meanfield.figures.style import AXIS_NAMES, DOUBLE_COLUMN, SINGLE_COLUMN, letter, new_figure, style


def draw_fixed_points(axes: Axes, dataset: xr.Dataset) -> None:
    """Full circles for stable solutions, open ones for unstable ones."""
    first, second = dataset["rate"].isel(population=0).values, dataset["rate"].isel(population=1).values
    stable = dataset["stable"].values
    for which, face, label in ((stable, THEORY, "stable"), (~stable, "white", "unstable")):
        axes.plot(first[which], second[which], "o", ms=5, mfc=face, mec=THEORY, zorder=5, clip_on=False, label=label)


def draw_phase_plane(axes: Axes, dataset: xr.Dataset) -> None:
    """Direction of the flow, each population's nullcline, trajectories if any, and fixed points, on asinh scales."""
    first, second, velocity = dataset["first"].values, dataset["second"].values, dataset["velocity"]
    names = [str(name) for name in dataset["population"].values]
    axes.set_xscale("asinh", linear_width=1.0)
    axes.set_yscale("asinh", linear_width=1.0)
    for name, look in population_looks(names).items():
        line = {"colors": [look.colour], "linestyles": look.line, "linewidths": 1.4}
        axes.contour(first, second, velocity.sel(population=name), levels=[0.0], **line)
        axes.plot([], [], label=f"nullcline of {name}", **look.curve | {"lw": 1.4})
    step = max(1, len(first) // 14)
    some = {"first": slice(step // 2, None, step), "second": slice(step // 2, None, step)}
    x, y = np.meshgrid(first[some["first"]], second[some["second"]])
    arrows = velocity.isel(some)
    # As they look on asinh scales
    u = arrows.isel(population=0).values / np.sqrt(1.0 + x**2)
    v = arrows.isel(population=1).values / np.sqrt(1.0 + y**2)
    length = np.maximum(np.hypot(u, v), 1e-300)
    axes.quiver(x, y, u / length, v / length, color="0.6", angles="uv", scale=28, width=0.003, pivot="mid")
    for start in range(dataset.sizes.get("start", 0)):
        path = dataset["trajectory"].isel(start=start)
        label = "trajectories" if start == 0 else None
        axes.plot(path.isel(population=0), path.isel(population=1), color=TRAJECTORY, lw=0.9, label=label)
    draw_fixed_points(axes, dataset)
    axes.set(
        xlim=(first[0], first[-1]),
        ylim=(second[0], second[-1]),
        xlabel=f"rate of {names[0]} (spikes/s)",
        ylabel=f"rate of {names[1]} (spikes/s)",
    )
    ticks = [t for t in (0, 1, 10, 100, 1000) if t <= first[-1]]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, [str(t) for t in ticks])
        axis.set_ticks([], minor=True)


def draw_branches(axes: Axes, dataset: xr.Dataset, along: str) -> None:
    """All solutions along one parameter, the first population's rate: stable ones as dots, unstable ones as circles."""
    values = np.broadcast_to(dataset[along].values[:, np.newaxis], dataset["branch_stable"].shape)
    rate = dataset["branch_rate"].isel(population=0).values
    exists, stable = np.isfinite(rate), dataset["branch_stable"].values
    axes.plot(values[exists & stable], rate[exists & stable], ".", ms=2, color=THEORY, label="stable")
    unstable = exists & ~stable
    axes.plot(values[unstable], rate[unstable], "o", ms=2.4, mfc="none", mew=0.5, color=UNSTABLE, label="unstable")
    axes.set_yscale("asinh", linear_width=1.0)
    ticks = [t for t in (0, 1, 10, 100, 1000) if t <= 1.2 * np.nanmax(rate)]
    axes.yaxis.set_ticks(ticks, [str(t) for t in ticks])
    axes.yaxis.set_ticks([], minor=True)
    name = str(dataset["population"].values[0])
    axes.set(xlabel=AXIS_NAMES[along], ylabel=f"rate of {name} (spikes/s)")
    axes.set_xlim(values.min(), values.max())


def draw_map(axes: Axes, bar_axes: Axes, dataset: xr.Dataset) -> None:
    """Number of solutions over g and eta, in greys, and where the network of the notebook stands."""
    count = dataset["map_count"].transpose("map_eta", "map_g")
    most = max(3, int(count.max()))
    greys = ListedColormap([str(0.95 - 0.6 * i / (most - 1)) for i in range(most)])
    levels = BoundaryNorm(np.arange(0.5, most + 1), most)
    mesh = axes.pcolormesh(
        dataset["map_g"], dataset["map_eta"], count, cmap=greys, norm=levels, rasterized=True, shading="nearest"
    )
    bar = axes.figure.colorbar(mesh, cax=bar_axes, label="number of solutions")
    present = np.unique(count.values)
    bar.set_ticks(present, labels=[str(n) for n in present])
    here = {"ms": 7, "mfc": UNSTABLE, "mec": "white", "mew": 0.8, "clip_on": False, "label": "this network"}
    axes.plot(dataset.attrs["g"], dataset.attrs["eta"], "X", ls="none", **here)
    axes.set(xlabel=AXIS_NAMES["g"], ylabel=AXIS_NAMES["eta"])


def phase_plane_figure(dataset: xr.Dataset) -> Figure:
    """The phase plane alone, with its legend."""
    with style():
        figure = new_figure(SINGLE_COLUMN, 3.9)
        axes = figure.subplots()
        draw_phase_plane(axes, dataset)
        axes.set_title("flow of the rates in pseudo-time")
        figure.legend(loc="outside lower center", ncols=2)
        return figure


def bifurcation_figure(dataset: xr.Dataset) -> Figure:
    """Bifurcation diagram along one parameter, and the map of the number of solutions over g and eta.

    Parameters
    ----------
    dataset : Dataset
        As the notebook mean_field saves it.
    """
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.8)
        left, right, bar = figure.subplots(1, 3, width_ratios=[1.0, 1.0, 0.05])
        draw_branches(left, dataset, dataset.attrs["vary"])
        left.axvline(dataset.attrs[dataset.attrs["vary"]], color="0.7", lw=0.7, zorder=0)
        draw_map(right, bar, dataset)
        letter(left, "A", f"all solutions along {dataset.attrs['vary'].replace('eta', 'η')}")
        letter(right, "B", "how many there are")
        figure.legend(loc="outside lower center", ncols=3, markerscale=1.5)
        return figure
