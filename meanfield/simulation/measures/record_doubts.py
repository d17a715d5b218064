"""Doubts about recordings: too short, or started too early, for their rates' standard errors to be trusted."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.variables import SINGLE_DRAW

# With fewer degrees of freedom an error is itself uncertain by more than a quarter.
ENOUGH_FREEDOM = 8
# A difference between the halves of a record, in normal deviates, that chance makes in one of 100 cases.
DRIFT = 2.58


def record_doubts(spiking: xr.Dataset) -> xr.DataArray:
    """What speaks against the standard errors of simulated rates.

    Parameters
    ----------
    spiking : Dataset
        From `simulate_spiking`.

    Returns
    -------
    DataArray (population) of str
        Empty where nothing does. A record is short if it holds so few of the activity's fluctuations that the error has
        fewer than eight degrees of freedom in most seeds, or that there is none. The rate drifts if the records' second
        halves differ from the first by more than chance, at 1 %, all seeds together: then the warm-up was too short, or
        the record is.
    """
    doubts = []
    for name in spiking["population"].values:
        run = spiking.sel(population=name)
        freedom = run["rate_freedom"].values[run["rate"] > 0]
        drift = run["rate_drift"].dropna("seed").values
        sentences = []
        if len(freedom) and (typical := np.median(np.nan_to_num(freedom))) < ENOUGH_FREEDOM:
            few = f"error of {typical:.1f} degrees of freedom" if typical > 0 else "or activity that does not forget"
            sentences.append(f"record too short, {few}")
        if len(drift) and abs(together := drift.sum() / np.sqrt(len(drift))) > DRIFT:
            sentences.append(f"rate {'rises' if together > 0 else 'falls'} from first to second half of the record")
        doubts.append("; ".join(sentences))
    return xr.DataArray(
        doubts,
        dims="population",
        coords={"population": spiking["population"].values},
        attrs={"units": "1", "long_name": "what speaks against the standard error", "judged_as": SINGLE_DRAW},
    )
