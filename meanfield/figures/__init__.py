"""One function for each figure: dataset in, matplotlib Figure out."""

from meanfield.figures.compare import compare_figure, rate_network_figure, spiking_figure
from meanfield.figures.error_budget import budgets_figure, waterfall_figure
from meanfield.figures.mean_field import bifurcation_figure, phase_plane_figure

__all__ = [
    "bifurcation_figure",
    "budgets_figure",
    "compare_figure",
    "phase_plane_figure",
    "rate_network_figure",
    "spiking_figure",
    "waterfall_figure",
]
