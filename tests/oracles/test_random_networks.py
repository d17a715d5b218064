"""A sample of benchmarks/random_networks.py and random_eigenvalues.py, which examine networks by the hundred."""

from importlib import import_module

import numpy as np
import pytest

import meanfield as mf
from meanfield.runs.sources import ROOT
from meanfield.theory.white_noise.linear_network import LinearNetwork

# Silent without noise beside an active population, and a mean at threshold without noise: once unproven.
ONCE_UNPROVEN = [("noiseless", 17), ("noiseless", 25), ("constant drive", 8)]
MANY_GROW = [("inhibitory", "1 to 40 ms"), ("different", "1 to 40 ms"), ("inhibitory", "100 ms")]


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return import_module


@pytest.mark.parametrize(("kind", "seed"), [*ONCE_UNPROVEN, ("different", 1), ("clustered", 2), ("shut off", 3)])
def test_fixed_points_of_two_populations(benchmark, kind, seed):
    """All are proven, brute force knows no other, and flow, pseudo-time and basins lead to them."""
    random_networks = benchmark("random_networks")
    wrong, says = random_networks.faults(random_networks.random_network(kind, 2, seed))
    assert not wrong
    assert (says["silence"], says["saturation"]) == (1, 1)


def test_silence_that_lies_close_to_a_border_between_basins(benchmark):
    """Ten times coarser steps lead to another fixed point."""
    random_networks = benchmark("random_networks")
    wrong, says = random_networks.faults(random_networks.random_network("shut off", 4, 22))
    assert not wrong
    assert says["silence"] == 1


@pytest.mark.parametrize(("kind", "delays"), MANY_GROW)
def test_growing_modes_of_two_populations(benchmark, kind, delays):
    """As many as along a contour on which no turn can be overlooked."""
    random_eigenvalues = benchmark("random_eigenvalues")
    network = random_eigenvalues.network_with_delays(kind, 2, random_eigenvalues.DELAYS[delays], 1)
    wrong, says = random_eigenvalues.examine(network, random_eigenvalues.TOP[delays], listing=False)
    assert not wrong
    assert says["growing"] > 5.0


def test_eigenvalues_are_as_many_as_the_contour_says(benchmark):
    random_eigenvalues = benchmark("random_eigenvalues")
    network = random_eigenvalues.network_with_delays("clustered", 2, (1.0, 40.0), 1)
    wrong, says = random_eigenvalues.examine(network, 50.0)
    assert not wrong
    assert says["within"] > 1.0


def test_an_eigenvalue_beside_a_resonance_is_listed(benchmark):
    """3e-5/s from a pole: the others of the circuit fire less than once a day."""
    random_eigenvalues = benchmark("random_eigenvalues")
    network = random_eigenvalues.network_with_delays("exponential", 4, (0.5, 3.0), 0)
    rate = [1.20520172533e-5, 1.09437012761e-13, 40.3288155164581, 1.2060013268e-195]  # of the fixed point
    state = LinearNetwork.of(network, rate)
    modes = mf.eigenvalues(network, rate, min_growth=-15.0, max_frequency=45.0)
    assert modes.attrs["complete"]
    (growth,), (frequency,) = (modes[name].values for name in ("growth", "frequency"))
    around = growth + 2j * np.pi * frequency + 1e-3 * np.exp(2j * np.pi * np.arange(13) / 12)
    fastest = int(np.argmax(state.rate))
    assert frequency == pytest.approx(state.rate[fastest], rel=0.01)

    def one_minus_transform(z):
        return z * state.interval_transform(z)[:, fastest]

    for function in (
        lambda z: state.determinant(z) * one_minus_transform(z),
        one_minus_transform,
    ):  # a zero, and a pole
        assert random_eigenvalues.turn(function, around, 1e-3) == pytest.approx(2.0 * np.pi, abs=0.01)
