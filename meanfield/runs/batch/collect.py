"""The datasets of an experiment's runs as one, with the grid's axes as dimensions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError
from meanfield.runs.batch.experiment import Experiment
from meanfield.runs.provenance import SCHEMA_VERSION
from meanfield.runs.results import load_dataset


def collect(experiment: Experiment, files: Sequence[Path]) -> xr.Dataset:
    """One dataset of all runs.

    Parameters
    ----------
    experiment : Experiment
    files : sequence of Path
        The runs' datasets, in the order of ``experiment.points()``.

    Returns
    -------
    Dataset
        The experiment's variables with a dimension for each axis of the grid, named after its first column (further
        columns are coordinates along it), one for the seeds, and the dimensions that they have in each run. Attribute
        `provenance` holds the experiment and where its runs come from: documents that differ only in what the axes set
        are told once, and variable ``source`` numbers them; attribute `figure` names the figures to draw.

    Raises
    ------
    ParameterError
        If a variable is missing, or differs in shape between runs.
    """
    runs = [load_dataset(file) for file in files]
    names = experiment.variables or _of_equal_shape(runs)
    for name in names:
        without = [str(file) for run, file in zip(runs, files, strict=True) if name not in run]
        if without:
            raise ParameterError([f"variable {name} of {experiment.name} is not in {without[0]}"])
    columns = [name for axis in experiment.axes for name in axis]
    documents = [_without(json.loads(run.attrs["provenance"]), columns) for run in runs]
    sources = list({json.dumps(document, sort_keys=True): document for document in documents}.values())
    attributes = {"units": "1", "long_name": "which of the provenance's sources the run comes from"}
    points = [
        run[list(names)]
        .drop_vars("seed", errors="ignore")
        .assign(source=((), np.int32(sources.index(document)), attributes))
        .pipe(lambda kept: kept.squeeze("seed") if experiment.seeds and "seed" in kept.dims else kept)
        for run, document in zip(runs, documents, strict=True)
    ]
    try:
        collected = _along(list(experiment.axes), points)
    except (ValueError, xr.AlignmentError) as error:
        raise ParameterError([f"the runs of {experiment.name} do not fit together: {error}"]) from None
    provenance = {
        "schema_version": SCHEMA_VERSION,
        "experiment": json.loads(experiment.model_dump_json()),
        "sources": sources,
    }
    attrs = {"figure": experiment.figure, "provenance": json.dumps(provenance, sort_keys=True, indent=1)}
    return collected.assign_attrs(attrs)


def _of_equal_shape(runs: Sequence[xr.Dataset]) -> list[str]:
    first, *others = runs
    return [
        str(name)
        for name, variable in first.data_vars.items()
        if all(name in run and run[name].sizes == variable.sizes for run in others)
    ]


def _without(document: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """A run's provenance without what the axes set, so that it is the same for all runs made by the same code."""
    kept = {name: value for name, value in document["parameters"].items() if name not in columns}
    if changes := kept.get("network_changes"):
        kept["network_changes"] = {entry: value for entry, value in changes.items() if entry not in columns}
    network = None if "network_file" in columns else document["network"]
    return {**document, "parameters": kept, "network": network}


def _along(axes: Sequence[Mapping[str, Sequence[Any]]], runs: Sequence[xr.Dataset]) -> xr.Dataset:
    if not axes:
        (run,) = runs
        return run
    axis, *inner = axes
    dimension, *_ = axis
    length = len(axis[dimension])
    each = len(runs) // length
    pieces = [_along(inner, runs[step * each : (step + 1) * each]) for step in range(length)]
    joined = xr.concat(
        pieces,
        dim=dimension,
        data_vars="all",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="drop_conflicts",
    )
    return joined.assign_coords({name: (dimension, list(values)) for name, values in axis.items()})
