"""Networks that everybody knows, with exponential synapses: published rates, fixed points, independent ways to them."""

import nnmt
import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.input import StationaryInput

MICROCIRCUIT = {
    "exponential": [0.754188, 2.793708, 4.440219, 5.822926, 7.153588, 8.469816, 1.159737, 7.755716],
    "delta": [0.820872, 3.008742, 4.632846, 6.104169, 7.136576, 8.904861, 1.042961, 8.07216],
}
# Schuecker et al. (2017), doi:10.1371/journal.pcbi.1005179: rate of each external source and all fixed points.
BISTABLE = {
    150.0: [3.416277e-9],
    160.0: [0.00480190583732, 15.849663382860, 41.292545947427],
    161.0: [0.01336621241462, 13.597524863260, 43.311340454592],
    165.0: [0.55285613958670, 5.116133622437, 49.760024108495],
    170.0: [56.108920478334],
}


def microcircuit(**changes) -> mf.Network:
    return mf.Network(**mf.potjans_diesmann().to_dict() | {"J_cv": 0.0} | changes)


def bistable(rate_ext: float) -> mf.Network:
    neurons = {"tau_m": 10.0, "tau_syn": 0.5, "t_ref": 2.0, "theta": 15.0, "V_reset": 0.0}
    both = {"K": 420, "K_ext": 420, "J": 0.02, "J_ext": 0.02, "delay": 1.5}
    return mf.Network(populations=["E"], size=10000, rate_ext=rate_ext, **neurons, **both)


@pytest.mark.parametrize("synapses", MICROCIRCUIT)
def test_the_microcircuits_rates(synapses):
    network = microcircuit(**({"tau_syn": 0.0} if synapses == "delta" else {}))
    solutions = mf.fixed_points(network)
    np.testing.assert_allclose(solutions["rate"].values, [MICROCIRCUIT[synapses]], rtol=0, atol=1e-6)
    assert solutions["converged"].all()


def test_the_microcircuits_input():
    network = microcircuit()
    mu, sigma = network.input_moments(MICROCIRCUIT["exponential"])
    np.testing.assert_allclose(mu, [2.5810, 6.6951, 6.9961, 6.9413, 7.5697, 9.0464, 2.8410, 9.0431], atol=6e-5)
    np.testing.assert_allclose(sigma, [6.2065, 5.1381, 5.5113, 5.9787, 5.9027, 5.0867, 6.4453, 4.9201], atol=6e-5)


def test_the_microcircuits_in_degrees_and_size():
    network = mf.potjans_diesmann()
    expected = [2199.86486, 1079.32007, 979.241261, 467.578108, 159.240826, 0, 109.819852, 0]
    np.testing.assert_allclose(network.K[0], expected, rtol=5e-9)
    assert network.size.sum() == 77169
    assert network.n_synapses == pytest.approx(0.3e9, rel=0.01)
    np.testing.assert_allclose(network.J[0], 0.1756 * np.array([1, -4, 2, -4, 1, -4, 1, -4]), rtol=1e-12)


@pytest.mark.parametrize(("tau_syn", "rate"), [(0.5, 30.775), (2.0, 29.556), (5.0, 28.186)])
def test_brunels_network(tau_syn, rate):
    network = mf.brunel_network(tau_syn=tau_syn, rule="pairwise_bernoulli")
    assert (network.rule, network.tau_syn_ext.tolist()) == ("pairwise_bernoulli", [tau_syn, tau_syn])
    np.testing.assert_allclose(mf.fixed_points(network)["rate"], [[rate, rate]], atol=1e-3)
    stack = mf.brunel_fixed_points(tau_syn=np.array([0.0, tau_syn]))["rate"]
    np.testing.assert_allclose(stack[1], [[rate, rate]], atol=1e-3)
    np.testing.assert_allclose(stack[0], mf.fixed_points(mf.brunel_network())["rate"], rtol=1e-12)


