"""Measures of correlation against elephant, against naive loops, and against processes whose correlations are known."""

import warnings

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.simulation.measures.correlations import measure_correlations, pair_correlations

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import elephant.conversion
    import elephant.spike_train_correlation
    import neo
    import quantities as pq

DT = 0.1


def trains(n_neurons=20, n_steps=20_000, rate=0.003, seed=1):
    rng = np.random.default_rng(seed)
    fired = rng.random((n_steps, n_neurons)) < rate
    step, neuron = np.nonzero(fired)
    return step + 1, neuron


def dataset_of(step, neuron, n_neurons, n_steps, *, record="all", seed=1):
    """A recording of one population "A" as `simulate_spiking` would store it, in bins of 1 ms."""
    bins = round(1.0 / DT)
    counts = np.bincount((step - 1) // bins, minlength=n_steps // bins)
    activity = counts / (n_neurons * 1e-3)
    return xr.Dataset(
        {
            "activity": (("seed", "time", "population"), activity[np.newaxis, :, np.newaxis]),
            "spike_step": ("spike", step),
            "spike_neuron": ("spike", neuron),
            "spike_seed": ("spike", np.full(len(step), seed)),
        },
        coords={"seed": [seed], "population": ["A"], "neuron_population": ("neuron", np.full(n_neurons, "A"))},
        attrs={"bin_width": 1.0, "dt": DT, "record": record},
    )


def test_pair_correlations_equal_elephants():
    n_neurons, n_steps, window = 20, 20_000, 100
    step, neuron = trains(n_neurons, n_steps)
    ours = pair_correlations(step, neuron, np.arange(n_neurons), window, n_steps // window)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stop = n_steps * DT * pq.ms
        # elephant's bins are closed on the left: half a step earlier, every spike lies inside ours
        spiketrains = [neo.SpikeTrain((step[neuron == n] - 0.5) * DT * pq.ms, t_stop=stop) for n in range(n_neurons)]
        binned = elephant.conversion.BinnedSpikeTrain(spiketrains, bin_size=window * DT * pq.ms)
        theirs = elephant.spike_train_correlation.correlation_coefficient(binned)
    assert ours == pytest.approx(theirs[np.triu_indices(n_neurons, k=1)], abs=1e-12)


def test_only_chosen_neurons_that_fire_make_pairs():
    step, neuron = trains(n_neurons=6)
    mute = neuron != 3
    pairs = pair_correlations(step[mute], neuron[mute], np.array([0, 3, 5]), 100, 200)
    assert len(pairs) == 1
    assert pairs[0] == pair_correlations(step, neuron, np.array([0, 5]), 100, 200)[0]


def test_fano_factor_is_that_of_a_naive_count():
    n_neurons, n_steps = 10, 20_000
    step, neuron = trains(n_neurons, n_steps)
    counts = [np.sum((step > start) & (step <= start + 100)) for start in range(0, n_steps, 100)]
    measured = measure_correlations(dataset_of(step, neuron, n_neurons, n_steps), window=10.0)
    assert float(measured["population_fano"][0, 0]) == pytest.approx(
        np.var(counts, ddof=1) / np.mean(counts), rel=1e-12
    )


def test_independent_poisson_trains_have_no_correlation():
    n_neurons, n_steps, rate = 50, 400_000, 0.002
    step, neuron = trains(n_neurons, n_steps, rate)
    measured = measure_correlations(dataset_of(step, neuron, n_neurons, n_steps), sample=50)
    z = float(measured["pair_correlation"][0, 0] / measured["pair_correlation_sem"][0, 0])
    assert abs(z) < 4
    assert float(measured["population_fano"][0, 0]) == pytest.approx(1.0, abs=4 * np.sqrt(2 / 4000))


def test_a_common_source_correlates_pairs_as_much_as_it_gives_them():
    # Each neuron fires with the common source with probability 1/2 of its spikes: the correlation of counts is 1/2.
    rng = np.random.default_rng(3)
    n_neurons, n_steps = 10, 200_000
    own = rng.random((n_steps, n_neurons)) < 0.002
    common = rng.random((n_steps, 1)) < 0.002
    step, neuron = np.nonzero(own | common)
    measured = measure_correlations(dataset_of(step + 1, neuron, n_neurons, n_steps), sample=10)
    assert float(measured["pair_correlation"][0, 0]) == pytest.approx(0.5, abs=0.04)


def test_a_silent_network_has_no_correlations_and_no_warnings():
    spiking = mf.simulate_spiking(mf.brunel_network(order=50, eta=0.2), duration=200.0, record="all", progress=False)
    measured = measure_correlations(spiking)
    assert np.all(np.isnan(measured["pair_correlation"]))
    assert np.all(np.isnan(measured["population_fano"]))
    assert np.all(measured["pairs"] == 0)


@pytest.mark.parametrize(("name", "value"), [("window", 0.0), ("window", np.nan), ("sample", 1), ("sample", 2.5)])
def test_bad_arguments_are_named(name, value):
    step, neuron = trains(n_neurons=3, n_steps=1000)
    with pytest.raises(mf.ParameterError, match=f"{name} = "):
        measure_correlations(dataset_of(step, neuron, 3, 1000), **{name: value})
