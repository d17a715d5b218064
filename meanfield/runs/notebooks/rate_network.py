"""Parameters of ``rate_network.ipynb``."""

from meanfield.runs.network_parameters import RelaxedNetworkParameters


class RateNetworkNotebookParameters(RelaxedNetworkParameters):
    """The lesson on the rate network."""

    output: str = "results/rate_network"
