"""Self-consistent trains beside what is known otherwise: Poisson input, renewal trains, published trials."""

import numpy as np
import pytest
from scipy import stats

import meanfield as mf

# 30 standard errors or so are looked at in this file, each of 9 degrees of freedom; beyond this one lies, if all is
# right, 1 in 10,000 of them.
MOST = stats.t(9).isf(0.5e-4)


def without_synapses(n=4, seed=3):
    """Populations of neurons on Poisson input only, all different, one of them with large jumps, one inhibited."""
    rng = np.random.default_rng(seed)
    return mf.Network(
        populations=[f"p{i}" for i in range(n)],
        size=10,
        K=0,
        J=0.0,
        delay=1.5,
        K_ext=100,
        J_ext=[0.2, 1.5, 6.0, -0.8],
        rate_ext=[60.0, 12.0, 1.5, 20.0],
        mu_ext=[4.0, 0.0, -1.0, 60.0],
        tau_m=rng.uniform(8.0, 25.0, n),
        t_ref=[2.0, 0.0, 0.5, 1.0],
        theta=rng.uniform(12.0, 18.0, n),
        V_reset=rng.uniform(-4.0, 8.0, n),
    )


@pytest.fixture(scope="module")
def poisson_driven():
    network = without_synapses()
    return network, mf.self_consistent_trains(network, target_rate_sem=0.004, target_cv_sem=0.004, neurons=100)


def test_on_poisson_input_alone_rate_and_cv_are_those_of_shot_noise(poisson_driven):
    network, trains = poisson_driven
    for i in range(len(network.populations)):
        neuron = {name: getattr(network, name)[i] for name in ("tau_m", "t_ref", "theta", "V_reset", "mu_ext")}
        known = mf.shot_noise_rate([network.K_ext[i] * network.rate_ext[i]], [network.J_ext[i]], dt=0.1, **neuron)
        here = trains.isel(population=i)
        assert abs(here["rate"] - known.rate) < MOST * here["rate_sem"]
        assert abs(here["cv"] - known.cv) < MOST * here["cv_sem"]


def test_interval_distribution_is_that_of_shot_noise(poisson_driven):
    network, trains = poisson_driven
    i = 1
    neuron = {name: getattr(network, name)[i] for name in ("tau_m", "t_ref", "theta", "V_reset", "mu_ext")}
    known = mf.shot_noise_intervals([network.K_ext[i] * network.rate_ext[i]], [network.J_ext[i]], dt=0.1, **neuron)
    here = trains.isel(population=i)
    n = 8 * 4.0 * 100 * float(here["rate"])  # of intervals, in the eight generations that count
    for share in np.arange(0.1, 0.95, 0.1):
        edge = known["interval"].values[np.searchsorted(1.0 - known["survival"].values, share)]
        expected = float(known["probability"][known["interval"] < edge + 0.05].sum())
        found = float(here["interval_probability"][here["interval"] < edge + 0.05].sum())
        assert abs(found - expected) < 4.0 * np.sqrt(expected * (1.0 - expected) / n)


def test_renewal_trains_have_the_power_that_their_cv_gives(poisson_driven):
    _, trains = poisson_driven
    low = trains.isel(frequency=slice(0, 5))  # up to 1 Hz, where the spectrum is still flat
    power, error = low["spectrum"].mean("frequency"), low["spectrum_sem"].max("frequency") / 5**0.5
    expected = trains["rate"] * trains["cv"] ** 2
    assert (abs(power - expected) < MOST * error + 0.02 * expected).all()


# The means of the table that two independent trials of 100 lines gave, and of networks of growing size.
TRIALS = {
    "weak synapses": ({"J": 0.05}, 41.885, 0.006, 0.078, 0.002),
    "the example": ({}, 31.95, 0.01, 0.175, 0.005),
    "point C": ({"V_reset": 10.0}, 37.31, 0.01, 0.408, 0.008),
    "strong synapses": ({"J": 0.2}, 22.85, 0.01, 0.440, 0.008),
}


@pytest.mark.parametrize("row", TRIALS)
def test_brunel_networks_as_the_trials_found_them(row):
    parameters, rate, rate_error, cv, cv_error = TRIALS[row]
    trains = mf.self_consistent_trains(mf.brunel_network(**parameters), target_rate_sem=2e-3, neurons=200, threads=2)
    assert trains.attrs["missing"] == ""
    assert (abs(trains["rate"] - rate) < 3.0 * np.hypot(rate_error, trains["rate_sem"])).all()
    assert (abs(trains["cv"] - cv) < 3.0 * np.hypot(cv_error, trains["cv_sem"])).all()


def test_gaussian_input_without_trains_is_white_noise_as_siegert_has_it():
    """Continuous time: no trace of the steps in which it is computed, whatever the refractory period."""
    mu, sigma = np.array([15.0, 24.0, 8.0]), np.array([5.0, 2.0, 12.0])
    neurons = {"tau_m": 20.0, "t_ref": np.array([2.0, 0.07, 0.0]), "theta": 20.0, "V_reset": np.array([0.0, 10.0, 5.0])}
    J, per_spike = 0.01, 1e-3 * 20.0
    rate = sigma**2 / (per_spike * J**2)
    network = mf.Network(
        populations=["A", "B", "C"], size=1, K=0, J=0.0, delay=1.0, K_ext=1, J_ext=J, rate_ext=rate,
        mu_ext=mu - per_spike * J * rate, **neurons
    )  # fmt: skip
    trains = mf.self_consistent_trains(network, 0.0, variant="gaussian", neurons=100, max_generations=16)
    assert (abs(trains["rate"] - mf.siegert_rate(mu, sigma, **neurons)) < MOST * trains["rate_sem"]).all()
    assert (abs(trains["cv"] - mf.siegert_cv(mu, sigma, **neurons)) < MOST * trains["cv_sem"]).all()
    assert (trains["rate_sem"] < 0.01 * trains["rate"]).all()


def test_many_weak_synapses_are_gaussian():
    """Where jumps are a 400th of the way to threshold, the two variants agree on rate, CV and Fano factors."""
    exact, gaussian = (
        mf.self_consistent_trains(mf.brunel_network(J=0.05), variant=variant, neurons=100, max_generations=16)
        for variant in ("exact", "gaussian")
    )
    for name in ("rate", "cv", "fano"):
        error = np.hypot(exact[f"{name}_sem"], gaussian[f"{name}_sem"])
        assert (abs(exact[name] - gaussian[name]) < 5.0 * error + 0.001 * exact[name]).all()
