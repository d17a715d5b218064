"""Results on disk: datasets and figures, the same bytes for the same content."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import xarray as xr

from meanfield.model.quantities import ParameterError
from meanfield.runs.files import results_folder, write_as_set, write_atomically
from meanfield.runs.provenance import circumstances

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_FORMATS = ("png", "svg", "pdf")

# What zlib can make of a file at the most, and a size that is harmless in any case.
MOST_COMPRESSED = 1100
SMALL = 10_000_000  # bytes


def dataset_content(dataset: xr.Dataset) -> bytes:
    """The dataset as compressed netCDF; equal datasets give equal bytes."""
    encoding = {name: {"zlib": True, "complevel": 4} for name, v in dataset.variables.items() if v.ndim and v.size > 64}
    encoding = {name: how for name, how in encoding.items() if dataset[name].dtype.kind in "iuf"}
    # Made in memory: on a full disk, HDF5 would take the whole process down.
    return bytes(dataset.to_netcdf(engine="h5netcdf", encoding=encoding))


def save_dataset(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a dataset as compressed netCDF; equal datasets give equal bytes.

    Raises
    ------
    ParameterError
        If `path` cannot be written.
    """
    content = dataset_content(dataset)
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(content))


def load_dataset(path: str | Path) -> xr.Dataset:
    """Read a dataset that `save_dataset` wrote.

    Raises
    ------
    ParameterError
        If `path` is not a readable netCDF file, or it says that it holds more than fits into it.
    """
    path = Path(path)
    if not path.is_file():
        raise ParameterError(
            [f"{path} cannot be read: {'it is no ordinary file' if path.exists() else 'no such file'}"]
        )
    try:
        with h5py.File(path) as file:
            dict(file.attrs)  # what fails here would make h5netcdf complain at length
        with xr.open_dataset(path, engine="h5netcdf") as stored:
            size = path.stat().st_size
            if stored.nbytes <= max(MOST_COMPRESSED * size, SMALL):
                # xarray remembers how it was stored, and would cut the texts of joined datasets to the first's length.
                return stored.load().drop_encoding()
            reason = f"it says that it holds {stored.nbytes / 1e9:.3g} GB, which cannot be in {size / 1e3:.3g} kB"
    except Exception as error:  # a damaged file makes HDF5, h5netcdf and xarray raise nearly anything
        reason = f"not a readable netCDF file ({(str(error).splitlines() or [type(error).__name__])[0][:200]})"
    raise ParameterError([f"{path} cannot be read: {reason}"])


@contextlib.contextmanager
def refusing_strange_content(file: Path, content: str) -> Iterator[None]:
    """Whatever goes wrong with what a dataset holds is the file's fault: it may be anybody's, and hold anything.

    Raises
    ------
    ParameterError
        That `file` does not hold the `content` (words), with the reason.
    """
    try:
        yield
    except ParameterError:
        raise
    except Exception as error:
        reason = " ".join([type(error).__name__, *str(error).splitlines()[:1]])
        raise ParameterError([f"{file} does not hold {content} ({reason[:200]})"]) from error


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

    Should the process be killed meanwhile, all files are new, or all are as before.

    Parameters
    ----------
    dataset : Dataset
    figures : mapping of str to Figure
        Each becomes ``<key>.png``, ``<key>.svg`` and ``<key>.pdf``.
    folder : path
        As notebooks write it; see `meanfield.runs.places`.
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
    content = {
        f"{key}.{ending}": figure_content(figure, ending)
        for key, figure in figures.items()
        for ending in FIGURE_FORMATS
    }
    content[f"{name}.circumstances.json"] = circumstances().encode()
    content[f"{name}.nc"] = dataset_content(dataset)
    write_as_set(results_folder(folder), content)
    return [Path(folder) / file for file in content]
