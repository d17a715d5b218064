"""An experiment: a notebook and the parameters on which it runs, all checked before anything runs."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from meanfield.model.network_changes import is_entry
from meanfield.model.quantities import ParameterError, Parameters, stated
from meanfield.model.yaml_files import read_yaml_mapping
from meanfield.runs.batch.axes import MOST_RUNS, Axis, read_axis
from meanfield.runs.notebook_file import read_parameters
from meanfield.runs.parameters import NotebookParameters
from meanfield.runs.places import repository

REFERENCE = "reference"  # the folder of the tracked results
LONGEST_NAME = 100  # of a run's readable part: file systems allow names of 255 bytes


@dataclass(frozen=True)
class Run:
    """One point of an experiment.

    Parameters
    ----------
    name : str
        The point in words, and a digest of all that determines the result but code: parameters, threads among them,
        notebook, and what a network's file says. Another parameter is another run.
    given : dict
        The parameters that the experiment sets.
    checked : NotebookParameters
        All the notebook's parameters.
    """

    name: str
    given: dict[str, Any]
    checked: NotebookParameters


class Experiment(Parameters):
    """What an experiment file says.

    Parameters
    ----------
    name : str
        Name of the file without its ending; also the folder of the results.
    notebook : str
        The notebook that runs at each point, from the repository's root on.
    fixed : dict
        Parameters that are equal in all runs and differ from the notebook's own. Paths of files, here and in the grid,
        start at the repository's root, wherever the experiment's file lies.
    grid : list of axes
        The runs are the outer product of the axes; see `meanfield.runs.batch.axes.read_axis`. Beside a `network_file`,
        columns may also be entries of that file, as ``J[E,I]``; see `meanfield.model.network_changes`.
    seeds : list of int
        One more axis, of the parameter `seed`.
    variables : list of str
        Which variables of the runs are collected; all those of equal shape, if none are named.
    figure : str
        Names of the figures drawn of the collected dataset, separated by spaces: NAME for `figures.NAME_figure`.

    Raises
    ------
    ParameterError
        Naming all that cannot be used. Values of notebook parameters are checked in `runs`.
    """

    name: str
    notebook: str
    fixed: dict[str, Any] = Field(default_factory=dict)
    grid: tuple[Axis, ...] = ()
    seeds: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()
    figure: str = ""

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not re.fullmatch(r"\w[\w.+-]*", name) or name == REFERENCE:
            raise ValueError(f"must be a plain name, unlike {REFERENCE!r}, which holds the tracked results")
        return name

    @field_validator("grid", mode="before")
    @classmethod
    def _axes(cls, grid: Any) -> tuple[Axis, ...]:
        if not isinstance(grid, list | tuple):
            raise ValueError("must be a list of axes, each written '- name: values'")
        return tuple(read_axis(axis) for axis in grid)

    @field_validator("seeds", "variables", mode="before")
    @classmethod
    def _list(cls, values: Any) -> tuple[Any, ...]:
        if not isinstance(values, list | tuple) or len(set(map(repr, values))) < len(values):
            raise ValueError("must be a list without repetition")
        return tuple(values)

    @classmethod
    def violations(cls, values):
        axes = values.grid if isinstance(values.grid, tuple | list) else ()
        columns = [name for axis in axes if isinstance(axis, dict) for name in axis]
        columns += ["seed"] if values.seeds else []
        fixed = list(values.fixed) if isinstance(values.fixed, dict) else []
        for name in dict.fromkeys(columns + fixed):
            if (columns + fixed).count(name) > 1:
                yield f"{name} is set more than once, in the grid, by the seeds or as a fixed parameter"
        if "output" in columns + fixed:
            yield "output is not for an experiment to set: each run has a folder of its own"
        if isinstance(values.figure, str) and values.figure:
            from meanfield import figures

            for figure in values.figure.split():
                if f"{figure}_figure" not in figures.__all__:
                    known = ", ".join(name.removesuffix("_figure") for name in figures.__all__)
                    yield f"{stated('figure', figure)} is not known; known are {known}"

    @classmethod
    def from_yaml(cls, path: str | Path) -> Experiment:
        """Read an experiment file.

        Raises
        ------
        ParameterError
            If the file cannot be read or does not describe an experiment.
        """
        content = read_yaml_mapping(path)
        try:
            return cls(**content, name=Path(path).stem)
        except TypeError:
            raise ParameterError([f"{path}: the name of an experiment is its file's name, not a line in it"]) from None
        except ParameterError as error:
            raise ParameterError([f"{path}: {culprit}" for culprit in error.culprits]) from None

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The grid's axes, and the seeds as the last one."""
        return (*self.grid, {"seed": self.seeds}) if self.seeds else self.grid

    def points(self) -> list[dict[str, Any]]:
        """The parameters that vary, at each point; the last axis steps first."""
        points: list[dict[str, Any]] = [{}]
        for axis in self.axes:
            steps = [dict(zip(axis, step, strict=True)) for step in zip(*axis.values(), strict=True)]
            points = [point | step for point in points for step in steps]
        return points

    def runs(self) -> list[Run]:
        """All runs, each with its parameters checked by the notebook's own model.

        Raises
        ------
        ParameterError
            If the notebook cannot be run, or a parameter cannot be used at some point.
        """
        n_runs = math.prod(len(next(iter(axis.values()))) for axis in self.axes)
        if n_runs > MOST_RUNS:
            raise ParameterError([f"{self.name} has {n_runs:,} runs; at most {MOST_RUNS:,} are possible"])
        points = self.points()
        notebook = repository("an experiment") / self.notebook
        model, defaults = read_parameters(notebook)
        if culprits := list(self._undrawable(model)):
            raise ParameterError([f"{self.name}: {culprit}" for culprit in culprits])
        runs: dict[str, Run] = {}
        complaints: dict[str, list[dict[str, Any]]] = {}
        for point in points:
            try:
                run = self._run(model, defaults, point)
            except ParameterError as error:
                for culprit in error.culprits:
                    complaints.setdefault(culprit, []).append(point)
                continue
            if run.name in runs:
                raise ParameterError([f"{self.name} has the same run twice, at {in_words(point)}"])
            runs[run.name] = run
        if complaints:
            raise ParameterError([_complaint(self.name, *complaint, len(points)) for complaint in complaints.items()])
        return list(runs.values())

    def _undrawable(self, model: type[NotebookParameters]) -> Iterator[str]:
        """A sentence for each need of a figure that the runs do not meet."""
        from meanfield import figures

        for name in self.figure.split():
            needs = getattr(getattr(figures, f"{name}_figure"), "needs", None)
            if needs is None:
                yield f"{stated('figure', name)} is drawn from a single run, not from those of an experiment"
                continue
            for lacking in needs.lacking(model.notebook(), [list(axis) for axis in self.grid]):
                yield f"{stated('figure', name)} {lacking}"

    def _run(self, model: type[NotebookParameters], defaults: Mapping[str, Any], point: dict[str, Any]) -> Run:
        given = _with_changes({**self.fixed, **point}, set(model.model_fields))
        checked = model(**{**defaults, **given})
        given = {name: getattr(checked, name) for name in given}  # 1e4 as 10000, so that equal runs have one name
        everything = {"notebook": self.notebook} | checked.model_dump(exclude={"output"})
        if network := checked.network_in_full():
            everything["network"] = network
        digest = hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:10]
        changes = given.get("network_changes", {})
        readable = in_words({name: (changes if name in changes else given)[name] for name in point}, "_")
        readable = readable.replace(" ", "")
        # No commas: Snakemake, when it hands a job to a cluster, takes them for the end of a wildcard.
        readable = re.sub(r"[^\w.=+-]", "_", readable)[:LONGEST_NAME]
        return Run(f"{readable}-{digest}".lstrip("-"), given, checked)


