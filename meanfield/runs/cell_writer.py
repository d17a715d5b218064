"""The notebooks' parameters cells, written from their models, where names, units and meanings stand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import nbformat

from meanfield.runs.files import write_atomically
from meanfield.runs.parameters import NotebookParameters, model_of


def write_cells(notebooks: Iterable[Path]) -> list[Path]:
    """Write the parameters cell of each notebook anew; tell which have changed."""
    changed = []
    for path in notebooks:
        content = nbformat.read(path, as_version=4)
        (cell,) = [cell for cell in content.cells if "parameters" in cell.metadata.get("tags", [])]
        source = parameters_cell(model_of(path.stem))
        if cell.source != source:
            cell.source = source
            write_atomically(path, lambda temporary, content=content: nbformat.write(content, temporary))
            changed.append(path)
    return changed


def parameters_cell(model: type[NotebookParameters]) -> str:
    """The source of the parameters cell that a model describes: name, type, default, unit and meaning of each."""
    headings = {name: text for base in reversed(model.__mro__) for name, text in vars(base).get("headings", {}).items()}
    names = [name for name in _in_reading_order(model) if name != "output"]
    lines = []
    for name in [*names, "output"]:
        if name in headings:
            lines += ["", f"# {headings[name]}"]
        default = model.model_fields[name].default
        value = f'"{default}"' if isinstance(default, str) else repr(default)
        comment = ", ".join(filter(None, [model.unit(name), model.meaning(name)]))
        lines.append(f"{name}: {type(default).__name__} = {value}  # {comment}")
    return "\n".join(lines).strip()


def _in_reading_order(model: type) -> list[str]:
    """Names of a model's parameters: those of its bases, one after the other, and then its own."""
    names = [name for base in model.__bases__ for name in _in_reading_order(base)]
    names += [name for name in vars(model).get("__annotations__", {}) if name in model.model_fields]
    return list(dict.fromkeys(names))
