# The public names and where they stand: for editors, type checkers and, at run time, for lazy-loader.

from . import figures as figures
from .comparison.brunel_2000 import brunel_table as brunel_table
from .comparison.brunel_2000 import examples_in as examples_in
from .comparison.data_frame import table as table
from .comparison.deviation import compare as compare
from .comparison.deviation import deviation as deviation
from .comparison.error_budget import error_budget as error_budget
from .comparison.finite_size import infinite_network as infinite_network
from .comparison.finite_size import simulate_sizes as simulate_sizes
from .comparison.network_budget import network_budget as network_budget
from .comparison.neuron_distributions import neuron_distributions as neuron_distributions
from .comparison.predicted_trains import predict_trains as predict_trains
from .comparison.spectrum import ratio_in_bands as ratio_in_bands
from .comparison.spectrum import spectrum_deviation as spectrum_deviation
from .comparison.tables import budget_table as budget_table
from .comparison.tables import comparison_table as comparison_table
from .comparison.tables import missing as missing
from .comparison.validity import agreement as agreement
from .comparison.validity import seed_spread as seed_spread
from .comparison.validity import where_theory_holds as where_theory_holds
from .model.brunel import brunel_network as brunel_network
from .model.network import Network as Network
from .model.potjans_diesmann import potjans_diesmann as potjans_diesmann
from .model.quantities import ParameterError as ParameterError
from .model.synapses import network_from as network_from
from .model.synapses import weight_from_current as weight_from_current
from .model.synapses import weight_from_psp as weight_from_psp
from .runs.explorer.widgets import explore as explore
from .runs.notebooks.brunel_states import BrunelStatesParameters as BrunelStatesParameters
from .runs.notebooks.compare import CompareParameters as CompareParameters
from .runs.notebooks.deviation import DeviationParameters as DeviationParameters
from .runs.notebooks.error_budget import ErrorBudgetParameters as ErrorBudgetParameters
from .runs.notebooks.explore import ExploreParameters as ExploreParameters
from .runs.notebooks.finite_size import FiniteSizeParameters as FiniteSizeParameters
from .runs.notebooks.mean_field import MeanFieldParameters as MeanFieldParameters
from .runs.notebooks.phase_diagram import PhaseDiagramParameters as PhaseDiagramParameters
from .runs.notebooks.rate_network import RateNetworkNotebookParameters as RateNetworkNotebookParameters
from .runs.notebooks.spiking_network import SpikingNetworkParameters as SpikingNetworkParameters
from .runs.notebooks.state import StateParameters as StateParameters
from .runs.notebooks.trains import TrainsLessonParameters as TrainsLessonParameters
from .runs.notebooks.validity_map import ValidityParameters as ValidityParameters
from .runs.parameters import parameters as parameters
from .runs.results import load_dataset as load_dataset
from .runs.results import save_results as save_results
from .simulation.measures.correlations import measure_correlations as measure_correlations
from .simulation.measures.excerpt import excerpt as excerpt
from .simulation.measures.single_trains import measure_trains as measure_trains
from .simulation.measures.spectra import activity_spectrum as activity_spectrum
from .simulation.measures.spectra import confidence_band as confidence_band
from .simulation.measures.states import classify_state as classify_state
from .simulation.measures.states import measure_states as measure_states
from .simulation.rate_network import simulate_rate_network as simulate_rate_network
from .simulation.spiking import simulate_spiking as simulate_spiking
from .simulation.surrogates import simulate_surrogates as simulate_surrogates
from .theory.linear.critical_lines import critical_lines as critical_lines
from .theory.linear.eigenvalues import eigenvalues as eigenvalues
from .theory.linear.phase_diagram import lines_for_delays as lines_for_delays
from .theory.linear.phase_diagram import stationary_curves as stationary_curves
from .theory.linear.predicted_state import predict_state as predict_state
from .theory.linear.shot_noise_eigenvalues import shot_noise_eigenvalues as shot_noise_eigenvalues
from .theory.linear.shot_noise_spectrum import shot_noise_spectrum as shot_noise_spectrum
from .theory.linear.spectrum import predicted_spectrum as predicted_spectrum
from .theory.shot_noise.fixed_point import (
    shot_noise_fixed_point as shot_noise_fixed_point,
)
from .theory.shot_noise.fixed_point import (
    shot_noise_response as shot_noise_response,
)
from .theory.shot_noise.intervals import shot_noise_intervals as shot_noise_intervals
from .theory.shot_noise.rate import shot_noise_rate as shot_noise_rate
from .theory.shot_noise.transfer import shot_noise_transfer_function as shot_noise_transfer_function
from .theory.trains.self_consistent import self_consistent_trains as self_consistent_trains
from .theory.white_noise.brunel_grid import brunel_fixed_points as brunel_fixed_points
from .theory.white_noise.compensation import compensating_connectivity as compensating_connectivity
from .theory.white_noise.cv import siegert_cv as siegert_cv
from .theory.white_noise.fixed_points import fixed_points as fixed_points
from .theory.white_noise.fixed_points import nearest_solution as nearest_solution
from .theory.white_noise.flow import basins as basins
from .theory.white_noise.flow import pseudo_time as pseudo_time
from .theory.white_noise.phase_plane import phase_plane as phase_plane
from .theory.white_noise.rate_distribution import rate_distribution as rate_distribution
from .theory.white_noise.siegert import (
    siegert_rate as siegert_rate,
)
from .theory.white_noise.siegert import (
    siegert_rate_and_derivatives as siegert_rate_and_derivatives,
)
from .theory.white_noise.transfer import transfer_function as transfer_function
