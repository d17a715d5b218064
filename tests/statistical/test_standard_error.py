"""Errors and bounds of simulated rates are as large as the rates' real spread.

Every test has a fixed seed. Where it asserts a frequency, the bounds are those that a correct program would miss with
a chance below 1e-4 had the seed been another; where it compares simulations, the chance is stated.
"""

from typing import ClassVar

import numpy as np
import pytest
from scipy import signal, stats

import meanfield as mf
from meanfield.comparison.tables import missing
from meanfield.simulation.measures.long_run_variance import LEAST_FREEDOM, NO_FREEDOM, error_of_mean, rate_error
from meanfield.simulation.measures.record_doubts import record_doubts
from meanfield.simulation.measures.seed_pooling import WITHIN_FREEDOM, pool_seeds
from meanfield.simulation.measures.spike_trains import rate_upper_bound, standard_error

FALSE_ALARM = 1e-4
RUN = {"threads": 1, "progress": False}
N_TRIALS = 150


def as_often_as(probability: float, hits: np.ndarray) -> bool:
    """Whether the hits are as frequent as expected, but for a chance of FALSE_ALARM."""
    return stats.binomtest(int(hits.sum()), hits.size, probability).pvalue > FALSE_ALARM


def normal(deviation, error, freedom):
    """Deviations in errors, which follow Student's t, as normal deviates."""
    t = deviation / error
    return np.sign(t) * stats.norm.isf(stats.t.sf(np.abs(t), freedom))


def process(numerator, denominator, n: int, trials: int, seed: int) -> tuple[np.ndarray, float]:
    """Draws of a process with values b(L)/a(L) of white noise, and the exact variance of the mean over n of them."""
    noise = np.random.default_rng(seed).normal(size=(trials, n + 1000))
    response = signal.lfilter(numerator, denominator, np.eye(1, 2000)[0])
    covariance = signal.correlate(response, response)[1999 : 1999 + n]
    variance = (covariance[0] + 2 * (1 - np.arange(1, n) / n) @ covariance[1:]) / n
    return signal.lfilter(numerator, denominator, noise, axis=1)[:, 1000:], variance


