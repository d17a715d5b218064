"""Tracked results: a folder for each, with its dataset, its figures, and the executed notebook that a reader opens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import xarray as xr

from meanfield.model.quantities import ParameterError
from meanfield.runs.batch.experiment import Experiment
from meanfield.runs.files import write_as_set
from meanfield.runs.provenance import read_provenance
from meanfield.runs.results import FIGURE_FORMATS, load_dataset
from meanfield.runs.sources import ROOT

LARGEST_NOTEBOOK = 1_000_000  # bytes
CELLS_OF_PARAMETERS = {"parameters", "injected-parameters"}  # tags


def track(folder: Path, tracked: Path) -> list[Path]:
    """Copy to `tracked` what a run or a batch has left in `folder`.

    A run leaves its datasets, their figures and its executed notebook. A batch leaves the collected dataset, its
    figures, and the executed notebook of the run in the middle of its grid. Where the results of a batch are tracked
    already, a single run leaves its notebook only: that of the middle with a new text, or the one that presents what
    the batch has collected.

    Parameters
    ----------
    folder, tracked : Path
        Of a run or batch that is finished; of the tracked result.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ParameterError
        If a file is missing or too large, the results were not made from a clean commit, or the notebook's source has
        changed since.
    """
    datasets = {path: load_dataset(path) for path in sorted(folder.glob("*.nc"))}
    documents = {path: read_provenance(dataset.attrs, path) for path, dataset in datasets.items()}
    collected = [document for document in documents.values() if "experiment" in document]
    if not documents or len(collected) > 1 or (collected and len(documents) > 1):
        raise ParameterError([f"{folder} must hold the datasets of one run, or the one that a batch collected"])
    for path, document in documents.items():
        if not all(source["git"]["clean"] for source in document.get("sources", [document])):
            raise ParameterError([f"{path} was not made from a clean commit, as what is tracked must be"])
    last = [*documents.values()][-1]
    notebook = _notebook_of_batch(folder, last) if collected else folder / f"{last['notebook']}.ipynb"
    content = {notebook.name: _checked(notebook)}
    if collected or not _is_of_batch(tracked):
        figures = [folder / name for dataset in datasets.values() for name in _figures(dataset)]
        content |= {path.name: _content(path) for path in (*figures, *datasets)}
    write_as_set(tracked, content)
    return [tracked / name for name in content]


def cells_out_of_step(executed: Path, source: Path) -> list[str]:
    """Ids of the cells in which an executed notebook differs from its source; cells of parameters do not count."""
    was, now = ([(cell.id, cell.cell_type, cell.source) for cell in _lesson(path)] for path in (executed, source))
    if was == now:
        return []
    return sorted({cell[0] for cell in {*was} ^ {*now}}) or ["their order"]


def _lesson(notebook: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in _read(notebook).cells if not CELLS_OF_PARAMETERS & {*cell.metadata.get("tags", [])}]


def _read(notebook: Path) -> nbformat.NotebookNode:
    content = _content(notebook)
    try:
        return nbformat.reads(content.decode(), as_version=4)
    except ValueError:
        raise ParameterError([f"{notebook} is not a notebook"]) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ParameterError([f"{path} cannot be read: {error.strerror}"]) from None


def _checked(executed: Path) -> bytes:
    """The content of an executed notebook that may be tracked."""
    source = ROOT / "notebooks" / executed.name
    if cells := cells_out_of_step(executed, source):
        raise ParameterError(
            [f"{executed} is no run of today's {source.name}: {', '.join(cells)} differ; run it again"]
        )
    content = _content(executed)
    if len(content) > LARGEST_NOTEBOOK:
        size = f"{len(content) / 1e6:.2f} MB"
        raise ParameterError([f"{executed} has {size}; at most {LARGEST_NOTEBOOK / 1e6:.0f} MB are tracked"])
    return content


def _notebook_of_batch(folder: Path, document: Mapping[str, Any]) -> Path:
    """The executed notebook of the run in the middle of the grid."""
    experiment = Experiment(**document["experiment"])
    runs = experiment.runs()
    digest = runs[len(runs) // 2].name.rpartition("-")[2]  # what stands before it depends on the order of columns
    name = Path(experiment.notebook).name
    executed = sorted(folder.glob(f"runs/*{digest}/{name}"))
    if not executed:
        raise ParameterError([f"{folder} has no {name} of the run in the middle of the grid; run the batch again"])
    return executed[0]


def _is_of_batch(tracked: Path) -> bool:
    return any("experiment" in read_provenance(load_dataset(path).attrs, path) for path in tracked.glob("*.nc"))


def _figures(dataset: xr.Dataset) -> list[str]:
    names = str(dataset.attrs.get("figure", "")).split()
    return [f"{name}.{ending}" for name in names for ending in FIGURE_FORMATS]
