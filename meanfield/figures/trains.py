"""Self-consistent trains beside simulated ones: generation after generation, and what one train looks like."""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from meanfield.figures.intervals import half_width
from meanfield.figures.palettes import BAND, SIMULATED, THEORIES, TRAINS
from meanfield.figures.style import DOUBLE_COLUMN, letter, new_figure, style
from meanfield.theory.trains.parameters import REPETITIONS

BIN = 1.0  # ms, of interval distributions
RESOLUTION = 2.0  # Hz, of a single train's spectrum
LONGEST_SHARE = 0.002  # intervals with less probability than this, per bin, are not shown
NEURONS_UP_TO, ACTIVITY_UP_TO = 200.0, 100.0  # Hz


def draw_generations(axes: Axes, dataset: xr.Dataset, of: str, label: str) -> None:
    """Rate or CV of each generation, beside the simulated one, with its 95 % interval, and Siegert's."""
    of_rate = of == "rate"
    simulated, siegert = (float(dataset[name if of_rate else f"{name}_{of}"]) for name in ("simulated", "siegert"))
    if of_rate:
        error = float(half_width(dataset["simulated_sem"], dataset["simulated_freedom"]))
        axes.axhspan(simulated - error, simulated + error, color=BAND, lw=0, alpha=0.6)
    axes.axhline(simulated, color=SIMULATED, label="simulated network")
    axes.axhline(siegert, **THEORIES["white_noise"] | {"label": "white noise (Siegert)"})
    look = {"marker": "o", "ms": 2.5, "label": "self-consistent trains"}
    axes.plot(dataset["generation"], dataset[f"generation_{of}"], **TRAINS | {"ls": "-", "lw": 0.8} | look)
    axes.set(xlabel="generation", ylabel=label)


def draw_intervals(axes: Axes, dataset: xr.Dataset) -> None:
    """Densities of inter-spike intervals."""
    per_bin = max(1, round(BIN / float(dataset["interval"][1] - dataset["interval"][0])))
    shown = {
        "simulated_interval_probability": {"color": SIMULATED, "lw": 2.2},
        "shot_noise_interval_probability": THEORIES["shot_noise"],
        "interval_probability": TRAINS,
    }
    longest = 0.0
    for name, look in shown.items():
        probability = dataset[name].fillna(0.0).coarsen(interval=per_bin, boundary="trim").sum()
        axes.plot(probability["interval"], probability / BIN, **look | {"label": None})
        often = probability["interval"].values[probability.values > LONGEST_SHARE]
        longest = max(longest, often.max(initial=0.0))
    axes.set(xlabel="inter-spike interval (ms)", ylabel="density (1/ms)", xlim=(0.0, longest or None), ylim=(0.0, None))


def draw_single_spectrum(axes: Axes, dataset: xr.Dataset) -> None:
    """Power spectra of a single neuron's train."""
    measured = dataset["measured_frequency"]
    axes.plot(measured, dataset["simulated_neuron_power"], color=SIMULATED, lw=2.2)
    axes.plot(measured, dataset["shot_noise_neuron_power"], **THEORIES["shot_noise"] | {"label": None})
    per_bin = max(1, round(RESOLUTION / float(dataset["frequency"][1] - dataset["frequency"][0])))
    spectrum = dataset["spectrum"].coarsen(frequency=per_bin, boundary="trim").mean()
    axes.plot(spectrum["frequency"], spectrum, **TRAINS)
    axes.axhline(float(dataset["rate"]), color="0.5", ls=":", lw=0.8, label="a Poisson train")
    axes.set(xlabel="frequency (Hz)", ylabel="power of a train ((spikes/s)²/Hz)", xlim=(0.0, NEURONS_UP_TO))
    axes.set_ylim(bottom=0.0)


def draw_fano(axes: Axes, dataset: xr.Dataset) -> None:
    """Fano factors of one neuron's spike counts over the length of the window."""
    axes.plot(dataset["window"], dataset["simulated_fano"], "o", ms=4, color=SIMULATED)
    error = half_width(dataset["fano_sem"], REPETITIONS - 1)
    axes.errorbar(dataset["window"], dataset["fano"], error, **TRAINS, elinewidth=1.0)
    axes.axhline(1.0, color="0.5", ls=":", lw=0.8)
    axes.set(xscale="log", xlabel="window (ms)", ylabel="variance / mean of counts")
    axes.set_ylim(bottom=0.0)


def draw_activity(axes: Axes, dataset: xr.Dataset) -> None:
    """Spectrum of the population's activity: its 99 % band, and predicted with Poisson-driven and with real neurons."""
    frequency = dataset["measured_frequency"].values
    axes.fill_between(frequency, dataset["lower"], dataset["upper"], color=BAND, lw=0)
    axes.plot(frequency, dataset["simulated_power"], color=SIMULATED, lw=0.7)
    axes.plot(
        frequency, dataset["shot_noise_power"], **THEORIES["shot_noise"] | {"label": "Poisson input (shot noise)"}
    )
    axes.plot(frequency, dataset["trains_power"], **TRAINS)
    axes.set(
        yscale="log",
        xlabel="frequency (Hz)",
        ylabel="power of the activity ((spikes/s)²/Hz)",
        xlim=(0.0, ACTIVITY_UP_TO),
    )


def trains_figure(dataset: xr.Dataset) -> Figure:
    """What ``trains.ipynb`` finds of its first population, in six panels.

    Parameters
    ----------
    dataset : Dataset
        Of the notebook.

    Returns
    -------
    Figure
    """
    dataset = dataset.isel(population=0)
    with style():
        figure = new_figure(DOUBLE_COLUMN, 4.8)
        panels = figure.subplots(2, 3).ravel()
        draw_generations(panels[0], dataset, "rate", "rate (spikes/s)")
        draw_generations(panels[1], dataset, "cv", "CV of intervals")
        for draw, axes in zip(
            (draw_intervals, draw_single_spectrum, draw_fano, draw_activity), panels[2:], strict=True
        ):
            draw(axes, dataset)
        seen = ("mean rate", "irregularity", "intervals", "a neuron's train", "counts of a neuron", "the activity")
        for axes, text, words in zip(panels, "ABCDEF", seen, strict=True):
            letter(axes, text, words)
        handles = {label: h for axes in panels for h, label in zip(*axes.get_legend_handles_labels(), strict=True)}
        figure.legend(handles.values(), handles, loc="outside lower center", ncols=3, columnspacing=1.2)
    return figure