class TestErrorOfMean:
    """On processes whose long-run variance is known exactly, from 0.04 to 400 times that of independent values."""

    # The share of the true variance that is found on average, with the bias that short series leave
    PROCESSES: ClassVar = {
        "white": ([1.0], [1.0], (0.9, 1.2)),
        "wandering": ([1.0], [1.0, -0.9], (0.8, 1.2)),
        "alternating": ([1.0], [1.0, 0.6], (0.9, 1.2)),
        "pulled back": ([1.0, -0.8], [1.0], (1.0, 1.5)),  # no autoregression of finite order
        "oscillating": ([1.0], [1.0, -1.6, 0.81], (0.9, 1.2)),
        "moving average": ([1.0] * 6, [1.0], (0.9, 1.5)),
    }

    @pytest.mark.parametrize("name", PROCESSES)
    def test_it_is_the_real_spread_of_the_mean(self, name):
        numerator, denominator, (least, most) = self.PROCESSES[name]
        series, variance = process(numerator, denominator, 500, N_TRIALS, seed=1)
        error, freedom, _ = np.array([error_of_mean(one) for one in series]).T
        assert least < (error**2).mean() / variance < most
        # And the mean lies within Student's 95 % interval at least 90 times in 100
        covered = np.abs(normal(series.mean(axis=1), error, freedom)) < stats.norm.isf(0.025)
        assert stats.binomtest(int(covered.sum()), N_TRIALS, 0.9, alternative="less").pvalue > FALSE_ALARM

    @pytest.mark.parametrize("name", ["white", "wandering", "alternating", "oscillating"])
    def test_its_degrees_of_freedom_are_those_of_its_own_scatter(self, name):
        numerator, denominator, _ = self.PROCESSES[name]
        series, _ = process(numerator, denominator, 1000, N_TRIALS, seed=2)
        error, freedom, _ = np.array([error_of_mean(one) for one in series]).T
        variance = error**2
        assert np.median(freedom) == pytest.approx(2 * variance.mean() ** 2 / variance.var(), rel=0.5)

    def test_ten_blocks_would_be_wrong_about_what_is_pulled_back(self):
        """The oracle can fail: the error that this one replaced."""
        series, variance = process([1.0, -0.95], [1.0], 200, N_TRIALS, seed=3)
        blocks = series.reshape(N_TRIALS, 10, 20).mean(axis=2)
        assert (standard_error(blocks, axis=1) ** 2).mean() / variance > 3

    def test_unit_and_mean_do_not_matter(self):
        series = process([1.0], [1.0, -0.5], 300, 1, seed=4)[0][0]
        one, other = error_of_mean(series), error_of_mean(1e3 + 5 * series)
        assert other.error == pytest.approx(5 * one.error, rel=1e-6)
        assert other[1:] == pytest.approx(one[1:], rel=1e-5)

    def test_most_short_series_have_one_too(self):
        series = [np.random.default_rng(n).normal(size=n) for n in range(2, 30)]
        error, freedom, drift = np.array([error_of_mean(one) for one in series]).T
        known = np.isfinite(error)
        assert known.mean() > 0.9
        assert (error[known] > 0).all()
        assert (freedom[known] >= LEAST_FREEDOM).all()
        assert np.isfinite(drift).all()

    def test_a_series_that_wanders_as_long_as_it_lasts_has_none_or_one_no_larger_than_itself(self):
        """Random walks. Models of them have errors up to a million times the walk's own extent."""
        walks = np.cumsum(np.random.default_rng(8).normal(size=(N_TRIALS, 200)), axis=1)
        error, freedom, drift = np.array([error_of_mean(one) for one in walks]).T
        missing = np.isnan(error)
        assert (np.isnan(freedom) == missing).all()
        assert N_TRIALS / 4 < missing.sum() < N_TRIALS
        assert np.isfinite(drift).all()
        assert (error < np.ptp(walks, axis=1))[~missing].all()

    def test_less_than_two_values_tell_none(self):
        assert np.isnan(error_of_mean(np.array([3.0]))).all()

    def test_what_never_changes_has_none(self):
        assert error_of_mean(np.full(50, 7.0)) == (0.0, 49.0, 0.0)

    def test_drift_is_seen_and_seldom_imagined(self):
        series, _ = process([1.0], [1.0, -0.5], 400, N_TRIALS, seed=5)
        drift = np.array([error_of_mean(one).drift for one in series])
        assert stats.binomtest(int((np.abs(drift) > 1.96).sum()), N_TRIALS, 0.05, alternative="greater").pvalue > 1e-4
        assert abs(drift.mean()) < 4 * drift.std() / np.sqrt(N_TRIALS)
        late = series + 1.5 * (np.arange(400) >= 200)
        assert np.median([error_of_mean(one).drift for one in late]) > 2.58


def gamma_trains(rng, shape: float, rate: float, n_neurons: int, seconds: float, dt: float) -> np.ndarray:
    """Steps of the spikes of stationary gamma renewal trains, ordered."""
    n = int(2 * rate * seconds + 80)
    trains = np.cumsum(rng.gamma(shape, 1 / (shape * rate), (n_neurons, n)), axis=1) - 20 / rate  # long past its start
    return np.sort(np.ceil(trains[(trains > 0) & (trains <= seconds)] / (1e-3 * dt)).astype(int))


def in_steps(step: np.ndarray, n_steps: int) -> np.ndarray:
    """Number of spikes in each step."""
    return np.bincount(step, minlength=n_steps + 1)[1:]


