"""Error budget: the deviation of simulation from theory as a sum of terms, each the price of one assumption."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from meanfield.comparison.measured_parts import parts_above_time_grid, parts_above_white_noise
from meanfield.comparison.pooled_rate import pooled_rate
from meanfield.comparison.siegert import siegert_near
from meanfield.comparison.terms import term
from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, stated
from meanfield.model.variables import RESTATED, SINGLE_DRAW, variable
from meanfield.theory.attempt import attempt
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point, shot_noise_response
from meanfield.theory.trains.self_consistent import self_consistent_trains

# Of the computed trains: errors well below those of most simulations, in seconds.
TRAINS = {"target_rate_sem": 2e-3, "target_cv_sem": 1e-2, "neurons": 200, "max_generations": 64}
LONGEST_TRAINS = 20_000.0  # ms


class Rung(NamedTuple):
    """Rates and CVs of all populations at one step of the ladder; arrays of shape (N,)."""

    rate: np.ndarray  # spikes/s
    error: np.ndarray  # numerical for theory, standard error for trains and simulation
    cv: np.ndarray  # of inter-spike intervals
    missing: str = ""  # why a rate or its error is NaN

    @classmethod
    def unknown(cls, like: np.ndarray, reason: str) -> Rung:
        """NaN in the shape of `like`."""
        return cls(*np.full((3, *like.shape), np.nan), reason)

    @classmethod
    def of(cls, theory: Callable[[], xr.Dataset], like: np.ndarray) -> Rung:
        """What `shot_noise_fixed_point` and its like say; NaN, in a given shape, where they refuse."""
        dataset, reason = attempt(theory, None)
        if dataset is None:
            return cls.unknown(like, reason)
        return cls(*(dataset[name].values for name in ("rate", "rate_error", "cv")), dataset.attrs["missing"])

    @classmethod
    def of_trains(cls, theory: Callable[[], xr.Dataset], window: float, like: np.ndarray) -> Rung:
        """What `self_consistent_trains` says, with the CV that recordings as long as `window` (ms) would have."""
        dataset, reason = attempt(theory, None)
        if dataset is None:
            return cls.unknown(like, reason)
        rate = dataset["rate"].values
        error = np.where(rate == 0.0, 0.0, dataset["rate_sem"])  # of silence there is no spread
        cv = dataset["cv_in_window"].sel(window=window) if window in dataset["window"].values else dataset["cv"]
        return cls(rate, error, cv.values, dataset.attrs["missing"] if np.isnan(rate).any() else "")


def error_budget(
    network: Network,
    spiking: xr.Dataset,
    surrogates: xr.Dataset | None = None,
    *,
    near: xr.DataArray | np.ndarray | None = None,
    trains: xr.Dataset | None = None,
) -> xr.Dataset:
    """Split the deviation of the simulated from Siegert's rate into terms that add up exactly.

    The rungs are self-consistent rates: of Siegert's theory (Gaussian white noise, continuous time); with Poisson input
    whose spikes are jumps of the potential (shot noise); the same on NEST's time grid; with input trains like those
    that result, which is what a network of infinitely many neurons has; and of the simulated network, which is finite
    and wired in its way, so that its trains are not independent. Each term is the step up to its rung.

    With surrogates, the step from the grid to the network is measured in parts, which add up exactly again: a check of
    the computed trains. Let Φ be the rate on the grid for Poisson input at the simulated rates:

    - ``reaction``: Φ − the grid rung. The network fires at other rates than that rung, and so drives itself otherwise;
    - ``control``: unconnected neurons in NEST on that very input − Φ: zero, but for chance;
    - ``trains``: the same with the recorded trains, shifted against each other − with Poisson trains;
    - ``correlations``: the same with the trains as they were − shifted;
    - ``rest``: the network − that: what neurons of the network have that unconnected ones have not.

    Where neurons differ in their in-degrees or weights, two parts follow the reaction, by the theory of white noise.
    The control then has also what these leave out:

    - ``unequal_neurons``: the rate on average over such neurons − that of equal ones;
    - ``multapses``: the same with the noise of sources that are drawn more than once − that. Of equal neurons, the
      trains have this.

    Where there is no grid rung, the parts start from Siegert's rate, Φ is the rate in the theory of white noise, and in
    place of the control is ``jumps_in_steps``, which theory does not have.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From `simulate_spiking`.
    surrogates : Dataset, optional
        From `simulate_surrogates`.
    near : array, shape (N,), spikes/s, optional
        Of several of Siegert's solutions, the one nearest to these rates starts the ladder; by default nearest to the
        simulated ones.
    trains : Dataset, optional
        From `self_consistent_trains` at the simulation's dt; by default computed, to 0.2 % where that takes no longer
        than some seconds. With a window as long as the simulation, its CV is comparable.

    Returns
    -------
    Dataset
        - over (rung, population): ``rung_rate``, ``rung_error`` and ``rung_cv``, the CV of intervals;
        - over (term, population): ``contribution``, ``contribution_error``, ``contribution_percent`` of Siegert's rate;
        - over population: their sum ``total``, ``total_error``, ``total_percent``; ``total_freedom``, the degrees
          of freedom of the simulated rate's error;
        - with surrogates, over (part, population): ``part_contribution`` and ``part_error``.

        Rates in spikes/s. Errors are numerical for theory, standard errors for trains and simulation. A rung that does
        not exist is NaN, as are the terms beside it; attribute `missing` says why. Terms and parts are those of
        `meanfield.comparison.terms`.

    Raises
    ------
    ParameterError
        If the trains' time step is not the simulation's.
    """
    dt = float(spiking.attrs["dt"])
    if trains is not None and trains.attrs["dt"] != dt:
        raise ParameterError(
            [f"{stated('dt', trains.attrs['dt'], 'ms')} of the trains must be the simulation's {dt!r} ms"]
        )
    last = simulated_rung(spiking)
    simulated = last.rate
    siegert = siegert_near(network, near, simulated)
    start = np.where(np.isfinite(siegert.rate), siegert.rate, simulated)
    # Longer than most trains last no CV is compared in equal windows.
    window = min(float(spiking["duration"].min()), LONGEST_TRAINS)
    trains_of = (lambda: trains) if trains is not None else (lambda: _trains(network, dt, start, window))
    ladder = {
        "siegert": Rung(siegert.rate, 1e-13 * siegert.rate, siegert.cv, siegert.missing),
        "shot_noise": Rung.of(lambda: shot_noise_fixed_point(network, dt=0.0, start=start), simulated),
        "time_grid": Rung.of(lambda: shot_noise_fixed_point(network, dt=dt, start=start), simulated),
        "self_consistent_trains": Rung.of_trains(trains_of, window, simulated),
        "finite_network": last,
    }
    budget = budget_of_rungs(network, spiking, ladder)
    if surrogates is not None:
        budget = budget.merge(_parts(network, spiking, surrogates, ladder))
    return budget


def simulated_rung(spiking: xr.Dataset) -> Rung:
    """The last rung: all seeds of a simulation together."""
    n_cv = spiking["cv_neurons"].values
    cv = (np.nan_to_num(spiking["cv"].values) * n_cv).sum(axis=0) / np.where(n_cv.any(axis=0), n_cv.sum(axis=0), np.nan)
    simulated = pooled_rate(spiking)
    return Rung(simulated.rate, simulated.sem, cv, simulated.missing)


def budget_of_rungs(network: Network, spiking: xr.Dataset, ladder: dict[str, Rung]) -> xr.Dataset:
    """The budget of a ladder of rungs by name, of which the simulation is the last."""
    simulated = pooled_rate(spiking)
    budget = _steps(ladder).assign_coords(population=list(network.populations))
    budget["total_freedom"] = variable(
        "population", simulated.freedom, "1", "degrees of freedom of the simulated rate's error", judged_as=SINGLE_DRAW
    )
    for name in ("rung_error", "contribution_error", "total_error"):
        budget[name].attrs["ancillary_variables"] = "total_freedom"
    return budget.assign_attrs(spiking.attrs, over=simulated.over)


def _trains(network: Network, dt: float, start: np.ndarray, window: float) -> xr.Dataset:
    """Self-consistent trains as long as the simulation, or longer."""
    duration = max(window, dt * round(4000.0 / dt))
    return self_consistent_trains(network, dt, start=start, duration=duration, windows=[window], **TRAINS)


def _steps(ladder: dict[str, Rung]) -> xr.Dataset:
    """Rungs, the terms between them, and the terms' sum."""
    rate = np.stack([rung.rate for rung in ladder.values()])
    error = np.stack([rung.error for rung in ladder.values()])
    cv = np.stack([rung.cv for rung in ladder.values()])
    first = rate[0]

    def in_percent(values: np.ndarray) -> np.ndarray:
        return 100 * np.divide(values, first, out=np.full_like(values, np.nan), where=first > 0)

    by_rung, by_term, rates = ("rung", "population"), ("term", "population"), "spikes/s"
    terms, total = np.diff(rate, axis=0), rate[-1] - first
    reasons = [f"{term(name).words}: {rung.missing}" for name, rung in ladder.items() if rung.missing]
    relative = "the same relative to Siegert's rate"
    return xr.Dataset(
        {
            "rung_rate": variable(
                by_rung, rate, rates, "self-consistent rate", error="rung_error", missing="; ".join(reasons)
            ),
            "rung_error": variable(by_rung, error, rates, "its numerical or standard error"),
            "rung_cv": variable(by_rung, cv, "1", "CV of inter-spike intervals", judged_as=SINGLE_DRAW),
            "contribution": variable(
                by_term, terms, rates, "difference that the assumption makes", error="contribution_error"
            ),
            "contribution_percent": variable(by_term, in_percent(terms), "%", relative, judged_as=RESTATED),
            "contribution_error": variable(by_term, np.hypot(error[1:], error[:-1]), rates, "error of the difference"),
            "total": variable("population", total, rates, "simulated − Siegert's rate", error="total_error"),
            "total_percent": variable("population", in_percent(total), "%", relative, judged_as=RESTATED),
            "total_error": variable("population", np.hypot(error[0], error[-1]), rates, "error of the total"),
        },
        coords={"rung": list(ladder), "term": list(ladder)[1:]},
        attrs={"missing": "; ".join(reasons)},
    )


def _parts(network: Network, spiking: xr.Dataset, surrogates: xr.Dataset, ladder: dict[str, Rung]) -> xr.Dataset:
    """The step from the grid rung to the network, split with the help of surrogates; or from Siegert's, without it."""
    grid, simulated = ladder["time_grid"], ladder["finite_network"]
    if np.isnan(grid.rate).any():
        siegert = ladder["siegert"][:2]
        return parts_above_white_noise(network, "siegert", siegert, spiking, surrogates, simulated[:2])
    dt = float(spiking.attrs["dt"])
    driven = Rung.of(lambda: shot_noise_response(network, simulated.rate, dt=dt), simulated.rate)
    return parts_above_time_grid(network, grid[:2], driven[:2], spiking, surrogates, simulated[:2])