@pytest.mark.parametrize("scale", [0.1, 0.37])
def test_a_microcircuit_of_reduced_size_gets_the_input_of_the_full_one(scale):
    full, reduced = mf.potjans_diesmann(), mf.potjans_diesmann(scale)
    rate = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
    for ours, theirs in zip(reduced.input_moments(rate), full.input_moments(rate), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert reduced.n_synapses == pytest.approx(scale**2 * full.n_synapses, rel=1e-3)


def test_the_file_is_the_function():
    file = mf.Network.from_yaml("experiments/networks/potjans_diesmann.yml")
    assert file == mf.potjans_diesmann()


@pytest.mark.parametrize("rate_ext", BISTABLE)
def test_all_fixed_points_of_a_bistable_network(rate_ext):
    solutions = mf.fixed_points(bistable(rate_ext))
    assert solutions.attrs["completeness"] == "all"
    np.testing.assert_allclose(
        solutions["rate"].values[:, 0], BISTABLE[rate_ext], rtol=3e-7 if rate_ext == 150 else 1e-11
    )


def test_rates_by_nnmt():
    rng = np.random.default_rng(1)
    mu, sigma, tau_syn = rng.uniform(-5.0, 45.0, 300), rng.uniform(2.0, 15.0, 300), rng.uniform(0.1, 1.5, 300)
    expected = nnmt.lif.exp._firing_rate_shift(
        mu=1e-3 * mu, sigma=1e-3 * sigma, V_0_rel=0.0, V_th_rel=0.02, tau_m=0.02, tau_r=0.002, tau_s=1e-3 * tau_syn
    )
    ours = mf.siegert_rate(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=0.0, tau_syn=tau_syn)
    np.testing.assert_allclose(ours, expected, rtol=1e-9)


def random_network(rng, n):
    J = rng.uniform(0.05, 0.2, (n, n)) * np.where(np.arange(n) < n - n // 2, 1.0, -4.0)
    return mf.Network(
        populations=[f"P{i}" for i in range(n)],
        size=1000,
        K=rng.integers(20, 800 // n, (n, n)),
        J=J,
        J_cv=rng.uniform(0.0, 0.3),
        K_ext=1000,
        J_ext=0.1,
        rate_ext=rng.uniform(3, 20, n) * (rng.uniform(size=n) > 0.1),
        mu_ext=rng.uniform(0, 5, n),
        delay=1.5,
        tau_syn=rng.choice([rng.uniform(0.0, 5.0, (n, n)), np.full((n, n), 0.5)]),
        tau_syn_ext=rng.uniform(0.0, 3.0, n),
        sigma_ext=rng.choice([0.0, 2.0]),
        tau_m=rng.uniform(10, 20, n),
        drive=rng.choice(["poisson", "poisson", "dc"]),
    )


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_fixed_points_of_random_networks_solve_siegerts_equation(n):
    rng = np.random.default_rng(n)
    for _ in range(30 if n < 3 else 8):
        network = random_network(rng, n)
        solutions = mf.fixed_points(network)
        assert solutions.attrs["completeness"] == "all" or n >= 3
        assert solutions["converged"].all()
        for rate in solutions["rate"].values:
            mu, sigma = network.input_moments(rate)
            response = mf.siegert_rate(mu, sigma, **network.neurons, tau_syn=network.effective_tau_syn(rate))
            np.testing.assert_allclose(response, rate, rtol=1e-11, atol=1e-300)  # however faint


def test_the_jacobian_is_that_of_the_response():
    rng = np.random.default_rng(7)
    for _ in range(20):
        inputs = StationaryInput.of(random_network(rng, 3))
        rate = rng.uniform(1, 50, 3)
        if np.any(inputs.moments(rate)[1] == 0):
            continue
        steps = 1e-4 * np.eye(3)
        slopes = (inputs.response(rate + steps) - inputs.response(rate - steps)).T / 2e-4
        np.testing.assert_allclose(inputs.response_and_jacobian(rate)[1], slopes, rtol=1e-5, atol=1e-7)


def test_one_population_of_several_kinds_of_synapses_like_two_of_the_same():
    """The search for one merged population, in plain numbers, and that for two, in arrays, agree."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        one = random_network(rng, 1)
        fields = {name: np.repeat(getattr(one, name), 2).tolist() for name in ("size", "K_ext", "J_ext", "rate_ext")}
        fields |= {
            name: np.repeat(getattr(one, name), 2).tolist() for name in ("mu_ext", "tau_m", "sigma_ext", "tau_syn_ext")
        }
        fields["theta"] = [20.0, 20.0 + 1e-13]  # so that they are not merged
        pairs = {name: getattr(one, name).item() for name in ("J", "J_cv", "tau_syn")}
        half = int(one.K.item()) // 2
        two = mf.Network(populations=["A", "B"], K=half, delay=1.5, drive=one.drive, **fields, **pairs)
        single = mf.Network(**one.to_dict() | {"K": [[2 * half]]})
        expected, solutions = mf.fixed_points(single), mf.fixed_points(two)
        np.testing.assert_allclose(solutions["rate"].values[:, 0], expected["rate"].values[:, 0], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("kinds", ["one", "several"])
def test_nests_rate_network_is_the_theory(kinds):
    network = microcircuit()
    if kinds == "several":
        tau_syn = np.tile([0.5, 2.0], (8, 4))
        network = microcircuit(tau_syn=tau_syn.tolist(), tau_syn_ext=0.5, sigma_ext=1.0)
    reached = mf.simulate_rate_network(network)
    assert reached["converged"]
    np.testing.assert_allclose(reached["rate"], mf.fixed_points(network)["rate"][0], rtol=1e-9)


def test_gaussian_external_noise():
    """Brunel & Hakim (1999): inhibition, constant drive above threshold, and white noise."""
    network = mf.Network(
        populations=["I"], size=5000, K=1000, J=-0.1, delay=2.0, mu_ext=25.0, sigma_ext=1.0, V_reset=10.0
    )
    assert mf.fixed_points(network)["rate"].item() == pytest.approx(3.4467, abs=5e-5)
