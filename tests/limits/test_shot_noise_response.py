"""Linear response of neurons and networks to shot-noise input: where it is known otherwise."""

import numpy as np
import pytest
from scipy.stats import poisson

import meanfield as mf

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 10.0, "dt": 0.1}
AT_C = ([65500.0, 9487.5], [0.1, -0.5])  # spikes/s, mV; Brunel's point C
FREQUENCY = np.array([0.0, 1e-3, 10.0, 124.0, 700.0])

SETTINGS = {
    "at C": (*AT_C, {}),
    "potentials rest at reset": ([2000.0, 300.0], [1.0, -2.0], {"V_reset": 0.0}),
    "a constant drive": ([3000.0, 1500.0], [0.5, -1.0], {"mu_ext": 8.0, "V_reset": 5.0}),
    "exponential jumps": ([3000.0, 800.0], [0.5, -0.4], {"jumps": "exponential", "V_reset": 0.0}),
    "without refractory time": ([1500.0], [1.0], {"t_ref": 0.0, "V_reset": 0.0}),
    "large steps": ([1500.0, 300.0], [1.0, -1.0], {"dt": 1.0, "V_reset": 0.0}),
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_at_frequency_0_it_is_the_derivative_of_the_rate(setting):
    rates, weights, other = setting
    neuron = NEURON | other
    found = mf.shot_noise_transfer_function([0.0, 1e-3], rates, weights, **neuron)
    for train, rate in enumerate(rates):
        change = 2e-3 * rate
        more, less = (
            mf.shot_noise_rate([r + by * (j == train) for j, r in enumerate(rates)], weights, **neuron)
            for by in (change, -change)
        )
        derivative = (more.rate - less.rate) / (2 * change)
        # Each of the two rates may be off by its error, though both mostly by the same.
        uncertain = (more.error + less.error) / (2 * change) + 1e-4 * abs(derivative)
        assert found["response"].values[0, train].imag == 0.0
        assert abs(found["response"].values[0, train].real - derivative) < uncertain
    np.testing.assert_allclose(found["response"][1], found["response"][0], rtol=1e-3)
    assert found["rate"] == pytest.approx(mf.shot_noise_rate(rates, weights, **neuron).rate)


def counter_response(frequency, rate, threshold, refractory, dt):
    """Of a neuron without leak that fires at its `threshold`-th input spike, from one matrix of all its states."""
    n = threshold + refractory  # counts of spikes, then steps of the refractory time
    matrix, change = np.zeros((n, n)), np.zeros((n, n))  # from rows to columns
    arrivals, mean = np.arange(threshold), 1e-3 * rate * dt
    share = poisson.pmf(arrivals, mean)
    share_change = 1e-3 * dt * (poisson.pmf(arrivals - 1, mean) - share)
    for count in range(threshold):
        matrix[count, count:threshold] = share[: threshold - count]
        change[count, count:threshold] = share_change[: threshold - count]
    fires, fires_change = -matrix[:threshold].sum(axis=1) + 1.0, -change[:threshold].sum(axis=1)
    first = threshold if refractory else 0
    for state in range(threshold, n):
        matrix[state, state + 1 if state + 1 < n else 0] = 1.0
    matrix[:threshold, first] += fires
    change[:threshold, first] += fires_change
    values, vectors = np.linalg.eig(matrix.T)
    stationary = vectors[:, np.argmax(values.real)].real
    stationary /= stationary.sum()
    z = np.exp(2e-3j * np.pi * frequency * dt)
    disturbed = np.linalg.solve(z * np.eye(n) - matrix.T, z * change.T @ stationary)
    # In step t fires who was in a state after step t − 1; the change of the rate acts in step t itself.
    flux = fires @ disturbed[:threshold] / z + fires_change @ stationary[:threshold]
    return flux / (1e-3 * dt)


@pytest.mark.parametrize("refractory", [0, 20])
def test_a_neuron_without_leak_counts_spikes(refractory):
    """Against one matrix of all states, of which none is treated apart."""
    neuron = {"tau_m": 1e10, "t_ref": 0.1 * refractory, "theta": 4.5, "V_reset": 0.0, "dt": 0.1}
    found = mf.shot_noise_transfer_function(FREQUENCY[2:], [400.0], [1.0], **neuron)
    expected = [counter_response(f, 400.0, 5, refractory, 0.1) for f in FREQUENCY[2:]]
    np.testing.assert_allclose(found["response"][:, 0], expected, rtol=1e-7)


def test_small_jumps_in_small_steps_tend_to_white_noise():
    """The deviation falls with the size of jumps and with the root of the step; here both by two."""
    mu, sigma, frequency = 17.0, 4.0, np.array([30.0, 150.0])
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=10.0)
    deviations = []
    for J, dt in ((0.4, 0.4), (0.2, 0.1)):
        per_spike = 1e-3 * 20.0 * J
        excess, total = mu / per_spike, sigma**2 / (per_spike * J)
        trains = [0.5 * (total + excess), 0.5 * (total - excess)], [J, -J]
        found = mf.shot_noise_transfer_function(frequency, *trains, **(NEURON | {"dt": dt}))
        white = np.column_stack([per_spike * (sign * by_mean + J * by_variance) for sign in (1, -1)])
        deviations.append(np.abs(found["response"].values / white - 1.0).max())
    assert deviations[0] < 0.3
    assert deviations[1] < 0.4 * deviations[0]


