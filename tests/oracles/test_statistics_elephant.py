"""Statistics of spike trains equal elephant's on the same spikes."""

import itertools
import warnings

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.measures import spike_trains as statistics
from meanfield.simulation.recording import Recording

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


@pytest.fixture(scope="module", params=[1, 7], ids="{} pieces".format)
def recording(spikes, request):
    """A recording of the spikes, in pieces of unequal length, after a warm-up that must not count."""
    step, neuron = spikes
    network = mf.Network(populations=("A", "B"), size=[30, 10], K=0, J=0, delay=1.5)
    recording = Recording(network, dt=DT, warmup=10.0, record=3)
    rng = np.random.default_rng(1)
    edges = np.sort(rng.choice(np.arange(1, N_STEPS + 100), request.param - 1, replace=False))
    shuffled = rng.permutation(len(step))  # a simulator's own order depends on its threads
    step = np.concatenate([[50, 100], step + 100])[np.argsort(np.concatenate([[-2, -1], shuffled]))]
    neuron = np.concatenate([[3, 9], neuron])[np.argsort(np.concatenate([[-2, -1], shuffled]))]
    recording.take(
        (step[(step > a) & (step <= b)], neuron[(step > a) & (step <= b)], b - a)
        for a, b in itertools.pairwise([0, *edges.tolist(), N_STEPS + 100])
    )
    return recording


def test_rates_of_the_neurons(recording, trains):
    expected = [mean_firing_rate(train).rescale("Hz").item() for train in trains]
    np.testing.assert_allclose(recording.dataset(bin_width=1.0)["neuron_rate"], expected, rtol=1e-12)


def test_cv_of_the_neurons_intervals_where_there_are_enough(recording, trains):
    found = recording.neurons.cv()
    n_intervals = np.array([max(len(train) - 1, 0) for train in trains])
    enough = n_intervals >= statistics.MIN_INTERVALS
    assert 10 < enough.sum() < N_NEURONS  # both kinds occur
    expected = [cv(isi(train)).item() for train, told in zip(trains, enough, strict=True) if told]
    np.testing.assert_allclose(found[enough], expected, rtol=1e-11)
    assert np.isnan(found[~enough]).all()


@pytest.mark.parametrize("bin_steps", [10, 50, 400])
def test_activity_in_bins(recording, trains, bin_steps):
    found = recording.dataset(bin_width=bin_steps * DT)["activity"]
    # NEST stamps a spike with the end of its step, so a bin holds its right edge; elephant's hold the left one.
    earlier = [
        neo.SpikeTrain(train.magnitude - DT / 2, units="ms", t_start=0 * pq.ms, t_stop=DURATION * pq.ms)
        for train in trains
    ]
    for population, members in (("A", earlier[:30]), ("B", earlier[30:])):
        counts = time_histogram(members, bin_size=bin_steps * DT * pq.ms, output="counts").magnitude.ravel()
        expected = counts / (len(members) * 1e-3 * bin_steps * DT)
        np.testing.assert_allclose(found.sel(population=population), expected, rtol=1e-12)


def test_the_sample_is_kept_in_order(recording, spikes):
    step, neuron = spikes
    kept = np.isin(neuron, [0, 1, 2, 30, 31, 32])
    dataset = recording.dataset(bin_width=1.0)
    np.testing.assert_array_equal(dataset["spike_step"], step[kept])
    np.testing.assert_array_equal(dataset["spike_neuron"], neuron[kept])


def counted(step):
    counts = statistics.NeuronCounts(1)
    counts.add(step, np.zeros(len(step), np.int32))
    return counts


@pytest.mark.parametrize(("interval", "largest"), [(7, 0.0), (7_654_321, 1e-7)])
def test_a_regular_train_has_a_cv_of_zero(interval, largest):
    step = np.arange(1, min(2**31 - 1, 1000 * interval), interval, dtype=np.int32)
    assert 0 <= counted(step).cv().item() <= largest


def test_one_interval_too_few_gives_no_cv():
    step = np.cumsum(np.arange(1, statistics.MIN_INTERVALS + 2))
    assert np.isfinite(counted(step).cv()).all()
    assert np.isnan(counted(step[1:]).cv()).all()


def test_spikes_on_an_edge_belong_to_the_bin_that_ends_there():
    for steps, expected in (([10, 11], [1000.0, 1000.0]), ([10, 10], [2000.0, 0.0])):
        counts = np.bincount(steps, minlength=21)[1:, np.newaxis]
        assert statistics.binned_rate(counts, 10, np.array([1]), 0.1).ravel().tolist() == expected
