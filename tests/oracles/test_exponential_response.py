"""Linear response of neurons and networks with exponential synapses: by NNMT, by the rate's slopes, by limits."""

import nnmt
import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.linear_network import LinearNetwork

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 10.0}


def test_response_to_the_mean_by_nnmt():
    """Without refractory period, which NNMT leaves out of the response (but not of the rate)."""
    rng = np.random.default_rng(1)
    frequency = np.array([1.0, 10.0, 100.0, 400.0])
    for _ in range(20):
        mu, sigma, tau_syn = rng.uniform(5, 25), rng.uniform(3, 10), rng.uniform(0.1, 2.0)
        expected = nnmt.lif.exp._transfer_function_shift(
            mu=np.array([1e-3 * mu]), sigma=np.array([1e-3 * sigma]), tau_m=0.02, tau_s=1e-3 * tau_syn, tau_r=1e-9,
            V_th_rel=0.02, V_0_rel=0.01, omegas=2 * np.pi * frequency, synaptic_filter=True,
        )  # fmt: skip
        ours, _ = mf.transfer_function(frequency, mu, sigma, **NEURON | {"t_ref": 0.0}, tau_syn=tau_syn)
        np.testing.assert_allclose(ours, 1e-3 * np.ravel(expected), rtol=1e-6)


@pytest.mark.parametrize("tau_syn", [0.5, 2.0, 20.0])
def test_at_frequency_0_responses_are_slopes_of_the_rate(tau_syn):
    mu, sigma = np.array([5.0, 15.0, 25.0]), np.array([3.0, 5.0, 8.0])
    by_mean, by_variance = mf.transfer_function(0.0, mu, sigma, **NEURON, tau_syn=tau_syn)
    _, d_mu, d_sigma = mf.siegert_rate_and_derivatives(mu, sigma, **NEURON, tau_syn=tau_syn)
    np.testing.assert_allclose(by_mean.real, d_mu, rtol=1e-9)
    np.testing.assert_allclose(by_variance.real, d_sigma / (2 * sigma), rtol=1e-9)


def networks():
    rng = np.random.default_rng(2)
    for _ in range(30):
        n = rng.integers(1, 5)
        yield mf.Network(
            populations=[f"P{i}" for i in range(n)], size=1000, K=rng.integers(50, 200, (n, n)),
            J=rng.uniform(0.05, 0.2, (n, n)) * np.where(np.arange(n) < n - n // 2, 1.0, -4.0),
            K_ext=1000, J_ext=0.1, rate_ext=rng.uniform(8, 12, n), delay=rng.uniform(1, 2, (n, n)),
            tau_syn=rng.uniform(0.1, 5.0, (n, n)), tau_syn_ext=0.5, sigma_ext=1.0, J_cv=0.2, delay_sd=0.3,
        )  # fmt: skip


def test_at_rest_the_coupling_is_the_jacobian_of_the_rates():
    for network in networks():
        rate = np.random.default_rng(3).uniform(5, 30, len(network.populations))
        coupling = LinearNetwork.of(network, rate).coupling([0.0])[0]
        jacobian = StationaryInput.of(network).response_and_jacobian(rate)[1]
        np.testing.assert_allclose(coupling.real, jacobian, rtol=1e-7, atol=1e-9)


def test_fast_synapses_and_sharp_delays_are_the_limit():
    plain = mf.brunel_network(g=4.5, eta=0.9, V_reset=10.0)
    fast = mf.Network(**plain.to_dict() | {"tau_syn": 1e-9, "delay_sd": 1e-6})
    rate = mf.fixed_points(plain)["rate"].values[-1]
    expected, ours = mf.eigenvalues(plain, rate), mf.eigenvalues(fast, rate)
    np.testing.assert_allclose(ours["growth"][:2], expected["growth"][:2], rtol=1e-3)
    np.testing.assert_allclose(ours["frequency"][:2], expected["frequency"][:2], rtol=1e-3)


@pytest.mark.parametrize("tau_syn", [0.5, 2.0])
def test_eigenvalues_solve_their_equation_and_synapses_calm(tau_syn):
    plain = mf.brunel_network(g=6.0, eta=4.0, V_reset=10.0)
    network = mf.Network(**plain.to_dict() | {"tau_syn": tau_syn, "delay_sd": 0.3})
    modes = mf.eigenvalues(network)
    assert modes.attrs["complete"]
    assert modes.attrs["limit_growth"] == -np.inf
    assert (modes["residual"] < 1e-6).all()
    fastest = modes["frequency"].values[0]
    assert fastest < mf.eigenvalues(plain)["frequency"].values[0]  # slower synapses, slower oscillation


def test_the_spectrum_at_frequency_0_counts_the_shifted_intervals():
    network = mf.Network(**mf.brunel_network(order=500, J=0.2).to_dict() | {"tau_syn": 2.0})
    spectrum = mf.predicted_spectrum(network, [0.0])
    rate = spectrum["rate"].values
    mu, sigma = network.input_moments(rate)
    cv = mf.siegert_cv(mu, sigma, **network.neurons, tau_syn=network.effective_tau_syn(rate))
    np.testing.assert_allclose(spectrum["uncoupled"][0] * network.size, rate * cv**2, rtol=1e-9)
