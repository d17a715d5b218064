"""Parameters of ``compare.ipynb``."""

from meanfield.runs.network_parameters import RelaxedNetworkParameters, SimulatedNetworkParameters
from meanfield.simulation.parameters import Seeds


class CompareParameters(SimulatedNetworkParameters, RelaxedNetworkParameters):
    """Simulation, rate network and theory of one network."""

    n_seeds: Seeds = 2
    output: str = "results/compare"