def test_trains_of_the_same_weight_answer_alike():
    once = mf.shot_noise_transfer_function(FREQUENCY, *AT_C, **NEURON)["response"].values
    split = mf.shot_noise_transfer_function(FREQUENCY, [25500.0, 9487.5, 40000.0], [0.1, -0.5, 0.1], **NEURON)
    np.testing.assert_allclose(split["response"], once[:, [0, 1, 0]], rtol=1e-9)


def test_its_error_is_told():
    found = mf.shot_noise_transfer_function(FREQUENCY, *AT_C, **NEURON)
    assert np.all(found["response_error"] < 1e-4 * np.abs(found["response"]))


def test_what_never_fires_has_no_response():
    found = mf.shot_noise_transfer_function([10.0], [100.0], [-1.0], **NEURON)
    assert np.isnan(found["response"]).all()
    assert "never fires" in found.attrs["missing"]


@pytest.mark.parametrize(
    ("frequency", "other", "told"),
    [
        (-1.0, {}, "frequency = -1.0 Hz must be"),
        (10.0, {"dt": 0.0}, "dt = 0.0 ms must be > 0 ms"),
        (10.0, {"t_ref": 0.25}, "t_ref = 0.25 ms must be a multiple of dt = 0.1 ms"),
    ],
)
def test_it_refuses(frequency, other, told):
    with pytest.raises(mf.ParameterError, match=told):
        mf.shot_noise_transfer_function(frequency, *AT_C, **(NEURON | other))


