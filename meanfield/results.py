"""Results on disk: written last and atomically, so that a file that exists is complete."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl
import xarray as xr
from matplotlib.figure import Figure

from meanfield.provenance import ROOT, circumstances
from meanfield.validation import ParameterError, stated

FIGURE_FORMATS = ("png", "svg", "pdf")


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file under a temporary name beside `path`, then rename it.

    Raises
    ------
    ParameterError
        If the folder cannot be written to or the disk is full; what was at `path` before is then untouched.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise ParameterError([f"{path} cannot be written: {error.strerror or error}"]) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


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
        return xr.load_dataset(path, engine="h5netcdf")
    except (OSError, ValueError) as error:
        reason = "no such file" if not Path(path).exists() else f"not a readable netCDF file ({error})"
        raise ParameterError([f"{path} cannot be read: {reason}"]) from None


def figure_content(figure: Figure, ending: str) -> bytes:
    """The figure as a file of `ending` "png", "svg" or "pdf"; equal figures give equal bytes."""
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


def results_folder(output: str | Path) -> Path:
    """The folder that `output` names: relative to the repository's root, wherever the notebook runs."""
    return ROOT / output


def refuse_unwritable(folder: Path) -> None:
    """Try to write in `folder`, which need not exist yet, and leave no trace.

    Raises
    ------
    ParameterError
        If it cannot be done.
    """
    try:
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        # A folder of its own name, so that runs that start side by side do not see each other's attempts.
        with tempfile.TemporaryDirectory(prefix=".", dir=existing):
            pass
    except OSError as error:
        reason = f"is not a folder that can be written to: {error.strerror}"
        raise ParameterError([f"{stated('output', str(folder))} {reason}"]) from None
