"""What the last stage tells of trains, as a dataset with standard errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy import fft

from meanfield.model.variables import SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.theory.trains.iteration import cv_of
from meanfield.theory.trains.parameters import REPETITIONS
from meanfield.theory.trains.stages import Stages, by_generation, mean_and_error

HIGHEST = 1000.0  # Hz, where spectra end
LONGEST_LAG = 500.0  # ms
POWER = "(spikes/s)²/Hz"


class Measured(NamedTuple):
    """A quantity in each repetition, shape (R, A), or (R, A, ·) over one dimension more."""

    values: np.ndarray
    units: str
    long_name: str
    dimension: str | None = None


def dataset(stages: Stages) -> xr.Dataset:
    """The dataset that `self_consistent_trains` returns."""
    kinds, network, run = stages.kinds, stages.network, stages.run
    fires = by_generation(stages.history[-1], "response").any(axis=(0, 1))
    every = _measured(stages)
    # Estimates are unbiased; where chance is larger than the rate, they may be what no rate can be.
    impossible = fires & (every["rate"].values.mean(axis=0) < 0.0)
    unknown = bool((stages.drifts | impossible).any())
    variables = {}
    for name, measured in every.items():
        mean, error = mean_and_error(measured.values)
        if name == "rate":
            mean[~fires] = 0.0
        if unknown:
            mean, error = np.full_like(mean, np.nan), np.full_like(error, np.nan)
        error[~fires] = np.nan
        over = ("population",) if measured.dimension is None else (measured.dimension, "population")
        units, words = measured.units, measured.long_name
        variables[name] = variable(over, mean[kinds.kind].T, units, words, error=f"{name}_sem")
        variables[f"{name}_sem"] = variable(
            over, error[kinds.kind].T, units, f"standard error of: {words}", judged_as=STANDARD_ERROR
        )
    response, moments = (
        np.concatenate([by_generation(totals, name) for totals in stages.history], axis=1)
        for name in ("response", "moments")
    )
    variables |= _spread(stages, fires, unknown)
    over = ("generation", "population")
    for name, course, units in (("rate", response.mean(axis=0), "spikes/s"), ("cv", cv_of(moments.sum(axis=0)), "1")):
        words = f"{name} of a generation of neurons"
        variables[f"generation_{name}"] = variable(over, course[:, kinds.kind], units, words, judged_as=SINGLE_DRAW)
    variables["generations"] = variable((), stages.generations, "1", "generations of neurons", judged_as=SINGLE_DRAW)
    variables["target_reached"] = variable(
        (), stages.target_reached, "1", "whether errors are as small as asked for", judged_as=SINGLE_DRAW
    )
    return xr.Dataset(
        variables,
        coords={"population": list(network.populations)} | _coordinates(stages, variables),
        attrs=run.model_dump(exclude={"windows", "threads"})
        | {"over": f"{REPETITIONS} independent repetitions", "missing": _missing(stages, fires, impossible)},
    )


def _measured(stages: Stages) -> dict[str, Measured]:
    totals, n_steps, dt = stages.history[-1], stages.n_steps, stages.step
    seconds = 1e-3 * dt * n_steps
    histogram = np.array([one.histogram for one in totals])
    longest = np.flatnonzero(histogram.any(axis=(0, 1))).max(initial=1)
    power = np.array([one.power / len(one.estimate) for one in totals])
    covariance = fft.irfft(power, n_steps)[..., 1 : round(min(LONGEST_LAG / dt, n_steps / 2)) + 1]
    windows, spikes, squares, with_cv, cvs = np.moveaxis([one.windows for one in totals], -1, 0)
    own_cv = _ratio(cvs, with_cv)
    pooled_cv = cv_of(by_generation(totals, "moments").sum(axis=1))
    alike = np.array([kind.alike for kind in stages.kinds.each])
    mean = spikes / windows
    variance = (squares - spikes * mean) / np.maximum(windows - 1, 1)
    return {
        "rate": Measured(by_generation(totals, "estimate").mean(axis=1), "spikes/s", "self-consistent rate"),
        "cv": Measured(
            np.where(alike, pooled_cv, own_cv[..., -1]),
            "1",
            "coefficient of variation of inter-spike intervals",
        ),
        "interval_probability": Measured(
            _ratio(histogram, histogram.sum(axis=-1, keepdims=True))[..., 1 : longest + 1],
            "1",
            "probability of an inter-spike interval",
            "interval",
        ),
        "spectrum": Measured(
            power[..., : int(HIGHEST * seconds) + 1] / seconds, POWER, "power of a single neuron's train", "frequency"
        ),
        "autocorrelation": Measured(
            covariance / (n_steps * (1e-3 * dt) ** 2), "(spikes/s)²", "covariance of a train with itself later", "lag"
        ),
        "fano": Measured(_ratio(variance, mean)[..., :-1], "1", "variance over mean of spike counts", "window"),
        "cv_in_window": Measured(
            own_cv[..., :-1], "1", "mean CV of the intervals of recordings of that length", "window"
        ),
    }


def _spread(stages: Stages, fires: np.ndarray, unknown: bool) -> dict:
    """How the neurons' rates differ."""
    kind, seconds = stages.kinds.kind, 1e-3 * stages.step * stages.n_steps
    n, count, product = np.moveaxis([one.halves for one in stages.history[-1]], -1, 0)
    variance, error = mean_and_error((product / n - (count / n) ** 2) / (0.5 * seconds) ** 2)
    spread = np.sqrt(np.maximum(variance, 0.0))
    error = np.sqrt(np.maximum(variance, 0.0) + error) - spread
    rates = stages.neuron_rates
    if unknown:
        spread, error, rates = (np.full_like(values, np.nan) for values in (spread, error, rates))
    words = "standard deviation of the neurons' long-run rates"
    return {
        "rate_spread": variable("population", spread[kind], "spikes/s", words, error="rate_spread_sem"),
        "rate_spread_sem": variable(
            "population",
            np.where(fires, error, np.nan)[kind],
            "spikes/s",
            f"standard error of: {words}",
            judged_as=STANDARD_ERROR,
        ),
        "neuron_rate": variable(
            ("neuron", "population"), rates[kind].T, "spikes/s", "rate of a neuron", judged_as=SINGLE_DRAW
        ),
    }


