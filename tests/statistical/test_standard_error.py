"""Errors and bounds of simulated rates are as large as the rates' real spread.

Every test has a fixed seed. Where it asserts a frequency, the bounds are those that a correct program would miss with
a chance below 1e-4 had the seed been another; where it compares simulations, the chance is stated.
"""

import itertools

import numpy as np
import pytest
from scipy import stats

import meanfield as mf
from meanfield.simulation.measures.spike_trains import rate_upper_bound, relative_error, standard_error

FALSE_ALARM = 1e-4
RUN = {"threads": 1, "progress": False}
N_TRIALS, N_BLOCKS, DURATION = 4000, 10, 20.0  # s


def as_often_as(probability: float, hits: np.ndarray) -> bool:
    """Whether the hits are as frequent as expected, but for a chance of FALSE_ALARM."""
    return stats.binomtest(int(hits.sum()), hits.size, probability).pvalue > FALSE_ALARM


def gamma_counts(rng, shape: float, rate: float) -> np.ndarray:
    """Spikes in each block of stationary gamma renewal trains; shape (N_BLOCKS, N_TRIALS)."""
    n = int(2 * rate * DURATION + 50)
    trains = np.cumsum(rng.gamma(shape, 1 / (shape * rate), (N_TRIALS, n)), axis=1) - 20 / rate  # long past its start
    assert (trains[:, -1] > DURATION).all()
    edges = np.linspace(0, DURATION, N_BLOCKS + 1)
    return np.array([((a <= trains) & (trains < b)).sum(axis=1) for a, b in itertools.pairwise(edges)])


class TestStandardError:
    @pytest.mark.parametrize("level", [0.68, 0.95])
    def test_it_covers_the_true_rate_of_poisson_trains_as_often_as_it_says(self, level):
        blocks = np.random.default_rng(1).poisson(60, (N_BLOCKS, N_TRIALS)).astype(float)
        z = (blocks.mean(axis=0) - 60) / standard_error(blocks)
        assert as_often_as(level, np.abs(z) < stats.t.ppf((1 + level) / 2, N_BLOCKS - 1))

    @pytest.mark.parametrize(("shape", "seed"), [(0.5, 2), (4.0, 3)], ids=["irregular", "regular"])
    def test_it_is_the_real_spread_of_trains_that_are_no_poisson_trains(self, shape, seed):
        """Counts of long renewal trains vary by CV² = 1/shape times what Poisson counts do.

        Neighbouring blocks share an interval, which biases the error by some percent at 20 spikes or more a block.
        """
        blocks = gamma_counts(np.random.default_rng(seed), shape, 20.0) * (N_BLOCKS / DURATION)
        real = blocks.mean(axis=0).std()
        told = np.sqrt((standard_error(blocks) ** 2).mean())
        assert told == pytest.approx(real, rel=0.08)
        assert real == pytest.approx(np.sqrt(20 / shape / DURATION), rel=0.08)

    def test_it_equals_scipys(self):
        samples = np.random.default_rng(4).normal(size=(7, 5))
        np.testing.assert_allclose(standard_error(samples), stats.sem(samples), rtol=1e-13)
        np.testing.assert_allclose(standard_error(samples, axis=1), stats.sem(samples, axis=1), rtol=1e-13)

    def test_missing_samples_are_left_out(self):
        samples = np.array([[1.0, 5.0], [2.0, np.nan], [4.0, np.nan], [np.nan, np.nan]])
        found = standard_error(samples)
        assert found[0] == pytest.approx(stats.sem([1.0, 2.0, 4.0]))
        assert np.isnan(found[1])  # one sample has no spread

    def test_it_does_not_cancel_on_a_large_mean(self):
        assert standard_error(1e9 + np.array([0.0, 1.0, 2.0])) == pytest.approx(3**-0.5, rel=1e-12)

    def test_a_silent_population_has_no_relative_error(self):
        found = relative_error(np.array([[10.0, 0.0], [12.0, 0.0]]))
        assert found[0] == pytest.approx(1 / 11)
        assert np.isinf(found[1])


