"""Where theory holds: what is called significant, and how often by mistake."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import kstest

import meanfield as mf

POINTS, BLOCKS, SEM = 4000, 10, 0.5  # percent


def collected(deviation: float, n_seeds: int = 2, between: float = 0.0, seed: int = 1) -> xr.Dataset:
    """Runs whose rates scatter about Siegert's + `deviation` percent, with errors of nine degrees of freedom."""
    rng = np.random.default_rng(seed)
    siegert = 20.0
    drawn = rng.normal(deviation, between, (POINTS, n_seeds, 2, 1)) if between else deviation
    blocks = drawn + rng.normal(0.0, SEM * np.sqrt(BLOCKS), (POINTS, n_seeds, 2, BLOCKS))
    percent, sem = blocks.mean(axis=-1), blocks.std(axis=-1, ddof=1) / np.sqrt(BLOCKS)
    each = ("g", "seed", "population")
    constant = {name: (each, np.full(percent.shape, 0.5)) for name in ("simulated_cv", "siegert_cv", "population_fano")}
    return xr.Dataset(
        {
            "simulated": (each, siegert * (1 + percent / 100)),
            "simulated_sem": (each, siegert * sem / 100),
            "siegert": (each, np.full(percent.shape, siegert)),
            "deviation_percent": (each, percent),
            "deviation_percent_sem": (each, sem),
            "simulated_freedom": (each, np.full(percent.shape, BLOCKS - 1.0)),
            "n_solutions": (("g", "seed"), np.ones((POINTS, n_seeds), dtype=int)),
            **constant,
        },
        coords={"g": np.arange(POINTS), "seed": np.arange(1, n_seeds + 1), "population": ["E", "I"]},
    )


def share(dataset: xr.Dataset, level: float) -> float:
    return float(mf.where_theory_holds(dataset, level)["significant"].mean())


@pytest.mark.parametrize("n_seeds", [2, 5])
def test_false_alarms_are_no_more_frequent_than_stated(n_seeds):
    """Bound: the level and five standard deviations of a count; fails by chance in one of 10⁶ runs."""
    level = 0.01
    assert share(collected(0.0, n_seeds), level) < level + 5 * np.sqrt(level / (2 * POINTS))


def test_a_deviation_of_six_standard_errors_is_seen():
    assert share(collected(6 * SEM / np.sqrt(2)), 0.01) > 0.8


def test_differences_between_drawn_networks_are_told():
    spread = mf.seed_spread(collected(0.0))
    alike = spread["mean_square"].values
    # The mean of 4000 χ² with one degree of freedom over an error that is itself measured: 1 within a few percent
    assert alike == pytest.approx(1.0, abs=0.2)
    assert np.all(spread["probability"] > 1e-3)  # of two populations; fails by chance in one of 500 drawings
    different = mf.seed_spread(collected(0.0, between=3 * SEM))
    assert different["mean_square"].values == pytest.approx(10.0, rel=0.2)
    assert np.all(different["probability"] < 1e-9)


def test_the_probability_of_differences_between_alike_networks_is_uniform():
    """By Kolmogorov and Smirnov, at 1 %: also for few degrees of freedom, where the ratio itself is above 1."""
    rng = np.random.default_rng(3)
    over = ("seed", "g", "network")
    shape = (3, 30, 400)
    freedom = 6.0
    values = {
        "simulated": rng.normal(size=shape),
        "simulated_sem": np.sqrt(rng.chisquare(freedom, size=shape) / freedom),
        "simulated_freedom": np.full(shape, freedom),
    }
    drawn = xr.Dataset({name: (over, value) for name, value in values.items()}).rename(network="population")
    assert kstest(mf.seed_spread(drawn)["probability"], "uniform").pvalue > 0.01


def test_silence_that_theory_predicts_is_no_deviation():
    dataset = collected(0.0)
    dataset["deviation_percent"][0] = np.nan
    dataset["deviation_percent_sem"][0] = np.nan
    held = mf.where_theory_holds(dataset)
    assert not held["significant"].isel(g=0).any()
    assert np.isnan(held["percent"].isel(g=0)).all()


def test_seeds_near_different_solutions_are_told():
    dataset = collected(0.0)
    dataset["siegert"][0, 0] = 133.0
    held = mf.where_theory_holds(dataset)
    assert held["same_solution"].values.tolist() == [False] + [True] * (POINTS - 1)
