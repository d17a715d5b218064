"""One function for each figure: dataset in, matplotlib Figure out."""

import lazy_loader

# In which file each figure is drawn.
DRAWN_IN = {
    "activity_spectrum": ["activity_spectrum_figure"],
    "brunel_states": ["brunel_states_figure"],
    "compare": ["compare_figure", "rate_network_figure", "spiking_figure"],
    "error_budget": ["budget_along_figure", "waterfall_figure", "waterfalls_figure"],
    "mean_field": ["bifurcation_figure", "phase_plane_figure"],
    "phase_diagram": ["phase_diagram_figure", "stationary_states_figure"],
    "spectrum_size": ["spectrum_size_figure"],
    "validity": ["validity_line_figure", "validity_map_figure"],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs=DRAWN_IN)
