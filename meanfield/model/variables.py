"""Variables of datasets: values with their unit and meaning, their error, and how a rerun judges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xarray as xr

# Attribute "judged_as": what another run may change in a variable that no error variable belongs to.
STANDARD_ERROR = "standard error"  # says how far chance moves another variable
SINGLE_DRAW = "single draw"  # another simulation gives another value, and no error says how far away
RESTATED = "restated"  # follows from variables that have an error
RESIDUAL = "residual"  # what rounding leaves of a difference that is zero


def variable(
    dimensions: str | Sequence[str],
    values: Any,
    units: str,
    long_name: str,
    *,
    error: str = "",
    judged_as: str = "",
    **attributes: Any,
) -> tuple[str | Sequence[str], Any, dict[str, Any]]:
    """A variable as xarray takes it, with its attributes.

    Parameters
    ----------
    dimensions : str or sequence of str
        Names of the dimensions.
    values : array
        Its values.
    units : str
        Its unit; "1" for pure numbers and texts.
    long_name : str
        Its meaning.
    error : str, optional
        Name of the variable that holds its error, or, of an error, its degrees of freedom: the attribute
        ``ancillary_variables`` of the CF conventions.
    judged_as : str, optional
        `STANDARD_ERROR`, `SINGLE_DRAW`, `RESTATED` or `RESIDUAL`. Left out, another run gives the same value but for
        rounding and what its error allows.
    **attributes
        Further attributes, like ``missing``, why values are NaN; empty ones are left out.
    """
    attributes = {"ancillary_variables": error, "judged_as": judged_as} | attributes
    given = {name: value for name, value in attributes.items() if value != ""}
    return dimensions, values, {"units": units, "long_name": long_name} | given


def ancillary(dataset: xr.Dataset, name: str) -> str:
    """The variable that holds a variable's error, or an error's degrees of freedom; empty if there is none."""
    listed = str(dataset[name].attrs.get("ancillary_variables", "")).split()
    return next((other for other in listed if other in dataset), "")
