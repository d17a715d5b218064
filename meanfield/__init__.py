"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

from meanfield import figures
from meanfield.comparison import compare, comparison_table, nearest_solution
from meanfield.networks import Network, brunel_network
from meanfield.parameters import CompareParameters, RateNetworkNotebookParameters, SpikingNetworkParameters
from meanfield.results import load_dataset, save_results
from meanfield.simulation import simulate_rate_network, simulate_spiking
from meanfield.theory import fixed_points, pseudo_time, siegert_cv, siegert_rate
from meanfield.validation import ParameterError

__all__ = [
    "CompareParameters",
    "Network",
    "ParameterError",
    "RateNetworkNotebookParameters",
    "SpikingNetworkParameters",
    "brunel_network",
    "compare",
    "comparison_table",
    "figures",
    "fixed_points",
    "load_dataset",
    "nearest_solution",
    "pseudo_time",
    "save_results",
    "siegert_cv",
    "siegert_rate",
    "simulate_rate_network",
    "simulate_spiking",
]
