"""Surrogates undo what they say they undo, and nothing else.

Bounds are four standard errors: with fixed seeds the result is fixed too; of new seeds one in 16,000 would fail.
"""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.played_trains import played_trains, spikes_of_seed
from meanfield.simulation.wiring import new_spikes, play, record_spikes

DT = 0.1


@pytest.fixture(scope="module")
def network():
    return mf.brunel_network(order=300, g=5.0, J=0.4)


@pytest.fixture(scope="module", params=["nest", "compiled"])
def spiking(network, request):
    return mf.simulate_spiking(network, simulator=request.param, duration=1000.0, record="all", progress=False)


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


def played_in_nest(trains):
    """Steps and neurons of what is played again, without delays."""
    nest = fresh_kernel(dt=DT, seed=1)
    nodes = play(nest, trains, DT)
    recorder = record_spikes(nest, nodes)
    nest.Simulate(12.0)
    step, node = new_spikes(recorder)
    first = min(min(population.tolist()) for population in nodes)
    return step - 1, node + 1 - first  # the way to the repeater takes one step


def test_trains_are_played_exactly_and_shifting_moves_them_around_the_end():
    network = mf.brunel_network(order=5, epsilon=0.5)
    step, neuron = np.array([1, 7, 100, 50]), np.array([0, 3, 3, 24])
    recorded = xr.Dataset(
        {"spike_step": ("spike", [5, *step]), "spike_neuron": ("spike", [2, *neuron])},
        coords={"seed": [9, 8]},
        attrs={"dt": DT},
    ).assign(spike_seed=("spike", [8, 9, 9, 9, 9]))
    recorded = spikes_of_seed(recorded, 9)
    shift = 2 * (neuron == 3)
    for by, expected in ((0, step + 1j * neuron), (shift, [1, 9 + 3j, 2 + 3j, 50 + 24j])):
        trains = played_trains(recorded, network.size, 100, by)
        assert np.all(np.diff(trains.step) >= 0)
        np.testing.assert_array_equal(np.sort(trains.step + 1j * trains.neuron), np.sort(expected))
        in_nest = played_in_nest(trains)
        np.testing.assert_array_equal(np.sort(in_nest[0] + 1j * in_nest[1]), np.sort(expected))
