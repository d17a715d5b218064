"""The reason why a run of a batch has no result, from what it has left in its folder."""

from __future__ import annotations

import warnings
from pathlib import Path

import nbformat

from meanfield.model.quantities import ParameterError
from meanfield.runs.results import refusing_strange_content


def failure(folder: Path) -> str:
    """The error in a run's failed notebook, or else the last line of its log, and where that is."""
    for notebook in sorted(folder.glob("*.failed.ipynb")):
        try:
            return f"{_last_error(notebook)}\n    see {notebook}"
        except ParameterError:  # damaged, or a stranger's
            continue
    for log in sorted(folder.glob("*.log")):
        if said := log.read_text(errors="replace").splitlines():
            return f"{said[-1]}\n    see {log}"
    return "did not run, or left no word"


def _last_error(notebook: Path) -> str:
    with refusing_strange_content(notebook, "an executed notebook"), warnings.catch_warnings(action="ignore"):
        cells = nbformat.read(notebook, as_version=4).cells
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        errors = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    return errors[-1] if errors else "its kernel died"