def _with_changes(given: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """The notebook's parameters: beside a network's file, entries of that file are changes of it."""
    beside_file = bool(given.get("network_file"))
    entries = {name for name in given if is_entry(name) and (beside_file or name not in known)}
    if not entries or "network_changes" not in known:
        return dict(given)
    if not beside_file:
        named = ", ".join(sorted(entries))
        raise ParameterError([f"{named} can only be set beside a network_file, whose entry it is"])
    for name in entries:
        if isinstance(given[name], list | dict | tuple):
            raise ParameterError([f"{stated(name, given[name])} must be one number or word, to stand on an axis"])
    changes = {**given.get("network_changes", {}), **{name: given[name] for name in given if name in entries}}
    return {name: value for name, value in given.items() if name not in entries} | {"network_changes": changes}


def in_words(point: Mapping[str, Any], separator: str = ", ") -> str:
    """A point as a person would name it; of a file, its name."""
    return separator.join(f"{name} = {Path(v).stem if isinstance(v, str) else v}" for name, v in point.items())


def _complaint(experiment: str, culprit: str, points: list[dict[str, Any]], n_points: int) -> str:
    if len(points) == n_points:
        return f"{experiment}: {culprit}"
    more = f" and {len(points) - 1} more" if len(points) > 1 else ""
    return f"{experiment}, at {in_words(points[0])}{more}: {culprit}"


def experiment_files() -> list[Path]:
    """All experiments of the repository."""
    return sorted((repository("a workflow") / "experiments").glob("*.yml"))
