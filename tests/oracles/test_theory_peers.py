"""Theory against independent implementations, wherever these work: NNMT and NEST's rate network."""

import nnmt
import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.siegert import siegert_rate, siegert_rate_and_derivatives


def in_si(mu, sigma):
    """Arguments as NNMT takes them: volts and seconds."""
    return {"mu": 1e-3 * mu, "sigma": 1e-3 * sigma, "V_0_rel": 0.0, "V_th_rel": 0.02, "tau_m": 0.02, "tau_r": 0.002}


def ordinary_inputs():
    rng = np.random.default_rng(1)
    return rng.uniform(-5.0, 45.0, 500), rng.uniform(2.0, 15.0, 500)


def test_rates_by_nnmt():
    mu, sigma = ordinary_inputs()
    expected = nnmt.lif.delta._firing_rates_for_given_input(**in_si(mu, sigma))
    ours = siegert_rate(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=0.0)
    np.testing.assert_allclose(ours, expected, rtol=1e-11)


def test_slopes_by_nnmt():
    """Where (mu − V_reset)/sigma < 3; NNMT loses digits beyond, and from 6 on all of them."""
    mu, sigma = ordinary_inputs()
    right = mu < 3.0 * sigma
    mu, sigma = mu[right], sigma[right]
    expected = 1e-3 * nnmt.lif.delta._derivative_of_firing_rates_wrt_mean_input(**in_si(mu, sigma))
    _, ours, _ = siegert_rate_and_derivatives(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=0.0)
    np.testing.assert_allclose(ours, expected, rtol=1e-9)


@pytest.mark.parametrize("eta", [0.9, 2.0])
def test_flow_by_nests_rate_network(eta):
    """NEST's exponential Euler comes closer to our flow in proportion to its step."""
    network = mf.brunel_network(eta=eta, g=4.5)
    errors = []
    for step in (0.1, 0.05, 0.025):
        nest = mf.simulate_rate_network(network, initial_rate=10.0, pseudo_dt=step, pseudo_duration=50.0)
        time = nest["pseudo_time"].values
        early = time <= 2.0
        ours = mf.pseudo_time(network, rate_0=10.0, duration=2.0, time=time[early], rtol=1e-11)
        errors.append(
            np.abs(nest["trajectory"].transpose("pseudo_time", ...).values[early] - ours["rate"].values).max()
        )
    order = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(order, 1.0, atol=0.25)
