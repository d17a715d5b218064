"""Datasets that differ by chance alone are seldom called different, those that differ by more almost always.

All seeds are fixed. Where a frequency is asserted, a correct program would miss its bounds with a chance below 1e-4.
"""

import itertools

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import meanfield as mf
from meanfield.model.variables import RESTATED, STANDARD_ERROR, variable
from meanfield.runs.reproduce.judgement import FALSE_ALARM, Verdict, judge

N_BLOCKS = 10
AXES = {"g": 3, "eta": 5, "seed": 2}


def collected(random: np.random.Generator, shift: float = 0.0) -> xr.Dataset:
    """As from an experiment: rates over a grid, from blocks that spread by 10 % around them; `shift` in percent."""
    shape = (*AXES.values(), 2)
    siegert = np.linspace(5.0, 50.0, np.prod(shape)).reshape(shape)
    mean = siegert * (1 + 0.01 * shift)
    blocks = random.normal(mean, 0.1 * mean, (N_BLOCKS, *shape))
    simulated, sem = blocks.mean(axis=0), blocks.std(axis=0, ddof=1) / np.sqrt(N_BLOCKS)
    dims, hz = (*AXES, "population"), "spikes/s"
    freedom = np.full(shape, N_BLOCKS - 1.0)
    return xr.Dataset(
        {
            "simulated": variable(dims, simulated, hz, "", error="simulated_sem"),
            "simulated_sem": variable(dims, sem, hz, "", error="freedom", judged_as=STANDARD_ERROR),
            "freedom": variable(dims, freedom, "1", "", judged_as=RESTATED),
            "siegert": variable(dims, siegert, hz, ""),
            "deviation": variable(dims, simulated - siegert, hz, "", error="simulated_sem"),
            "deviation_sem": variable(dims, (simulated - siegert) / sem, "1", "", judged_as=RESTATED),
            "source": variable(tuple(AXES), np.zeros(tuple(AXES.values()), int), "1", ""),
        }
    )


@pytest.fixture
def pair():
    random = np.random.default_rng(1)
    return collected(random), collected(random)


class TestFalseAlarm:
    def test_is_as_rare_as_it_says(self):
        random = np.random.default_rng(2)
        n, allowed = 300, 0.2  # often enough to be counted
        alarms = sum(
            judge(collected(random), collected(random), allowed).verdict is Verdict.DIFFERENT for _ in range(n)
        )
        assert alarms <= stats.binom.isf(1e-4, n, allowed)
        # Nor does the judge sleep: half of the tests repeat the other half, so an alarm comes half as often, or more.
        assert alarms >= stats.binom.ppf(1e-4, n, allowed / 4)

    def test_holds_for_simulations_that_differ_in_their_seed(self):
        """28 pairs: one of them would be an alarm with a chance below 28 × FALSE_ALARM."""
        runs = [simulated(seed=seed) for seed in range(1, 9)]
        for one, other in itertools.combinations(runs, 2):
            judgement = judge(one, other)
            assert judgement.verdict is Verdict.CHANCE, str(judgement)
        assert 28 * FALSE_ALARM < 0.03


def simulated(**values) -> xr.Dataset:
    seed = values.pop("seed")
    network = mf.brunel_network(order=50, **values)
    spiking = mf.simulate_spiking(network, duration=500.0, warmup=100.0, seed=seed, threads=1, progress=False)
    return spiking.assign_coords(seed=[1])


def everything(seed: int) -> xr.Dataset:
    """All that the notebooks compare and error_budget store, of one draw."""
    network = mf.brunel_network(order=100)
    run = {"duration": 500.0, "warmup": 100.0, "threads": 1, "progress": False}
    spiking = mf.simulate_spiking(network, seed=seed, n_seeds=2, record="all", **run)
    surrogates = mf.simulate_surrogates(network, spiking, surrogate_neurons=50, surrogate_seed=seed, progress=False)
    found = [
        mf.compare(network, spiking, mf.simulate_rate_network(network)).drop_vars("population_fano"),
        mf.error_budget(network, spiking, surrogates),
        surrogates,
        mf.measure_correlations(spiking),
    ]
    return xr.merge(found, combine_attrs="override").assign_coords(seed=[1, 2])


