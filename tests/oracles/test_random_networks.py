"""A sample of benchmarks/random_networks.py and random_eigenvalues.py, which examine networks by the hundred."""

from importlib import import_module

import pytest

from meanfield.runs.sources import ROOT

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
