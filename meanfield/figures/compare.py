"""Simulation beside theory: the figures of the notebooks compare, spiking_network and rate_network."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.style import DOUBLE_COLUMN, SINGLE_COLUMN, THEORY, letter, new_figure, population_colour, style

RATE = "rate (spikes/s)"


def draw_raster(axes: Axes, dataset: xr.Dataset, window: float) -> None:
    """Dots for the recorded spikes of the first seed, in the last `window` (ms); one row for each neuron."""
    first = dataset["spike_seed"].values == dataset["seed"].values[0]
    time = dataset["spike_step"].values[first] * dataset.attrs["dt"]
    neuron = dataset["spike_neuron"].values[first]
    population = dataset["neuron_population"].values
    end = float(dataset["duration"][0])
    late = time > end - window
    n_rows = 0
    for number, name in enumerate(dataset["population"].values):
        own = late & (population[neuron] == name)
        members = np.flatnonzero(population == name)
        n_shown = len(members) if dataset.attrs["record"] == "all" else min(len(members), dataset.attrs["record"])
        row = n_rows + neuron[own] - members[0]
        axes.plot(time[own], row, ".", ms=2.2, mew=0, color=population_colour(number), rasterized=True)
        axes.text(
            1.01, n_rows + n_shown / 2, name, color=population_colour(number), transform=_beside(axes), va="center"
        )
        n_rows += n_shown
    axes.set(
        xlim=(max(0.0, end - window), end), ylim=(-1, max(n_rows, 1)), xlabel="time (ms)", ylabel="neuron (sample)"
    )


def _beside(axes: Axes):
    """Horizontal positions as fractions of the axes, vertical ones in data units."""
    return axes.get_yaxis_transform()


def draw_activity(axes: Axes, dataset: xr.Dataset, window: float) -> None:
    """Population activity of the first seed in the last `window` (ms)."""
    end = float(dataset["duration"][0])
    for number, name in enumerate(dataset["population"].values):
        activity = dataset["activity"].sel(population=name).isel(seed=0)
        axes.plot(dataset["time"], activity, lw=0.7, color=population_colour(number), label=str(name))
    axes.set(xlim=(max(0.0, end - window), end), xlabel="time (ms)", ylabel="activity (spikes/s)")
    axes.set_ylim(bottom=0)


def draw_neuron_rates(axes: Axes, dataset: xr.Dataset) -> None:
    """Distribution of the neurons' rates in the first seed, beside what Siegert's rate and counting would give."""
    duration = 1e-3 * float(dataset["duration"][0])  # s
    for number, name in enumerate(dataset["population"].values):
        of = dataset.sel(population=name)
        own = dataset["neuron_population"].values == name
        counts = np.rint(dataset["neuron_rate"].isel(seed=0).values[own] * duration).astype(int)
        # Rates come in steps of one spike; bins of whole spikes leave no gaps between them.
        spikes = max(1, int(np.ceil((counts.max() - counts.min()) / 30)))
        edges = (np.arange(counts.min(), counts.max() + spikes + 1, spikes) - 0.5) / duration
        colour = population_colour(number)
        axes.hist(counts / duration, bins=edges, density=True, histtype="step", color=colour, label=f"{name} simulated")
        siegert, cv = float(of["siegert"]), float(of["siegert_cv"])
        spread = cv * np.sqrt(siegert / duration) if np.isfinite(cv) else 0.0
        if spread > 0:
            rate = np.linspace(max(0, siegert - 4 * spread), siegert + 4 * spread, 200)
            label = "Siegert, counting noise" if number == 0 else None
            density = np.exp(-(((rate - siegert) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
            axes.plot(rate, density, "--", color=THEORY, lw=0.8, label=label)
    axes.set(xlabel=f"neuron's {RATE}", ylabel="density (s)")
    axes.legend(loc="upper left", bbox_to_anchor=(0, 1.0))
    axes.set_ylim(top=1.5 * axes.get_ylim()[1])


def draw_trajectory(axes: Axes, dataset: xr.Dataset) -> None:
    """The rate network on its way through pseudo-time, and Siegert's rate."""
    for number, name in enumerate(dataset["population"].values):
        of = dataset.sel(population=name)
        axes.plot(
            dataset["pseudo_time"],
            of["trajectory"],
            color=population_colour(number),
            lw=2.4 if number == 0 else 1.0,  # equal populations lie on each other: the second shows inside the first
            label=f"{name} rate network",
        )
    axes.set(xlabel="pseudo-time (ms)", ylabel=RATE)
    axes.set_xlim(0, float(dataset["pseudo_time"][-1]))
    axes.set_ylim(bottom=0)


