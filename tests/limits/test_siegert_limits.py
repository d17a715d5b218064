"""Siegert's rate and CV where the answer is known without computing it, and how they treat what cannot be."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.siegert import siegert_rate, siegert_rate_and_derivatives

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 0.0}
potentials = st.floats(-200.0, 200.0)
noises = st.floats(1e-3, 500.0)


def noiseless(mu):
    return 1e3 / (2.0 + 20.0 * np.log(mu / (mu - 20.0)))


@given(mu=potentials, step=st.floats(1e-6, 50.0), sigma=noises)
def test_grows_with_mu(mu, step, sigma):
    assert siegert_rate(mu + step, sigma, **NEURON) >= siegert_rate(mu, sigma, **NEURON)


@given(mu=potentials, sigma=noises, factor=st.floats(1.0001, 10.0))
def test_grows_with_sigma(mu, sigma, factor):
    # Beyond the resolution of doubles, rates far above threshold agree to rounding.
    assert siegert_rate(mu, factor * sigma, **NEURON) >= siegert_rate(mu, sigma, **NEURON) * (1.0 - 1e-14)


@given(mu=st.floats(-1e6, 1e6), sigma=st.floats(0.0, 1e6), t_ref=st.floats(0.1, 10.0))
def test_between_silence_and_saturation(mu, sigma, t_ref):
    rate = siegert_rate(mu, sigma, tau_m=20.0, t_ref=t_ref, theta=20.0, V_reset=0.0)
    assert 0.0 <= rate <= 1e3 / t_ref * (1.0 + 4e-16)


@given(mu=potentials, sigma=noises, scale=st.floats(0.01, 100.0))
def test_scaling_all_voltages_changes_nothing(mu, sigma, scale):
    rate = siegert_rate(mu, sigma, **NEURON)
    assume(rate > 1e-200)
    scaled = siegert_rate(scale * mu, scale * sigma, tau_m=20.0, t_ref=2.0, theta=scale * 20.0, V_reset=0.0)
    # Rounding of the scaled arguments is amplified by the slope of the logarithm of the rate.
    assert scaled == pytest.approx(rate, rel=1e-14 * (10.0 + 2.0 * ((20.0 - mu) / sigma) ** 2 + abs(mu)))


@given(mu=potentials, sigma=noises, scale=st.floats(0.01, 100.0))
def test_scaling_all_times_scales_the_rate(mu, sigma, scale):
    scaled = siegert_rate(mu, sigma, tau_m=scale * 20.0, t_ref=scale * 2.0, theta=20.0, V_reset=0.0)
    assert scale * scaled == pytest.approx(siegert_rate(mu, sigma, **NEURON), rel=1e-14, abs=1e-300)


@given(mu=potentials, sigma=noises, offset=st.integers(-100, 100))
def test_only_differences_of_voltages_matter(mu, sigma, offset):
    mu = round(mu * 1024) / 1024  # so that the shift is exact
    shifted = siegert_rate(mu + offset, sigma, tau_m=20.0, t_ref=2.0, theta=20.0 + offset, V_reset=0.0 + offset)
    assert shifted == siegert_rate(mu, sigma, **NEURON)


@pytest.mark.parametrize("mu", [20.001, 21.0, 30.0, 1e3, 1e6])
def test_without_noise(mu):
    assert siegert_rate(mu, 0.0, **NEURON) == pytest.approx(noiseless(mu), rel=1e-12)
    assert siegert_cv(mu, 0.0, **NEURON) == 0.0
    rate, d_mu, d_sigma = siegert_rate_and_derivatives(mu, 0.0, **NEURON)
    assert d_mu == pytest.approx(rate**2 * 20e-3 * 20.0 / (mu - 20.0) / mu, rel=1e-12)
    assert d_sigma == 0.0


@pytest.mark.parametrize("sigma", [1e-8, 1e-6, 1e-5])
def test_weak_noise_approaches_none(sigma):
    assert siegert_rate(30.0, sigma, **NEURON) == pytest.approx(siegert_rate(30.0, 0.0, **NEURON), rel=1e-12)


def test_below_threshold_without_noise():
    for mu in (-5.0, 19.999, 20.0):
        assert siegert_rate_and_derivatives(mu, 0.0, **NEURON) == (0.0, 0.0, 0.0)
        assert np.isnan(siegert_cv(mu, 0.0, **NEURON))


def test_strong_noise_saturates():
    assert siegert_rate(0.0, 1e12, **NEURON) == pytest.approx(500.0, rel=1e-9)


def test_rare_spikes_are_a_poisson_process():
    assert siegert_cv(5.0, 1.5, **NEURON) == pytest.approx(1.0, abs=1e-6)
    assert siegert_cv(-20.0, 0.1, **NEURON) == 1.0


def test_underflow_is_silence_and_gradual():
    mu = np.linspace(-10.0, 0.0, 2001)
    rate = siegert_rate(mu, 0.8, **NEURON)
    assert rate[0] == 0.0
    assert 0.0 < rate[rate > 0.0].min() < 1e-305
    assert np.all(np.diff(rate) >= -1e-310)  # below 1e-308 numbers are coarse


def test_infinite_input():
    rate, d_mu, d_sigma = siegert_rate_and_derivatives([np.inf, -np.inf, 10.0], [1.0, 1.0, np.inf], **NEURON)
    np.testing.assert_array_equal(rate, [500.0, 0.0, 500.0])
    np.testing.assert_array_equal(d_mu[:2], 0.0)
    np.testing.assert_array_equal(d_sigma[:2], 0.0)


@pytest.mark.parametrize("place", ["mu", "sigma", "tau_m", "t_ref", "theta", "V_reset", "tau_syn"])
def test_nan_stays_where_it_is(place):
    arguments = {"mu": 15.0, "sigma": 3.0, **NEURON, "tau_syn": 0.5}
    expected = siegert_rate(**arguments)
    arguments[place] = np.array([arguments[place], np.nan, arguments[place]])
    rate = siegert_rate(**arguments)
    assert np.isnan(rate[1])
    np.testing.assert_allclose(rate[[0, 2]], expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sigma": -1.0}, "sigma = -1.0 mV"),
        ({"sigma": np.array([1.0, -1.0])}, "sigma"),
        ({"tau_m": 0.0}, "tau_m = 0.0 ms"),
        ({"t_ref": -2.0}, "t_ref = -2.0 ms"),
        ({"tau_syn": -0.1}, "tau_syn = -0.1 ms"),
        ({"V_reset": 20.0}, "V_reset = 20.0 mV"),
        ({"V_reset": 30.0}, "theta = 20.0 mV must be above V_reset = 30.0 mV"),
    ],
)
def test_impossible_arguments_are_refused(change, named):
    with pytest.raises(ValueError, match=named):
        siegert_rate(**({"mu": 15.0, "sigma": 3.0, **NEURON} | change))


def test_broadcasts_like_a_ufunc():
    mu, sigma, V_reset = (
        np.linspace(-5, 40, 7)[:, None, None],
        np.geomspace(0.1, 300, 5)[:, None],
        np.array([0.0, 10.0]),
    )
    rate = siegert_rate(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=V_reset)
    assert rate.shape == (7, 5, 2)
    one_by_one = [
        siegert_rate(float(m), float(s), tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=float(v))
        for m in mu.ravel()
        for s in sigma.ravel()
        for v in V_reset
    ]
    np.testing.assert_allclose(rate.ravel(), one_by_one, rtol=2e-14)
    assert isinstance(siegert_rate(15.0, 3.0, **NEURON), float)
    assert siegert_rate(np.empty((0, 3)), 1.0, **NEURON).shape == (0, 3)
    assert siegert_cv(np.empty(0), 1.0, **NEURON).shape == (0,)


def test_an_element_does_not_feel_its_neighbours():
    """Arrays longer than a block, every regime in it: the same as each element by itself."""
    rng = np.random.default_rng(4)
    mu, sigma = rng.uniform(-50, 200, 20_000), np.exp(rng.uniform(np.log(1e-9), np.log(1e4), 20_000))
    rate, cv = siegert_rate(mu, sigma, **NEURON), siegert_cv(mu, sigma, **NEURON)
    some = rng.choice(20_000, 200, replace=False)
    np.testing.assert_allclose(
        rate[some], [siegert_rate(float(mu[i]), float(sigma[i]), **NEURON) for i in some], rtol=3e-14
    )
    np.testing.assert_allclose(cv[some], [siegert_cv(mu[i], sigma[i], **NEURON) for i in some], rtol=1e-13)
    assert np.isfinite(rate).all()
    assert ((cv >= 0.0) & np.isfinite(cv)).all()


@given(mu=st.floats(-50.0, 150.0), sigma=st.floats(0.5, 200.0))
def test_cv_changes_smoothly(mu, sigma):
    """No jump between branches: a small step changes little."""
    mu_steps = mu + np.array([-1e-7, 0.0, 1e-7])
    cv = siegert_cv(mu_steps, sigma, **NEURON)
    assert np.ptp(cv) <= 1e-6


@pytest.mark.parametrize("tau_syn", [0.0, 1.0])
@pytest.mark.parametrize("as_array", [False, True])
def test_noise_of_minus_zero_is_no_noise(as_array, tau_syn):
    """A rounded-off −0 must not turn quotients by sigma round: 41.7 spikes/s, not 0."""
    given = NEURON | {"tau_syn": tau_syn}
    mu, minus, plus = (np.full(3, x) if as_array else x for x in (30.0, -0.0, 0.0))
    np.testing.assert_allclose(siegert_rate(mu, minus, **given), noiseless(30.0), rtol=1e-14)
    for function in (siegert_rate_and_derivatives, siegert_cv):
        np.testing.assert_array_equal(function(mu, minus, **given), function(mu, plus, **given))
