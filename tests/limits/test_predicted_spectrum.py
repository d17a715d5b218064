"""Spectra predicted for finite networks, where they are known otherwise."""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf

FREQUENCY = np.array([0.0, 1e-4, 1.0, 20.0, 124.0, 700.0])
UNCOUPLED = {
    "populations": ["E", "I"],
    "size": [400, 100],
    "K": 0,
    "J": 0.0,
    "delay": 1.5,
    "K_ext": 1000,
    "J_ext": [0.2, 0.3],
    "rate_ext": 4.5,
    "V_reset": 10.0,
}


def test_uncoupled_neurons_are_renewal_processes():
    """Poisson-like at high frequency; at 0 the power is CV² rate/N."""
    network = mf.Network(**UNCOUPLED)
    spectrum = mf.predicted_spectrum(network, [0.0, 1e-4, 2e5])
    rate = spectrum["rate"].values
    cv = mf.siegert_cv(*network.input_moments(rate), tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=10.0)
    np.testing.assert_allclose(spectrum["power"][:2], np.tile(rate * cv**2 / network.size, (2, 1)), rtol=1e-6)
    np.testing.assert_allclose(spectrum["power"][2], rate / network.size, rtol=1e-6)
    np.testing.assert_array_equal(spectrum["power"], spectrum["uncoupled"])


def test_uncoupled_poisson_neurons():
    spectrum = mf.predicted_spectrum(mf.Network(**UNCOUPLED), FREQUENCY, spontaneous="poisson")
    np.testing.assert_allclose(spectrum["power"], np.tile(spectrum["rate"] / [400, 100], (FREQUENCY.size, 1)))


def test_rate_without_noise_at_high_frequency_of_a_regular_neuron():
    """A regularly firing neuron's power is concentrated at multiples of its rate."""
    network = mf.Network(**(UNCOUPLED | {"mu_ext": 30.0, "J_ext": 0.01}))
    rate = float(mf.fixed_points(network)["rate"][0, 0])
    power = mf.predicted_spectrum(network, [0.5 * rate, rate])["power"][:, 0]
    assert power[1] > 1e3 * power[0]


def test_matrix_of_cross_spectra():
    network = mf.brunel_network(V_reset=10.0)
    spectrum = mf.predicted_spectrum(network, FREQUENCY)
    cross = spectrum["cross"].values
    np.testing.assert_allclose(cross, cross.conj().swapaxes(1, 2), rtol=1e-12)
    np.testing.assert_allclose(np.einsum("fii->fi", cross).real, spectrum["power"])
    total = 0.64 * cross[:, 0, 0] + 0.04 * cross[:, 1, 1] + 0.16 * (cross[:, 0, 1] + cross[:, 1, 0])
    np.testing.assert_allclose(spectrum["total"], total.real)


def test_whole_activity_does_not_depend_on_how_the_network_is_split():
    """One equation for the activity A = ξ + M A of all neurons, which are identical: power S/N/|1 − M|²."""
    network = mf.brunel_network(V_reset=10.0)
    spectrum = mf.predicted_spectrum(network, FREQUENCY)
    quarters = network.to_dict()
    quarters |= {"populations": ["E1", "E2", "I"], "size": [3000, 7000, 2500]}
    quarters |= {name: np.array(quarters[name])[[0, 0, 1]] for name in ("tau_m", "t_ref", "theta", "V_reset", "mu_ext")}
    quarters |= {name: np.array(quarters[name])[[0, 0, 1]] for name in ("K_ext", "J_ext", "rate_ext")}
    quarters |= {name: np.array(quarters[name])[np.ix_([0, 0, 1], [0, 0, 1])] for name in ("J", "delay")}
    quarters["K"] = np.tile([300, 700, 250], (3, 1))
    parts = mf.predicted_spectrum(mf.Network(**quarters), FREQUENCY)
    np.testing.assert_allclose(parts["total"], spectrum["total"], rtol=1e-9)
    np.testing.assert_allclose(parts["power"].sel(population="I"), spectrum["power"].sel(population="I"), rtol=1e-9)


def test_peaks_where_the_least_damped_eigenvalue_is():
    frequency = np.arange(80.0, 200.0, 0.5)
    power = mf.predicted_spectrum(mf.brunel_network(V_reset=10.0), frequency)["total"].values
    assert frequency[power.argmax()] == pytest.approx(124.3, abs=3.0)


def trains_with(network, predicted, **changes):
    """A dataset as of `self_consistent_trains`, with the neurons' spectra that a prediction rests on."""
    return xr.Dataset(
        {
            "rate": predicted["rate"],
            "spectrum": predicted["uncoupled"] * xr.DataArray(network.size, dims="population"),
        },
        attrs={"missing": ""} | changes,
    )


