"""Measured spectra are those of processes whose spectra are known, and their bands hold them as often as they say.

All seeds are fixed. Bounds on frequencies of events are those that a correct program misses with a chance below 1e-4.
"""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import meanfield as mf

N, N_STEPS = 50, 40_000  # 4 s


def as_often_as(probability, hits):
    return stats.binomtest(int(hits.sum()), hits.size, probability).pvalue > 1e-4


class TestPoissonTrains:
    """Power ν/N of the activity and ν of a neuron at every frequency."""

    rate = 25.0

    @pytest.fixture
    def spectrum(self, recorded, poisson):
        runs = [poisson(seed, N, N_STEPS, self.rate) for seed in (1, 2)]
        return mf.activity_spectrum(recorded(*runs, n_neurons=N, n_steps=N_STEPS), segment=100.0)

    def test_have_the_same_power_at_every_frequency(self, spectrum):
        for name, expected, error in (("power_total", self.rate / N, 0.02), ("neuron_power", self.rate, 0.01)):
            assert spectrum[name].mean().item() == pytest.approx(expected, rel=error), name
        np.testing.assert_allclose(spectrum["power"].sel(population="A"), spectrum["power_total"], rtol=1e-12)

    @pytest.mark.parametrize("level", [0.5, 0.99])
    def test_lie_in_the_band_as_often_as_it_says(self, spectrum, level):
        band = mf.confidence_band(spectrum["power_total"], spectrum["degrees_of_freedom"], level=level)
        # Neighbouring frequencies share some noise; every third does not.
        lower, upper = band["lower"].values[::3], band["upper"].values[::3]
        assert as_often_as(level, (lower < self.rate / N) & (self.rate / N < upper))

    def test_spread_as_the_degrees_of_freedom_say(self, spectrum):
        power = spectrum["power_total"].values
        relative_variance = (power.std(axis=1) / power.mean(axis=1)) ** 2
        np.testing.assert_allclose(relative_variance, 2 / spectrum["degrees_of_freedom"], rtol=0.5)
        # 79 segments, each of which gives 2 but for what it shares with its neighbours
        assert 0.9 * 158 < spectrum["degrees_of_freedom"].values[0] < 158

    def test_have_frequencies_from_twice_the_resolution_to_a_thousand_hertz(self, spectrum):
        np.testing.assert_allclose(spectrum["frequency"], np.arange(20, 1001, 10))


def test_a_modulated_rate_has_its_line_and_its_power(recorded, poisson):
    mean, depth, frequency = 60.0, 0.5, 180.0
    time = 1e-4 * np.arange(N_STEPS)
    run = poisson(3, 400, N_STEPS, mean * (1 + depth * np.cos(2 * np.pi * frequency * time)))
    spectrum = mf.activity_spectrum(recorded(run, n_neurons=400, n_steps=N_STEPS)).isel(seed=0)
    power = spectrum["power_total"].values - mean / 400
    assert spectrum["frequency"].values[power.argmax()] == pytest.approx(frequency, abs=4)
    # Variance (depth · mean)²/2, half of it at positive frequencies; the trains' noise leaves it uncertain by 3 %
    assert power.sum() * 4 == pytest.approx((depth * mean) ** 2 / 4, rel=0.12)


def test_regular_trains_have_less_power_at_low_and_the_rate_at_high_frequencies(recorded, renewal):
    shape, interval = 4.0, 10.0  # CV 1/2, 100 spikes/s
    run = renewal(4, N, N_STEPS, interval, shape)
    spectrum = mf.activity_spectrum(recorded(run, n_neurons=N, n_steps=N_STEPS)).isel(seed=0)
    power, frequency = spectrum["neuron_power"].values[:, 0], spectrum["frequency"].values
    characteristic = (1 + 2j * np.pi * frequency * 1e-3 * interval / shape) ** -shape
    expected = 100.0 * np.real((1 + characteristic) / (1 - characteristic))
    assert np.max(np.abs(power / expected - 1)) < 0.15
    assert np.mean(power / expected) == pytest.approx(1.0, abs=0.01)


def test_a_short_run_is_one_segment_with_the_same_frequencies(recorded, poisson):
    long, short = (
        mf.activity_spectrum(recorded(poisson(5, N, n, 100.0), n_neurons=N, n_steps=n)).isel(seed=0)
        for n in (N_STEPS, 1500)
    )
    np.testing.assert_array_equal(long["frequency"], short["frequency"])
    assert short["degrees_of_freedom"].item() == pytest.approx(2.0)
    assert short["power_total"].mean().item() == pytest.approx(100.0 / N, rel=0.3)


def test_seeds_count_by_their_degrees_of_freedom():
    band = mf.confidence_band(
        xr.DataArray([[1.0], [4.0]], dims=("seed", "frequency")), xr.DataArray([20.0, 10.0], dims="seed")
    )
    assert band["power"].item() == pytest.approx(2.0)
    low, high = stats.chi2.ppf([0.005, 0.995], 30)
    assert band["lower"].item() == pytest.approx(2 * 30 / high)
    assert band["upper"].item() == pytest.approx(2 * 30 / low)


@pytest.mark.parametrize("segment", [0.0, 0.3, np.nan])
def test_an_impossible_segment_is_named(recorded, poisson, segment):
    with pytest.raises(mf.ParameterError, match=r"^segment = .* ms must be a finite number ≥ 0\.4 ms"):
        mf.activity_spectrum(recorded(poisson(1, 5, 1000, 50.0), n_neurons=5, n_steps=1000), segment=segment)


def test_a_ratio_in_bands_has_the_interval_of_all_frequencies_in_it(recorded, poisson):
    rate = 25.0
    runs = [poisson(seed, N, N_STEPS, rate) for seed in (1, 2)]
    point = mf.activity_spectrum(recorded(*runs, n_neurons=N, n_steps=N_STEPS), segment=100.0)
    point["shot_noise_total"] = ("seed", "frequency"), np.full((2, point.sizes["frequency"]), rate / N)
    found = mf.ratio_in_bands(point, highest=1000.0, width=50.0)
    assert found.sizes["frequency"] == 19  # 99 frequencies in fives
    assert ((found["lower"] < 1) & (found["upper"] > 1)).mean() > 0.8
    spread = found["ratio"].std().item()
    assert 0.5 * spread < ((found["upper"] - found["lower"]) / 5.15).mean().item() < 2 * spread
