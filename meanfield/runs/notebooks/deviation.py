"""Parameters of ``deviation.ipynb``."""

from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.simulation.parameters import Record, Threads


class DeviationParameters(SimulatedNetworkParameters):
    """Simulated rates beside theory's, a point of many batches."""

    threads: Threads = 1
    record: Record = 0
    output: str = "results/deviation"
