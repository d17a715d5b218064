"""Compiled code and NEST, with random numbers of their own: equal in law.

Several seeds of each are measured in many ways. Labels "NEST" and "compiled" are then dealt anew to the runs, ten
thousand times: were the two equal in law, the labels as they are would be no rarer than any others. So the false-alarm
rate is exact, though the measures depend on each other and have distributions of all kinds.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import meanfield as mf

FALSE_ALARM = 0.01  # of the whole table, half of it for each statistic
PERMUTATIONS = 9999
BANDS = (8, 30, 100, 250, 500)  # Hz
NETWORKS = Path(__file__).resolve().parents[2] / "experiments" / "networks"


class Setting(NamedTuple):
    """A network, at what scale it may be simulated, and its time step (ms)."""

    name: str
    network: Any  # from the scale to the network
    dt: float = 0.1


def brunel(name, dt=0.1, **parameters):
    """Brunel's network at a scale: all sizes and in-degrees times `scale`."""
    return Setting(name, lambda scale: mf.brunel_network(order=round(2500 * scale), **parameters), dt)


def from_file(name, file, dt=0.1):
    """A network that a file describes, with sizes and recurrent in-degrees times `scale`."""

    def scaled(scale):
        network = mf.Network.from_yaml(NETWORKS / file).to_dict()
        for field in ("size", "K"):
            network[field] = np.rint(scale * np.asarray(network[field])).astype(int)
        return mf.Network(**network)

    return Setting(name, scaled, dt)


# Brunel (2000), Fig. 8: doi:10.1023/A:1008925309027; in his network the sources of a neuron are others.
POINT = {"V_reset": 10.0, "autapses": False}
SETTINGS = [
    brunel("NEST's example: J 0.1, g 5, eta 2"),
    brunel("Brunel's A: g 3, eta 2", g=3.0, eta=2.0, **POINT),
    brunel("Brunel's B: g 6, eta 4", g=6.0, eta=4.0, **POINT),
    brunel("Brunel's C: g 5, eta 2", g=5.0, eta=2.0, **POINT),
    brunel("Brunel's D: g 4.5, eta 0.9", g=4.5, eta=0.9, **POINT),
    brunel("J 0.05", J=0.05),
    brunel("J 0.8", J=0.8),
    brunel("dt 0.05", dt=0.05, J=0.2),
    brunel("dt 0.2", dt=0.2, J=0.2, delay=1.6),
    brunel("distinct sources", J=0.3, multapses=False, autapses=False),
    from_file("Ostojic's: J 0.8, distinct sources", "ostojic_J0.8.yml", dt=0.05),
    from_file("three populations", "three_populations.yml"),
]


def measures(network, spiking):
    """One number for each seed and measure: names, and values of shape (seed, measure)."""
    correlations = mf.measure_correlations(spiking, window=10.0, sample=100)
    power = mf.activity_spectrum(spiking, segment=200.0)["power"]
    first = np.concatenate([[0], np.cumsum(network.size)])
    columns = {}
    for p, name in enumerate(network.populations):
        columns[f"rate of {name}"] = spiking["rate"][:, p]
        columns[f"CV of {name}"] = spiking["cv"][:, p]
        columns[f"Fano factor of {name}"] = correlations["population_fano"][:, p]
        columns[f"pair correlation of {name}"] = correlations["pair_correlation"][:, p]
        for q in (0.05, 0.25, 0.5, 0.75, 0.95):
            of_neurons = spiking["neuron_rate"][:, first[p] : first[p + 1]].values
            columns[f"{q:.0%} of {name}'s neurons"] = np.quantile(of_neurons, q, axis=1)
        for low, high in itertools.pairwise(BANDS):
            band = (power["frequency"] >= low) & (power["frequency"] < high)
            columns[f"power of {name}, {low} to {high} Hz"] = power[:, band, p].mean("frequency")
    return list(columns), np.stack([np.asarray(column) for column in columns.values()], axis=-1)


class Comparison(NamedTuple):
    """Values of shape (run, measure), the first half NEST's."""

    setting: Setting
    names: list[str]
    values: np.ndarray

    def t(self, is_nest):
        """Student's t of the difference for each labelling (labelling, run) and measure; 0 where nothing varies."""
        n = self.values.shape[0] // 2
        total = is_nest.astype(float) @ self.values
        difference = (2 * total - self.values.sum(axis=0)) / n
        around = self.values - self.values.mean(axis=0)
        within = (around**2).sum(axis=0) - n * difference**2 / 2
        error = np.sqrt(np.maximum(within, 0) / (2 * n - 2) * 2 / n)
        return np.divide(difference, error, out=np.zeros_like(difference), where=error > 1e-12)


def simulated(setting, simulator, *, scale, duration, warmup, n_seeds):
    """The measures of a setting by one simulator."""
    network = setting.network(scale)
    run = {"duration": duration, "warmup": warmup, "dt": setting.dt, "n_seeds": n_seeds, "record": 100}
    return measures(network, mf.simulate_spiking(network, simulator=simulator, threads=1, progress=False, **run))


def compare(setting, **run):
    """Both simulators at a setting; the run's scale, duration, warmup (ms) and n_seeds."""
    both = [simulated(setting, simulator, **run) for simulator in ("nest", "compiled")]
    values = np.concatenate([values for _, values in both])
    # Where a measure is missing in some runs, in how many it is known is what is compared.
    known = np.isfinite(values)
    return Comparison(setting, both[0][0], np.where(known.all(axis=0), values, known))


def probabilities(comparisons, seed=1):
    """How often the labels, dealt by chance, differ as much: by the largest t of all, and by the mean of t²."""
    rng = np.random.default_rng(seed)
    largest, squares, count = np.zeros(PERMUTATIONS + 1), np.zeros(PERMUTATIONS + 1), 0
    for one in comparisons:
        n = len(one.values)
        as_they_are = np.arange(n) < n // 2
        labels = np.stack([as_they_are, *(rng.permutation(as_they_are) for _ in range(PERMUTATIONS))])
        t = one.t(labels)
        largest = np.maximum(largest, np.abs(t).max(axis=1))
        squares += (t**2).sum(axis=1)
        count += t.shape[1]
    return [float((statistic >= statistic[0]).mean()) for statistic in (largest, squares)]


SMALL = {"scale": 0.04, "duration": 250.0, "warmup": 100.0, "n_seeds": 8}


@pytest.fixture(scope="module")
def comparisons():
    return [compare(setting, **SMALL) for setting in SETTINGS]


def test_the_two_are_equal_in_law(comparisons):
    assert all(len(one.names) >= 18 for one in comparisons)
    assert min(probabilities(comparisons)) > FALSE_ALARM / 2


def test_inhibition_stronger_by_five_percent_at_one_setting_is_noticed(comparisons):
    example, n_seeds = comparisons[0], SMALL["n_seeds"]
    _, values = simulated(brunel("g 5.25", g=5.25), "compiled", **SMALL)
    changed = example._replace(values=np.concatenate([example.values[:n_seeds], values]))
    assert min(probabilities([changed, *comparisons[1:]])) <= FALSE_ALARM / 2
