"""One function for each figure: dataset in, matplotlib Figure out."""

from meanfield.figures.compare import compare_figure, rate_network_figure, spiking_figure

__all__ = ["compare_figure", "rate_network_figure", "spiking_figure"]
