"""Rates, their derivatives and the CV against plain quadrature of the textbook formulas with 50 digits."""

import mpmath as mp
import numpy as np
import pytest

from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.siegert import siegert_rate, siegert_rate_and_derivatives

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0}


@pytest.fixture(autouse=True)
def fifty_digits():
    """More than twice those that limits of weak noise cost, and three times a double's."""
    with mp.workdps(50):
        yield


def integrand(u):
    """exp(u²)(1 + erf u)."""
    return mp.exp(u * u) * mp.erfc(-u)


def cut(a, b):
    """Points that divide the interval where the integrand changes most: towards its upper end."""
    return [b - (b - a) / mp.mpf(8) ** k for k in range(4)] + [b]


def exact(mu, sigma, V_reset):
    """Rate in spikes/s and its derivatives with respect to mu and sigma."""
    mu, sigma, V_reset, tau_m, t_ref, theta = map(mp.mpf, (mu, sigma, V_reset, 20, 2, 20))
    a, b = (V_reset - mu) / sigma, (theta - mu) / sigma
    rate = 1 / (t_ref + tau_m * mp.sqrt(mp.pi) * mp.quad(integrand, cut(a, b)))
    gain = 1000 * mp.sqrt(mp.pi) * tau_m * rate**2 / sigma
    at_a, at_b = integrand(a), integrand(b)
    return 1000 * rate, gain * (at_b - at_a), gain * (b * at_b - a * at_a)


def relative_errors(mu, sigma, V_reset):
    ours = siegert_rate_and_derivatives(mu, sigma, V_reset=V_reset, **NEURON)
    return [float(abs(x / e - 1)) for x, e in zip(ours, exact(mu, sigma, V_reset), strict=True)]


def random_inputs(n, seed=20):
    """Inputs whose rates are within the range of doubles."""
    rng = np.random.default_rng(seed)
    inputs = []
    while len(inputs) < n:
        mu, sigma, V_reset = (
            rng.uniform(-20, 60),
            np.exp(rng.uniform(np.log(0.05), np.log(50))),
            rng.choice([0.0, 10.0]),
        )
        if (20.0 - mu) / sigma < 26.0:
            inputs.append((mu, sigma, V_reset))
    return inputs


@pytest.mark.parametrize(("mu", "sigma", "V_reset"), random_inputs(16))
def test_random_inputs(mu, sigma, V_reset):
    rate, d_mu, d_sigma = relative_errors(mu, sigma, V_reset)
    assert rate <= 5e-14
    assert d_mu <= 1e-12
    assert d_sigma <= 1e-12


@pytest.mark.parametrize(
    ("mu", "sigma", "V_reset"),
    [
        (10.0, 1.0, 0.0),  # exactly midway between reset and threshold
        (20.0, 3.0, 0.0),  # exactly at threshold
        (0.0, 3.0, 0.0),  # exactly at reset
        (1e4, 1.0, 0.0),
        (1e6, 0.05, 0.0),
        (1e6, 1e4, 0.0),
        (20.5, 1e-3, 0.0),
        (21.0, 1e-8, 10.0),
        (30.0, 1e-5, 0.0),
        (15.0, 1e4, 0.0),  # noise that dwarfs the distance to threshold
        (-300.0, 100.0, 0.0),
        (0.1, 0.8, 0.0),  # rates near 1e-260
        (-20.0, 1.53, 10.0),
        (19.0, 2.0, 20.0 - 1e-12),  # reset next to threshold, on all sides of the mean
        (0.0, 2.0, 20.0 - 1e-3),
        (40.0, 2.0, 20.0 - 1e-3),
    ],
)
def test_extremes(mu, sigma, V_reset):
    rate, d_mu, d_sigma = relative_errors(mu, sigma, V_reset)
    assert rate <= 1e-13
    assert d_mu <= 1e-12
    assert d_sigma <= 1e-12


@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("edge", ["b = 0", "a = 0", "narrow", "far", "narrow and far"])
def test_both_sides_of_every_change_of_branch(edge, side):
    mu, sigma, V_reset = {
        "b = 0": (20.0, 2.0, 0.0),
        "a = 0": (10.0, 2.0, 10.0),
        "narrow": (19.0, 80.0, 10.0),
        "far": (320.0, 100.0, 10.0),
        "narrow and far": (100.0, 2.0, 10.0),
    }[edge]
    mu *= 1.0 + side * 1e-9
    rate, d_mu, d_sigma = relative_errors(mu, sigma, V_reset)
    assert rate <= 5e-14
    assert d_mu <= 1e-12
    assert d_sigma <= 1e-12


@pytest.mark.parametrize("tau_syn", [0.1, 2.0])
def test_exponential_synapses_shift_both_bounds(tau_syn):
    mu, sigma = 15.0, 4.0
    shift = float(mp.sqrt(2) * abs(mp.zeta(mp.mpf(1) / 2)) / 2 * mp.sqrt(mp.mpf(tau_syn) / 20)) * sigma
    shifted = siegert_rate(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0 + shift, V_reset=shift)
    assert siegert_rate(mu, sigma, V_reset=0.0, tau_syn=tau_syn, **NEURON) == pytest.approx(shifted, rel=1e-13)


@pytest.mark.parametrize("tau_syn", [0.0, 2.0])
@pytest.mark.parametrize("mu", [-10.0, 12.0, 30.0])
def test_derivatives_are_slopes(mu, tau_syn):
    """Central differences, also for coloured noise, whose shift moves with sigma."""
    sigma, h = 5.0, 1e-4

    def rate(mu, sigma):
        return siegert_rate(mu, sigma, V_reset=0.0, tau_syn=tau_syn, **NEURON)

    _, d_mu, d_sigma = siegert_rate_and_derivatives(mu, sigma, V_reset=0.0, tau_syn=tau_syn, **NEURON)
    assert d_mu == pytest.approx((rate(mu + h, sigma) - rate(mu - h, sigma)) / (2 * h), rel=1e-7)
    assert d_sigma == pytest.approx((rate(mu, sigma + h) - rate(mu, sigma - h)) / (2 * h), rel=1e-7)


def exact_cv(mu, sigma, V_reset):
    """Brunel's double integral, the order of integration exchanged: the inner one is then erfi."""
    mu, sigma, V_reset, theta = map(mp.mpf, (mu, sigma, V_reset, 20))
    a, b = (V_reset - mu) / sigma, (theta - mu) / sigma

    def outer(y):
        inner = mp.sqrt(mp.pi) / 2 * (mp.erfi(b) - mp.erfi(max(a, y)))
        return mp.exp(y * y) * mp.erfc(-y) ** 2 * inner

    scale = (b - a) if a > -3 else 1 / abs(a)
    below = [a - scale * k for k in (64, 16, 4, 1)]
    double_integral = mp.quad(outer, [*below, a]) + mp.quad(outer, cut(a, b))
    rate = exact(mu, sigma, V_reset)[0]
    return mp.sqrt(2 * mp.pi * double_integral) * rate * 20 / 1000


@pytest.mark.parametrize(
    ("mu", "sigma", "V_reset"),
    [(10.0, 3.0, 0.0), (24.0, 7.0, 0.0), (18.0, 6.0, 10.0), (35.0, 2.0, 10.0), (5.0, 2.0, 0.0), (0.0, 12.0, 10.0)],
)
def test_cv(mu, sigma, V_reset):
    with mp.workdps(25):
        expected = float(exact_cv(mu, sigma, V_reset))
    assert siegert_cv(mu, sigma, V_reset=V_reset, **NEURON) == pytest.approx(expected, rel=1e-12)
