"""The reason why a run of a batch has no result, from what it has left in its folder."""

from __future__ import annotations

from pathlib import Path

import nbformat


def failure(folder: Path) -> str:
    """The error in a run's failed notebook, or else the last line of its log, and where that is."""
    for notebook in sorted(folder.glob("*.failed.ipynb")):
        try:
            cells = nbformat.read(notebook, as_version=4).cells
        except (OSError, ValueError):
            continue
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        errors = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
        return f"{errors[-1] if errors else 'its kernel died'}\n    see {notebook}"
    for log in sorted(folder.glob("*.log")):
        if said := log.read_text().splitlines():
            return f"{said[-1]}\n    see {log}"
    return "did not run, or left no word"
