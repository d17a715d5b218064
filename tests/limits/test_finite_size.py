"""Networks of several sizes, and single neurons' trains in them."""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf


def sizes(rate, error, neurons=(500, 1000, 2000, 4000)):
    return xr.Dataset(
        {"simulated": ("factor", rate), "simulated_sem": ("factor", error), "neurons": ("factor", list(neurons))}
    )


def test_a_line_is_continued_to_infinite_size():
    found = mf.infinite_network(sizes(30.0 + 200.0 / np.array([500, 1000, 2000, 4000]), [0.1, 0.2, 0.1, 0.3]))
    assert found["limit"].item() == pytest.approx(30.0)
    assert found["slope"].item() == pytest.approx(200.0)
    assert found["chi2"].item() == pytest.approx(0.0, abs=1e-12)


def test_errors_of_the_limit_are_those_of_least_squares():
    """The covariance that numpy's fit states, and points far off the line are told."""
    rng = np.random.default_rng(1)
    error = rng.uniform(0.05, 0.5, 4)
    given = sizes(30.0 + rng.normal(size=4) * error, error)
    found = mf.infinite_network(given)
    (slope, limit), covariance = np.polyfit(
        1.0 / given["neurons"], given["simulated"], 1, w=1.0 / error, cov="unscaled"
    )
    assert found["limit"].item() == pytest.approx(limit)
    assert found["slope"].item() == pytest.approx(slope)
    assert found["limit_sem"].item() == pytest.approx(covariance[1, 1] ** 0.5)
    assert mf.infinite_network(sizes([30.0, 40.0, 30.0, 30.0], error))["probability"] < 1e-3


def test_a_size_without_an_error_is_left_out():
    rate, error = [30.3, 30.1, 30.2, 30.0], [0.1, np.nan, 0.1, 0.1]
    found = mf.infinite_network(sizes(rate, error))
    known = mf.infinite_network(sizes(rate[:1] + rate[2:], [0.1, 0.1, 0.1], (500, 2000, 4000)))
    for name, value in known.items():
        assert found[name].item() == pytest.approx(value.item()), name


def test_sizes_share_all_but_their_neurons():
    """The own size is the network itself, simulated in the same way."""
    network = mf.brunel_network(order=40, J=0.5, multapses=False, autapses=False)
    run = {"simulator": "compiled", "threads": 1, "record": 0, "progress": False, "warmup": 20.0}
    found = mf.simulate_sizes(network, [1.0, 2.0], duration=100.0, **run)
    assert found["neurons"].values.tolist() == [200, 400]
    itself = mf.simulate_spiking(network, duration=100.0, **run)
    wired = found.sel(wiring="distinct sources", factor=1.0)
    np.testing.assert_array_equal(wired["simulated"], itself["rate"][0])
    np.testing.assert_array_equal(wired["simulated_sem"], itself["rate_sem"][0])
    larger = mf.Network(**network.to_dict() | {"size": [320, 80], "multapses": True, "autapses": True})
    twice = mf.simulate_spiking(larger, duration=50.0, **run)
    np.testing.assert_array_equal(found["simulated"][0, 1], twice["rate"][0])


def recorded(steps, duration=100.0):
    """Spikes of two neurons of one population, as `simulate_spiking` tells them."""
    neuron = np.repeat([0, 1], [len(one) for one in steps])
    step = np.concatenate(steps)
    return xr.Dataset(
        {
            "spike_step": ("spike", step.astype(np.int32)),
            "spike_neuron": ("spike", neuron),
            "spike_seed": ("spike", np.ones(len(step), int)),
            "neuron_population": ("neuron", ["E", "E", "E"]),
            "duration": ("seed", [duration]),
        },
        coords={"population": ["E"], "seed": [1]},
        attrs={"dt": 0.1, "record": 2},
    )


def test_intervals_and_counts_of_trains():
    trains = mf.measure_trains(recorded([[1, 101, 201, 1000], [500, 600]]), [10.0, 50.0])
    probability = trains["interval_probability"].sel(population="E")
    assert probability.sum() == pytest.approx(1.0)
    assert probability.sel(interval=10.0, method="nearest") == pytest.approx(3 / 4)
    assert probability.sel(interval=79.9, method="nearest") == pytest.approx(1 / 4)
    counts = np.array([[1, 1, 1, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 1, 0, 0, 0, 0]])
    halves = counts.reshape(2, 2, 5).sum(axis=2)
    expected = [each.var(ddof=1) / each.mean() for each in (counts, halves)]
    np.testing.assert_allclose(trains["fano"].sel(population="E"), expected)


def test_trains_that_were_not_kept_cannot_be_measured():
    with pytest.raises(mf.ParameterError, match="record = 0 has kept no spikes"):
        mf.measure_trains(recorded([[1], [2]]).assign_attrs(record=0), [10.0])
    with pytest.raises(mf.ParameterError, match=r"windows = \[200.0\] ms must not be longer than duration = 100 ms"):
        mf.measure_trains(recorded([[1], [2]]), [200.0])
    silent = mf.measure_trains(recorded([[], []]), [10.0])
    assert np.isnan(silent["fano"]).all()
    assert np.isnan(silent["interval_probability"]).all()
