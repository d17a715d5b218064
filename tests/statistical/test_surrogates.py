"""Surrogates undo what they say they undo, and nothing else.

Bounds are four standard errors: with fixed seeds the result is fixed too; of new seeds one in 16,000 would fail.
"""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.surrogates import _play

DT = 0.1


@pytest.fixture(scope="module")
def network():
    return mf.brunel_network(order=300, g=5.0, J=0.4)


@pytest.fixture(scope="module")
def spiking(network):
    return mf.simulate_spiking(network, duration=1000.0, record="all", progress=False)


@pytest.fixture(scope="module")
def surrogates(network, spiking):
    return mf.simulate_surrogates(network, spiking, surrogate_neurons=500, progress=False).isel(seed=0)


def test_poisson_surrogates_fire_as_theory_on_the_time_grid_says(network, spiking, surrogates):
    expected = mf.shot_noise_response(network, spiking["rate"].values[0], dt=DT)
    of = surrogates.sel(surrogate="poisson")
    z = (of["surrogate_rate"] - expected["rate"]) / of["surrogate_rate_sem"]
    assert np.all(np.abs(z) < 4)
    # 500 neurons with some 20 intervals each
    np.testing.assert_allclose(of["surrogate_cv"], expected["cv"], atol=0.05)


def test_replayed_trains_make_unconnected_neurons_fire_nearly_as_the_network_does(spiking, surrogates):
    of = surrogates.sel(surrogate="replayed")
    error = np.hypot(of["surrogate_rate_sem"], spiking["rate_sem"][0])
    assert np.all(np.abs(of["surrogate_rate"] - spiking["rate"][0]) < 4 * error)


def played(network, recorded, shift, n_steps):
    """Steps and neurons of what is played again, without delays."""
    nest = fresh_kernel(dt=DT, seed=1)
    nodes = _play(nest, network, recorded, n_steps, shift)
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    for population in nodes:
        nest.Connect(population, recorder)
    nest.Simulate((n_steps + 20) * DT)
    events = recorder.events
    first = min(min(population.tolist()) for population in nodes)
    return np.sort(events["times"] - 1 + 1j * (events["senders"] - first))  # the way to the repeater takes one step


def test_trains_are_played_exactly_and_shifting_moves_them_around_the_end():
    network = mf.brunel_network(order=5, epsilon=0.5)
    step, neuron = np.array([1, 7, 100, 50]), np.array([0, 3, 3, 24])
    recorded = xr.Dataset(
        {"spike_step": ("spike", step), "spike_neuron": ("spike", neuron), "spike_seed": ("spike", np.full(4, 9))},
        coords={"seed": 9},
        attrs={"dt": DT},
    )
    np.testing.assert_array_equal(played(network, recorded, 0, 100), np.sort(step + 1j * neuron))
    shift = np.zeros(25, dtype=int)
    shift[3] = 2
    np.testing.assert_array_equal(played(network, recorded, shift, 100), np.sort([1, 9 + 3j, 2 + 3j, 50 + 24j]))
