"""Rates over neurons: published and simulated spreads, and networks whose every neuron is solved for itself."""

import numpy as np
import pytest

import meanfield as mf


def test_the_microcircuit_with_random_in_degrees():
    """As computed independently, to the digits given."""
    found = mf.rate_distribution(mf.potjans_diesmann(drive="dc"))
    rate = [0.701, 2.697, 4.196, 5.714, 7.292, 8.308, 1.302, 7.686]
    spread = [0.718, 1.92, 3.01, 3.70, 4.70, 5.06, 1.53, 4.86]
    np.testing.assert_allclose(found["rate"], rate, atol=1.5e-3)
    np.testing.assert_allclose(found["rate_spread"], spread, atol=6e-3)
    assert found.attrs["missing"] == ""


def test_bernoulli_connections_of_brunels_network():
    """Simulated in NEST, order 2500, 1 s: a standard deviation of 11.8 ± 0.3 spikes/s over neurons."""
    network = mf.Network(**mf.brunel_network().to_dict() | {"rule": "pairwise_bernoulli"})
    found = mf.rate_distribution(network, duration=1000.0)
    np.testing.assert_allclose(found["observed_spread"], 11.8, rtol=0.05)
    np.testing.assert_allclose(found["rate_spread"], 11.8, rtol=0.05)


def test_without_randomness_neurons_are_equal():
    network = mf.brunel_network(g=6.0)
    found = mf.rate_distribution(network)
    np.testing.assert_allclose(found["rate"], mf.fixed_points(network)["rate"][0], rtol=1e-9)
    np.testing.assert_allclose(found["rate_spread"], 0.0, atol=1e-3)
    np.testing.assert_allclose(found["rate_quantile"].T - found["rate"], 0.0, atol=1e-3)


def test_quantiles_have_the_mean_and_the_spread():
    network = mf.Network(**mf.brunel_network().to_dict() | {"rule": "fixed_total_number", "J_cv": 0.3})
    found = mf.rate_distribution(network)
    np.testing.assert_allclose(found["rate_quantile"].mean("quantile"), found["rate"], rtol=0.01)
    np.testing.assert_allclose(found["rate_quantile"].std("quantile"), found["rate_spread"], rtol=0.05)


def drawn_matrix(network, rng):
    """Weights (mV) summed over the synapses of each pair of neurons, drawn without NEST."""
    blocks = []
    for t in range(2):
        row = []
        for s in range(2):
            n_targets, n_sources, K, J = network.size[t], network.size[s], network.K[t, s], network.J[t, s]
            if network.rule == "pairwise_bernoulli":
                count = rng.uniform(size=(n_targets, n_sources)) < K / n_sources
            elif network.rule == "fixed_total_number":
                pairs = rng.integers(n_targets * n_sources, size=round(K * n_targets))
                count = np.bincount(pairs, minlength=n_targets * n_sources).reshape(n_targets, n_sources)
            else:
                count = np.array(
                    [np.bincount(rng.integers(n_sources, size=int(K)), minlength=n_sources) for _ in range(n_targets)]
                )
            row.append(J * (count + network.J_cv[t, s] * np.sqrt(count) * rng.normal(size=count.shape)))
        blocks.append(np.concatenate(row, axis=1))
    return np.concatenate(blocks)


@pytest.mark.parametrize(
    ("rule", "tau_syn"), [("fixed_indegree", 0.0), ("fixed_total_number", 2.0), ("pairwise_bernoulli", 0.0)]
)
def test_every_neuron_solved_for_itself(rule, tau_syn):
    """2,500 neurons, each with Siegert's rate for the mean input that its own sources cause."""
    network = mf.Network(
        populations=["E", "I"], size=[2000, 500], K=[[100, 50], [120, 40]], J=[[0.2, -1.0], [0.25, -0.9]], delay=1.5,
        K_ext=100, J_ext=0.2, rate_ext=[100.0, 80.0], J_cv=0.25, rule=rule, tau_syn=tau_syn, tau_m=[20.0, 15.0],
    )  # fmt: skip
    rng = np.random.default_rng(1)
    weights = drawn_matrix(network, rng)
    member = np.repeat([0, 1], network.size)
    neurons = {name: values[member] for name, values in network.neurons.items()}
    rate = np.full(2500, 20.0)
    for _ in range(150):
        means = np.array([rate[member == i].mean() for i in range(2)])
        sigma, tau = network.input_moments(means)[1][member], network.effective_tau_syn(means)[member]
        mu = network.mu_0[member] + 1e-3 * neurons["tau_m"] * (weights @ rate)
        change = mf.siegert_rate(mu, sigma, **neurons, tau_syn=tau) - rate
        rate = rate + 0.1 * change
    assert np.abs(change).max() < 0.05
    found = mf.rate_distribution(network)
    for i in range(2):
        each = rate[member == i]
        # Five standard errors over the neurons of the population.
        n = len(each)
        spread = float(found["rate_spread"][i])
        assert each.std() == pytest.approx(spread, rel=5 / np.sqrt(2 * n))
        assert each.mean() == pytest.approx(float(found["rate"][i]), abs=5 * spread / np.sqrt(n))


def test_what_cannot_be_is_refused():
    with pytest.raises(mf.ParameterError, match="duration = 0 ms must be > 0 ms"):
        mf.rate_distribution(mf.brunel_network(), duration=0)
    with pytest.raises(mf.ParameterError, match="start"):
        mf.rate_distribution(mf.brunel_network(), [1.0, 2.0, 3.0])
