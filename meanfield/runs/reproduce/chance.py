"""Statistical tests of simulated values and their errors in two datasets: Student's t, F, and Stouffer's sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import stats

from meanfield.model.variables import ancillary

# Degrees of freedom of an error for which the dataset gives none.
LEAST_FREEDOM = 9.0

Pair = tuple[xr.Dataset, xr.Dataset]  # the stored dataset, and the one made anew


@dataclass(frozen=True)
class Tests:
    """The p values of one variable's tests, and what they say."""

    p: np.ndarray
    words: str

    @property
    def least(self) -> float:
        """The smallest p value."""
        return float(self.p.min(initial=1.0))


def tests_of_values(name: str, error: str, datasets: Pair, runs: set, differ: np.ndarray) -> Tests:
    """Student's t for each value that differs, and Stouffer's sum over the runs that a dataset is collected from.

    Parameters
    ----------
    name, error : str
        The variable and its error.
    datasets : pair of Dataset
        The stored one and the one made anew.
    runs : set of str
        Dimensions over which there are runs.
    differ : array of bool
        Which of the values differ.
    """
    old, new = (dataset[name] for dataset in datasets)
    errors = [like(dataset[error], dataset[name]) for dataset in datasets]
    # Silence has no error, and none is needed; what fired without one has a variance that nobody knows.
    known = [np.isfinite(sem) | (array.values == 0) for sem, array in zip(errors, (old, new), strict=True)]
    variance = [np.nan_to_num(sem) ** 2 for sem in errors]
    freedom = [_freedom(dataset, error, dataset[name]) for dataset in datasets]
    total = variance[0] + variance[1]
    tested = differ & known[0] & known[1] & (total > 0)
    if not tested.any():
        return Tests(np.zeros(0), "")
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(tested, (new.values - old.values) / np.sqrt(total), 0.0)
        joint = total**2 / sum(v**2 / n for v, n in zip(variance, freedom, strict=True))  # Welch's
        z = np.where(tested, np.sign(t) * stats.norm.isf(stats.t.sf(np.abs(t), joint)), 0.0)
    p = 2 * stats.t.sf(np.abs(t), joint)[tested]
    words = f"largest difference {np.abs(t).max():.1f} standard errors"

    over = tuple(old.get_axis_num(dimension) for dimension in old.dims if dimension in runs)
    n = tested.sum(axis=over)
    shift = z.sum(axis=over)[n > 1] / np.sqrt(n[n > 1]) if over else np.zeros(0)
    if shift.size:
        words += f", of the sum over runs {np.abs(shift).max():.1f}"
    if unknown := int((differ & ~tested).sum()):
        words += f", {unknown} without an error"
    return Tests(np.concatenate([p, 2 * stats.norm.sf(np.abs(shift)).ravel()]), words)


def tests_of_errors(name: str, datasets: Pair, differ: np.ndarray) -> Tests:
    """An F test for each error that differs: is one larger than chance makes it?"""
    old, new = (dataset[name] for dataset in datasets)
    tested = differ & (old.values > 0) & (new.values > 0)
    ratio = (new.values[tested] / old.values[tested]) ** 2
    n_old, n_new = (_freedom(dataset, name, dataset[name])[tested] for dataset in datasets)
    p = 2 * np.minimum(stats.f.sf(ratio, n_new, n_old), stats.f.cdf(ratio, n_new, n_old))
    largest = np.sqrt(np.fmax(ratio, 1 / ratio).max(initial=1.0))
    return Tests(p, f"errors differ by a factor of {largest:.2g} at most")


def like(array: xr.DataArray, other: xr.DataArray) -> np.ndarray:
    """The values of an array in the shape of another one, whose dimensions include its own."""
    return array.broadcast_like(other).transpose(*other.dims).values


def _freedom(dataset: xr.Dataset, error: str, other: xr.DataArray) -> np.ndarray:
    """Degrees of freedom of an error, in the shape of a variable."""
    name = ancillary(dataset, error)
    if not name:
        return np.full(other.shape, LEAST_FREEDOM)
    return like(dataset[name].fillna(LEAST_FREEDOM), other)
