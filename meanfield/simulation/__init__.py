"""Networks simulated in NEST; the only place that imports it."""

from meanfield.simulation.rate_network import RateNetworkParameters, simulate_rate_network
from meanfield.simulation.spiking import SpikingParameters, simulate_spiking
from meanfield.simulation.surrogates import SurrogateParameters, simulate_surrogates

__all__ = [
    "RateNetworkParameters",
    "SpikingParameters",
    "SurrogateParameters",
    "simulate_rate_network",
    "simulate_spiking",
    "simulate_surrogates",
]
