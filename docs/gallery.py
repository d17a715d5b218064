"""The gallery: each tracked result with its figures, and the commands that make them, from its provenance."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

from meanfield.runs.parameters import model_of
from meanfield.runs.provenance import read_provenance
from meanfield.runs.results import load_dataset

PYTHON = ".venv/bin/python -m meanfield"


def gallery_page(reference: Path, copy: Callable[[Path], str]) -> str:
    """The page, as Markdown.

    Parameters
    ----------
    reference : Path
        Folder of the tracked results.
    copy : callable
        Takes a file to the site, and gives back a link to it.
    """
    parts = ["# Gallery\n\nEvery tracked figure, and what makes it. The results are read [here](index.md)."]
    for path in sorted(reference.glob("*/*.nc")):
        dataset = load_dataset(path)
        parts.append(_result(path, dataset, read_provenance(dataset.attrs, path), copy))
    return "\n\n".join(parts) + "\n"


def _result(path: Path, dataset: xr.Dataset, document: dict[str, Any], copy: Callable[[Path], str]) -> str:
    folder = path.parent
    names = str(dataset.attrs.get("figure", "")).split()
    files = [
        f"[{path.name}]({copy(path)})",
        *(f"[{file.name}]({copy(file)})" for file in sorted(folder.glob("*.ipynb"))),
    ]
    files += [f"[{name}.{ending}]({copy(folder / f'{name}.{ending}')})" for name in names for ending in ("svg", "pdf")]
    figures = [f"![{name}]({copy(folder / f'{name}.png')})" for name in names]
    return "\n\n".join(
        [
            f"## {folder.name}",
            *figures,
            f"Files: {', '.join(files)}",
            "Made by",
            f"```sh\n{made_by(document)}\n```",
            f"Drawn again, to the byte, by `{PYTHON} figures {folder.relative_to(folder.parents[2])}`"
            + (f", in Python by {_calls(names)}." if names else "."),
        ]
    )


def _calls(names: list[str]) -> str:
    return " and ".join(
        f"{{py:obj}}`mf.figures.{name}_figure(dataset) <meanfield.figures.{name}_figure>`" for name in names
    )


def made_by(document: dict[str, Any]) -> str:
    """The command that made a dataset, from its provenance."""
    if "experiment" in document:
        return f"make batch EXPERIMENT=experiments/{document['experiment']['name']}.yml"
    name = document["notebook"]
    fields = model_of(name).model_fields
    given = {
        parameter: value
        for parameter, value in document["parameters"].items()
        if parameter in fields and value != fields[parameter].default
    }
    options = [f"-p {parameter} {shlex.quote(str(value))}" for parameter, value in given.items()]
    return " ".join([f"{PYTHON} run notebooks/{name}.ipynb -o results/{name}", *options])