class TestRateError:
    @pytest.mark.parametrize("shape", [0.5, 1.0, 16.0], ids=["irregular", "Poisson", "regular"])
    def test_it_is_that_of_superposed_renewal_trains(self, shape):
        """Their count's variance is rate · CV² · time, CV² = 1/shape, and for regular ones a sixth of a spike more.

        The bounds hold for 100 recordings: the mean of their errors' squares varies by some percent.
        """
        rng, dt, (n_neurons, rate, seconds) = np.random.default_rng(6), 0.1, (50, 20.0, 2.0)
        n_steps = round(1e3 * seconds / dt)
        trains = [gamma_trains(rng, shape, rate, n_neurons, seconds, dt) for _ in range(100)]
        error, freedom, _ = np.array([rate_error(in_steps(step, n_steps), n_neurons, dt) for step in trains]).T
        expected = np.sqrt((rate / shape / seconds + (shape > 1) / 6 / seconds**2) / n_neurons)
        assert np.sqrt((error**2).mean()) == pytest.approx(expected, rel=0.2)
        assert np.median(freedom) > 10
        deviation = np.array([len(step) / n_neurons / seconds for step in trains]) - rate
        covered = np.abs(normal(deviation, error, freedom)) < stats.norm.isf(0.025)
        assert as_often_as(0.95, covered)

    @pytest.mark.parametrize("n_spikes", [1, 2, 5])
    def test_few_spikes_have_that_of_a_poisson_count_and_few_degrees_of_freedom(self, n_spikes):
        step = np.sort(np.random.default_rng(n_spikes).choice(10000, n_spikes, replace=False) + 1)
        found = rate_error(in_steps(step, 10000), 10, 0.1)
        assert found.error == pytest.approx(np.sqrt(n_spikes) / 10, rel=0.15)
        assert found.freedom < 2 * n_spikes + 1e-9

    def test_silence_tells_none(self):
        assert np.isnan(rate_error(np.zeros(1000, dtype=int), 10, 0.1)).all()

    @pytest.mark.parametrize("n_steps", [1, 2, 3, 7])
    def test_a_few_steps_are_no_obstacle(self, n_steps):
        found = rate_error(np.ones(n_steps, dtype=int), 3, 0.1)
        assert np.isnan(found.error) or found.error == 0


class TestPooledSeeds:
    """Seeds whose rates scatter by what their errors say, and by `wiring` times as much on top."""

    @staticmethod
    def drawn(n_seeds: int, wiring: float, trials: int = 4000, freedom: float = 20.0):
        rng = np.random.default_rng(n_seeds)
        rate = rng.normal(size=(n_seeds, trials)) * np.sqrt(1 + wiring**2)
        error = np.sqrt(rng.chisquare(freedom, (n_seeds, trials)) / freedom)
        return rate, error, np.full((n_seeds, trials), freedom)

    @pytest.mark.parametrize("n_seeds", [1, 2, 3, 5, 20])
    def test_without_differences_the_interval_is_no_shorter_than_it_says(self, n_seeds):
        rate, *told = self.drawn(n_seeds, wiring=0.0)
        error, freedom = pool_seeds(rate, *told)
        assert (error**2).mean() == pytest.approx(1 / n_seeds, rel=0.05)
        covered = np.abs(normal(rate.mean(axis=0), error, freedom)) < stats.norm.isf(0.025)
        assert stats.binomtest(int(covered.sum()), 4000, 0.95, alternative="less").pvalue > FALSE_ALARM

    @pytest.mark.parametrize(("n_seeds", "covers"), [(2, 0.91), (5, 0.91), (20, 0.93)])
    def test_with_differences_as_large_as_the_errors_it_is_nearly_right(self, n_seeds, covers):
        rate, *told = self.drawn(n_seeds, wiring=1.0)
        error, freedom = pool_seeds(rate, *told)
        assert (np.abs(normal(rate.mean(axis=0), error, freedom)) < stats.norm.isf(0.025)).mean() > covers

    def test_many_seeds_need_no_other_witness(self):
        rate, error, freedom = self.drawn(100, wiring=3.0)
        found = pool_seeds(rate, error, freedom)
        np.testing.assert_allclose(found.error, stats.sem(rate), rtol=0.02)
        assert (found.freedom < 99 + WITHIN_FREEDOM).all()

    def test_one_seed_is_what_its_run_says(self):
        assert pool_seeds([5.0], [0.3], [12.0]) == (0.3, 12.0)

    def test_a_seed_without_error_leaves_the_spread_alone(self):
        found = pool_seeds([5.0, 0.0], [0.3, np.nan], [12.0, np.nan])
        assert found == pytest.approx((2.5, 1.0))


