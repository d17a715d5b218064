"""Bases of the notebooks' parameter models, and the way from a notebook's name to its model.

The models themselves lie in ``runs/notebooks``, one a file, and are found by their notebook's name: a new notebook
needs no line in any table, and makes no finished run of another one stale.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import field_validator

from meanfield.model.quantities import FileMeaning, Meaning, ParameterError, Parameters
from meanfield.runs.files import refuse_unwritable, results_folder
from meanfield.runs.parameter_cells import names_set_by
from meanfield.runs.places import start
from meanfield.runs.provenance import Start, provenance

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Folder = Annotated[str, Meaning("folder")]
File = Annotated[str, FileMeaning("file")]


def parameters(notebook: str, namespace: Mapping[str, Any]) -> NotebookParameters:
    """Check what a notebook's parameters cell has set: ``mf.parameters("compare", globals())``.

    Parameters
    ----------
    notebook : str
        Name of the notebook, and of the file of its model in ``meanfield/runs/notebooks``.
    namespace : mapping
        The notebook's ``globals()``.

    Returns
    -------
    NotebookParameters
        With what the notebook needs: ``network()``, the arguments of its simulations, and ``save``.

    Raises
    ------
    ParameterError
        If there is no such model, a value cannot be used, the run is impossible, or a cell of parameters sets a name
        that is none of this notebook's: a misspelling would otherwise run with the default unnoticed.
    """
    return model_of(notebook).from_notebook(namespace)


def model_of(notebook: str) -> type[NotebookParameters]:
    """The parameter model of a notebook: the one that ``runs/notebooks/<notebook>.py`` defines.

    Raises
    ------
    ParameterError
        If there is no such file, or it does not define exactly one.
    """
    place = f"meanfield.runs.notebooks.{notebook}"
    if not notebook.isidentifier() or find_spec(place) is None:
        raise ParameterError([f"{notebook!r} is no notebook with a model in meanfield/runs/notebooks"])
    members = vars(importlib.import_module(place)).values()
    models = [m for m in members if isinstance(m, type) and issubclass(m, Parameters) and m.__module__ == place]
    if len(models) != 1:
        raise ParameterError([f"{place} defines {len(models)} parameter models; it must define exactly one"])
    return models[0]


class NotebookParameters(Parameters):
    """Base of the notebooks' models: reads a notebook's parameters, and saves what it makes."""

    # What stands above a parameter in the notebook's cell.
    headings: ClassVar[dict[str, str]] = {"output": "Where results go, from the repository's root on"}

    output: Folder

    @field_validator("output")
    @classmethod
    def _some_folder(cls, output: str) -> str:
        if not output.strip():
            raise ValueError("must name a folder")
        return output

    @classmethod
    def from_notebook(cls, namespace: Mapping[str, Any]):
        """Check what the parameters cell, and papermill's after it, have set; see `parameters`."""
        # Jupyter keeps the sources of all cells run so far, this one last.
        names = dict.fromkeys([*cls.model_fields, *names_set_by(namespace.get("In", [])[:-1])])
        checked = cls(**{name: namespace[name] for name in names if name in namespace})
        checked.refuse_impossible()
        checked.__dict__["_start"] = Start.of(namespace)
        return checked

    def refuse_impossible(self) -> None:
        """Refuse before anything runs what would only fail at the end.

        Raises
        ------
        ParameterError
            If results cannot be written, or the network does not fit into memory.
        """
        refuse_unwritable(results_folder(self.output))

    @classmethod
    def notebook(cls) -> str:
        """Name of the notebook, which its dataset has too."""
        return cls.__module__.rpartition(".")[2]

    def save(self, dataset: xr.Dataset, figures: Mapping[str, Figure] | None = None, name: str = "") -> None:
        """Write a dataset and the figures that are drawn from it, and print which files these are.

        The dataset is told where it comes from (attribute ``provenance``) and what can be drawn from it (``figure``).

        Parameters
        ----------
        dataset : Dataset
        figures : mapping of str to Figure
            NAME is what ``figures.NAME_figure(dataset)`` draws.
        name : str
            The dataset's name, if a notebook saves several; the notebook's own, which it saves last, needs none.

        Raises
        ------
        ParameterError
            If a file cannot be written.
        """
        from meanfield import figures as known
        from meanfield.runs.results import save_results

        figures = figures or {}
        name = name or self.notebook()
        drawn = " ".join(figure for figure in figures if f"{figure}_figure" in known.__all__)
        complete = dataset.assign_attrs(figure=drawn, provenance=self.provenance(name))
        print(*save_results(complete, figures, self.output, name), sep="\n")

    def provenance(self, name: str = "") -> str:
        """The document on where the dataset `name`, or the notebook's own, comes from."""
        return provenance(
            self.notebook(),
            self.model_dump(exclude={"output"}),
            network=self.network_in_full(),
            dataset=name,
            start=self.__dict__.get("_start"),
        )

    def network_in_full(self) -> dict[str, Any] | None:
        """The description of a network that the parameters do not describe themselves."""
        return None

    def _share(self, part: type[Parameters]) -> dict[str, Any]:
        """The parameters that come from `part`."""
        return {name: getattr(self, name) for name in part.model_fields}


class CollectedDataParameters(NotebookParameters):
    """Base of the notebooks that present what an experiment collected."""

    headings: ClassVar[dict[str, str]] = {"data": "What experiments collected, from the repository's root on"}

    data: File

    @field_validator("data", "line_data", "size_data", check_fields=False)
    @classmethod
    def _some_file(cls, data: str) -> str:
        if not (start() / data).is_file():
            raise ValueError("is no file; it must be what `make batch EXPERIMENT=experiments/….yml` collected")
        return data

    def dataset(self, name: str = "data") -> xr.Dataset:
        """The collected dataset that the parameter of this name tells."""
        from meanfield.runs.results import load_dataset  # here, since most notebooks read none

        return load_dataset(start() / getattr(self, name))
