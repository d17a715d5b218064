"""What a run has found, in one line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from meanfield.comparison.tables import number, with_error
from meanfield.runs.notebook_file import read_parameters
from meanfield.runs.results import load_dataset
from meanfield.simulation.measures.seed_pooling import pool_seeds

MOST = 4  # populations that are named


def outcome(executed: Path) -> str:
    """What a run has found and where that lies, beside its executed notebook."""
    model, _ = read_parameters(executed)
    file = executed.with_name(f"{model.notebook()}.nc")
    result = ""
    if file.is_file():
        with contextlib.suppress(Exception):  # a run that is finished must not fail by a line about it
            result = in_one_line(load_dataset(file))
    made = file if file.is_file() else executed
    place = made.relative_to(Path.cwd()) if made.is_relative_to(Path.cwd()) else made
    return f"{result + '; ' if result else ''}written to {place}"


def in_one_line(dataset: xr.Dataset) -> str:
    """Rates of each population, simulated and in theory, or of each solution; nothing for what has neither, or many.

    Parameters
    ----------
    dataset : Dataset
        As a notebook saved it.
    """
    name = next((name for name in ("simulated", "rate") if name in dataset), None)
    if name is None or not {"population"} <= set(dataset[name].dims) <= {"population", "seed", "fixed_point"}:
        return ""
    kind = next((words for name, words in _KINDS.items() if set(name.split()) <= set(dataset.data_vars)), None)
    if kind is None:
        return ""
    parts = list(kind(dataset))
    more = f" and {len(parts) - MOST} more" if len(parts) > MOST else ""
    return f"{', '.join(parts[:MOST])}{more} (spikes/s)"


def _compared(dataset: xr.Dataset) -> Iterator[str]:
    for name in dataset["population"].values:
        at = dataset.sel(population=name)
        simulated = with_error(float(at["simulated"]), float(at["simulated_sem"]))
        yield f"{name} {simulated}, Siegert {number(at['siegert'], '.5g')}"


def _simulated(dataset: xr.Dataset) -> Iterator[str]:
    rate, error = dataset["rate"], dataset["rate_sem"]
    if "seed" in rate.dims:
        each = (dataset[name].transpose("seed", "population").values for name in ("rate", "rate_sem", "rate_freedom"))
        rate, (error, _) = rate.mean("seed"), pool_seeds(*each)
    for name, value, sem in zip(dataset["population"].values, rate.values, np.asarray(error), strict=True):
        yield f"{name} {with_error(float(value), float(sem))}"


def _solutions(dataset: xr.Dataset) -> Iterator[str]:
    for solution in range(dataset.sizes["fixed_point"]):
        at = dataset.isel(fixed_point=solution)
        names = zip(dataset["population"].values[:2], at["rate"].values, strict=False)
        rates = " ".join(f"{name} {number(value, '.5g')}" for name, value in names)
        yield f"{'stable' if np.all(at['stable']) else 'unstable'} at {rates}"


def _settled(dataset: xr.Dataset) -> Iterator[str]:
    for name in dataset["population"].values:
        at = dataset.sel(population=name)
        yield f"{name} {number(at['rate'], '.6g')}, Siegert {number(at['siegert'], '.6g')}"


# By the variables that make a dataset one of its kind.
_KINDS = {
    "simulated simulated_sem siegert": _compared,
    "trajectory siegert rate": _settled,
    "rate stable": _solutions,
    "rate rate_sem": _simulated,
}
