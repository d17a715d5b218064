"""What a report shows of a run or of a batch, as cells of a page."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import xarray as xr
from nbformat import NotebookNode

from meanfield.comparison.data_frame import table
from meanfield.model.quantities import ParameterError, printable
from meanfield.model.yaml_files import read_yaml_mapping
from meanfield.runs.batch.failure import failure
from meanfield.runs.provenance import read_provenance
from meanfield.runs.report.page import as_shown, html, lines, page_of, picture, text
from meanfield.runs.reproduce.redraw import figures_of
from meanfield.runs.results import figure_content, load_dataset, refusing_strange_content
from meanfield.runs.show import origin_of, results_in

MOST_BYTES = 5_000_000
# Beyond these, runs are listed in a table only.
MOST_SECTIONS = 200
# Beyond these, no figures of single runs are shown.
MOST_WITH_FIGURES = 20
NOTHING_ELSE = {"failure": "", "figures": (), "file": None}


def report(place: Path, code: bool = False) -> str:
    """One self-contained HTML page of a run or a batch.

    Nothing is run. What a dataset or a notebook holds is shown as text, whoever wrote it.

    Parameters
    ----------
    place : Path
        A dataset, or the folder of a run or of a batch.
    code : bool
        Whether a run's code is shown too.

    Raises
    ------
    ParameterError
        If there is nothing to report, a file cannot be read, or the page would be larger than 5 MB.
    """
    runs = place / "runs" if place.is_dir() else place.parent / "runs"
    file = _dataset_in(place) if place.is_dir() else place
    if file is None and not runs.is_dir():
        raise ParameterError([f"{place} holds no dataset of a run, and no runs of a batch"])
    dataset = None if file is None else load_dataset(file)
    if file is None or "experiment" in _document(dataset, file):
        name = file.stem if file else place.resolve().name
        page = page_of(name, _of_batch(name, dataset, file, runs))
    else:
        page = page_of(f"{file.stem}: {file.parent.resolve().name}", _of_run(dataset, file), code)
    if len(page.encode()) > MOST_BYTES:
        raise ParameterError([f"the report of {place} would have {len(page.encode()) / 1e6:.1f} MB; 5 MB are possible"])
    return page


def _dataset_in(folder: Path) -> Path | None:
    """A folder's dataset; of several the one that its notebook, or its batch, has written last."""
    files = sorted(folder.glob("*.nc"))
    chosen = [path for path in files if path.stem in (folder.resolve().name, *(n.stem for n in folder.glob("*.ipynb")))]
    if len(files) > 1 and len(chosen) != 1:
        raise ParameterError([f"{folder} holds several datasets; name one: {', '.join(path.name for path in files)}"])
    return next(iter(chosen or files), None)


def _document(dataset: xr.Dataset, file: Path) -> Mapping[str, Any]:
    return read_provenance(dataset.attrs, file) if "provenance" in dataset.attrs else {}


def _of_run(dataset: xr.Dataset, file: Path) -> Iterator[NotebookNode]:
    """The executed notebook beside the dataset; without one, the dataset's own table and figures."""
    notebook = file.with_name(f"{_document(dataset, file).get('notebook', file.stem)}.ipynb")
    if notebook.is_file():
        with refusing_strange_content(notebook, "a notebook"), warnings.catch_warnings(action="ignore"):
            cells = [as_shown(cell) for cell in nbformat.read(notebook, as_version=4).cells]
        yield from cells
    else:
        yield text(f"# {_as_text(file.stem)}")
        yield lines(results_in(dataset, file))
        yield from _figures(dataset, file)
    yield from _origin(dataset, file)


def _of_batch(name: str, dataset: xr.Dataset | None, file: Path | None, runs: Path) -> Iterator[NotebookNode]:
    """The collected figures, a table of the runs and what each has found, failures, and provenance."""
    yield text(f"# {_as_text(name)}")
    if dataset is not None:
        yield from _figures(dataset, file)
    listed = list(_runs_in(runs)) if runs.is_dir() else list(_runs_of(dataset, file))
    failed = [run for run in listed if run["failure"]]
    yield text(f"## Runs\n\n{len(listed) - len(failed)} of {len(listed)} runs are finished.")
    linked = len(listed) <= MOST_SECTIONS
    yield html(_overview(listed, linked))
    if failed:
        yield text("## Failures")
        yield html("".join(f"<p>{_link(run, linked)}<pre>{escape(run['failure'])}</pre>" for run in failed))
    for run in listed if linked else ():
        yield _section(run, len(listed))
        for file_of_figure in run["figures"] if len(listed) <= MOST_WITH_FIGURES else ():
            yield picture(file_of_figure.read_bytes())
    finished = [run["file"] for run in listed if run["file"]]
    if dataset is not None:
        yield from _origin(dataset, file)
    elif finished:  # what failed has no dataset that tells
        yield from _origin(load_dataset(finished[0]), finished[0])


