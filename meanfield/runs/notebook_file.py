"""A notebook's file: the model of its parameters and the values that it sets, read without running anything."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import nbformat

from meanfield.model.quantities import ParameterError
from meanfield.runs.parameter_cells import literals_set_by, model_named_in
from meanfield.runs.parameters import NotebookParameters, model_of


def read_parameters(notebook: Path) -> tuple[type[NotebookParameters], dict[str, Any]]:
    """A notebook's parameter model, and the values that its parameters cell sets.

    Raises
    ------
    ParameterError
        If there is no such notebook, or it has no parameters cell or no cell that validates them.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # of a notebook that is not quite valid, we only read the cells
            content = nbformat.read(notebook, as_version=4)
    except FileNotFoundError:
        raise ParameterError([f"{notebook} does not exist"]) from None
    except (OSError, ValueError, AttributeError, TypeError, KeyError, nbformat.ValidationError) as error:
        # nbformat quotes the whole file when it is not JSON
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0][:120]
        raise ParameterError([f"{notebook} is not a readable notebook: {reason}"]) from None
    try:
        cells = [cell for cell in content.cells if cell.cell_type == "code"]
        tagged = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
        if not all(isinstance(cell.source, str) for cell in cells):
            raise TypeError
    except (AttributeError, TypeError):
        raise ParameterError([f"{notebook} is not a readable notebook: its cells are not those of notebooks"]) from None
    if len(tagged) != 1:
        cells = "no cell" if not tagged else f"{len(tagged)} cells"
        raise ParameterError([f"{notebook} has {cells} with the tag 'parameters'; a notebook to run needs exactly one"])
    name = model_named_in(cell.source for cell in cells)
    if name is None:
        raise ParameterError(
            [f'{notebook} does not check its parameters: it needs a cell with mf.parameters("NAME", globals())']
        )
    model = model_of(name)
    try:
        return model, literals_set_by(tagged[0])
    except ValueError as error:  # what is derived there would keep its value when papermill sets new ones after it
        raise ParameterError(
            [f"{notebook} does more in its parameters cell than set names to literals: {error}"]
        ) from None