class TestNetworks:
    def test_uncoupled_neurons_are_renewal_processes(self):
        network = mf.Network(
            populations=["E", "I"], size=[400, 100], K=0, J=0.0, delay=1.5, K_ext=1000, J_ext=0.2, rate_ext=4.5
        )
        spectrum = mf.shot_noise_spectrum(network, [0.0, 0.5, 4000.0])
        stationary = mf.shot_noise_fixed_point(network)
        at_zero = stationary["rate"] * stationary["cv"] ** 2 / network.size
        np.testing.assert_allclose(spectrum["power"][0], at_zero, rtol=1e-4)
        np.testing.assert_allclose(spectrum["power"][1], at_zero, rtol=1e-2)
        np.testing.assert_allclose(spectrum["power"][2], stationary["rate"] / network.size, rtol=1e-2)
        modes = mf.shot_noise_eigenvalues(network)
        assert modes.sizes["mode"] == 0
        assert modes.attrs["complete"] == 1

    def test_two_halves_of_a_population_act_as_one(self):
        network = mf.brunel_network(g=4.5, eta=0.9, V_reset=10.0)
        whole = network.to_dict()
        split = whole | {
            "populations": ["E", "E2", "I"],
            "size": [5000, 5000, 2500],
            "K": [[500, 500, 250]] * 3,
            "J": [[0.1, 0.1, -0.45]] * 3,
            "delay": 1.5,
        }
        for name, value in whole.items():
            if name not in ("populations", "size", "K", "J", "delay", "multapses", "autapses"):
                split[name] = value[0]
        parts = mf.Network(**split)
        one, two = (mf.shot_noise_spectrum(n, FREQUENCY, 5.9) for n in (network, parts))
        np.testing.assert_allclose(two["total"], one["total"], rtol=1e-9)
        one, two = (mf.shot_noise_eigenvalues(n, 5.9, max_frequency=200.0) for n in (network, parts))
        assert one.sizes["mode"] > 0
        assert one.attrs["complete"] == two.attrs["complete"] == 1
        np.testing.assert_allclose(two["growth"], one["growth"], atol=1e-6)
        np.testing.assert_allclose(two["frequency"], one["frequency"], atol=1e-6)
        assert np.all(one["residual"] < 1e-8)

    def test_an_eigenvalue_of_growth_0_is_a_pole_of_the_spectrum(self):
        """Where a mode neither grows nor fades, noise at its frequency is amplified without bound."""
        network = mf.brunel_network(g=4.5, eta=0.9, V_reset=10.0)
        mode = mf.shot_noise_eigenvalues(network, max_frequency=200.0).isel(mode=0)
        assert abs(float(mode["growth"])) < 1.0
        near = float(mode["frequency"]) + np.array([0.0, 3.0])
        power = mf.shot_noise_spectrum(network, near, mode["rate"].values)["total"].values
        assert power[0] > 50 * power[1]

    def test_rare_spikes_are_followed_until_their_hazard_is_known(self):
        """A Poisson process almost, of 0.009 spikes/s: to be followed for minutes, were it not closed geometrically."""
        network = mf.brunel_network(eta=0.8)
        spectrum = mf.shot_noise_spectrum(network, [10.0, 300.0])
        assert spectrum.attrs["missing"] == ""
        assert float(spectrum["rate"][0]) == pytest.approx(0.0089, rel=0.01)
        np.testing.assert_allclose(spectrum["power"], [spectrum["rate"] / network.size] * 2, rtol=0.1)

    def test_no_eigenvalue_below_a_bound_is_listed(self):
        network = mf.brunel_network(order=10)
        every, some = (mf.shot_noise_eigenvalues(network, min_growth=bound) for bound in (-300.0, -100.0))
        np.testing.assert_allclose(some["growth"], every["growth"][every["growth"] > -100.0], rtol=1e-6)
        assert 0 < some.sizes["mode"] < every.sizes["mode"]
        assert some.attrs["min_growth"] == -100.0

    def test_a_silent_network_has_no_power_and_no_modes(self):
        network = mf.brunel_network(eta=0.0)
        spectrum, modes = mf.shot_noise_spectrum(network, [0.0, 10.0]), mf.shot_noise_eigenvalues(network)
        np.testing.assert_array_equal(spectrum["power"], 0.0)
        assert modes.sizes["mode"] == 0
        assert (spectrum.attrs["missing"], modes.attrs["missing"]) == ("", "")

    def test_a_rate_that_cannot_be_computed_is_missing_with_its_reason(self):
        network = mf.brunel_network(eta=0.5)  # a spike in 1e9 steps, or less
        spectrum, modes = mf.shot_noise_spectrum(network, [10.0]), mf.shot_noise_eigenvalues(network)
        assert np.isnan(spectrum["power"]).all()
        assert spectrum.attrs["missing"]
        assert modes.attrs["missing"]
        assert all("units" in variable.attrs for variable in modes.data_vars.values())

    def test_continuous_time_is_refused(self):
        with pytest.raises(mf.ParameterError, match="dt = 0 ms must be > 0 ms"):
            mf.shot_noise_eigenvalues(mf.brunel_network(), dt=0)
        with pytest.raises(mf.ParameterError, match="dt = 0 ms must be > 0 ms"):
            mf.shot_noise_spectrum(mf.brunel_network(), 10.0, dt=0)
