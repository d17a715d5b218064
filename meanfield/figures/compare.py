"""Figures of one network: simulation beside theory, for the notebooks compare, spiking_network and rate_network."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.comparison.unequal_neurons import counted_rates
from meanfield.figures.intervals import half_width, legend_entry
from meanfield.figures.palettes import THEORY, population_looks
from meanfield.figures.style import DOUBLE_COLUMN, SINGLE_COLUMN, by_population, letter, new_figure, style

RATE = "rate (spikes/s)"
OVERLAID = 2  # of more populations, each has a row of its own where curves would cover each other
THEORY_LINE = {"color": THEORY, "ls": "--", "lw": 0.8}


def draw_raster(axes: Axes, dataset: xr.Dataset, window: float) -> None:
    """Dots for the recorded spikes of the first seed, in the last `window` (ms); one row for each neuron."""
    first = dataset["spike_seed"].values == dataset["seed"].values[0]
    time = dataset["spike_step"].values[first] * dataset.attrs["dt"]
    neuron = dataset["spike_neuron"].values[first]
    population = dataset["neuron_population"].values
    end = float(dataset["duration"][0])
    late = time > end - window
    n_rows = 0
    for name, look in population_looks(dataset["population"].values).items():
        shown = late & (population[neuron] == name)
        members = np.flatnonzero(population == name)
        n_shown = len(members) if dataset.attrs["record"] == "all" else min(len(members), dataset.attrs["record"])
        row = n_rows + neuron[shown] - members[0]
        axes.plot(time[shown], row, ".", ms=2.2, mew=0, color=look.colour, rasterized=True)
        beside = {"transform": axes.get_yaxis_transform(), "va": "center", "color": look.colour}
        axes.text(1.01, n_rows + n_shown / 2, name, **beside)
        n_rows += n_shown
    axes.set(
        xlim=(max(0.0, end - window), end), ylim=(-1, max(n_rows, 1)), xlabel="time (ms)", ylabel="neuron (sample)"
    )


def draw_activity(axes: Axes, dataset: xr.Dataset, window: float) -> None:
    """Population activity of the first seed in the last `window` (ms), with Siegert's rates if the dataset has them."""
    end = float(dataset["duration"][0])
    late = dataset["activity"].isel(seed=0, time=np.flatnonzero(dataset["time"].values > end - window))
    rows = _rows(dataset)
    height = 1.05 * float(late.max()) if rows else 1.0
    for row, (name, look) in enumerate(population_looks(dataset["population"].values).items()):
        base = height * row if rows else 0.0
        axes.plot(late["time"], late.sel(population=name) + base, lw=0.7, color=look.colour)
        if "siegert" in dataset:
            axes.axhline(float(dataset["siegert"].sel(population=name)) + base, **THEORY_LINE)
    axes.set(xlim=(max(0.0, end - window), end), xlabel="time (ms)", ylabel="activity (spikes/s)")
    axes.set_ylim(bottom=0)
    if rows:
        _label_rows(axes, dataset, height)
        axes.set_ylabel(f"activity\n(row: {height:.3g} spikes/s)")


def _rows(dataset: xr.Dataset) -> bool:
    return dataset.sizes["population"] > OVERLAID


def _label_rows(axes: Axes, dataset: xr.Dataset, height: float) -> None:
    """A tick with the population's name at the foot of each row."""
    looks = population_looks(dataset["population"].values)
    axes.set_ylim(0, height * len(looks))
    axes.set_yticks(height * np.arange(len(looks)), list(looks))
    for label, look in zip(axes.get_yticklabels(), looks.values(), strict=True):
        label.set(color=look.colour, va="bottom")


def draw_neuron_rates(axes: Axes, dataset: xr.Dataset) -> None:
    """Distribution of the neurons' rates in the first seed, beside theory's with its counting noise."""
    duration = 1e-3 * float(dataset["duration"][0])  # s
    rows, top = _rows(dataset), 0.0
    for row, (name, look) in enumerate(population_looks(dataset["population"].values).items()):
        members = dataset["neuron_population"].values == name
        counts = np.rint(dataset["neuron_rate"].isel(seed=0).values[members] * duration).astype(int)
        # Rates come in steps of one spike; bins of whole spikes leave no gaps between them.
        spikes = max(1, int(np.ceil((counts.max() - counts.min()) / 30)))
        edges = (np.arange(counts.min(), counts.max() + spikes + 1, spikes) - 0.5) / duration
        density = np.histogram(counts / duration, edges, density=True)[0]
        predict = _unequal_and_counting_noise if "rate_quantile" in dataset else _counting_noise
        rate, predicted = predict(dataset.sel(population=name), duration)
        scale = 0.9 / max(density.max(), predicted.max(initial=0.0)) if rows else 1.0
        base = float(row) if rows else 0.0
        axes.stairs(base + scale * density, edges, baseline=base, color=look.colour, ls=look.line)
        axes.plot(rate, base + scale * predicted, **THEORY_LINE)
        top = max(top, base + 1.0 if rows else 1.1 * max(density.max(), predicted.max(initial=0.0)))
    axes.set(xlabel=f"neuron's {RATE}", ylabel="density (a.u.)" if rows else "density (s)", ylim=(0, top))
    if rows:
        _label_rows(axes, dataset, 1.0)


