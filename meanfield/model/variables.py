"""Variables of datasets: values with their unit and meaning, and what is known of their error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# What chance does to a variable, in its attribute "chance".
STANDARD_ERROR = "standard error"  # it says how far chance moves another variable
SINGLE_DRAW = "single draw"  # another simulation gives another value, and no error says how far away
RESTATED = "restated"  # it follows from variables that have an error


def variable(
    dimensions: str | Sequence[str],
    values: Any,
    units: str,
    long_name: str,
    *,
    error: str = "",
    chance: str = "",
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
        Name of the variable that holds its error, in the same unit: the attribute ``ancillary_variables`` of the
        CF conventions.
    chance : str, optional
        `STANDARD_ERROR`, `SINGLE_DRAW` or `RESTATED`; left out, it has an error or does not depend on chance.
    **attributes
        Further attributes.
    """
    marks = {"ancillary_variables": error, "chance": chance}
    attributes = {name: mark for name, mark in marks.items() if mark} | attributes
    return dimensions, values, {"units": units, "long_name": long_name} | attributes
