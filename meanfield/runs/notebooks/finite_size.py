"""Parameters of ``finite_size.ipynb``."""

from typing import Annotated, ClassVar

from meanfield.model.network import Network
from meanfield.model.quantities import Quantity
from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.parameters import Record, Seeds, Simulator, Threads

SMALLEST = 0.5  # network, relative


class FiniteSizeParameters(SimulatedNetworkParameters):
    """A network and larger and smaller ones of equal in-degrees."""

    headings: ClassVar[dict[str, str]] = {"n_sizes": "Sizes, and the limit of infinite size"}

    duration: Annotated[
        float, Quantity("ms", "recorded for each seed at the network's own size; less for larger ones", above=0)
    ] = 2000.0
    n_seeds: Seeds = 2
    simulator: Simulator = "compiled"
    threads: Threads = 1
    record: Record = 0
    n_sizes: Annotated[
        int,
        Quantity(meaning="half as many neurons, as many, twice as many, …", at_least=3, at_most=8, whole=True),
    ] = 3
    trains_sem: Annotated[
        float, Quantity(meaning="relative standard error of the limit's rate that is aimed at", above=0)
    ] = 0.002
    output: str = "results/finite_size"

    @property
    def factors(self) -> list[float]:
        """Sizes of the networks, relative."""
        return [SMALLEST * 2.0**k for k in range(self.n_sizes)]

    def refuse_impossible(self) -> None:
        super().refuse_impossible()
        network = self.network()
        largest = Network(**network.to_dict() | {"size": network.size * round(self.factors[-1])})
        refuse_what_does_not_fit(largest, self.simulator)
