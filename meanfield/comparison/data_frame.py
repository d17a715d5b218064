"""A dataset's values for each population as one tidy table of numbers, for pandas, spreadsheets and R."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from meanfield.model.brunel import BrunelParameters
from meanfield.model.quantities import ParameterError
from meanfield.model.variables import ancillary
from meanfield.simulation.parameters import SpikingParameters

# What provenance numbers in a dataset of many runs, over the dimensions of their grid.
RUN = "source"


def table(dataset: xr.Dataset) -> pd.DataFrame:
    """What a dataset holds for each population, in each setting of a batch and for each seed, a row for each.

    Parameters
    ----------
    dataset : Dataset
        As a notebook saved it, or collected by an experiment, or from any function that gives values over `population`.

    Returns
    -------
    DataFrame
        First the columns that name the row: parameters that the batch varies, ``seed``, ``population``. Then a column
        for each variable, followed by its error and that error's degrees of freedom, where the dataset has them. A
        variable over steps that have names (the terms of an error budget) has a column for each. What does not depend
        on seed or population stands in each row anew. Names of columns end in the unit, as in ``rate (spikes/s)``,
        unless it is a pure number; ``attrs["units"]`` and ``attrs["long_name"]`` have units and meanings by column.
        Seeds or solutions that the dataset does not name are numbered.

        Left out is what has one more dimension: spikes, neurons, activity over time, spectra.

    Raises
    ------
    ParameterError
        If nothing in the dataset is over `population`.
    """
    rows = _rows(dataset)
    shape = tuple(dataset.sizes[dimension] for dimension in rows)
    template = xr.DataArray(np.empty(shape, dtype=bool), dims=rows)
    columns, units, meanings = {}, {}, {}
    for label, values in _columns(dataset, rows):
        unit = _unit(values)
        heading = f"{label} ({unit})" if unit else label
        columns[heading] = values.reset_coords(drop=True).broadcast_like(template).transpose(*rows).values.ravel()
        units[heading], meanings[heading] = unit or "1", values.attrs.get("long_name", "")
    frame = pd.DataFrame(columns)
    frame.attrs = {"units": units, "long_name": meanings}
    return frame


def _rows(dataset: xr.Dataset) -> list[str]:
    """The dimensions whose product makes the rows."""
    runs = dataset[RUN].dims if RUN in dataset else ()
    rows = [*runs, *(name for name in ("seed", "population") if name in dataset.sizes and name not in runs)]
    for more in ([], ["fixed_point"]):  # solutions, where there is nothing else
        if any("population" in dataset[name].dims for name in _within(dataset, [*more, *rows])):
            return [*more, *rows]
    raise ParameterError(["the dataset has no values over population, so that no table can be made of it"])


def _within(dataset: xr.Dataset, rows: list[str]) -> list[str]:
    """Variables that have a value, or one for each of some steps with names, in each row."""

    def has_names(dimension: str) -> bool:
        return dimension != "population" and dimension in dataset.coords and dataset[dimension].dtype.kind in "UO"

    return [
        str(name)
        for name, values in dataset.data_vars.items()
        if name != RUN and all(dimension in rows or has_names(dimension) for dimension in values.dims)
    ]


def _columns(dataset: xr.Dataset, rows: list[str]) -> Iterator[tuple[str, xr.DataArray]]:
    """What each column is called, and its values: what names the row, then each variable with its error."""
    for dimension in rows:
        along = [str(name) for name, values in dataset.coords.items() if values.dims == (dimension,)]
        for name in sorted(along, key=lambda name: name != dimension):
            yield name, dataset[name]
        if dimension not in along:
            numbers = np.arange(1, dataset.sizes[dimension] + 1)
            yield f"{dimension}_number", xr.DataArray(numbers, dims=dimension)
    names, shown = _within(dataset, rows), set()
    for name in names:
        steps = [dimension for dimension in dataset[name].dims if dimension not in rows]
        for chosen in itertools.product(*(dataset[dimension].values for dimension in steps)):
            step = dict(zip(steps, chosen, strict=True))
            for beside in _with_errors(dataset, name):
                values = dataset[beside]
                at = {dimension: value for dimension, value in step.items() if dimension in values.dims}
                label = "_".join([beside, *map(str, at.values())])
                if label not in shown and set(values.dims) <= {*rows, *at}:
                    shown.add(label)
                    yield label, values.sel(at)


def _with_errors(dataset: xr.Dataset, name: str) -> Iterator[str]:
    """A variable, its error, and the degrees of freedom of that."""
    while name:
        yield name
        name = ancillary(dataset, name)


def _unit(values: xr.DataArray) -> str:
    """The unit of a variable, or of a parameter that a batch varies; nothing for a pure number."""
    for parameters in (BrunelParameters, SpikingParameters):
        if "units" not in values.attrs and values.name in parameters.model_fields:
            return parameters.unit(str(values.name))
    unit = values.attrs.get("units", "1")
    return "" if unit == "1" else unit