def _runs_in(folder: Path) -> Iterator[dict[str, Any]]:
    """The runs of a batch, from what each has left in its folder."""
    for number, run in enumerate(sorted(path for path in folder.iterdir() if path.is_dir()), start=1):
        file = run / "parameters.yml"
        point = read_yaml_mapping(file) if file.is_file() else {}
        datasets = sorted(run.glob("*.nc"))
        entry = {"number": number, "point": point, "values": None} | NOTHING_ELSE
        if not datasets or list(run.glob("*.failed.ipynb")):
            entry["failure"] = printable(failure(run))
        else:
            entry |= {"values": _table(load_dataset(datasets[0]), datasets[0]), "file": datasets[0]}
            entry["figures"] = sorted(run.glob("*.png"))
        yield entry


def _runs_of(dataset: xr.Dataset, file: Path) -> Iterator[dict[str, Any]]:
    """The runs that a collected dataset has been made from; all have been finished."""
    with refusing_strange_content(file, "the runs of a batch"):
        frame = table(dataset)
        names = list(frame)[: list(frame).index("population")]
        for number, (point, values) in enumerate(frame.groupby(names, sort=False), start=1):
            at = dict(zip(names, point, strict=True))
            yield {"number": number, "point": at, "values": values.drop(columns=names)} | NOTHING_ELSE


def _overview(runs: list[dict[str, Any]], linked: bool) -> str:
    """The table of runs, with the parameters in which they differ."""
    names = dict.fromkeys(name for run in runs for name in run["point"])
    varied = [name for name in names if len({json.dumps(run["point"].get(name), default=str) for run in runs}) > 1]
    rows = [
        [
            _link(run, linked),
            *(escape(str(run["point"].get(name, "–"))) for name in varied),
            "failed" if run["failure"] else "finished",
        ]
        for run in runs
    ]
    head = "".join(f"<th>{escape(name)}</th>" for name in ("run", *varied, "state"))
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div id="runs"></div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _link(run: Mapping[str, Any], linked: bool) -> str:
    return f'<a href="#run-{run["number"]}">run {run["number"]}</a>' if linked else str(run["number"])


def _section(run: Mapping[str, Any], n_runs: int) -> NotebookNode:
    """A run's parameters, and its values for each population or what made it fail."""
    number, point = run["number"], ", ".join(f"{name} = {value}" for name, value in run["point"].items())
    beside = [(number - 1, "previous"), (number + 1, "next")]
    links = [f'<a href="#run-{other}">{word}</a>' for other, word in beside if 1 <= other <= n_runs]
    links.append('<a href="#runs">all runs</a>')
    shown = f"<pre>{escape(run['failure'])}</pre>" if run["failure"] else _values(run["values"])
    return html(f'<h3 id="run-{number}">Run {number}</h3><p>{escape(point)}<br>{" · ".join(links)}</p>{shown}')


def _values(frame: pd.DataFrame | None) -> str:
    """A run's values, a column for each of its rows."""
    if frame is None:
        return "<p>It has no values for each population.</p>"
    names = [name for name in ("seed", "population") if name in frame]
    shown = frame.set_index(names) if names else frame
    return shown.T.to_html(escape=True, border=0, float_format="{:.6g}".format, na_rep="–")


def _table(dataset: xr.Dataset, file: Path) -> pd.DataFrame | None:
    with refusing_strange_content(file, "the results of a run"):
        try:
            return table(dataset)
        except ParameterError:
            return None


def _figures(dataset: xr.Dataset, file: Path) -> Iterator[NotebookNode]:
    for name, draw in figures_of(dataset, file).items():
        with refusing_strange_content(file, f"what the figure {name} shows"):
            content = figure_content(draw(dataset), "png")
        yield picture(content)


def _origin(dataset: xr.Dataset, file: Path) -> Iterator[NotebookNode]:
    yield text("## Where it comes from")
    yield lines(origin_of(dataset, file))


def _as_text(name: str) -> str:
    """A file's name in Markdown."""
    return name.replace("_", "\\_")