def _coordinates(stages: Stages, variables: dict) -> dict:
    dt, n_steps = stages.step, stages.n_steps

    def length(name):
        return variables[name][1].shape[0]

    frequency = np.arange(length("spectrum")) / (1e-3 * dt * n_steps)
    ms = {
        "interval": (dt * np.arange(1, length("interval_probability") + 1), "inter-spike interval"),
        "lag": (dt * np.arange(1, length("autocorrelation") + 1), "time lag"),
        "window": (np.array(stages.run.windows), "length of a window"),
    }
    return {
        "frequency": ("frequency", frequency, {"units": "Hz", "long_name": "frequency"}),
        "generation": np.arange(1, stages.generations + 1),
    } | {name: (name, values, {"units": "ms", "long_name": words}) for name, (values, words) in ms.items()}


def _missing(stages: Stages, fires: np.ndarray, impossible: np.ndarray) -> str:
    seconds = 1e-3 * stages.run.duration * stages.n_neurons * REPETITIONS * len(stages.history[-1][0].estimate)
    reasons = []
    for name, k in zip(stages.network.populations, stages.kinds.kind, strict=True):
        if stages.drifts[k]:
            reasons.append(f"{name}: trains still change after {stages.generations} generations")
        elif impossible[k]:
            reasons.append(f"{name}: its rate is lower than its error; more neurons or generations are needed")
        elif not fires[k]:
            reasons.append(
                f"{name}: no spike in {seconds:.3g} s of one neuron, so that the rate is below "
                f"{3.0 / seconds:.2g} spikes/s"
            )  # the exact bound of 95 % of a Poisson count of 0
    return "; ".join(reasons)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The ratio, NaN where there is nothing to divide by."""
    full = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.divide(numerator, denominator, out=full, where=denominator > 0)
