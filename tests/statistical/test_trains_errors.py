"""Standard errors of self-consistent trains: the spread of results over seeds is what each result states."""

import numpy as np
import pytest
from scipy import stats

import meanfield as mf
from meanfield.theory.trains import stages as rule
from meanfield.theory.trains.parameters import REPETITIONS, TrainsParameters

FALSE_ALARM = 0.01  # of each test, for seeds that are not those below


def inside_of_chance(values, errors):
    """Deviations from the mean in errors, from Student's t to normal deviates: χ² distributed if errors are right."""
    n = len(values)
    t = np.sqrt(n / (n - 1)) * np.abs(values - np.mean(values)) / errors
    chi2 = np.sum(stats.norm.isf(stats.t(REPETITIONS - 1).sf(t)) ** 2)
    return FALSE_ALARM / 2 < stats.chi2(n - 1).cdf(chi2) < 1.0 - FALSE_ALARM / 2


class Chance:
    """In the place of `Repetition`: generations that are nothing but normal random numbers."""

    def __init__(self, kinds, rate, *, key, **_):
        self.random = np.random.default_rng(key)

    def advance(self, n_generations, totals, everything):
        for _ in range(n_generations):
            totals.estimate.append(10.0 + self.random.normal(size=1))
            totals.response.append(totals.estimate[-1])
            totals.moments.append(np.array([[100.0, 1000.0, 10600.0]]))


# In units of one generation's error, of ten repetitions: where the goal is met in the first stage that is judged, where
# it takes luck to meet it there, and where more stages are needed.
@pytest.mark.parametrize("goal", [1.0, 0.25, 0.15])
def test_stopping_on_a_goal_makes_no_error_too_small(monkeypatch, goal):
    monkeypatch.setattr(rule, "Repetition", Chance)
    network = mf.Network(populations=["E"], size=100, K=10, J=0.1, delay=1.5, rate_ext=5.0, K_ext=100, J_ext=0.2)
    run = {"dt": 0.1, "variant": "exact", "target_rate_sem": 0.1 * goal / REPETITIONS**0.5, "target_cv_sem": 1.0}
    run |= {"max_generations": 4096, "neurons": 20, "duration": 10.0, "windows": (10.0,), "threads": 1}
    results = []
    for seed in range(1, 201):
        stages = rule.Stages(network, TrainsParameters(**run, seed=seed), np.array([10.0]))
        stages.advance()
        results.append(rule.mean_and_error(rule.by_generation(stages.history[-1], "estimate").mean(axis=(1, 2))))
    values, errors = np.array(results).T
    assert inside_of_chance(values, errors)
    # And the goal is met, but for chance: a mean square error has 9 degrees of freedom each.
    assert np.sqrt(np.mean(errors**2)) < 0.1 * 10.0 * goal / REPETITIONS**0.5 * 1.1


def test_errors_of_rate_and_cv_are_the_spread_over_seeds():
    network = mf.brunel_network(order=50, J=0.5)
    found = [
        mf.self_consistent_trains(
            network, neurons=20, duration=200.0, windows=[100.0], target_rate_sem=0.04, target_cv_sem=0.1, seed=seed
        ).isel(population=0)
        for seed in range(1, 21)
    ]
    assert all(one["target_reached"] for one in found)
    for name in ("rate", "cv"):
        assert inside_of_chance(*(np.array([one[n].item() for one in found]) for n in (name, f"{name}_sem")))