def _counting_noise(population: xr.Dataset, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Rates (spikes/s) and their density if neurons were equal, and fired renewal trains with theory's CV."""
    siegert, cv = float(population["siegert"]), float(population["siegert_cv"])
    spread = cv * np.sqrt(siegert / duration) if np.isfinite(cv) else 0.0
    if not spread > 0:
        return np.zeros(0), np.zeros(0)
    rate = np.linspace(max(0, siegert - 4 * spread), siegert + 4 * spread, 200)
    return rate, np.exp(-(((rate - siegert) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))


def _unequal_and_counting_noise(population: xr.Dataset, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Rates (spikes/s) and their density in theory, for unequal neurons with counting noise."""
    counts, share = counted_rates(population["rate_quantile"].values, population["cv_quantile"].values, duration)
    return counts / duration, share * duration


def draw_trajectory(axes: Axes, dataset: xr.Dataset) -> None:
    """The rate network on its way through pseudo-time, and Siegert's rates."""
    for name, look in population_looks(dataset["population"].values).items():
        axes.plot(dataset["pseudo_time"], dataset["trajectory"].sel(population=name), **look.curve)
        axes.axhline(float(dataset["siegert"].sel(population=name)), **THEORY_LINE)
    axes.set(xlabel="pseudo-time (ms)", ylabel=RATE)
    axes.set_xlim(0, float(dataset["pseudo_time"][-1]) or 1.0)
    axes.set_ylim(bottom=0)


def draw_rates(axes: Axes, dataset: xr.Dataset) -> None:
    """Simulated rates with 95 % intervals beside Siegert's; those of seeds and of the rate network if it has them."""
    looks = population_looks(dataset["population"].values)
    for number, (name, look) in enumerate(looks.items()):
        at = dataset.sel(population=name)
        rate = float(at["simulated"])
        if "rate" in at:
            seeds = at["rate"].values
            axes.plot(number + np.linspace(-0.2, 0.2, len(seeds)), seeds, ".", ms=4, mew=0, color=look.colour)
        if rate > 0:
            error = half_width(at["simulated_sem"], at["simulated_freedom"])
            axes.errorbar(number, rate, yerr=error, capsize=3, **look.markers)
        else:  # what silence of this length still allows
            upper = float(at["simulated_upper"])
            axes.errorbar(number, upper, yerr=upper, uplims=True, fmt="_", color=look.colour)
        axes.plot([number - 0.35, number + 0.35], 2 * [float(at["siegert"])], **THEORY_LINE | {"lw": 1.0})
        if "rate_network" in at:
            axes.plot(number, float(at["rate_network"]), "x", ms=6, color=THEORY)
    by_population(axes, looks)
    axes.set_ylabel(RATE)
    axes.margins(y=0.1)


def _legend(figure: Figure, dataset: xr.Dataset, axes: Axes, *, simulated: bool) -> None:
    """One legend below all panels: the populations, and what belongs to none of them."""
    looks = population_looks(dataset["population"].values)
    handles = [
        axes.plot([], [], label=name, **look.markers | look.curve | {"lw": 1.2})[0] for name, look in looks.items()
    ]
    handles.append(axes.plot([], [], label="Siegert", **THEORY_LINE)[0])
    if simulated:
        handles.append(axes.plot([], [], "x", ms=6, color=THEORY, label="rate network")[0])
        handles.append(legend_entry(axes))
        handles.append(axes.plot([], [], ".", ms=4, mew=0, color="0.4", label="one seed")[0])
    figure.legend(handles=handles, loc="outside lower center", ncols=6 if simulated else 4, columnspacing=1.4)


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
        figure = new_figure(DOUBLE_COLUMN, 5.6)
        columns = figure.add_gridspec(1, 2, width_ratios=(1.4, 1))
        raster, activity = columns[0].subgridspec(2, 1, height_ratios=(1.3, 1)).subplots(sharex=True)
        rates, neurons, settling = columns[1].subgridspec(3, 1).subplots()
        draw_raster(raster, dataset, window)
        raster.set_xlabel("")
        draw_activity(activity, dataset, window)
        draw_rates(rates, dataset)
        draw_neuron_rates(neurons, dataset)
        draw_trajectory(settling, dataset)
        letter(raster, "A", "spikes")
        letter(activity, "B", "population activity")
        letter(rates, "C", "mean rates")
        letter(neurons, "D", "rates of single neurons")
        letter(settling, "E", "the rate network settles")
        _legend(figure, dataset, rates, simulated=True)
    return figure


def spiking_figure(dataset: xr.Dataset, window: float = 200.0) -> Figure:
    """Raster and activity of a spiking network; `dataset` from `simulate_spiking`, `window` in ms."""
    with style():
        figure = new_figure(DOUBLE_COLUMN, 3.6)
        raster, activity = figure.subplots(2, 1, sharex=True, height_ratios=(1.5, 1))
        draw_raster(raster, dataset, window)
        draw_activity(activity, dataset, window)
        raster.set_xlabel("")
        letter(raster, "A", "spikes")
        letter(activity, "B", "population activity")
    return figure


def rate_network_figure(dataset: xr.Dataset) -> Figure:
    """The rate network settling, beside Siegert's rates; `dataset` as ``rate_network.ipynb`` stores it."""
    with style():
        figure = new_figure(SINGLE_COLUMN, 2.7)
        axes = figure.subplots()
        draw_trajectory(axes, dataset)
        axes.set_title("the rate network settles")
        _legend(figure, dataset, axes, simulated=False)
    return figure
