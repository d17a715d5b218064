"""Error bars of figures are the 95 % intervals that they are called."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import meanfield as mf
from meanfield.figures.intervals import half_width

NETWORK = mf.brunel_network(order=50)


@pytest.fixture(scope="module")
def deviation():
    spiking = mf.simulate_spiking(NETWORK, duration=300.0, n_seeds=2, simulator="compiled", progress=False, threads=1)
    return mf.deviation(NETWORK, spiking)


@pytest.mark.parametrize("freedom", [1.0, 4.5, 60.0, 1e6])
def test_a_half_width_is_that_of_students_interval(freedom):
    assert half_width(0.3, freedom) == pytest.approx(stats.t.interval(0.95, freedom, scale=0.3)[1], rel=1e-9)


def test_of_an_unknown_error_there_is_none():
    width = half_width(xr.DataArray([0.3, np.nan]), xr.DataArray([5.0, np.nan]))
    assert np.isnan(width).values.tolist() == [False, True]


def test_means_of_few_samples_lie_inside_95_times_in_100():
    """With 1.96 errors it would be 88. The chance of a false alarm is 1e-4."""
    samples = np.random.default_rng(1).normal(size=(4000, 5))
    covered = np.abs(samples.mean(axis=1)) < half_width(stats.sem(samples, axis=1), 4.0)
    assert stats.binomtest(int(covered.sum()), 4000, 0.95).pvalue > 1e-4


def test_they_are_as_long_as_the_intervals(deviation):
    """Of rates and of deviations, the first two panels."""
    panels = mf.figures.deviation_figure(deviation).axes[:2]
    t = stats.t.ppf(0.975, deviation["simulated_freedom"].values)
    for axes, name in zip(panels, ("simulated_sem", "deviation_percent_sem"), strict=True):
        bars = [bar.get_segments()[0][:, 1] for drawn in axes.containers for bar in drawn[2] if bar.get_segments()]
        assert [np.ptp(bar) / 2 for bar in bars] == pytest.approx(list(t * deviation[name].values))
