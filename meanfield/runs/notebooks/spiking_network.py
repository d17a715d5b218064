"""Parameters of ``spiking_network.ipynb``."""

from meanfield.runs.network_parameters import SimulatedNetworkParameters


class SpikingNetworkParameters(SimulatedNetworkParameters):
    """The lesson on the spiking network."""

    output: str = "results/spiking_network"