class TestStandardErrorOfSeeds:
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


class TestUpperBound:
    @pytest.mark.parametrize("expected_spikes", [0.5, 1, 2.9, 3.1, 5, 20, 100, 3000])
    def test_it_lies_above_the_true_rate_at_least_95_times_in_100(self, expected_spikes):
        rng = np.random.default_rng(5)
        samples = rng.poisson(expected_spikes / 10, (10, 4000)) * 10 / 20.0  # of 2 s each
        rate = samples.mean(axis=0)
        upper = rate_upper_bound(rate, standard_error(samples), 9, np.array(20.0))
        covered = upper >= expected_spikes / 20.0
        assert stats.binomtest(int(covered.sum()), 4000, 0.95, alternative="less").pvalue > FALSE_ALARM

    def test_it_covers_populations_whose_neurons_fire_together(self):
        """Counts that vary ten times more than Poisson counts: the standard error decides."""
        rng = np.random.default_rng(6)
        samples = 100 * rng.poisson(10, (10, 4000)) * 10 / 20.0
        upper = rate_upper_bound(samples.mean(axis=0), standard_error(samples), 9, np.array(20.0))
        covered = upper >= 1000 * 10 / 20.0
        assert stats.binomtest(int(covered.sum()), 4000, 0.94, alternative="less").pvalue > FALSE_ALARM

    def test_it_is_not_needlessly_high(self):
        assert rate_upper_bound(np.array(50.0), np.array(1.0), 9, np.array(1000.0)) < 52

    def test_a_rate_that_never_changes_has_that_of_so_many_spikes(self):
        assert rate_upper_bound(np.array(2.0), np.array(0.0), 9.0, np.array(1.0)) == pytest.approx(6.2958, abs=1e-4)

    def test_what_fired_and_has_no_error_has_none(self):
        assert np.isnan(rate_upper_bound(np.array(2.0), np.array(np.nan), np.nan, np.array(1.0)))

    def test_silence_has_one_without_an_error(self):
        bound = rate_upper_bound(np.array(0.0), np.array(np.nan), np.nan, np.array(10.0))
        assert bound == pytest.approx(np.log(20) / 10)