@pytest.mark.parametrize("theory", [mf.predicted_spectrum, mf.shot_noise_spectrum])
def test_takes_the_spectrum_of_trains(theory):
    """What other neurons' trains would add passes through the same network; those of theory itself change nothing."""
    network = mf.brunel_network(order=100, V_reset=10.0)
    usual = theory(network, FREQUENCY)
    trains = trains_with(network, usual)
    xr.testing.assert_allclose(theory(network, FREQUENCY, trains=trains), usual)
    doubled = theory(network, FREQUENCY, usual["rate"].values, trains=trains.assign(spectrum=2.0 * trains["spectrum"]))
    xr.testing.assert_allclose(doubled["power"], 2.0 * usual["power"])
    between = theory(network, [10.5], trains=trains)
    np.testing.assert_allclose(
        between["uncoupled"][0], usual["uncoupled"].isel(frequency=slice(2, 4)).mean("frequency")
    )
    np.testing.assert_allclose(between["rate"], usual["rate"])

    other = mf.Network(**(UNCOUPLED | {"populations": ["A", "B"]}))
    for refused, frequency, message in (
        ({}, [701.0], r"frequency = 701.0 Hz must be ≤ 700 Hz, where those of trains end"),
        ({"missing": "E: trains still change"}, [1.0], "trains has no spectrum: E: trains still change"),
    ):
        with pytest.raises(mf.ParameterError, match=message):
            theory(network, frequency, trains=trains.assign_attrs(refused))
    with pytest.raises(mf.ParameterError, match=r"trains has populations \['E', 'I'\], the network \['A', 'B'\]"):
        theory(other, [1.0], trains=trains)


@pytest.mark.parametrize("theory", [mf.predicted_spectrum, mf.shot_noise_spectrum])
def test_a_population_whose_trains_are_silent_takes_nothing_from_the_others(theory):
    """Also one so far below threshold that its rate cannot be computed."""
    network = mf.Network(
        populations=["A", "B"], size=100, K=[[20, 0], [20, 0]], J=0.1, delay=1.5, K_ext=500, J_ext=0.1,
        rate_ext=[20.0, 6.0],
    )  # fmt: skip
    trains = mf.self_consistent_trains(network, neurons=40, duration=1000.0, max_generations=32)
    assert trains["rate"][0] > 1.0
    assert trains["rate"][1] == 0.0
    assert trains.attrs["missing"].startswith("B: no spike in")
    power = theory(network, FREQUENCY[:3], trains=trains)["power"]
    assert (power.sel(population="A") > 0.0).all()
    np.testing.assert_allclose(power.sel(population="B"), 0.0, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"frequency": [1.0, -2.0]}, r"frequency = .* Hz must be a finite number ≥ 0 Hz"),
        ({"frequency": 1.0, "spontaneous": "regular"}, r"spontaneous = 'regular' must be one of renewal, poisson"),
    ],
)
def test_refuses_impossible_input(arguments, message):
    with pytest.raises(mf.ParameterError, match=message):
        mf.predicted_spectrum(mf.brunel_network(), **arguments)


@pytest.mark.parametrize("theory", ["white noise", "shot noise"])
def test_a_population_that_never_fires_takes_nothing_from_the_others(theory):
    """Without noise, below threshold: its power is 0, and the others' as if it were not there."""
    spectrum, eigenvalues = {
        "white noise": (mf.predicted_spectrum, mf.eigenvalues),
        "shot noise": (mf.shot_noise_spectrum, mf.shot_noise_eigenvalues),
    }[theory]
    two = {"populations": ["E", "I"], "size": [400, 100], "K": [[40, 10]] * 2, "J": [[0.4, -2.0]] * 2}
    both = {"delay": 1.5, "J_ext": 0.5, "V_reset": 10.0}
    alone = mf.Network(**two, **both, K_ext=1000, rate_ext=2.4)
    silent = {"populations": ["E", "I", "S"], "size": [400, 100, 50], "mu_ext": [0.0, 0.0, 5.0]}
    silent |= {"K": [[40, 10, 5]] * 2 + [[0, 0, 0]], "J": [[0.4, -2.0, 1.0]] * 3, "K_ext": [1000, 1000, 0]}
    with_silent = mf.Network(**silent, **both, rate_ext=2.4)
    expected, power = (spectrum(network, FREQUENCY[:4])["power"].values for network in (alone, with_silent))
    np.testing.assert_allclose(power[:, :2], expected, rtol=1e-9)
    np.testing.assert_array_equal(power[:, 2], 0.0)
    np.testing.assert_allclose(eigenvalues(with_silent)["growth"], eigenvalues(alone)["growth"], rtol=1e-9)
