"""What each notebook takes: the one model that serves its first cells, the runner and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import field_validator

from meanfield.model.brunel import BrunelParameters
from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, Parameters, Quantity, off_grid, stated
from meanfield.runs.files import refuse_unwritable, results_folder
from meanfield.runs.parameter_cells import names_set_by
from meanfield.runs.provenance import ROOT, provenance
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.parameters import (
    RateNetworkParameters,
    SpikingParameters,
    SurrogateParameters,
    grid_violations,
)

if TYPE_CHECKING:
    import xarray as xr


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


class StateParameters(SpikingNetworkParameters):
    """Parameters of ``state.ipynb``, one point of a batch: one network, one seed."""

    n_seeds: Literal[1] = 1
    threads: Annotated[int, Quantity(at_least=1, at_most=511, whole=True)] = 1
    record: Annotated[int, Quantity(at_least=1, whole=True)] = 250
    bin_width: Annotated[float, Quantity("ms", above=0)] = 0.1
    segment: Annotated[float, Quantity("ms", at_least=4)] = 250.0
    shown: Annotated[float, Quantity("ms", at_least=1)] = 200.0
    output: str = "results/state"

    @classmethod
    def violations(cls, values):
        from meanfield.simulation.measures.excerpt import BIN  # here, since only this notebook needs it

        yield from super().violations(values)
        if values.shown > values.duration:
            yield f"{stated('shown', values.shown, 'ms')} must be ≤ duration = {values.duration!r} ms"
        yield from off_grid("bin_width", values.bin_width, segment=values.segment)
        yield from off_grid("the excerpt's bins", BIN, shown=values.shown)
        yield from off_grid("bin_width", values.bin_width, **{"the excerpt's bins": BIN})


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


class CollectedDataParameters(NotebookParameters):
    """Base of the notebooks that present what an experiment collected."""

    data: str

    @field_validator("data", "line_data", "size_data", check_fields=False)
    @classmethod
    def _some_file(cls, data: str) -> str:
        if not (ROOT / data).is_file():
            raise ValueError("is no file; it must be what `make batch EXPERIMENT=experiments/….yml` collected")
        return data

    def dataset(self, name: str = "data") -> xr.Dataset:
        """The collected dataset that the parameter of this name tells."""
        from meanfield.runs.results import load_dataset  # here, since most notebooks read none

        return load_dataset(ROOT / getattr(self, name))

    def provenance(self, notebook: str) -> str:
        """The document on where a dataset comes from."""
        return provenance(notebook, self.model_dump(exclude={"output"}))


class BrunelStatesParameters(CollectedDataParameters):
    """Parameters of ``brunel_states.ipynb``."""

    data: str = "results/reference/brunel_states/brunel_states.nc"
    size_data: str = "results/reference/spectrum_size/spectrum_size.nc"
    output: str = "results/brunel_states_notebook"


class PhaseDiagramParameters(CollectedDataParameters):
    """Parameters of ``phase_diagram.ipynb``."""

    data: str = "results/reference/phase_diagram/phase_diagram.nc"
    n_grid: Annotated[int, Quantity(at_least=5, whole=True)] = 41
    output: str = "results/phase_diagram_notebook"


class ValidityParameters(CollectedDataParameters):
    """Parameters of ``validity_map.ipynb``."""

    data: str = "results/reference/validity_map/validity_map.nc"
    line_data: str = "results/reference/validity_along_J/validity_along_J.nc"
    level: Annotated[float, Quantity(above=0, at_most=0.5)] = 0.01
    output: str = "results/validity_map_notebook"
