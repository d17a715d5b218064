"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

from meanfield.networks import Network, brunel_network
from meanfield.simulation import simulate_rate_network, simulate_spiking
from meanfield.validation import ParameterError

__all__ = ["Network", "ParameterError", "brunel_network", "simulate_rate_network", "simulate_spiking"]
