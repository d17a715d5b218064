"""The standard error of the mean of a series whose values depend on each other, from its long-run variance.

Neither sign of the dependence may be neglected. A population that fires regularly has had too much after having had too
little, so that its rate is known better than independent bins say; one that wanders is known worse.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft, special

# Regular intervals shape how the activity depends on itself: bins are a fraction of a neuron's mean interval.
BINS_PER_INTERVAL = 8
BINS = (40, 20000)  # in a recording, at least and about at most

MAX_ORDER = 100
# A value may be predicted from as many values before it as there are four times as many in the series.
VALUES_PER_TERM = 4
LEAST_WEIGHT = 0.01  # of a model, beside that of the best one
# With fewer degrees of freedom a 95 % interval reaches twelve errors and more to each side. Models of a series that
# wanders for as long as it lasts have such errors, and these may exceed every value of it a million times.
LEAST_FREEDOM = 1.0
NO_FREEDOM = "less than one degree of freedom for an error: the record is short, or its activity does not forget"


class ErrorOfMean(NamedTuple):
    """How well a mean over time is known."""

    error: float  # standard error, in the unit of the series; NaN where the series does not tell it
    freedom: float  # degrees of freedom of its square, for Student's t
    drift: float  # difference between the means of second and first half, as a normal deviate


UNKNOWN = ErrorOfMean(np.nan, np.nan, np.nan)


def rate_error(counts: np.ndarray, n_neurons: int, dt: float) -> ErrorOfMean:
    """Standard error of a population's rate over one recording, in spikes/s.

    It holds what varies in time. What differs between drawn networks for as long as they exist cannot be seen in one.

    Parameters
    ----------
    counts : array of int, shape (n_steps,)
        The population's spikes in each time step.
    n_neurons : int
    dt : float, ms

    Returns
    -------
    ErrorOfMean
        Missing (NaN) for a population that did not fire; and see `error_of_mean`.
    """
    n_steps, n_spikes = len(counts), int(counts.sum())
    if not n_spikes:
        return UNKNOWN
    interval = n_steps * n_neurons / n_spikes
    few, many = BINS
    width = max(1, n_steps // many, min(round(interval / BINS_PER_INTERVAL), n_steps // few))
    n_bins = n_steps // width
    error, freedom, drift = error_of_mean(counts[: n_bins * width].reshape(n_bins, width).sum(axis=1))
    # Even the variance of independent spikes is known from so many only: a Poisson count's fourth moment.
    freedom = 1 / (1 / freedom + 1 / (2 * n_spikes))
    in_rate = np.sqrt(n_bins * width / n_steps) / (n_neurons * 1e-3 * dt * width)
    return ErrorOfMean(in_rate * error, freedom, drift)


def why_missing(rate: np.ndarray, error: np.ndarray) -> str:
    """Why a rate has no standard error; empty unless a population that fired has none."""
    return NO_FREEDOM if np.any((np.asarray(rate) > 0) & np.isnan(error)) else ""


def error_of_mean(series: np.ndarray) -> ErrorOfMean:
    """Standard error of the mean of a stationary series, from autoregressive models of it.

    Parameters
    ----------
    series : array, shape (n,)
        Equally spaced in time.

    Returns
    -------
    ErrorOfMean
        Missing (NaN) for fewer than two values. Error and freedom are missing where values depend on each other for as
        long as the series lasts, so that less than one degree of freedom is left.

    Notes
    -----
    Each autoregressive model says how values depend on each other, at all lags k: the covariance c(k). The mean has the
    variance Σ (1 − k/n) c(k) / n, summed over all lags of both signs that fit into the record. For long records it is
    S/n, with the long-run variance S, the spectrum at frequency 0. The models are fitted by Burg's method and averaged
    with Akaike's weights (AICc; Hurvich & Tsai 1989, doi:10.1093/biomet/76.2.297).

    The coefficients' sampling errors (Berk 1974, doi:10.1214/aos/1176342709) carry over to S: if Sₘ is that of order m,
    that of order p has the relative variance 2/n + 4 Sₚ/n · Σ 1/Sₘ over m < p, and a χ² with as much has
    2/that degrees of freedom, f. What the models differ by comes on top. That deviations are from the series' own mean
    makes all c(k) too small by the mean's variance, and with them S by the part 1/f, which is made up for.
    """
    n, half = len(series), len(series) // 2
    if n < 2:
        return UNKNOWN
    error, freedom = _error(series - series.mean(), n)
    # Deviations from each half's mean do not take a drift for slow fluctuations.
    halves = series[: 2 * half].reshape(2, half)
    means = halves.mean(axis=1)
    of_half, freedom_of_half = _error((halves - means[:, None]).ravel(), half)
    t = np.diff(means)[0] / (np.sqrt(2) * of_half) if of_half > 0 else 0.0
    drift = -np.sign(t) * special.ndtri(special.stdtr(freedom_of_half, -abs(t)))
    if freedom < LEAST_FREEDOM:
        error = freedom = np.nan
    return ErrorOfMean(error, freedom, float(drift))


def _error(deviation: np.ndarray, n: int) -> tuple[float, float]:
    """Standard error of the mean over n values of such a series, and its degrees of freedom."""
    length = len(deviation)
    models, innovation = _burg(deviation, min(MAX_ORDER, max(0, length - VALUES_PER_TERM) // VALUES_PER_TERM))
    if not innovation[0] > 0:
        return 0.0, length - 1.0
    order = np.arange(len(models))
    parameters = order + 2
    criterion = length * np.log(innovation) + 2 * parameters * length / np.maximum(length - parameters - 1, 1)
    weight = np.exp((criterion.min() - criterion) / 2)
    used = np.flatnonzero(weight > LEAST_WEIGHT)
    weight = weight[used] / weight[used].sum()

    innovation = innovation * length / (length - order - 1)  # which takes into account that coefficients were fitted
    long_run = innovation / np.array([1 - model.sum() for model in models]) ** 2
    relative = 2 / length + 4 / length * long_run * (np.cumsum(1 / long_run) - 1 / long_run)
    variance = np.array([_variance_of_mean(models[p], innovation[p], n) for p in used])
    mean = weight @ variance
    freedom = 2 * mean**2 / (weight @ (relative[used] * variance**2 + (variance - mean) ** 2))
    return float(np.sqrt(mean * (1 + 1 / (1 + freedom)))), float(freedom)


def _burg(deviation: np.ndarray, max_order: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Coefficients and innovation variance of the autoregressive models of order 0, 1, … by Burg's recursion."""
    model, variance = np.zeros(0), deviation @ deviation / len(deviation)
    models, variances = [model], [variance]
    forward, backward = deviation, deviation
    for _ in range(max_order):
        ahead, behind = forward[1:], backward[:-1]
        power = ahead @ ahead + behind @ behind
        if not power > 1e-12 * len(deviation) * variances[0]:  # predicted to the last digit
            break
        reflection = 2 * (ahead @ behind) / power
        model = np.append(model - reflection * model[::-1], reflection)
        forward, backward = ahead - reflection * behind, behind - reflection * ahead
        variance = variance * (1 - reflection**2)
        models.append(model)
        variances.append(variance)
    return models, np.array(variances)


def _variance_of_mean(model: np.ndarray, innovation: float, n: int) -> float:
    """Variance of the mean over n values of an autoregressive process."""
    period = fft.next_fast_len(4 * n + len(model), real=True)
    transfer = fft.rfft(np.concatenate([[1.0], -model]), period)
    covariance = fft.irfft(innovation / np.abs(transfer) ** 2, period)[:n]
    return float(2 * (1 - np.arange(n) / n) @ covariance - covariance[0]) / n
