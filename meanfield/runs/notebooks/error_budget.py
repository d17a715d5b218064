"""Parameters of ``error_budget.ipynb``."""

from typing import Annotated, Any, ClassVar, Literal

from meanfield.model.quantities import Meaning, Quantity
from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.simulation.parameters import Seeds, SurrogateParameters


class ErrorBudgetParameters(SimulatedNetworkParameters, SurrogateParameters):
    """A network and surrogates of its spike trains."""

    headings: ClassVar[dict[str, str]] = {"window": "The measures of correlation"}

    n_seeds: Seeds = 2
    record: Annotated[Literal["all"], Meaning("the surrogates need the spikes of all neurons")] = "all"
    window: Annotated[float, Quantity("ms", "windows in which spikes are counted for correlations", above=0)] = 10.0
    sample: Annotated[
        int, Quantity(meaning="neurons of each population whose pairs are measured", at_least=2, whole=True)
    ] = 200
    output: str = "results/error_budget"

    @property
    def surrogates(self) -> dict[str, Any]:
        """The arguments of `simulate_surrogates`."""
        return self._share(SurrogateParameters)
