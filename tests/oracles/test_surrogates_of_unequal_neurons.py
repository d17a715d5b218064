"""Surrogates of networks whose neurons differ: the law of their input is that of the network's neurons.

Bounds are four standard errors: with fixed seeds the result is fixed too; of new seeds one in 16,000 would fail.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.compiled.sources import deal
from meanfield.simulation.measures.spike_trains import lasting_variance
from meanfield.simulation.surrogates import _sample

COMPILED = {"simulator": "compiled", "threads": 1, "progress": False}
BOUND = 4.0


def simulated(network, **run):
    run = {"duration": 1000.0, "warmup": 200.0, "record": "all"} | run
    return mf.simulate_spiking(network, **COMPILED, **run)


def lasting_spread(spiking, population):
    """Standard deviation over the neurons of one population and its standard error, by the bootstrap."""
    half = round(float(spiking["duration"][0]) / spiking.attrs["dt"]) // 2
    n_neurons = spiking.sizes["neuron"]
    early = spiking["spike_step"].values <= half
    counts = [np.bincount(spiking["spike_neuron"].values[which], minlength=n_neurons) for which in (early, ~early)]
    members = np.flatnonzero(spiking["neuron_population"].values == population)
    first, second = (count[members] / (1e-3 * spiking.attrs["dt"] * half) for count in counts)
    rng = np.random.default_rng(1)
    drawn = rng.integers(len(members), size=(200, len(members)))
    return lasting_variance(first, second) ** 0.5, np.std([lasting_variance(first[d], second[d]) ** 0.5 for d in drawn])


@pytest.fixture(scope="module")
def network():
    return mf.brunel_network(order=250, g=5.0, J=0.3, rule="pairwise_bernoulli")


@pytest.fixture(scope="module")
def spiking(network):
    return simulated(network)


@pytest.fixture(scope="module")
def surrogates(network, spiking):
    return mf.simulate_surrogates(network, spiking, surrogate_neurons=1000, progress=False).isel(seed=0)


def test_replayed_trains_give_the_networks_own_mean_and_spread(network, spiking, surrogates):
    replayed = surrogates.sel(surrogate="replayed")
    for p, (name, size) in enumerate(zip("EI", network.size, strict=True)):
        spread, error = lasting_spread(spiking, name)
        assert spread > 5.0  # in-degrees make most of it
        at = replayed.sel(population=name)
        # The network too has drawn its in-degrees.
        errors = at["surrogate_rate_sem"], spiking["rate_sem"][0, p], spread / np.sqrt(size)
        z = (at["surrogate_rate"] - spiking["rate"][0, p]) / np.sqrt(np.square(errors).sum())
        assert abs(float(z)) < BOUND
        both = error * np.sqrt(1 + size / 1000)
        assert abs(float(at["surrogate_spread"]) - spread) < BOUND * both


def test_poisson_trains_give_what_theory_says_of_neurons_whose_in_degrees_are_binomial(network, spiking, surrogates):
    """The theory of shot noise on the time grid at the input of each neuron: exact in the limit of many sources."""
    rate = spiking["rate"].values[0]
    square = np.array([np.mean(spiking["neuron_rate"].values[0, : network.size[0]] ** 2)] * 2)
    square[1] = np.mean(spiking["neuron_rate"].values[0, network.size[0] :] ** 2)
    K, size = network.K[0], network.size
    spread = np.sqrt(K * (1 - K / size) * square)  # of the sum of the sources' rates, which are met independently
    equal = mf.brunel_network(order=250, g=5.0, J=0.3)
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    weights = weights / weights.sum()
    moments = np.zeros(3)  # of the rates, and the mean CV
    for (x, wx), (y, wy) in itertools.product(zip(nodes, weights, strict=True), repeat=2):
        driven = mf.shot_noise_response(equal, rate + spread * np.array([x, y]) / K, dt=0.1)[["rate", "cv"]].isel(
            population=0
        )
        moments += wx * wy * np.array([driven["rate"], driven["rate"] ** 2, driven["cv"]])
    mean, expected = moments[0], np.sqrt(moments[1] - moments[0] ** 2)
    for name in "EI":
        at = surrogates.sel(surrogate="poisson", population=name)
        assert abs(float(at["surrogate_rate"]) - mean) < BOUND * float(at["surrogate_rate_sem"])
        # Beside the sampling of neurons, that of their counts in half a second.
        assert abs(float(at["surrogate_spread"]) - expected) < BOUND * 1.3 * expected / np.sqrt(2 * 1000)
        assert float(at["surrogate_cv"]) == pytest.approx(moments[2], abs=0.03)  # of the recorded trains 0.22


def test_both_simulators_agree():
    """On exponential synapses, spread weights and delays, of populations that all differ."""
    network = mf.Network(
        populations=("A", "B", "C"), size=[400, 250, 150], rule="fixed_total_number", tau_syn=0.5, J_cv=0.3,
        K=[[40, 25, 10], [30, 15, 20], [60, 30, 0]], J=[[0.3, -1.0, 0.2], [0.3, -1.2, 0.2], [0.3, -0.8, 0.0]],
        delay=1.5, delay_sd=0.5, K_ext=[400, 420, 380], J_ext=0.3, rate_ext=10.0,
    )  # fmt: skip
    spiking = simulated(network)
    options = {"surrogate_neurons": 300, "progress": False}
    nest, compiled = (
        mf.simulate_surrogates(network, spiking, simulator=one, **options).isel(seed=0) for one in ("nest", "compiled")
    )
    error = np.hypot(nest["surrogate_rate_sem"], compiled["surrogate_rate_sem"])
    assert (abs(nest["surrogate_rate"] - compiled["surrogate_rate"]) < BOUND * error).all()
    np.testing.assert_allclose(nest["surrogate_spread"], compiled["surrogate_spread"], rtol=BOUND * 0.08)
    assert (abs(nest["surrogate_cv"] - compiled["surrogate_cv"]) < 0.05).all()


def test_few_surrogates_share_synapses_as_all_neurons_do():
    """Dealt between two neurons alone, in-degrees would have half the variance."""
    network = mf.Network(populations=("E",), size=40, K=20.0, J=0.1, delay=1.5, rule="fixed_total_number")
    degrees = []
    for seed in range(1, 3001):
        sample = _sample(network, 2, seed)
        degrees.append(deal(round(float(sample.K[0, 0]) * 2), 2, seed, 0))
    degrees = np.concatenate(degrees)
    expected = 20.0 * (1 - 1 / 40)
    assert abs(degrees.mean() - 20.0) < BOUND * np.sqrt(expected / len(degrees))
    assert degrees.var() == pytest.approx(expected, rel=BOUND * np.sqrt(2 / len(degrees)))
    assert _sample(network, 2000, 1).size[0] == 40
