"""Eigenvalues and predicted spectra in limits in which they are known, and input that is refused."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.spectral_radius import log_spectral_radius

D = {"g": 4.5, "eta": 0.9, "V_reset": 10.0}


def by_hand(network, growth, frequency, delay_width=0.0):
    """det(1 − M) of two populations, from the public transfer function."""
    rate_of_change = growth + 2j * np.pi * frequency
    rate = mf.fixed_points(network)["rate"].values[0]
    mu, sigma = network.input_moments(rate)
    neurons = {name: getattr(network, name) for name in ("tau_m", "t_ref", "theta", "V_reset")}
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, growth=growth, **neurons)
    returned = 1e-3 * network.tau_m[:, None] * network.K * network.J
    returned = by_mean[:, None] * returned + by_variance[:, None] * returned * network.J
    delays = 1e-3 * (network.delay + delay_width * (np.arange(4000) + 0.5)[:, None, None] / 4000 - 0.5 * delay_width)
    M = returned * np.exp(-rate_of_change * delays).mean(axis=0)
    return (1.0 - M[0, 0]) * (1.0 - M[1, 1]) - M[0, 1] * M[1, 0]


def two_kinds_of_neurons(**changes):
    """Excitatory and inhibitory neurons that differ in everything, with a constant drive."""
    network = mf.brunel_network(**D).to_dict()
    network |= {"tau_m": [20.0, 12.0], "t_ref": [2.0, 1.0], "V_reset": [10.0, 5.0], "mu_ext": [3.0, 1.0]}
    return mf.Network(**(network | {"delay": [[1.5, 0.8], [2.0, 1.0]]} | changes))


@pytest.mark.parametrize("delay_width", [0.0, 1.2])
def test_populations_of_different_neurons(delay_width):
    modes = mf.eigenvalues(two_kinds_of_neurons(), delay_width=delay_width, min_growth=-500.0)
    assert modes.attrs["complete"]
    assert modes.sizes["mode"] >= 2
    for growth, frequency in zip(modes["growth"].values[:4], modes["frequency"].values[:4], strict=False):
        assert abs(by_hand(two_kinds_of_neurons(), growth, frequency, delay_width)) < 1e-4


def test_zero_coupling_has_no_eigenvalues():
    network = mf.Network(
        populations=["E"], size=100, K=10, J=0.0, delay=1.5, K_ext=1000, J_ext=0.1, rate_ext=20.0, V_reset=10.0
    )
    modes = mf.eigenvalues(network, min_growth=-1000.0)
    assert modes.sizes["mode"] == 0
    assert modes.attrs["complete"]
    assert modes.attrs["limit_growth"] == -np.inf


def split(K):
    """One inhibitory population, or its two halves, coupled by K = [[within, between], [between, within]]."""
    names, K = (["I"], K) if np.ndim(K) == 0 else (["left", "right"], K)
    return mf.Network(
        populations=names,
        size=1000 // len(names),
        K=K,
        J=-0.2,
        delay=2.0,
        K_ext=1000,
        J_ext=0.2,
        rate_ext=12.0,
        V_reset=10.0,
    )


def test_identical_halves_have_the_eigenvalues_of_the_whole():
    whole = mf.eigenvalues(split(200))
    halves = mf.eigenvalues(split([[100, 100], [100, 100]]))
    assert whole.sizes["mode"] > 0
    for name in ("growth", "frequency"):
        np.testing.assert_allclose(halves[name], whole[name], rtol=1e-9, atol=1e-7)


def test_unequal_coupling_of_halves_adds_those_of_their_difference():
    """The halves' difference returns through K within − K between: as of a network of its own, at the same input."""
    whole, halves = mf.eigenvalues(split(200)), mf.eigenvalues(split([[150, 50], [50, 150]]))
    assert halves.attrs["complete"]
    added = [z for z in pairs(halves) if np.abs(np.array(pairs(whole)) - z).min() > 1e-3]
    assert len(added) == halves.sizes["mode"] - whole.sizes["mode"] > 0
    network, rate = split(200), float(whole["rate"][0])
    mu, sigma = (float(x[0]) for x in network.input_moments(np.array([rate])))
    for growth, frequency in added:
        response = mf.transfer_function(
            frequency, mu, sigma, growth=growth, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=10.0
        )
        gain = (response[0] * -0.2 + response[1] * 0.04) * 20e-3 * (150 - 50)
        assert gain * np.exp(-(growth + 2j * np.pi * frequency) * 2e-3) == pytest.approx(1.0, abs=1e-8)


def pairs(modes):
    return np.column_stack([modes["growth"], modes["frequency"]]).tolist()