def test_of_every_variable_that_chance_reaches_it_is_known():
    """One that is not would be held to theory's tolerance."""
    judgement = judge(everything(1), everything(11))
    assert judgement.verdict is Verdict.CHANCE, str(judgement)
    assert judgement.n_tests > 40


def test_of_every_variable_of_a_state_that_chance_reaches_it_is_known():
    """What the notebook state stores, of two draws."""
    network = mf.brunel_network(order=50)

    def state(seed: int) -> xr.Dataset:
        run = {"duration": 600.0, "warmup": 100.0, "record": 50, "bin_width": 0.1, "threads": 1, "progress": False}
        spiking = mf.simulate_spiking(network, seed=seed, **run)
        states, spectrum = mf.measure_states(network, spiking), mf.activity_spectrum(spiking)
        measured = xr.merge([spiking[["rate", "rate_sem"]], states, spectrum], combine_attrs="override")
        excerpt = mf.excerpt(spiking, shown=100.0)
        return xr.merge([measured.isel(seed=0, drop=True), excerpt], combine_attrs="override")

    judgement = judge(state(1), state(11))
    assert judgement.verdict is Verdict.CHANCE, str(judgement)


class TestPower:
    def test_two_draws_of_the_same_are_statistically_equal(self, pair):
        judgement = judge(*pair)
        assert judgement.verdict is Verdict.CHANCE
        assert {f.variable: f.verdict for f in judgement.findings} == {
            "simulated": Verdict.CHANCE,
            "simulated_sem": Verdict.CHANCE,
            "freedom": Verdict.IDENTICAL,
            "siegert": Verdict.IDENTICAL,
            "deviation": Verdict.CHANCE,
            "deviation_sem": Verdict.CHANCE,
        }

    def test_one_value_far_off_is_seen(self, pair):
        stored, anew = pair
        anew["simulated"][1, 2, 0, 1] += 20 * anew["simulated_sem"][1, 2, 0, 1]
        findings = {f.variable: f for f in judge(stored, anew).findings}
        assert findings["simulated"].verdict is Verdict.DIFFERENT
        assert "standard errors" in findings["simulated"].reason
        assert findings["deviation"].verdict is Verdict.CHANCE

    def test_a_shift_too_small_for_any_single_value_is_seen_in_the_sum_over_runs(self):
        random = np.random.default_rng(3)
        stored, anew = collected(random), collected(random, shift=8.0)  # 1.8 standard errors of a difference
        assert judge(stored, anew).verdict is Verdict.DIFFERENT
        assert judge(stored.drop_vars("source"), anew.drop_vars("source")).verdict is Verdict.CHANCE

    @pytest.mark.parametrize("factor", [0.1, 10.0])
    def test_a_wrong_error_is_seen(self, pair, factor):
        stored, anew = pair
        anew["simulated_sem"] *= factor
        findings = {f.variable: f.verdict for f in judge(stored, anew).findings}
        assert findings["simulated_sem"] is Verdict.DIFFERENT

    def test_theory_is_not_excused_by_chance_elsewhere(self, pair):
        stored, anew = pair
        anew["siegert"] *= 1 + 1e-8
        findings = {f.variable: f.verdict for f in judge(stored, anew).findings}
        assert findings["siegert"] is Verdict.DIFFERENT
        assert findings["simulated"] is Verdict.CHANCE

    def test_another_network_is_seen(self):
        judgement = judge(simulated(seed=1), simulated(seed=2, eta=2.3))
        assert judgement.verdict is Verdict.DIFFERENT, str(judgement)
