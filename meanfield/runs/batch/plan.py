"""Cost of an experiment, before it runs and while it does."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import psutil

from meanfield.runs.batch.cost_model import estimate
from meanfield.runs.batch.session import Batch


def plan_of(file: Path) -> str:
    """The number of runs of an experiment, and their time, memory and disk, as text.

    Time and memory are estimated from the parameters, and corrected by the median of what finished runs took.

    Raises
    ------
    ParameterError
        If the experiment cannot be used.
    """
    batch = Batch.prepare(file)
    runs, unfinished = list(batch.runs.values()), {run.name for run in batch.unfinished()}
    costs = [estimate(run.checked) for run in runs]
    finished = np.array([run.name not in unfinished for run in runs])
    slower, larger = _correction(batch, costs, finished)
    seconds = slower * np.array([cost.seconds for cost in costs])
    memory = larger * max(cost.memory for cost in costs)
    threads = sorted({cost.threads for cost in costs})

    cores, installed = psutil.cpu_count(logical=True), psutil.virtual_memory().total
    side_by_side = max(1, min(cores // threads[-1], int(installed // memory)))
    left = seconds[~finished].sum() / side_by_side
    basis = f"{finished.sum()} finished runs" if finished.any() else "typical times of a computer of 2024"
    axes = [next(iter(axis.items())) for axis in batch.experiment.axes]
    grid = " × ".join(f"{len(values)} {name}" for name, values in axes) or "one point"
    lines = {
        "experiment": f"{batch.experiment.name}, {batch.experiment.notebook}",
        "runs": f"{len(runs)} ({grid}), {finished.sum()} of them finished",
        "time": f"{_span(seconds.min())} to {_span(seconds.max())} a run; all that is left: "
        f"{_span(left)}, {side_by_side} side by side on {cores} cores",
        "threads": f"{', '.join(map(str, threads))} a run",
        "memory": f"{memory / 1e9:.2g} GB a run, {side_by_side * memory / 1e9:.2g} GB side by side, "
        f"of {installed / 1e9:.3g} GB",
        "disk": f"{sum(cost.disk for cost in costs) / 1e6:.3g} MB, "
        f"of {shutil.disk_usage(Path.cwd()).free / 1e9:.3g} GB that are free",
        "estimated": f"from {basis}",
    }
    return "\n".join(f"{name + ':':12}{text}" for name, text in lines.items())


def _correction(batch: Batch, costs, finished: np.ndarray) -> tuple[float, float]:
    """How many times more time and memory finished runs took than estimated, in the median; 1 where there are none."""
    ratios = []
    for dataset, cost, is_finished in zip(batch.datasets, costs, finished, strict=True):
        sidecar = dataset.with_name(f"{dataset.stem}.circumstances.json")
        if is_finished and sidecar.exists():
            took = json.loads(sidecar.read_text())
            ratios.append((took["process_elapsed_s"] / cost.seconds, took["peak_memory_bytes"] / cost.memory))
    return tuple(np.median(ratios, axis=0)) if ratios else (1.0, 1.0)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    if seconds < 3600:
        return f"{math.ceil(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
