"""Measured over predicted spectrum of the activity in networks of several sizes."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from meanfield.figures.style import COLOURS, SINGLE_COLUMN, new_figure, style
from meanfield.spectrum_comparison import ratio_in_bands

LOOKS = (("^", COLOURS[1]), ("o", COLOURS[0]), ("s", COLOURS[2]), ("D", COLOURS[3]))


def spectrum_size_figure(dataset: xr.Dataset) -> Figure:
    """Measured power over that of the theory of finite jumps, in bands of frequency with 99 % intervals, for each size.

    Parameters
    ----------
    dataset : Dataset
        Points of ``state.ipynb`` collected along an axis "order", with dimension seed.
    """
    with style():
        figure = new_figure(SINGLE_COLUMN, 2.7)
        axes = figure.subplots()
        axes.axhline(1, color="0.4", lw=0.6)
        for number, (order, (marker, colour)) in enumerate(zip(dataset["order"].values, LOOKS, strict=False)):
            found = ratio_in_bands(dataset.isel(order=number))
            errors = [found["ratio"] - found["lower"], found["upper"] - found["ratio"]]
            axes.errorbar(
                found["frequency"],
                found["ratio"],
                yerr=errors,
                fmt=f"{marker}-",
                ms=3,
                lw=0.7,
                elinewidth=0.6,
                color=colour,
                label=f"{5 * order:,} neurons",
            )
        axes.set(yscale="log", xlabel="frequency (Hz)", ylabel="measured / predicted power")
        ticks = [0.5, 1, 2, 5]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_yticks([], minor=True)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
