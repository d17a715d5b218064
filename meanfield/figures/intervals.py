"""Error bars: half-widths of 95 % confidence intervals, from standard errors and how well these are known."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from scipy import special

CONFIDENCE = 0.95


def half_width(error: Any, freedom: Any) -> Any:
    """Half-width of the interval that holds the true value in 95 of 100 cases, by Student's t.

    Parameters
    ----------
    error : float, array or DataArray
        Standard error; NaN where it is unknown, as is then the interval.
    freedom : float, array or DataArray
        Its degrees of freedom.
    """
    return xr.apply_ufunc(special.stdtrit, freedom, 0.5 + 0.5 * CONFIDENCE) * error


def legend_entry(axes: Axes) -> ErrorbarContainer:
    """What a legend shows for simulated values, of whatever population."""
    label = f"simulation ({100 * CONFIDENCE:g} %)"
    return axes.errorbar([], [], [], fmt="o", ms=4, capsize=2, color="0.4", label=label)
