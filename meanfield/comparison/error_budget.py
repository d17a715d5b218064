"""Error budget: the deviation of simulation from theory as a sum of terms, each the price of one assumption."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from meanfield.comparison.deviation import pooled_rate
from meanfield.comparison.siegert import siegert_near
from meanfield.comparison.terms import PARTS, term
from meanfield.model.network import Network
from meanfield.model.variables import RESTATED, SINGLE_DRAW, variable
from meanfield.simulation.measures.seed_pooling import pool_seeds
from meanfield.simulation.surrogates import SURROGATES
from meanfield.theory.attempt import attempt
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point, shot_noise_response


class Rung(NamedTuple):
    """Rates of all populations at one step of the ladder, in spikes/s; arrays of shape (N,)."""

    rate: np.ndarray
    error: np.ndarray  # numerical for theory, standard error for simulation
    missing: str = ""  # why a rate is NaN

    @classmethod
    def of(cls, theory: Callable[[], xr.Dataset], like: np.ndarray) -> Rung:
        """What `shot_noise_fixed_point` and its like say; NaN, in a given shape, where they refuse."""
        dataset, reason = attempt(theory, None)
        if dataset is None:
            return cls(*np.full((2, *like.shape), np.nan), reason)
        return cls(dataset["rate"].values, dataset["rate_error"].values, dataset.attrs["missing"])


def error_budget(
    network: Network,
    spiking: xr.Dataset,
    surrogates: xr.Dataset | None = None,
    *,
    near: xr.DataArray | np.ndarray | None = None,
) -> xr.Dataset:
    """Split the deviation of the simulated from Siegert's rate into terms that add up exactly.

    The rungs are self-consistent rates: of Siegert's theory (Gaussian white noise, continuous time); with Poisson input
    whose spikes are jumps of the potential (shot noise); the same on NEST's time grid; and of the simulated network,
    whose input trains are neither Poisson nor independent. Each term is the step up to its rung.

    With surrogates, the step to the network is split in turn, again exactly. Let Φ be the rate on the grid for Poisson
    input at the simulated rates:

    - ``reaction``: Φ − the grid rung. The network fires at other rates than that rung, and so drives itself otherwise;
    - ``control``: unconnected neurons in NEST on that very input − Φ: zero, but for chance;
    - ``trains``: the same with the recorded trains, shifted against each other − with Poisson trains;
    - ``correlations``: the same with the trains as they were − shifted;
    - ``rest``: the network − that: what neurons of the network have that unconnected ones have not.

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

    Returns
    -------
    Dataset
        - over (rung, population): ``rung_rate`` and ``rung_error``;
        - over (term, population): ``contribution``, ``contribution_error``, ``contribution_percent`` of Siegert's rate;
        - over population: their sum ``total``, ``total_error``, ``total_percent``; ``total_freedom``, the degrees
          of freedom of the simulated rate's error;
        - with surrogates, over (part, population): ``part_contribution`` and ``part_error``.

        Rates in spikes/s. Errors are numerical for theory, standard errors for simulation. A rung that does not exist
        is NaN, as are the terms beside it; attribute `missing` says why. Terms and parts are those of
        `meanfield.comparison.terms`.
    """
    dt = float(spiking.attrs["dt"])
    simulated, sem, freedom, _, over = pooled_rate(spiking)
    siegert = siegert_near(network, near, simulated)
    start = np.where(np.isfinite(siegert.rate), siegert.rate, simulated)
    ladder = {
        "siegert": Rung(siegert.rate, 1e-13 * siegert.rate, siegert.missing),
        "shot_noise": Rung.of(lambda: shot_noise_fixed_point(network, dt=0.0, start=start), simulated),
        "time_grid": Rung.of(lambda: shot_noise_fixed_point(network, dt=dt, start=start), simulated),
        "network": Rung(simulated, sem),
    }
    budget = _steps(ladder).assign_coords(population=list(network.populations)).assign_attrs(spiking.attrs, over=over)
    budget["total_freedom"] = variable(
        "population", freedom, "1", "degrees of freedom of the simulated rate's error", judged_as=SINGLE_DRAW
    )
    for name in ("rung_error", "contribution_error", "total_error"):
        budget[name].attrs["ancillary_variables"] = "total_freedom"
    if surrogates is not None:
        budget = budget.merge(_parts(network, dt, surrogates, ladder))
    return budget


def _steps(ladder: dict[str, Rung]) -> xr.Dataset:
    """Rungs, the terms between them, and the terms' sum."""
    rate = np.stack([rung.rate for rung in ladder.values()])
    error = np.stack([rung.error for rung in ladder.values()])
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


def _parts(network: Network, dt: float, surrogates: xr.Dataset, ladder: dict[str, Rung]) -> xr.Dataset:
    """The step from the grid rung to the network, split with the help of surrogates."""
    grid, simulated = ladder["time_grid"], ladder["network"]
    mean = surrogates["surrogate_rate"].mean("seed")
    runs = [surrogates[f"surrogate_rate{part}"].transpose("seed", ...) for part in ("", "_sem", "_freedom")]
    error = mean.copy(data=pool_seeds(*runs).error)
    measured = [Rung(mean.sel(surrogate=kind).values, error.sel(surrogate=kind).values) for kind in SURROGATES]
    on_grid = Rung.of(lambda: shot_noise_response(network, simulated.rate, dt=dt), simulated.rate)
    rate, rate_error = (
        np.stack(each) for each in zip(*(r[:2] for r in (grid, on_grid, *measured, simulated)), strict=True)
    )
    over, errors = ("part", "population"), np.hypot(rate_error[1:], rate_error[:-1])
    # The reaction's error is only numerical, though the simulated rates decide it.
    return xr.Dataset(
        {
            "part_contribution": variable(
                over,
                np.diff(rate, axis=0),
                "spikes/s",
                "part of the step to the simulated rate",
                judged_as=SINGLE_DRAW,
                above="time_grid",
            ),
            "part_error": variable(over, errors, "spikes/s", "its standard error", judged_as=SINGLE_DRAW),
        },
        coords={"part": [part.name for part in PARTS]},
    )
