"""A dataset's numbers as comma-separated values, for spreadsheets, pandas and R."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr

from meanfield.comparison.data_frame import table
from meanfield.runs.results import refusing_strange_content

# With these a spreadsheet would take a text for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(dataset: xr.Dataset, file: Path) -> str:
    """The table of `meanfield.table`, a heading and a line for each row; numbers in full, what is missing empty.

    Parameters
    ----------
    dataset : Dataset
    file : Path
        Where it is, for messages.

    Raises
    ------
    ParameterError
        If it holds no values for populations.
    """
    with refusing_strange_content(file, "values for populations"):
        frame = table(dataset).map(_no_formula).rename(columns=_no_formula)
        return frame.to_csv(index=False, lineterminator="\n")


def _no_formula(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
