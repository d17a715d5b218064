"""Numbers that Brunel (2000) states for his four example networks, and simulated networks beside them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meanfield.comparison.tables import number, with_error
from meanfield.simulation.measures.spike_trains import standard_error


class Example(NamedTuple):
    """A network of Fig. 8 with its row of Table 1 (J Comput Neurosci 8:183–208, doi:10.1023/A:1008925309027)."""

    g: float
    eta: float
    state: str
    simulated_rate: float = np.nan  # spikes/s
    theory_rate: float = np.nan
    simulated_frequency: float = np.nan  # Hz
    theory_frequency: float = np.nan


EXAMPLES = {
    "A": Example(3.0, 2.0, "SR"),
    "B": Example(6.0, 4.0, "SI-fast", 60.7, 55.8, 180.0, 190.0),
    "C": Example(5.0, 2.0, "AI", 37.7, 38.0),
    "D": Example(4.5, 0.9, "SI-slow", 5.5, 6.5, 22.0, 29.0),
}


def examples_in(dataset: xr.Dataset) -> dict[str, xr.Dataset]:
    """Those of Brunel's examples that are among the networks of a dataset, in the order of their letters.

    Parameters
    ----------
    dataset : Dataset
        Points of ``state.ipynb`` collected along an axis "g" with the coordinate "eta"; where there is a coordinate
        "dt", the run with the finest time step is meant.
    """
    points_of = {name: _points_of(dataset, example) for name, example in EXAMPLES.items()}
    return {name: points[0] for name, points in points_of.items() if points}


def _points_of(dataset: xr.Dataset, example: Example) -> list[xr.Dataset]:
    """All runs of one example, the finest time step first."""
    places = np.flatnonzero((dataset["g"].values == example.g) & (dataset["eta"].values == example.eta))
    points = [dataset.isel(g=int(which)) for which in places]
    return sorted(points, key=lambda point: float(point["dt"])) if "dt" in dataset.coords else points


def state_of(point: xr.Dataset) -> str:
    """The state that most seeds are in."""
    states, n = np.unique(point["state"].values.astype(str), return_counts=True)
    return str(states[n.argmax()])


def over_seeds(values: xr.DataArray) -> tuple[float, float]:
    """Mean over seeds and its standard error, from their spread; with three seeds, that is itself uncertain by half."""
    return float(values.mean()), float(standard_error(values.values))


def brunel_table(dataset: xr.Dataset) -> pd.DataFrame:
    """Brunel's Table 1 beside simulation (± standard error over seeds) and theory; a column for each run's parameters.

    Theory stands there twice: for white noise, and for shot noise in the simulation's time steps.

    Parameters
    ----------
    dataset : Dataset
        See `examples_in`; with dimension seed.
    """

    def simulated(values: xr.DataArray) -> str:
        return with_error(*over_seeds(values)) if np.isfinite(values).any() else "–"

    columns = {}
    for name, paper in EXAMPLES.items():
        for point in _points_of(dataset, paper):
            run = point.isel(seed=0)
            step = f", dt {float(point['dt']):g} ms" if "dt" in point.coords else ""
            columns[f"{name} (g {paper.g:g}, eta {paper.eta:g}){step}"] = {
                "state, paper": paper.state,
                "state, simulated": state_of(point),
                "state, white noise": str(run["white_noise_state"].item()),
                "state, shot noise": str(run["shot_noise_state"].item()) or "–",
                "rate, paper's simulation (spikes/s)": number(paper.simulated_rate, ".4g"),
                "rate, simulated": simulated(point["network_rate"]),
                "rate, paper's theory": number(paper.theory_rate, ".4g"),
                "rate, white noise": number(run["siegert"].values[0], ".3f"),
                "rate, shot noise": number(run["shot_noise_rate"].values[0], ".3f"),
                "frequency, paper's simulation (Hz)": number(paper.simulated_frequency, ".4g"),
                "frequency, simulated": "{:.1f} ± {:.1f}".format(*over_seeds(point["peak_frequency"])),
                "frequency, paper's theory": number(paper.theory_frequency, ".4g"),
                "frequency, white noise": number(run["white_noise_frequency"].values[0], ".2f"),
                "frequency, shot noise": number(run["shot_noise_frequency"].values[0], ".2f"),
                "growth, white noise (1/s)": number(run["white_noise_growth"].values[0], "+.1f"),
                "growth, shot noise": number(run["shot_noise_growth"].values[0], "+.1f"),
                "CV of intervals, simulated": simulated(point["cv"]),
                "CV of intervals, white noise": number(run["siegert_cv"].values[0], ".3f"),
                "CV of intervals, shot noise": number(run["shot_noise_cv"].values[0], ".3f"),
                "synchrony": simulated(point["synchrony"]),
                "coherence": simulated(point["coherence"]),
                "population Fano factor (0.5 ms)": simulated(point["fano"]),
            }
    return pd.DataFrame(columns)
