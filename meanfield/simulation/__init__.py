"""Networks simulated in NEST; the only place that imports it."""

from meanfield.simulation.rate_network import RateNetworkParameters, simulate_rate_network
from meanfield.simulation.spiking import SpikingParameters, simulate_spiking

__all__ = ["RateNetworkParameters", "SpikingParameters", "simulate_rate_network", "simulate_spiking"]
