"""Figures drawn again from their stored datasets, byte for byte, without simulating anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from meanfield import figures
from meanfield.model.quantities import ParameterError
from meanfield.runs.files import write_atomically
from meanfield.runs.provenance import read_provenance
from meanfield.runs.results import FIGURE_FORMATS, figure_content, load_dataset, refusing_strange_content

Draw = Callable[[xr.Dataset], Figure]


def figures_of(dataset: xr.Dataset, file: Path) -> dict[str, Draw]:
    """The figures that are drawn from a stored dataset, by the name of their files.

    Parameters
    ----------
    dataset : Dataset
        Its attribute ``figure`` names them, separated by spaces: `name` is drawn by ``figures.<name>_figure(dataset)``.
        One that was saved before notebooks wrote this attribute has the figure of its notebook's name, if there is one.
    file : Path
        Where it is stored, for messages.

    Raises
    ------
    ParameterError
        If there is no function of such a name.
    """
    names = str(dataset.attrs.get("figure", "")).split()
    if "figure" not in dataset.attrs and "provenance" in dataset.attrs:
        notebook = read_provenance(dataset.attrs, file).get("notebook")
        names = [notebook] if f"{notebook}_figure" in figures.__all__ else []
    unknown = [name for name in names if f"{name}_figure" not in figures.__all__]
    if unknown:
        known = ", ".join(name.removesuffix("_figure") for name in figures.__all__)
        raise ParameterError([f"figure = {name!r} is none that can be drawn; there are {known}" for name in unknown])
    return {name: getattr(figures, f"{name}_figure") for name in names}


def redraw(place: Path) -> Iterator[tuple[Path, bytes]]:
    """Draw all figures of a dataset, or of those in a folder and below: path and content of each file.

    A figure's files lie beside its dataset. Nothing is written.
    """
    for path in sorted(place.rglob("*.nc")) if place.is_dir() else [place]:
        dataset = load_dataset(path)
        for name, draw in figures_of(dataset, path).items():
            with refusing_strange_content(path, f"what the figure {name} shows"):
                figure = draw(dataset)
            for ending in FIGURE_FORMATS:
                yield path.with_name(f"{name}.{ending}"), figure_content(figure, ending)


def draw_again(place: Path) -> dict[Path, str]:
    """Write all figures of a dataset, or of a folder's; tell of each file whether it is "new", "changed" or "same"."""
    states = {}
    for path, content in redraw(place):
        states[path] = _beside(path, content)
        write_atomically(path, lambda temporary, content=content: temporary.write_bytes(content))
    return states


def check(place: Path) -> dict[Path, str]:
    """Compare figures with what their datasets give now, and write nothing.

    Returns
    -------
    dict of Path to str
        For each figure's file whether it is "new" (not there yet), "changed" or "same"; and in a folder "without a
        dataset" for one that nothing draws.
    """
    states = {path: _beside(path, content) for path, content in redraw(place)}
    present = [path for ending in FIGURE_FORMATS for path in sorted(place.rglob(f"*.{ending}"))]
    return states | {path: "without a dataset" for path in present if path not in states}


def _beside(path: Path, content: bytes) -> str:
    if not path.exists():
        return "new"
    return "same" if path.read_bytes() == content else "changed"
