"""Bases of the parameter models of notebooks that are about a network."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from meanfield.model.brunel import BrunelParameters
from meanfield.model.network import Network
from meanfield.model.network_changes import changed_network
from meanfield.model.quantities import FileMeaning, Meaning, ParameterError, stated
from meanfield.runs.parameters import NotebookParameters
from meanfield.runs.places import start
from meanfield.simulation.kernel import refuse_more_threads_than_allowed
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.parameters import RateNetworkParameters, SpikingParameters, grid_violations


class NetworkParameters(BrunelParameters, NotebookParameters):
    """A notebook's network: Brunel's, or the one that a YAML file describes."""

    network_file: Annotated[str, FileMeaning("YAML description of another network, instead of all the above")] = ""
    network_changes: Annotated[
        dict[str, Any], Meaning('entries of that file that are changed, as {"J[E,I]": -0.5}, target first')
    ] = Field({})

    @field_validator("network_changes")
    @classmethod
    def _equal_numbers_alike(cls, changes: dict[str, Any]) -> dict[str, Any]:
        """1 as 1.0, so that equal runs have one name."""
        return {entry: float(value) if type(value) is int else value for entry, value in changes.items()}

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        if not isinstance(values.network_file, str) or not isinstance(values.network_changes, dict):
            return
        if not values.network_file:
            if values.network_changes:
                yield f"{stated('network_changes', values.network_changes)} needs a network_file, which it changes"
            return
        for name in BrunelParameters.model_fields:
            default = cls.model_fields[name].default  # a notebook may have its own
            if getattr(values, name) != default and getattr(values, name) == getattr(values, name):
                yield f"{stated(name, getattr(values, name))} is without effect beside a network_file; leave it out"
        try:
            network_in_file(values)
        except ParameterError as error:
            yield from error.culprits

    def network(self) -> Network:
        """The network that the notebook is about."""
        return network_in_file(self) if self.network_file else super().network()

    def network_in_full(self) -> dict[str, Any] | None:
        """The description of a network that came from a file, without the changes, which parameters tell."""
        if not self.network_file:
            return None
        network_in_file(self)
        return self.__dict__["_in_file"].to_dict()


def network_in_file(values: Any) -> Network:
    """The network that ``values.network_file`` describes, with the changes.

    The file is read once, so that what is recorded is what has run.
    """
    if "_network" not in values.__dict__:
        in_file = Network.from_yaml(start() / values.network_file)
        changes = values.network_changes
        values.__dict__["_network"] = changed_network(in_file, changes) if changes else in_file
        values.__dict__["_in_file"] = in_file
    return values.__dict__["_network"]


class SimulatedNetworkParameters(NetworkParameters, SpikingParameters):
    """A network that is simulated with spikes."""

    @property
    def simulation(self) -> dict[str, Any]:
        """The arguments of `simulate_spiking`."""
        return self._share(SpikingParameters)

    @classmethod
    def violations(cls, values):
        culprits = list(super().violations(values))
        yield from culprits
        if not values.network_file:
            yield from grid_violations(values, values.dt)
        elif not culprits and isinstance(values.network_file, str):
            yield from grid_violations(network_in_file(values), values.dt)

    def refuse_impossible(self) -> None:
        refuse_what_does_not_fit(self.network(), self.simulator)
        if self.simulator == "nest":
            refuse_more_threads_than_allowed(self.threads)
        super().refuse_impossible()


class RelaxedNetworkParameters(NetworkParameters, RateNetworkParameters):
    """A network whose rates relax in pseudo-time."""

    @property
    def relaxation(self) -> dict[str, Any]:
        """The arguments of `simulate_rate_network`."""
        return self._share(RateNetworkParameters)
