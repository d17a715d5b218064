"""Whether a dataset is the run in whose place it lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py

from meanfield.runs.batch.experiment import Run
from meanfield.runs.provenance import read_provenance


def is_readable(file: Path) -> bool:
    """Whether a dataset, and its provenance, can be read."""
    return _provenance(file) is not None


def not_the_run(file: Path, run: Run) -> str:
    """Why a dataset is not that of a run, as it must be to stand for it; nothing if it is."""
    document = _provenance(file)
    if document is None:
        return "cannot be read"
    wanted = json.loads(run.checked.model_dump_json(exclude={"output"}))
    differing = [name for name, value in wanted.items() if document.get("parameters", {}).get(name) != value]
    if differing:
        return f"is of another run: {differing[0]} = {document['parameters'].get(differing[0])!r}"
    if document["notebook"] != run.checked.notebook() or document["network"] != run.checked.network_in_full():
        return "is of another notebook or network"
    if document.get("changed_during_run"):
        return f"was made while {document['changed_during_run'][0]} was changed"
    return ""


def _provenance(file: Path) -> dict[str, Any] | None:
    """The document in a dataset, without reading the dataset."""
    try:
        with h5py.File(file) as stored:
            return read_provenance({"provenance": str(stored.attrs["provenance"])}, file)
    except (OSError, KeyError, ValueError):
        return None
