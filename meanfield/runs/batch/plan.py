"""What an experiment will cost, before it runs."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from meanfield.runs.batch.cost_model import CostModel, measure
from meanfield.runs.batch.session import Batch

# With fewer finished runs than this, the model is better than what they say.
ENOUGH_RUNS = 3


def plan_of(file: Path, say: Callable[[str], object]) -> str:
    """The number of runs of an experiment, and their time, memory and disk, as text.

    Parameters
    ----------
    file : path
        The experiment.
    say : callable
        Told that this machine is being measured, if it has not been.

    Raises
    ------
    ParameterError
        If the experiment cannot be used.
    """
    batch = Batch.prepare(file)
    model = CostModel.of_this_machine()
    if not model.measured:
        model = measure(say)
    runs = list(batch.runs.values())
    seconds = np.array([model.seconds(run.checked) for run in runs])
    threads = np.array([model.threads(run.checked) for run in runs])
    memory = max(model.memory(run.checked) for run in runs)
    disk = sum(model.disk(run.checked) for run in runs)
    finished = np.array([file.exists() for file in batch.datasets])
    correction = _observed(batch, seconds)
    corrected = seconds * correction

    cores = psutil.cpu_count(logical=True)
    side_by_side = max(1, min(cores // int(threads.max()), psutil.virtual_memory().total // memory))
    left = (corrected * ~finished).sum() / side_by_side
    grid = " × ".join(
        f"{len(values)} {name}" for axis in batch.experiment.axes for name, values in [next(iter(axis.items()))]
    )
    basis = f"measured {model.measured}"
    if correction != 1:
        basis += f", times {correction:.2f} as {finished.sum()} finished runs took"
    free = shutil.disk_usage(Path.cwd()).free
    lines = {
        "experiment": f"{batch.experiment.name}, {batch.experiment.notebook}",
        "runs": f"{len(runs)} ({grid or 'one point'}), {finished.sum()} of them finished",
        "time": f"{_span(corrected.min())} to {_span(corrected.max())} a run; all that is left: "
        f"{_span(left)}, {side_by_side} side by side on {cores} cores",
        "threads": ", ".join(map(str, sorted(set(threads.tolist())))) + " a run",
        "memory": f"{memory / 1e9:.2g} GB a run, {side_by_side * memory / 1e9:.2g} GB side by side, "
        f"of {psutil.virtual_memory().total / 1e9:.3g} GB",
        "disk": f"{disk / 1e6:.3g} MB, of {free / 1e9:.3g} GB that are free",
        "estimated": basis,
    }
    return "\n".join(f"{name + ':':12}{text}" for name, text in lines.items())


def _observed(batch: Batch, seconds: np.ndarray) -> float:
    """How much longer finished runs took than the model says; 1 while there are too few."""
    ratios = []
    for dataset, predicted in zip(batch.datasets, seconds, strict=True):
        sidecar = dataset.with_name(f"{dataset.stem}.circumstances.json")
        if dataset.exists() and sidecar.exists():
            ratios.append(json.loads(sidecar.read_text())["process_elapsed_s"] / predicted)
    return float(np.median(ratios)) if len(ratios) >= ENOUGH_RUNS else 1.0


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    if seconds < 3600:
        return f"{math.ceil(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
