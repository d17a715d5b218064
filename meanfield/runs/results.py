"""Results on disk: datasets and figures, the same bytes for the same content."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from meanfield.model.quantities import ParameterError
from meanfield.runs.files import results_folder, write_atomically
from meanfield.runs.provenance import circumstances

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_FORMATS = ("png", "svg", "pdf")


def save_dataset(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a dataset as compressed netCDF; equal datasets give equal bytes.

    Raises
    ------
    ParameterError
        If `path` cannot be written.
    """
    encoding = {name: {"zlib": True, "complevel": 4} for name, v in dataset.variables.items() if v.ndim and v.size > 64}
    encoding = {name: how for name, how in encoding.items() if dataset[name].dtype.kind in "iuf"}
    # Made in memory: on a full disk, HDF5 would take the whole process down.
    content = dataset.to_netcdf(engine="h5netcdf", encoding=encoding)
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(content))


def load_dataset(path: str | Path) -> xr.Dataset:
    """Read a dataset that `save_dataset` wrote.

    Raises
    ------
    ParameterError
        If `path` is not a readable netCDF file.
    """
    try:
        # xarray remembers how it was stored, and would cut the texts of joined datasets to the first's length.
        return xr.load_dataset(path, engine="h5netcdf").drop_encoding()
    except (OSError, ValueError) as error:
        reason = "no such file" if not Path(path).exists() else f"not a readable netCDF file ({error})"
        raise ParameterError([f"{path} cannot be read: {reason}"]) from None


def figure_content(figure: Figure, ending: str) -> bytes:
    """The figure as a file of `ending` "png", "svg" or "pdf"; equal figures give equal bytes."""
    import matplotlib as mpl  # here, since it takes half a second, and many runs draw nothing

    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(ending)
    content = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "meanfield"}):  # for figures that are not in the project's style
        figure.savefig(content, format=ending, metadata=undated)
    return content.getvalue()


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG, SVG or PDF, by the path's ending.

    Raises
    ------
    ParameterError
        If `path` cannot be written.
    """
    content = figure_content(figure, Path(path).suffix[1:])
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(content))


def save_results(dataset: xr.Dataset, figures: Mapping[str, Figure], folder: str | Path, name: str) -> list[Path]:
    """Write what a notebook found: its figures, a sidecar of circumstances, and last its dataset.

    Parameters
    ----------
    dataset : Dataset
    figures : mapping of str to Figure
        Each becomes ``<key>.png``, ``<key>.svg`` and ``<key>.pdf``.
    folder : path
        A relative one starts at the repository's root; see `results_folder`.
    name : str
        The dataset becomes ``<name>.nc``, the sidecar ``<name>.circumstances.json``.

    Returns
    -------
    list of Path
        The files, in the order in which they were written; relative as `folder` is.

    Raises
    ------
    ParameterError
        If a file cannot be written.
    """
    place = results_folder(folder)
    drawn = [(f"{key}.{ending}", figure) for key, figure in figures.items() for ending in FIGURE_FORMATS]
    for file, figure in drawn:
        save_figure(figure, place / file)
    sidecar, data = f"{name}.circumstances.json", f"{name}.nc"
    write_atomically(place / sidecar, lambda temporary: temporary.write_text(circumstances()))
    save_dataset(dataset, place / data)
    return [Path(folder) / file for file in (*(file for file, _ in drawn), sidecar, data)]