def draw_rates(axes: Axes, dataset: xr.Dataset) -> None:
    """Simulated rates with 95 % intervals beside the theory's."""
    names = [str(name) for name in dataset["population"].values]
    for number, name in enumerate(names):
        of = dataset.sel(population=name)
        colour = population_colour(number)
        rate, sem = float(of["simulated"]), float(of["simulated_sem"])
        seeds = of["rate"].values
        axes.plot(number + np.linspace(-0.2, 0.2, len(seeds)), seeds, "o", ms=3, mfc="none", mew=0.6, color=colour)
        if rate > 0:
            axes.errorbar(
                number, rate, yerr=1.96 * sem if np.isfinite(sem) else None, fmt="o", ms=4, color=colour, capsize=3
            )
        else:  # what silence of this length still allows
            axes.errorbar(number, of["simulated_upper"], yerr=of["simulated_upper"], uplims=True, fmt="_", color=colour)
        siegert = float(of["siegert"])
        label = "Siegert" if number == 0 else None
        axes.plot([number - 0.35, number + 0.35], [siegert, siegert], color=THEORY, ls="--", label=label)
        axes.plot(
            number, float(of["rate_network"]), "x", ms=6, color=THEORY, label="rate network" if number == 0 else None
        )
    axes.plot([], [], "o", ms=4, color="0.4", label="simulation (95 %)")
    axes.plot([], [], "o", ms=3, mfc="none", mew=0.6, color="0.4", label="one seed")
    axes.set_xticks(range(len(names)), names)
    axes.set(xlim=(-0.6, len(names) - 0.4), xlabel="population", ylabel=RATE)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.7 * (high - low))
    axes.legend(loc="upper center", ncols=2, handletextpad=0.4, columnspacing=1.0)


def compare_figure(dataset: xr.Dataset, window: float = 200.0) -> Figure:
    """The main figure: what the network does, and how its rates compare with theory.

    Parameters
    ----------
    dataset : Dataset
        From `compare`.
    window : float, ms
        How much of the end of the run the raster and the activity show.
    """
    with style():
        figure = new_figure(DOUBLE_COLUMN, 5.4)
        columns = figure.add_gridspec(1, 2, width_ratios=(1.4, 1))
        raster, activity = columns[0].subgridspec(2, 1, height_ratios=(1.3, 1)).subplots(sharex=True)
        rates, neurons, settling = columns[1].subgridspec(3, 1).subplots()
        draw_raster(raster, dataset, window)
        raster.set_xlabel("")
        draw_activity(activity, dataset, window)
        draw_siegert(activity, dataset)
        activity.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
        draw_rates(rates, dataset)
        draw_neuron_rates(neurons, dataset)
        draw_trajectory(settling, dataset)
        draw_siegert(settling, dataset)
        settling.legend(loc="lower right")
        for text, axes in zip("ABCDE", (raster, activity, rates, neurons, settling), strict=True):
            letter(axes, text)
    return figure


def draw_siegert(axes: Axes, dataset: xr.Dataset) -> None:
    """A dashed line at each population's Siegert rate."""
    for number, siegert in enumerate(dataset["siegert"].values):
        axes.axhline(siegert, color=THEORY, ls="--", lw=0.8, label="Siegert" if number == 0 else None)


def spiking_figure(dataset: xr.Dataset, window: float = 200.0) -> Figure:
    """Raster and activity of a spiking network; `dataset` from `simulate_spiking`, `window` in ms."""
    with style():
        figure = new_figure(DOUBLE_COLUMN, 3.6)
        raster, activity = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
        draw_raster(raster, dataset, window)
        draw_activity(activity, dataset, window)
        raster.set_xlabel("")
        letter(raster, "A")
        letter(activity, "B")
    return figure


def rate_network_figure(dataset: xr.Dataset) -> Figure:
    """The rate network settling, beside Siegert's rates; `dataset` as ``rate_network.ipynb`` stores it."""
    with style():
        figure = new_figure(SINGLE_COLUMN, 2.6)
        axes = figure.subplots()
        draw_trajectory(axes, dataset)
        draw_siegert(axes, dataset)
        axes.legend(loc="lower right")
    return figure
