"""One function for each figure: dataset in, matplotlib Figure out."""

import lazy_loader

# In which file each figure is drawn.
DRAWN_IN = {
    "compare": ["compare_figure", "rate_network_figure", "spiking_figure"],
    "error_budget": ["budget_along_figure", "waterfall_figure", "waterfalls_figure"],
    "mean_field": ["bifurcation_figure", "phase_plane_figure"],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs=DRAWN_IN)