def test_spread_delays_calm_a_fast_oscillation():
    network = mf.brunel_network(g=6.0, eta=4.0, V_reset=10.0)
    growth = [float(mf.eigenvalues(network, delay_width=w, max_frequency=400.0)["growth"][0]) for w in (0.0, 1e-6, 2.0)]
    assert growth[0] == pytest.approx(growth[1], abs=1e-6)
    assert growth[2] < growth[0] - 20.0


def test_a_stationary_state_that_is_named():
    """The middle one of three fixed points grows without oscillation."""
    network = mf.brunel_network(g=3.0, eta=0.8, V_reset=10.0)
    rates = mf.fixed_points(network)["rate"].values
    assert len(rates) == 3
    leading = mf.eigenvalues(network, rates[1], max_frequency=200.0).isel(mode=0)
    assert leading["growth"] > 0.0
    assert leading["frequency"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"delay_width": 4.0}, r"delay_width = 4.0 ms must be 0 … 3 ms"),
        ({"min_growth": np.nan}, r"min_growth = nan 1/s"),
        ({"max_frequency": 0.0}, r"max_frequency = 0.0 Hz must be a finite number > 0 Hz"),
        ({"rate": [1.0, 2.0, 3.0]}, r"rate = .* spikes/s must be one number or an array of shape \(2,\)"),
        ({"rate": -1.0}, r"rate = -1.0 spikes/s must be a finite number ≥ 0"),
    ],
)
def test_refuses_impossible_input(arguments, message):
    with pytest.raises(mf.ParameterError, match=message):
        mf.eigenvalues(mf.brunel_network(**D), **arguments)


def test_critical_lines_refuse_impossible_input():
    with pytest.raises(mf.ParameterError, match=r"x_range = \(3.0, 3.0\)"):
        mf.critical_lines(x_range=(3.0, 3.0))
    with pytest.raises(mf.ParameterError, match=r"max_frequency = -1.0 Hz must be .*\nn_grid = 1 must be"):
        mf.critical_lines(max_frequency=-1.0, n_grid=1)


def test_no_critical_lines_where_nothing_fires():
    lines = mf.critical_lines(x_range=(4.0, 5.0), y_range=(0.0, 0.01), n_grid=3, V_reset=10.0)
    assert lines.sizes["point"] == 0
    assert lines["g"].attrs["units"] == "1"


def test_chain_of_eigenvalues_at_high_frequency():
    """What returns at once through the noise: N_variance → rate/sigma², here 0.932 of what is lost, each 1.5 ms."""
    network = mf.brunel_network(V_reset=10.0)
    limit = mf.eigenvalues(network, max_frequency=200.0).attrs["limit_growth"]
    state = mf.fixed_points(network).isel(fixed_point=0, population=0)
    external = 1000 * 0.1**2 * 20e-3 * 20.0  # mV²
    assert limit == pytest.approx(np.log(1.0 - external / float(state["sigma"]) ** 2) / 1.5e-3)
    delays = network.to_dict() | {"delay": [[1.5, 3.0], [1.5, 3.0]]}
    assert limit < mf.eigenvalues(mf.Network(**delays), max_frequency=200.0).attrs["limit_growth"] < 0.5 * limit
    assert mf.eigenvalues(network, delay_width=0.1, max_frequency=200.0).attrs["limit_growth"] == -np.inf


def test_spectral_radius_of_elements_that_no_number_holds():
    """A similar matrix has the same; so has a block beside one that leads nowhere."""
    random = np.random.default_rng(0)
    for n in (1, 2, 3, 5):
        matrix = random.uniform(0.1, 10.0, (n, n)) * (random.random((n, n)) < 0.7)
        with np.errstate(divide="ignore"):
            expected, logarithms = np.log(np.abs(np.linalg.eigvals(matrix)).max()), np.log(matrix)
        scale = random.uniform(-5000.0, 5000.0, n)
        for shift in (0.0, -3000.0, 3000.0):
            got = log_spectral_radius(logarithms + scale - scale[:, None] + shift)
            assert got == pytest.approx(expected + shift, abs=1e-8)


def test_limit_of_growth_where_neurons_hardly_fire():
    """A circuit of one population: rate/sigma² · diffusion is lost in each delay, here some 1e-300 of it is left."""
    network = mf.Network(
        populations=["faint", "other"],
        size=1000,
        K=[[10, 10], [0, 10]],
        J=0.1,
        delay=[[1.0, 40.0], [1.0, 1.0]],
        K_ext=1000,
        J_ext=0.1,
        rate_ext=1.0,
        V_reset=10.0,
    )
    rate = [1e-300, 1e-300]
    sigma = network.input_moments(np.array(rate))[1]
    limit = mf.eigenvalues(network, rate, max_frequency=10.0, min_growth=-10.0).attrs["limit_growth"]
    assert limit == pytest.approx(np.log(1e-300 * 0.02 * 10 * 0.1**2 / sigma[0] ** 2) / 1e-3)