class TestUpperBound:
    @pytest.mark.parametrize("expected_spikes", [0.5, 1, 2.9, 3.1, 5, 20, 100, 3000])
    def test_it_lies_above_the_true_rate_at_least_95_times_in_100(self, expected_spikes):
        rng = np.random.default_rng(5)
        blocks = rng.poisson(expected_spikes / N_BLOCKS, (N_BLOCKS, N_TRIALS)) * N_BLOCKS / DURATION
        rate = blocks.mean(axis=0)
        upper = rate_upper_bound(rate, standard_error(blocks), N_BLOCKS, np.array(DURATION))
        covered = upper >= expected_spikes / DURATION
        assert stats.binomtest(int(covered.sum()), N_TRIALS, 0.95, alternative="less").pvalue > FALSE_ALARM

    def test_it_covers_populations_whose_neurons_fire_together(self):
        """Counts that vary ten times more than Poisson counts: the spread over blocks decides."""
        rng = np.random.default_rng(6)
        blocks = 100 * rng.poisson(10, (N_BLOCKS, N_TRIALS)) * N_BLOCKS / DURATION
        upper = rate_upper_bound(blocks.mean(axis=0), standard_error(blocks), N_BLOCKS, np.array(DURATION))
        covered = upper >= 1000 * N_BLOCKS / DURATION
        assert stats.binomtest(int(covered.sum()), N_TRIALS, 0.94, alternative="less").pvalue > FALSE_ALARM

    def test_it_is_not_needlessly_high(self):
        assert rate_upper_bound(np.array(50.0), np.array(1.0), 10, np.array(1000.0)) < 52

    def test_one_block_is_enough_for_it(self):
        assert rate_upper_bound(np.array(2.0), np.array(np.nan), 1, np.array(1.0)) == pytest.approx(6.2958, abs=1e-4)


class TestSimulatedNetwork:
    network = mf.brunel_network(order=100, epsilon=0.2, J=0.2)

    @pytest.fixture(scope="class")
    @classmethod
    def seeds(cls):
        return mf.simulate_spiking(cls.network, duration=400.0, n_seeds=6, **RUN)

    def test_seeds_spread_no_more_than_their_errors_and_the_networks_own_variety_say(self, seeds):
        """χ² of the seeds about their mean; other connections add some spread, hence the factor 3 (chance < 1e-3)."""
        rate, sem = seeds["rate"].values, seeds["rate_sem"].values
        chi2 = (((rate - rate.mean(axis=0)) / sem) ** 2).sum(axis=0)
        assert (chi2 < 3 * stats.chi2.isf(1e-3, 5)).all()
        assert (chi2 > stats.chi2.isf(1 - 1e-3, 5) / 3).all()

    def test_both_populations_fire_alike_as_they_receive_the_same(self, seeds):
        difference = seeds["rate"].diff("population").values.ravel()
        assert abs(difference.mean()) < 5 * stats.sem(difference)  # with 5 degrees of freedom, a chance of 0.004

    def test_the_error_is_that_of_ten_blocks(self, seeds):
        assert seeds.sizes["block"] == 10
        np.testing.assert_allclose(seeds["rate_sem"], stats.sem(seeds["block_rate"], axis=1), rtol=1e-12)
        np.testing.assert_allclose(seeds["block_rate"].mean("block"), seeds["rate"], rtol=1e-12)

    def test_rates_of_neurons_and_of_bins_average_to_the_populations(self, seeds):
        by_neuron = seeds["neuron_rate"].groupby(seeds["neuron_population"]).mean()
        np.testing.assert_allclose(by_neuron, seeds["rate"], rtol=1e-12)
        np.testing.assert_allclose(seeds["activity"].mean("time"), seeds["rate"], rtol=1e-12)

    def test_a_run_ends_as_soon_as_the_wanted_accuracy_is_reached(self):
        found = mf.simulate_spiking(self.network, duration=100.0, target_sem=0.02, max_duration=4000.0, **RUN)
        assert found["target_reached"].all()
        assert (found["rate_sem"] <= 0.02 * found["rate"]).all()
        assert found["duration"].item() < 4000
        assert found["duration"].item() % 100 == 0
        assert found.sizes["block"] == 10 * found["duration"].item() / 100

    def test_a_run_that_does_not_reach_it_says_so_and_ends_at_the_limit(self):
        found = mf.simulate_spiking(self.network, duration=100.0, target_sem=1e-6, max_duration=250.0, **RUN)
        assert not found["target_reached"].any()
        assert found["duration"].item() == pytest.approx(250)
        assert found.sizes["time"] == 250

    def test_without_a_wanted_accuracy_nothing_is_said_of_one(self, seeds):
        assert "target_reached" not in seeds

    def test_runs_that_end_earlier_than_others_are_padded_with_missing_values(self):
        found = mf.simulate_spiking(
            self.network, duration=40.0, warmup=50.0, n_seeds=4, target_sem=0.04, max_duration=4000.0, **RUN
        )
        durations = found["duration"].values
        assert len(set(durations)) > 1
        for name, per_ms in (("activity", 1), ("block_rate", 0.25)):
            present = found[name].notnull().all("population").values
            assert np.array_equal(present.sum(axis=1), np.rint(durations * per_ms)), name
            assert all((np.diff(row.astype(int)) <= 0).all() for row in present), name  # what is missing comes last
        np.testing.assert_allclose(found["activity"].mean("time"), found["rate"], rtol=1e-12)
        assert found["rate"].notnull().all()
