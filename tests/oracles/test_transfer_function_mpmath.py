"""Linear response against parabolic cylinder functions with 50 digits: the textbook formula, term by term."""

import mpmath as mp
import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.transfer import interval_transform

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 10.0}
BRUNEL = {"A": (3.0, 2.0), "B": (6.0, 4.0), "C": (5.0, 2.0), "D": (4.5, 0.9)}
FREQUENCIES = [0.1, 1.0, 20.0, 150.0, 250.0, 1000.0]


def exact(rate, frequency, growth, mu, sigma):
    """Both responses and (1 − ρ)/λ, the rate being given, at one frequency."""
    with mp.workdps(50):
        rate, frequency, growth, mu, sigma = map(mp.mpf, map(float, (rate, frequency, growth, mu, sigma)))
        tau_m, t_ref, theta, V_reset = (mp.mpf(NEURON[name]) for name in ("tau_m", "t_ref", "theta", "V_reset"))
        rate_of_change = mp.mpc(growth, 2 * mp.pi * frequency) / 1000  # per ms
        s = rate_of_change * tau_m
        a, b = (V_reset - mu) / sigma, (theta - mu) / sigma

        def u(y, order):
            """The derivatives of exp(y²/2) D_{−s}(−√2 y): each raises s by 1."""
            factor = mp.sqrt(2) ** order * mp.rf(s, order)
            return factor * mp.exp(y * y / 2) * mp.pcfd(-s - order, -mp.sqrt(2) * y)

        delayed = u(a, 0) * mp.exp(-rate_of_change * t_ref)
        by_mean = rate / sigma * (u(b, 1) - u(a, 1)) / ((1 + s) * (u(b, 0) - delayed))
        by_variance = rate / (2 * sigma**2) * (u(b, 2) - u(a, 2)) / ((2 + s) * (u(b, 0) - delayed))
        interval = (1 - delayed / u(b, 0)) / (1000 * rate_of_change)
        return complex(by_mean), complex(by_variance), complex(interval)


def largest_errors(mu, sigma, frequencies=FREQUENCIES, growth=0.0):
    rate = mf.siegert_rate(mu, sigma, **NEURON)
    frequencies = np.asarray(frequencies)
    ours = [
        *mf.transfer_function(frequencies, mu, sigma, growth=growth, **NEURON),
        interval_transform(growth + 2j * np.pi * frequencies, mu, sigma, **NEURON),
    ]
    expected = np.array([exact(rate, f, growth, mu, sigma) for f in frequencies]).T
    return np.abs(np.array(ours) / expected - 1.0).max(axis=1)


@pytest.mark.parametrize("point", BRUNEL)
def test_at_brunels_working_points(point):
    g, eta = BRUNEL[point]
    state = mf.fixed_points(mf.brunel_network(g=g, eta=eta, V_reset=10.0)).isel(fixed_point=0, population=0)
    assert np.all(largest_errors(float(state["mu"]), float(state["sigma"])) <= 1e-10)


def random_points(n):
    """Means and noise intensities of neurons with more than 1e-20 spikes/s."""
    rng = np.random.default_rng(2000)
    points = []
    while len(points) < n:
        mu, sigma = rng.uniform(-10, 60), np.exp(rng.uniform(np.log(0.5), np.log(30)))
        if mf.siegert_rate(mu, sigma, **NEURON) > 1e-20:
            points.append((mu, sigma))
    return points


@pytest.mark.parametrize(("mu", "sigma"), random_points(20))
def test_at_random_points(mu, sigma):
    assert np.all(largest_errors(mu, sigma, [0.1, 3.0, 80.0, 1000.0]) <= 1e-8)


@pytest.mark.parametrize("growth", [-400.0, -150.0, -40.0, 60.0, 300.0])
@pytest.mark.parametrize(("mu", "sigma"), [(17.0, 7.7), (25.0, 3.0), (60.0, 2.0)])
def test_growing_and_dying_modulations(mu, sigma, growth):
    assert np.all(largest_errors(mu, sigma, [0.5, 30.0, 200.0, 700.0], growth) <= 1e-8)


@pytest.mark.parametrize(
    ("mu", "sigma"),
    [
        (300.0, 5.0),  # far above threshold
        (22.0, 0.1),  # hardly any noise
        (8.0, 1.0),  # far below threshold: b = 12
        (15.0, 200.0),  # noise that dwarfs the distance to threshold
        (1000.0, 12.0),
    ],
)
def test_extremes(mu, sigma):
    assert np.all(largest_errors(mu, sigma, [0.1, 40.0, 1000.0]) <= 1e-8)


def test_both_sides_of_where_the_expansion_takes_over():
    """|y² + 2 s| = 42 at s = 2πi f tau_m: f about 167 Hz for y = 0."""
    assert np.all(largest_errors(20.0, 4.0, [166.0, 167.0, 167.2, 168.0]) <= 1e-11)
