"""One function for each figure: dataset in, matplotlib Figure out."""

from meanfield.figures.activity_spectrum import activity_spectrum_figure
from meanfield.figures.brunel_states import brunel_states_figure
from meanfield.figures.compare import compare_figure, rate_network_figure, spiking_figure
from meanfield.figures.error_budget import budgets_figure, waterfall_figure
from meanfield.figures.mean_field import bifurcation_figure, phase_plane_figure
from meanfield.figures.phase_diagram import phase_diagram_figure, stationary_states_figure

__all__ = [
    "activity_spectrum_figure",
    "bifurcation_figure",
    "brunel_states_figure",
    "budgets_figure",
    "compare_figure",
    "phase_diagram_figure",
    "phase_plane_figure",
    "rate_network_figure",
    "spiking_figure",
    "stationary_states_figure",
    "waterfall_figure",
]
