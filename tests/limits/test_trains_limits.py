"""Self-consistent trains where there is nothing to compute, at the edges, and with input that cannot be used."""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf

QUICK = {"neurons": 40, "duration": 1000.0, "windows": [100.0], "max_generations": 16}


def one_population(**changes):
    neurons = {"populations": ["E"], "size": 100, "K": 10, "J": 0.5, "delay": 1.5, "K_ext": 100, "J_ext": 0.2}
    return mf.Network(**(neurons | {"rate_ext": 60.0} | changes))


def test_silent_network_is_told_with_a_bound():
    trains = mf.self_consistent_trains(one_population(rate_ext=5.0), **QUICK)
    assert trains["rate"] == 0.0
    assert np.isnan(trains["cv"])
    assert np.isnan(trains["rate_sem"])
    # 40 neurons for 1 s in eight generations.
    assert trains.attrs["missing"] == "E: no spike in 320 s of one neuron, so that the rate is below 0.0094 spikes/s"


def test_an_estimate_that_no_rate_can_be_is_missing_and_says_what_helps():
    """Of a cluster that is now and then active, too few neurons for too short a time: −0.6 ± 0.5 spikes/s."""
    J = [[0.39, 0.39, -1.64]] * 3
    neurons = {"V_reset": 10.0, "K_ext": 500, "J_ext": 0.1, "rate_ext": 18.06609098425351}
    network = mf.Network(
        populations=["A", "B", "I"], size=200, K=[[150, 45, 150], [45, 150, 150], [120] * 3], J=J, delay=1.5, **neurons
    )
    few = {"neurons": 40, "duration": 1000.0, "target_rate_sem": 0.02, "target_cv_sem": 0.05, "max_generations": 32}
    for seed in (1, 2, 3, 4):
        trains = mf.self_consistent_trains(network, seed=seed, **few)
        known = np.isfinite(trains["rate"].values)
        assert known.all() or not known.any()
        assert np.all(trains["rate"].values[known] >= 0.0)
        if not known.any():
            assert "its rate is lower than its error; more neurons or generations are needed" in trains.attrs["missing"]
            assert np.isnan(trains["rate_sem"]).all()
            break
    else:
        pytest.fail("no seed gave an estimate below 0, so that nothing was tested")


def test_without_any_input_there_are_no_spikes():
    trains = mf.self_consistent_trains(one_population(K=0, rate_ext=0.0), **QUICK)
    assert trains["rate"] == 0.0


def test_external_sources_may_be_a_constant_current():
    current = mf.self_consistent_trains(one_population(drive="dc"), **QUICK)
    drive = mf.self_consistent_trains(one_population(rate_ext=0.0, mu_ext=20.0 * 1e-3 * 100 * 0.2 * 60.0), **QUICK)
    np.testing.assert_array_equal(current["rate"], drive["rate"])


def test_what_a_network_has_that_the_theory_does_not_know_is_told(monkeypatch):
    monkeypatch.setattr("meanfield.theory.trains.self_consistent.KNOWN", ("rule",))
    with pytest.raises(mf.ParameterError, match=r"self-consistent trains does not know exponential synapses"):
        mf.self_consistent_trains(one_population(tau_syn=1.0))


@pytest.mark.parametrize("variant", ["exact", "gaussian"])
@pytest.mark.parametrize("t_ref", [2.0, 0.0])
def test_saturated_network_fires_whenever_it_can(t_ref, variant):
    network = one_population(J=30.0, K=20, t_ref=t_ref)
    trains = mf.self_consistent_trains(network, start=400.0, variant=variant, **(QUICK | {"max_generations": 64}))
    # Gaussian input of so large jumps now and then misses a step.
    assert trains["rate"] == pytest.approx(1e3 / (t_ref + 0.1), rel=2e-3 if variant == "exact" else 1e-2)
    assert trains["cv"] < 0.2
    assert trains.attrs["missing"] == ""


def test_clocks_have_no_spread():
    """Constant drive only: the interval in whole steps follows from the potential's exponential approach."""
    trains = mf.self_consistent_trains(one_population(K=0, rate_ext=0.0, mu_ext=24.0), **QUICK)
    interval = 2.0 + 0.1 * np.ceil(20.0 * np.log(24.0 / 4.0) / 0.1)
    assert trains["rate"] == pytest.approx(1e3 / interval, rel=0.01)
    assert trains["cv"] == 0.0
    (listed,) = trains["interval"].values[trains["interval_probability"].values[:, 0] > 0]
    assert listed == pytest.approx(interval)


def test_populations_split_in_halves_change_nothing():
    whole = mf.brunel_network(order=100, g=5.0, J=0.5)
    halves = mf.Network(
        populations=["E1", "E2", "I1", "I2"],
        size=[200, 200, 50, 50],
        K=np.repeat([[20, 20, 5, 5]], 4, axis=0),
        J=np.repeat([[0.5, 0.5, -2.5, -2.5]], 4, axis=0),
        delay=1.5,
        K_ext=whole.K_ext[0],
        J_ext=whole.J_ext[0],
        rate_ext=whole.rate_ext[0],
    )
    one, two = (mf.self_consistent_trains(network, **QUICK) for network in (whole, halves))
    for name in one.data_vars:
        expected = one[name].values
        if "population" in one[name].dims:
            expected = np.repeat(expected[..., :1], 4, axis=-1)
        np.testing.assert_array_equal(two[name].values, expected)


@pytest.mark.parametrize("variant", ["exact", "gaussian"])
def test_the_seed_alone_decides_not_the_threads(variant):
    network = mf.brunel_network(order=100, J=0.5)
    one, many, other = (
        mf.self_consistent_trains(network, variant=variant, seed=seed, threads=threads, **QUICK)
        for seed, threads in ((1, 1), (1, 3), (2, 1))
    )
    xr.testing.assert_identical(one, many)
    assert not np.array_equal(one["generation_rate"], other["generation_rate"])


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"dt": 0.0}, "dt = 0.0 ms is continuous time, which only variant = 'gaussian' knows"),
        ({"dt": -0.1}, "dt = -0.1 ms must be a finite number ≥ 0 ms"),
        ({"dt": 0.3, "duration": 900.0, "windows": [90.0]}, "t_ref = .* must be a multiple of dt = 0.3 ms"),
        ({"target_cv_sem": -1.0}, "target_cv_sem = -1.0 must be a finite number > 0"),
        ({"neurons": 3}, "neurons = 3 must be a whole number ≥ 20"),
        ({"windows": [2000.0]}, "windows = .* must not be longer than duration = 1000.0 ms"),
        ({"windows": [0.05]}, "windows = .* must be a multiple of the time step"),
        ({"start": [-1.0]}, "start = .* spikes/s must be"),
        ({"max_generations": 5}, "max_generations = 5 must be a whole number ≥ 16"),
    ],
)
def test_bad_parameters_are_named(parameters, sentence):
    with pytest.raises(mf.ParameterError, match=sentence):
        mf.self_consistent_trains(one_population(), **(QUICK | parameters))
