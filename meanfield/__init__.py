"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

from meanfield import figures
from meanfield.brunel_paper import brunel_table, examples_in
from meanfield.comparison import compare, comparison_table, nearest_solution
from meanfield.correlations import measure_correlations
from meanfield.error_budget import budget_table, error_budget
from meanfield.networks import Network, brunel_network
from meanfield.parameters import (
    BrunelStatesParameters,
    CompareParameters,
    ErrorBudgetParameters,
    MeanFieldParameters,
    PhaseDiagramParameters,
    RateNetworkNotebookParameters,
    SpikingNetworkParameters,
    StateParameters,
)
from meanfield.phase_diagram import lines_for_delays, stationary_curves
from meanfield.results import load_dataset, save_results
from meanfield.run_excerpt import excerpt
from meanfield.simulation import simulate_rate_network, simulate_spiking, simulate_surrogates
from meanfield.spectra import activity_spectrum, confidence_band
from meanfield.spectrum_deviation import spectrum_deviation
from meanfield.state_prediction import predict_state
from meanfield.states import classify_state, measure_states
from meanfield.theory import (
    basins,
    brunel_fixed_points,
    critical_lines,
    eigenvalues,
    fixed_points,
    phase_plane,
    predicted_spectrum,
    pseudo_time,
    shot_noise_fixed_point,
    shot_noise_rate,
    shot_noise_response,
    siegert_cv,
    siegert_rate,
    siegert_rate_and_derivatives,
    transfer_function,
)
from meanfield.validation import ParameterError

__all__ = [
    "BrunelStatesParameters",
    "CompareParameters",
    "ErrorBudgetParameters",
    "MeanFieldParameters",
    "Network",
    "ParameterError",
    "PhaseDiagramParameters",
    "RateNetworkNotebookParameters",
    "SpikingNetworkParameters",
    "StateParameters",
    "activity_spectrum",
    "basins",
    "brunel_fixed_points",
    "brunel_network",
    "brunel_table",
    "budget_table",
    "classify_state",
    "compare",
    "comparison_table",
    "confidence_band",
    "critical_lines",
    "eigenvalues",
    "error_budget",
    "examples_in",
    "excerpt",
    "figures",
    "fixed_points",
    "lines_for_delays",
    "load_dataset",
    "measure_correlations",
    "measure_states",
    "nearest_solution",
    "phase_plane",
    "predict_state",
    "predicted_spectrum",
    "pseudo_time",
    "save_results",
    "shot_noise_fixed_point",
    "shot_noise_rate",
    "shot_noise_response",
    "siegert_cv",
    "siegert_rate",
    "siegert_rate_and_derivatives",
    "simulate_rate_network",
    "simulate_spiking",
    "simulate_surrogates",
    "spectrum_deviation",
    "stationary_curves",
    "transfer_function",
]
