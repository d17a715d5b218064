"""Why theory and simulation differ: the deviation as a sum of terms, each the price of one assumption."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from meanfield.comparison.deviation import pooled_rate, with_error
from meanfield.model.network import Network
from meanfield.simulation.surrogates import SURROGATES
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point, shot_noise_response
from meanfield.theory.white_noise.fixed_points import fixed_points, nearest_solution

# Each rung of the ladder drops one more assumption of Siegert's theory; a term is the step up to its rung.
RUNGS = ("siegert", "shot_noise", "time_grid", "network")
TERMS = RUNGS[1:]
# What the step to the network consists of, measured on surrogates.
PARTS = ("reaction", "control", "trains", "correlations", "rest")

COMPUTED = 1e-3  # numerical errors are below that, and not shown beside simulated ones

IN_WORDS = {
    "siegert": "Siegert",
    "shot_noise": "shot noise",
    "time_grid": "time grid",
    "network": "real trains",
    "reaction": "network's reaction",
    "control": "control (0)",
    "trains": "trains not Poisson",
    "correlations": "correlations",
    "rest": "rest",
}


def error_budget(
    network: Network,
    spiking: xr.Dataset,
    surrogates: xr.Dataset | None = None,
    *,
    near: xr.DataArray | np.ndarray | None = None,
) -> xr.Dataset:
    """Split the deviation of the simulated from Siegert's rate into terms that add up exactly.

    The rungs are self-consistent rates: of Siegert's theory (Gaussian white noise, continuous time); with Poisson input
    of finite postsynaptic potentials; the same on NEST's time grid; and of the simulated network, whose input trains
    are neither Poisson nor independent. Their differences are the terms ``shot_noise``, ``time_grid``, ``network``.

    With surrogates, the last one is split in turn, again exactly. Let Φ be the rate on the grid for Poisson input at
    the simulated rates:

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
        - over population: their sum ``total``, ``total_error``, ``total_percent``;
        - with surrogates, over (part, population): ``part_contribution`` and ``part_error``.

        Rates in spikes/s. Errors are numerical for theory, standard errors for simulation. A rung that does not exist
        is NaN, as are the terms beside it; attribute `missing` says why.
    """
    simulated, simulated_error, _, over = pooled_rate(spiking)
    siegert = nearest_solution(fixed_points(network), simulated if near is None else near)["rate"].values
    continuous = shot_noise_fixed_point(network, dt=0.0, start=siegert)
    grid = shot_noise_fixed_point(network, dt=float(spiking.attrs["dt"]), start=siegert)

    rate = np.stack([siegert, continuous["rate"], grid["rate"], simulated])
    error = np.stack([1e-13 * siegert, continuous["rate_error"], grid["rate_error"], simulated_error])
    terms, terms_error = np.diff(rate, axis=0), np.hypot(error[1:], error[:-1])
    total, total_error = rate[-1] - rate[0], np.hypot(error[-1], error[0])

    def in_percent(values):
        return 100 * np.divide(values, siegert, out=np.full_like(values, np.nan), where=siegert > 0)

    def told_as(dimensions, values, units, long_name):
        return dimensions, values, {"units": units, "long_name": long_name}

    by_rung, by_term = ("rung", "population"), ("term", "population")
    budget = xr.Dataset(
        {
            "rung_rate": told_as(by_rung, rate, "spikes/s", "self-consistent rate"),
            "rung_error": told_as(by_rung, error, "spikes/s", "its numerical or standard error"),
            "contribution": told_as(by_term, terms, "spikes/s", "difference that the assumption makes"),
            "contribution_percent": told_as(by_term, in_percent(terms), "%", "the same relative to Siegert's rate"),
            "contribution_error": told_as(by_term, terms_error, "spikes/s", "error of the difference"),
            "total": told_as("population", total, "spikes/s", "simulated − Siegert's rate"),
            "total_percent": told_as("population", in_percent(total), "%", "the same relative to Siegert's rate"),
            "total_error": told_as("population", total_error, "spikes/s", "error of the total"),
        },
        coords={"rung": list(RUNGS), "term": list(TERMS), "population": list(network.populations)},
        attrs=spiking.attrs | {"over": over},
    )
    reasons = [
        f"{IN_WORDS[name]}: {of.attrs['missing']}"
        for name, of in zip(RUNGS[1:3], (continuous, grid), strict=True)
        if of.attrs["missing"]
    ]
    if surrogates is not None:
        budget = budget.merge(_parts(network, float(spiking.attrs["dt"]), surrogates, simulated, simulated_error, grid))
    return budget.assign_attrs(missing="; ".join(reasons))


def _parts(
    network: Network, dt: float, surrogates: xr.Dataset, simulated, simulated_error, grid: xr.Dataset
) -> xr.Dataset:
    """The step from the grid rung to the network, split with the help of surrogates."""
    n_seeds = surrogates.sizes["seed"]
    mean = surrogates["surrogate_rate"].mean("seed")
    error = np.sqrt((surrogates["surrogate_rate_sem"] ** 2).sum("seed")) / n_seeds
    on_grid = shot_noise_response(network, simulated, dt=dt)
    rungs = [grid["rate"], on_grid["rate"], *(mean.sel(surrogate=kind) for kind in SURROGATES), simulated]
    errors = [
        grid["rate_error"],
        on_grid["rate_error"],
        *(error.sel(surrogate=kind) for kind in SURROGATES),
        simulated_error,
    ]
    rate, rate_error = np.stack(rungs), np.stack(errors)
    hz = {"units": "spikes/s"}
    return xr.Dataset(
        {
            "part_contribution": (
                ("part", "population"),
                np.diff(rate, axis=0),
                hz | {"long_name": "part of the last term"},
            ),
            "part_error": (
                ("part", "population"),
                np.hypot(rate_error[1:], rate_error[:-1]),
                hz | {"long_name": "its standard error"},
            ),
        },
        coords={"part": list(PARTS)},
    )


def budget_table(budget: xr.Dataset) -> pd.DataFrame:
    """The budget as text, one column for each population; what does not exist is shown as a dash.

    Parameters
    ----------
    budget : Dataset
        From `error_budget`.
    """

    def shown(value: float, error: float, percent: float | None = None) -> str:
        if not np.isfinite(value):
            return "–"
        computed = 0.0 < error < COMPUTED * max(1.0, abs(value))
        return (f"{value:.3f}" if computed else with_error(value, error)) + (
            f" ({percent:+.2f} %)" if percent is not None and np.isfinite(percent) else ""
        )

    columns = {}
    for name in budget["population"].values:
        of = budget.sel(population=name)
        rows = {"Siegert's rate": shown(float(of["rung_rate"].sel(rung="siegert")), 0.0)}
        for term in TERMS:
            at = of.sel(term=term)
            rows[f"+ {IN_WORDS[term]}"] = shown(
                float(at["contribution"]), float(at["contribution_error"]), float(at["contribution_percent"])
            )
            if term == "network" and "part_contribution" in of:
                for part in PARTS:
                    at = of.sel(part=part)
                    rows[f"    of which {IN_WORDS[part]}"] = shown(
                        float(at["part_contribution"]), float(at["part_error"])
                    )
        at = of.sel(rung="network")
        rows["= simulated rate"] = shown(float(at["rung_rate"]), float(at["rung_error"]), float(of["total_percent"]))
        columns[str(name)] = rows
    return pd.DataFrame(columns)
