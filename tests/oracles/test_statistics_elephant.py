"""Statistics of spike trains equal elephant's on the same spikes."""

import warnings

import numpy as np
import pytest

from meanfield.simulation.measures import spike_trains as statistics

with warnings.catch_warnings():  # elephant's and its dependencies' own
    warnings.simplefilter("ignore")
    import neo
    import quantities as pq
    from elephant.statistics import cv, isi, mean_firing_rate, time_histogram

pytestmark = pytest.mark.filterwarnings("ignore:The 'copy' argument in Quantity")  # between neo and quantities

DT, N_STEPS, N_NEURONS = 0.1, 20000, 40
DURATION = DT * N_STEPS


@pytest.fixture(scope="module", params=[1, 2], ids="seed {}".format)
def spikes(request):
    """Steps and neurons of spikes in time's order: from silent neurons to dense trains."""
    rng = np.random.default_rng(request.param)
    trains = []
    for n in range(N_NEURONS):
        intervals = 1 + rng.gamma(rng.uniform(0.3, 5), 60 if n % 4 else 2000, size=4000).astype(int)
        steps = np.cumsum(intervals)
        trains.append(steps[steps <= N_STEPS] if n % 10 else np.empty(0, int))
    step, neuron = np.concatenate(trains), np.repeat(np.arange(N_NEURONS), [len(train) for train in trains])
    order = np.lexsort((neuron, step))
    return step[order].astype(np.int32), neuron[order].astype(np.int32)


@pytest.fixture(scope="module")
def trains(spikes):
    step, neuron = spikes
    return [
        neo.SpikeTrain(DT * step[neuron == n], units="ms", t_start=0 * pq.ms, t_stop=DURATION * pq.ms)
        for n in range(N_NEURONS)
    ]


def test_rates_of_the_neurons(spikes, trains):
    expected = [mean_firing_rate(train).rescale("Hz").item() for train in trains]
    np.testing.assert_allclose(statistics.neuron_rates(spikes[1], N_NEURONS, DURATION), expected, rtol=1e-12)


def test_cv_of_the_neurons_intervals_where_there_are_enough(spikes, trains):
    found = statistics.interval_cv(*spikes, N_NEURONS)
    n_intervals = np.array([max(len(train) - 1, 0) for train in trains])
    enough = n_intervals >= statistics.MIN_INTERVALS
    assert 10 < enough.sum() < N_NEURONS  # both kinds occur
    expected = [cv(isi(train)).item() for train, told in zip(trains, enough, strict=True) if told]
    np.testing.assert_allclose(found[enough], expected, rtol=1e-11)
    assert np.isnan(found[~enough]).all()


@pytest.mark.parametrize("bin_steps", [10, 50, 400])
def test_activity_in_bins(spikes, trains, bin_steps):
    edges = np.arange(0, N_STEPS + 1, bin_steps)
    found = statistics.binned_rate(spikes[0], edges, N_NEURONS, DT)
    # NEST stamps a spike with the end of its step, so a bin holds its right edge; elephant's hold the left one.
    earlier = [
        neo.SpikeTrain(train.magnitude - DT / 2, units="ms", t_start=0 * pq.ms, t_stop=DURATION * pq.ms)
        for train in trains
    ]
    counts = time_histogram(earlier, bin_size=bin_steps * DT * pq.ms, output="counts").magnitude.ravel()
    np.testing.assert_allclose(found, counts / (N_NEURONS * 1e-3 * bin_steps * DT), rtol=1e-12)


@pytest.mark.parametrize(("interval", "largest"), [(7, 0.0), (7_654_321, 1e-7)])
def test_a_regular_train_has_a_cv_of_zero(interval, largest):
    step = np.arange(1, min(2**31 - 1, 1000 * interval), interval, dtype=np.int32)
    assert 0 <= statistics.interval_cv(step, np.zeros(len(step), np.int32), 1).item() <= largest


def test_one_interval_too_few_gives_no_cv():
    step = np.cumsum(np.arange(1, statistics.MIN_INTERVALS + 2))
    assert np.isfinite(statistics.interval_cv(step, np.zeros_like(step), 1)).all()
    assert np.isnan(statistics.interval_cv(step[1:], np.zeros_like(step[1:]), 1)).all()


def test_spikes_on_an_edge_belong_to_the_bin_that_ends_there():
    assert statistics.binned_rate(np.array([10, 11]), np.array([0, 10, 20]), 1, 0.1).tolist() == [1000.0, 1000.0]
    assert statistics.binned_rate(np.array([10, 10]), np.array([0, 10, 20]), 1, 0.1).tolist() == [2000.0, 0.0]
