"""What each notebook takes: the one model that serves its first cells, the runner and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import field_validator

from meanfield.files import refuse_unwritable, results_folder
from meanfield.networks import BrunelParameters, Network
from meanfield.parameter_cells import names_set_by
from meanfield.provenance import ROOT, provenance
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.parameters import (
    RateNetworkParameters,
    SpikingParameters,
    SurrogateParameters,
    grid_violations,
)
from meanfield.validation import ParameterError, Parameters, Quantity, stated


class NotebookParameters(Parameters):
    """Base of the notebooks' models: knows how to read a notebook's parameters and where its results go."""

    output: str

    @field_validator("output")
    @classmethod
    def _some_folder(cls, output: str) -> str:
        if not output.strip():
            raise ValueError("must name a folder")
        return output

    @classmethod
    def from_notebook(cls, namespace: Mapping[str, Any]):
        """Validate what the parameters cell, and papermill's after it, have set: ``Model.from_notebook(globals())``.

        Raises
        ------
        ParameterError
            If a value cannot be used, the run is impossible, or a cell of parameters sets a name that is none of this
            notebook's: a misspelling would otherwise run with the default unnoticed.
        """
        # Jupyter keeps the sources of all cells run so far, this one last.
        names = dict.fromkeys([*cls.model_fields, *names_set_by(namespace.get("In", [])[:-1])])
        parameters = cls(**{name: namespace[name] for name in names if name in namespace})
        parameters.refuse_impossible()
        return parameters

    def refuse_impossible(self) -> None:
        """Refuse before anything runs what would only fail at the end.

        Raises
        ------
        ParameterError
            If results cannot be written, or the network does not fit into memory.
        """
        refuse_unwritable(results_folder(self.output))


class NetworkParameters(BrunelParameters, NotebookParameters):
    """A notebook's network: Brunel's, or the one that a YAML file describes."""

    network_file: str = ""

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        if not isinstance(values.network_file, str) or not values.network_file:
            return
        for name, field in BrunelParameters.model_fields.items():
            if getattr(values, name) != field.default and getattr(values, name) == getattr(values, name):
                yield f"{stated(name, getattr(values, name))} is without effect beside a network_file; leave it out"
        try:
            Network.from_yaml(ROOT / values.network_file)
        except ParameterError as error:
            yield from error.culprits

    def network(self) -> Network:
        """The network that the notebook is about."""
        return Network.from_yaml(ROOT / self.network_file) if self.network_file else super().network()

    def provenance(self, notebook: str) -> str:
        """The document on where a dataset comes from; a network from a file travels in it."""
        return provenance(
            notebook,
            self.model_dump(exclude={"output"}),
            network=self.network().to_dict() if self.network_file else None,
        )


class SpikingNetworkParameters(NetworkParameters, SpikingParameters):
    """Parameters of ``spiking_network.ipynb``."""

    output: str = "results/spiking_network"

    @classmethod
    def violations(cls, values):
        culprits = list(super().violations(values))
        yield from culprits
        if not values.network_file:
            yield from grid_violations(values, values.dt)
        elif not culprits and isinstance(values.network_file, str):
            yield from grid_violations(Network.from_yaml(ROOT / values.network_file), values.dt)

    def refuse_impossible(self) -> None:
        refuse_what_does_not_fit(self.network())
        super().refuse_impossible()


class RateNetworkNotebookParameters(NetworkParameters, RateNetworkParameters):
    """Parameters of ``rate_network.ipynb``."""

    output: str = "results/rate_network"


class CompareParameters(SpikingNetworkParameters, RateNetworkParameters):
    """Parameters of ``compare.ipynb``."""

    n_seeds: Annotated[int, Quantity(at_least=1, whole=True)] = 2
    output: str = "results/compare"


class DeviationParameters(SpikingNetworkParameters):
    """Parameters of ``deviation.ipynb``."""

    threads: Annotated[int, Quantity(at_least=1, at_most=511, whole=True)] = 1
    record: int | Literal["all"] = 0
    output: str = "results/deviation"


class ErrorBudgetParameters(SpikingNetworkParameters, SurrogateParameters):
    """Parameters of ``error_budget.ipynb``."""

    n_seeds: Annotated[int, Quantity(at_least=1, whole=True)] = 2
    record: Literal["all"] = "all"
    window: Annotated[float, Quantity("ms", above=0)] = 10.0
    sample: Annotated[int, Quantity(at_least=2, whole=True)] = 200
    output: str = "results/error_budget"


class MeanFieldParameters(BrunelParameters, NotebookParameters):
    """Parameters of ``mean_field.ipynb``."""

    g: Annotated[float, Quantity(at_least=0)] = 3.0
    eta: Annotated[float, Quantity(at_least=0)] = 0.8
    rate_max: Annotated[float, Quantity("spikes/s", above=0)] = 300.0
    n_plane: Annotated[int, Quantity(at_least=20, whole=True)] = 200
    n_trajectories: Annotated[int, Quantity(at_least=1, whole=True)] = 12
    vary: Literal["eta", "g"] = "eta"
    vary_from: Annotated[float, Quantity(at_least=0)] = 0.0
    vary_to: Annotated[float, Quantity(above=0)] = 1.5
    n_vary: Annotated[int, Quantity(at_least=2, whole=True)] = 601
    g_max: Annotated[float, Quantity(above=0)] = 8.0
    eta_max: Annotated[float, Quantity(above=0)] = 4.0
    n_map: Annotated[int, Quantity(at_least=2, whole=True)] = 200
    output: str = "results/mean_field"

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        if values.vary_to <= values.vary_from:
            yield f"{stated('vary_to', values.vary_to)} must be above {stated('vary_from', values.vary_from)}"

    def provenance(self, notebook: str) -> str:
        """The document on where a dataset comes from."""
        return provenance(notebook, self.model_dump(exclude={"output"}))


class ValidityParameters(NotebookParameters):
    """Parameters of ``validity_map.ipynb``."""

    map_file: str = "results/reference/validity_map/validity_map.nc"
    line_file: str = "results/reference/validity_along_J/validity_along_J.nc"
    level: Annotated[float, Quantity(above=0, at_most=0.5)] = 0.01
    output: str = "results/validity"

    def datasets(self) -> tuple[Any, Any]:
        """The collected runs over a plane, and along a line."""
        from meanfield.results import load_dataset

        return load_dataset(ROOT / self.map_file), load_dataset(ROOT / self.line_file)

    def refuse_impossible(self) -> None:
        self.datasets()
        super().refuse_impossible()

    def provenance(self, notebook: str) -> str:
        """The document on where a dataset comes from."""
        return provenance(notebook, self.model_dump(exclude={"output"}))
