"""The standard error of a mean over seeds, from what varies within their runs and from what differs between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# As an estimate of how seeds differ, the error within runs counts as much as the spread of five seeds, at most: it
# cannot see what differs between drawn networks. In fourteen settings of 125 to 1,250 neurons that was none to three
# fifths of the variance (results/reference/standard_errors.md).
WITHIN_FREEDOM = 4.0


class PooledError(NamedTuple):
    """Standard error of means over seeds."""

    error: np.ndarray
    freedom: np.ndarray  # degrees of freedom, for Student's t


def pool_seeds(value: np.ndarray, error: np.ndarray, freedom: np.ndarray) -> PooledError:
    """Standard error of the mean over seeds.

    Parameters
    ----------
    value, error, freedom : array, shape (n_seeds, …)
        Of each seed's run: a mean over time, its standard error, and the degrees of freedom of that; NaN where there is
        none.

    Returns
    -------
    PooledError
        Of shape (…). With one seed what the run says. With more, the mean square of the runs' errors, and the
        seeds' variance about their mean, averaged by degrees of freedom; where a run has no error, the seeds' variance
        alone.

    Notes
    -----
    This is the moderated variance of Smyth (2004, doi:10.2202/1544-6115.1027): a variance from few samples is drawn
    towards what else is known of it, and gains its degrees of freedom.
    """
    value, error, freedom = (np.asarray(x, dtype=float) for x in (value, error, freedom))
    n = len(value)
    if n == 1:
        return PooledError(error[0], freedom[0])
    within = (error**2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Satterthwaite's degrees of freedom of the mean, and those that are left of them beside WITHIN_FREEDOM.
        within_freedom = (n * within) ** 2 / (error**4 / freedom).sum(axis=0)
        within_freedom = 1 / (1 / WITHIN_FREEDOM + 1 / within_freedom)
    within_freedom = np.nan_to_num(within_freedom)
    between = value.var(axis=0, ddof=1)
    total = within_freedom + n - 1
    variance = (within_freedom * np.nan_to_num(within) + (n - 1) * between) / total
    return PooledError(np.sqrt(variance / n), total)
