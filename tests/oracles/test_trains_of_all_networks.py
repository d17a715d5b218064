"""All that a network may have, in trains and in simulation: exponential synapses, random in-degrees, spread weights.

Networks without loops, so that a finite one has independent trains as in theory and both must agree.
"""

import numpy as np
import pytest
from scipy import stats
from scipy.interpolate import CubicSpline

import meanfield as mf
from meanfield.theory.trains.kinds import Kinds

# Student's t with nine degrees of freedom and normal errors of a simulation: of new seeds one in 2,000 would fail.
MOST = 4.5
QUICK = {"neurons": 400, "duration": 2000.0, "windows": [1000.0], "max_generations": 16}


def source_and_target(**target):
    """A population of irregular neurons, and one that receives their trains and external ones."""
    fields = {
        "populations": ["A", "B"],
        "size": [4000, 2000],
        "K": [[0, 0], [30, 0]],
        "J": [[0.0, 0.0], [1.2, 0.0]],
        "delay": 1.5,
        "K_ext": 100,
        "J_ext": [2.0, -0.8],
        "rate_ext": [4.0, 6.0],
        "mu_ext": [0.0, 6.0],
        "t_ref": [0.5, 2.0],
        "theta": [12.0, 15.0],
        "V_reset": [5.0, 3.0],
    }
    return mf.Network(**(fields | target))


@pytest.mark.parametrize(
    "features",
    [
        pytest.param({}, id="plain"),
        pytest.param({"tau_syn": [[0.0, 0.0], [5.0, 0.0]], "tau_syn_ext": [0.0, 2.0]}, id="exponential synapses"),
        pytest.param({"tau_syn": 20.0}, id="synapses as slow as the membrane"),
        pytest.param({"sigma_ext": [2.0, 4.0], "drive": "dc"}, id="white noise and current"),
        pytest.param({"rule": "pairwise_bernoulli", "K": [[0, 0], [400, 0]], "J": 0.09}, id="pairwise Bernoulli"),
        pytest.param({"rule": "fixed_total_number", "J_cv": 0.4}, id="fixed total number and spread weights"),
    ],
)
def test_rates_cvs_and_spread_are_the_simulated_ones(features):
    network = source_and_target(**features)
    trains = mf.self_consistent_trains(network, **QUICK)
    gaussian = None
    if "sigma_ext" in features:  # half the neurons: A's rate, which alone is looked at, is still known to 0.1 %
        gaussian = mf.self_consistent_trains(network, variant="gaussian", **QUICK | {"neurons": 200})
    spiking = mf.simulate_spiking(network, simulator="compiled", duration=1000.0, n_seeds=2, threads=1, progress=False)
    assert trains.attrs["missing"] == ""
    rate, error = spiking["rate"].mean("seed"), np.sqrt((spiking["rate_sem"] ** 2).sum("seed")) / 2
    assert (spiking["rate"] > 2.0).all()
    assert (abs(trains["rate"] - rate) < MOST * np.hypot(error, trains["rate_sem"])).all()
    np.testing.assert_allclose(trains["cv_in_window"][0], spiking["cv"].mean("seed"), rtol=0.03)
    if gaussian is not None:  # without external jumps, and with small ones from A
        assert (abs(gaussian["rate"] - rate)[0] < MOST * np.hypot(error, gaussian["rate_sem"]))[0]

    # Of rates in 1 s: what neurons differ by, and the chance of counting.
    seen = spiking["neuron_rate"].groupby("neuron_population").std().mean("seed").values
    chance = trains["rate"] * trains["fano"][0]
    expected = np.sqrt(np.maximum(trains["rate_spread"] ** 2, 0.0) + chance - trains["rate_spread"] ** 2)
    assert seen == pytest.approx(expected.values, rel=0.06)


def test_neurons_differ_as_their_in_degrees_make_them():
    """Sources that fire as Poisson processes: the rate of a target of each in-degree is known."""
    network = source_and_target(
        rule="fixed_total_number", J_ext=[30.0, 0.0], rate_ext=[0.2, 0.0], t_ref=[0.0, 2.0], mu_ext=[0.0, 10.0]
    )
    trains = mf.self_consistent_trains(network, **QUICK).sel(population="B")
    neuron = {"tau_m": 20.0, "t_ref": 2.0, "theta": 15.0, "V_reset": 3.0, "mu_ext": 10.0}
    degrees = np.arange(8, 61)
    share = stats.poisson(30).pmf(degrees)
    some = degrees[::4]  # in between, a spline is off by 0.003 spikes/s at most
    rates = CubicSpline(some, [mf.shot_noise_rate([20.0 * K], [1.2], **neuron).rate for K in some])(degrees)
    mean = rates @ share / share.sum()
    spread = np.sqrt((rates - mean) ** 2 @ share / share.sum())
    assert abs(trains["rate"] - mean) < MOST * trains["rate_sem"]
    assert abs(trains["rate_spread"] - spread) < MOST * trains["rate_spread_sem"]
    assert trains["rate_spread_sem"] < 0.1 * spread


def test_in_degrees_have_the_variance_of_their_rule():
    random = np.random.default_rng(1)
    for rule, variance in (("fixed_indegree", 0.0), ("fixed_total_number", 30.0), ("pairwise_bernoulli", 29.775)):
        kinds = Kinds(source_and_target(rule=rule), 0.1, continuous=False)
        (kind,) = [one for one in kinds.each if len(one.K)]
        K = kind.in_degrees(random, 20_000)
        assert K.mean() == pytest.approx(30.0, abs=0.02)
        assert K.var() == pytest.approx(variance, rel=0.01, abs=1e-12)
        assert (np.rint(K) == K).all()
