"""Limits of the linear response in which the answer is known, and input that is refused."""

import numpy as np
import pytest

import meanfield as mf

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 10.0}


def random_inputs(n):
    rng = np.random.default_rng(3)
    mu, sigma = rng.uniform(-20, 80, n), np.exp(rng.uniform(np.log(0.05), np.log(50), n))
    firing = mf.siegert_rate(mu, sigma, **NEURON) > 1e-200
    return mu[firing], sigma[firing]


@pytest.mark.parametrize("frequency", [0.0, 1e-12, 1e-9])
def test_at_frequency_0_it_is_the_slope_of_the_rate(frequency):
    mu, sigma = random_inputs(300)
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, **NEURON)
    _, d_mu, d_sigma = mf.siegert_rate_and_derivatives(mu, sigma, **NEURON)
    np.testing.assert_allclose(by_mean, d_mu, rtol=1e-9)
    np.testing.assert_allclose(by_variance, d_sigma / (2.0 * sigma), rtol=2e-9)


def test_continuous_in_frequency():
    """Steps of 1 % in frequency never change a response by more than some percent, through all methods."""
    frequency = np.exp(np.arange(np.log(1e-3), np.log(2e4), 0.01))
    for mu, sigma in [(17.0, 7.7), (40.0, 10.0), (10.0, 2.0)]:
        for response in mf.transfer_function(frequency, mu, sigma, **NEURON):
            assert np.abs(np.diff(response) / response[:-1]).max() < 0.05


@pytest.mark.parametrize(("mu", "sigma"), [(17.0, 7.7), (30.0, 4.0)])
def test_high_frequencies(mu, sigma):
    """The mean's modulation fades like √(2/s), that of the noise does not."""
    rate = mf.siegert_rate(mu, sigma, **NEURON)
    frequency = 1e8
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, **NEURON)
    s = 2j * np.pi * frequency * 0.02
    assert by_mean == pytest.approx(rate / sigma * np.sqrt(2.0 / s), rel=1e-3)
    assert by_variance == pytest.approx(rate / sigma**2, rel=1e-3)


@pytest.mark.parametrize("frequency", [0.0, 3.0, 37.0, 400.0])
def test_without_noise(frequency):
    """A regularly firing neuron: the response of the phase, which the last spike carries on."""
    mu, tau_m, t_ref, theta, V_reset = 30.0, *(NEURON[name] for name in ("tau_m", "t_ref", "theta", "V_reset"))
    by_mean, _ = mf.transfer_function(frequency, mu, 0.0, **NEURON)
    s = max(2e-3j * np.pi * frequency * tau_m, 1e-9, key=abs)
    ratio = ((mu - theta) / (mu - V_reset)) ** s
    rate = mf.siegert_rate(mu, 0.0, **NEURON)
    change = 1.0 / (mu - theta) - ratio / (mu - V_reset)
    expected = rate * s * change / ((1.0 + s) * (1.0 - ratio * np.exp(-s * t_ref / tau_m)))
    assert by_mean == pytest.approx(expected, rel=1e-6)
    almost, _ = mf.transfer_function(frequency, mu, 1e-5, **NEURON)
    assert by_mean == pytest.approx(almost, rel=1e-6)


def test_silent_neurons_do_not_respond_and_nan_stays():
    mu = np.array([10.0, -1e3, np.nan, 25.0])
    for response in mf.transfer_function(20.0, mu, np.array([0.0, 1.0, 1.0, np.nan]), **NEURON):
        assert response[:2].tolist() == [0.0, 0.0]
        assert np.isnan(response[2:]).all()


def test_broadcasts_and_is_conjugate_at_negative_frequency():
    mu, sigma = np.array([[10.0], [25.0]]), np.array([5.0, 6.0])
    frequency = np.array([0.0, 10.0, 500.0])[:, None, None]
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, growth=-30.0, **NEURON)
    assert by_mean.shape == by_variance.shape == (3, 2, 2)
    conjugate, _ = mf.transfer_function(-frequency, mu, sigma, growth=-30.0, **NEURON)
    np.testing.assert_allclose(conjugate, by_mean.conj(), rtol=1e-12)
    one, _ = mf.transfer_function(500.0, 25.0, 6.0, growth=-30.0, **NEURON)
    assert one == pytest.approx(by_mean[2, 1, 1], rel=1e-13)


def test_removable_singularities():
    """growth · tau_m = −1 and −2 are no poles of the responses; at −1 that to the noise is 0."""
    at = mf.transfer_function(0.0, 20.0, 5.0, growth=[-50.0, -100.0], **NEURON)
    beside = mf.transfer_function(0.0, 20.0, 5.0, growth=[-50.001, -100.001], **NEURON)
    np.testing.assert_allclose(at, beside, rtol=1e-4, atol=1e-4)


def test_refuses_impossible_input():
    with pytest.raises(mf.ParameterError, match=r"sigma = -1.0 mV"):
        mf.transfer_function(1.0, 10.0, -1.0, **NEURON)