class TestSimulatedNetwork:
    network = mf.brunel_network(order=100, epsilon=0.2, J=0.2)

    @pytest.fixture(scope="class")
    @classmethod
    def seeds(cls):
        return mf.simulate_spiking(cls.network, duration=400.0, n_seeds=6, **RUN)

    @pytest.mark.parametrize(
        "parameters", [{"order": 50, "g": 3.0}, {"order": 50, "J": 0.3}], ids=["excitation", "inhibition"]
    )
    def test_seeds_spread_as_their_errors_say(self, parameters):
        """χ² of 30 seeds about their mean, within what chance makes of it at 1e-4 on each side.

        With the spread of ten blocks of time it would be 0.1 to 0.2 of its degrees of freedom.
        """
        network = mf.brunel_network(**parameters)
        seeds = mf.simulate_spiking(network, duration=300.0, warmup=100.0, n_seeds=30, record=0, **RUN)
        rate = seeds["rate"].values
        z = normal((rate - rate.mean(axis=0)) * np.sqrt(30 / 29), seeds["rate_sem"].values, seeds["rate_freedom"])
        known = np.isfinite(z).sum(axis=0)  # of the records that are long enough for an error
        assert (known >= 29).all()
        chi2 = np.nansum(z**2, axis=0) * 29 / 30
        assert (chi2 < stats.chi2.isf(FALSE_ALARM, known - 1)).all(), chi2 / 29
        assert (chi2 > stats.chi2.ppf(FALSE_ALARM, known - 1)).all(), chi2 / 29

    def test_both_populations_fire_alike_as_they_receive_the_same(self, seeds):
        difference = seeds["rate"].diff("population").values.ravel()
        assert abs(difference.mean()) < 5 * stats.sem(difference)  # with 5 degrees of freedom, a chance of 0.004

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

    def test_a_run_that_does_not_reach_it_says_so_and_ends_at_the_limit(self):
        found = mf.simulate_spiking(self.network, duration=100.0, target_sem=1e-6, max_duration=250.0, **RUN)
        assert not found["target_reached"].any()
        assert found["duration"].item() == pytest.approx(250)
        assert found.sizes["time"] == 250

    def test_without_a_wanted_accuracy_nothing_is_said_of_one(self, seeds):
        assert "target_reached" not in seeds

    def test_runs_that_end_earlier_than_others_are_padded_with_missing_values(self):
        found = mf.simulate_spiking(
            self.network, duration=20.0, warmup=50.0, n_seeds=4, target_sem=0.01, max_duration=4000.0, **RUN
        )
        durations = found["duration"].values
        assert len(set(durations)) > 1
        present = found["activity"].notnull().all("population").values
        assert np.array_equal(present.sum(axis=1), np.rint(durations))
        assert all((np.diff(row.astype(int)) <= 0).all() for row in present)  # what is missing comes last
        np.testing.assert_allclose(found["activity"].mean("time"), found["rate"], rtol=1e-12)
        assert found["rate"].notnull().all()


class TestDoubts:
    def test_a_record_of_two_intervals_is_called_short(self):
        network = mf.brunel_network(order=50, tau_m=195.0, theta=0.5, g=6.0)
        spiking = mf.simulate_spiking(network, duration=300.0, **RUN)
        assert "record too short" in record_doubts(spiking)[0].item()
        assert "record too short" in mf.comparison_table(mf.deviation(network, spiking)).loc["  but", "E"]

    def test_a_record_too_short_for_an_error_has_none_and_says_so_everywhere(self):
        """One burst after silence: the activity depends on itself for as long as the record lasts."""
        network = mf.brunel_network(order=50, epsilon=0.2, J=0.3, V_reset=10.0, g=3.0, eta=1.0)
        spiking = mf.simulate_spiking(network, duration=60.0, warmup=0.0, V_init="rest", simulator="compiled", **RUN)
        assert spiking["rate"][0, 0] > 10
        assert np.isnan(spiking[["rate_sem", "rate_freedom", "rate_upper"]].isel(seed=0, population=0).to_array()).all()
        assert spiking["rate_sem"].attrs["missing"] == NO_FREEDOM
        assert "record too short, or activity that does not forget" in record_doubts(spiking)[0].item()
        deviation = mf.deviation(network, spiking)
        assert np.isnan(deviation["deviation_percent_sem"][0])
        assert NO_FREEDOM in missing(deviation)

    def test_a_warm_up_that_is_missing_is_seen(self):
        """From rest, the network is silent for a time and then fires: a rise, in all seeds."""
        network = mf.brunel_network(order=50, J=0.5, eta=1.1)
        spiking = mf.simulate_spiking(network, duration=60.0, warmup=0.0, n_seeds=8, V_init="rest", **RUN)
        assert "rate rises" in record_doubts(spiking)[0].item()

    def test_of_a_long_record_there_are_none(self):
        spiking = mf.simulate_spiking(mf.brunel_network(order=50), duration=1000.0, n_seeds=2, **RUN)
        assert record_doubts(spiking).values.tolist() == ["", ""]
        assert "  but" not in mf.comparison_table(mf.deviation(mf.brunel_network(order=50), spiking)).index
