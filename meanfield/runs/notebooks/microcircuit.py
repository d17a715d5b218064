"""Parameters of ``microcircuit.ipynb``."""

from typing import Annotated, Any, ClassVar, Literal

from meanfield.model.network import Network
from meanfield.model.potjans_diesmann import potjans_diesmann
from meanfield.model.quantities import Meaning, Quantity
from meanfield.runs.parameters import NotebookParameters
from meanfield.simulation.kernel import refuse_more_threads_than_allowed
from meanfield.simulation.memory import refuse_what_does_not_fit
from meanfield.simulation.parameters import Seeds, SpikingParameters, SurrogateParameters


class MicrocircuitParameters(NotebookParameters):
    """The cortical microcircuit, simulated and predicted."""

    headings: ClassVar[dict[str, str]] = {
        "scale": "The network: Potjans and Diesmann's",
        "simulator": "The simulation",
        "with_trains": "The theory",
        "surrogate_neurons": "The surrogates",
    }

    scale: Annotated[
        float, Quantity(meaning="size and in-degrees relative to the full model's, at most 1", at_least=0.01, at_most=1)
    ] = 0.1
    drive: Annotated[
        Literal["poisson", "dc"], Meaning('external input: "poisson" trains, or "dc", their mean current')
    ] = "poisson"
    simulator: Annotated[
        Literal["compiled", "nest"], Meaning('"compiled" code (full scale: 3 GB), or "nest" (full scale: 14 GB)')
    ] = "compiled"
    duration: Annotated[float, Quantity("ms", "recorded biological time for each seed", at_least=200)] = 5000.0
    warmup: Annotated[float, Quantity("ms", "left out before it", at_least=0)] = 500.0
    seed: Annotated[int, Quantity(meaning="first random seed", at_least=1, at_most=2**31, whole=True)] = 1
    n_seeds: Seeds = 2
    threads: Annotated[int, Quantity(meaning="to share the work", at_least=1, at_most=511, whole=True)] = 2
    with_trains: Annotated[bool, Meaning("whether self-consistent trains are computed, which takes half a minute")] = (
        True
    )
    surrogate_neurons: Annotated[
        int,
        Quantity(meaning="unconnected neurons for each population and surrogate; 0 for none", at_least=0, whole=True),
    ] = 500
    output: str = "results/microcircuit"

    def network(self) -> Network:
        """The microcircuit."""
        return potjans_diesmann(self.scale, self.drive)

    @property
    def simulation(self) -> dict[str, Any]:
        """The arguments of `simulate_spiking`; in bins that the excerpt can be made of, with the spikes of all."""
        names = ("duration", "warmup", "seed", "n_seeds", "simulator", "threads")
        run = {name: getattr(self, name) for name in names} | {"record": "all", "bin_width": 0.5}
        return SpikingParameters(**run).model_dump()

    def refuse_impossible(self) -> None:
        _ = self.simulation
        if self.surrogate_neurons:
            SurrogateParameters(surrogate_neurons=self.surrogate_neurons)
        refuse_what_does_not_fit(self.network(), self.simulator)
        if self.simulator == "nest":
            refuse_more_threads_than_allowed(self.threads)
        super().refuse_impossible()
