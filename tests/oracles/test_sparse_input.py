"""Neurons with sparse large jumps in time steps, against a chain whose cells are counted in steps to threshold."""

from itertools import product

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.stats import poisson

import meanfield as mf

NODES = 0.5 + 0.5 * np.polynomial.legendre.leggauss(2)[0]


def clock_rate(rates, weights, *, tau_m, t_ref, theta, V_reset, mu_ext, dt, pieces):
    """Rate (spikes/s) with a constant drive above threshold.

    x is how many steps without a jump a potential is from threshold. The mean number of steps is linear in each of
    `pieces` parts of the intervals between whole x; only jumps interpolate. It is collocated, by a direct solver.
    """
    numbers = [[n for n in range(40) if poisson.pmf(n, 1e-3 * rate * dt) > 1e-14] for rate in rates]
    sums = [
        (np.dot(n, weights), np.prod([poisson.pmf(k, 1e-3 * rate * dt) for k, rate in zip(n, rates, strict=True)]))
        for n in product(*numbers)
    ]
    drift = mu_ext + 1e-3 * tau_m * np.dot(rates, weights)
    deviation = np.sqrt(0.5e-3 * tau_m * np.dot(rates, np.square(weights)))
    lowest = min(V_reset, drift) - 8.0 * deviation - 4.0 * max(0.0, -min(weights))

    def steps_left(v):
        return np.log((mu_ext - v) / (mu_ext - theta)) * tau_m / dt

    def potential(x):
        return mu_ext - (mu_ext - theta) * np.exp(x * dt / tau_m)

    cells = pieces * int(np.ceil(steps_left(lowest)))
    x = ((np.arange(cells)[:, None] + NODES) / pieces).ravel()

    def values(v):
        below = v < theta - 1e-9
        scaled = pieces * steps_left(np.where(below, v, V_reset))
        cell = np.clip(np.ceil(scaled - 1e-9) - 1, 0, cells - 1).astype(int)
        share = (np.minimum(scaled, cells) - cell - NODES[0]) / (NODES[1] - NODES[0])
        weight = np.stack([1.0 - share, share], axis=1) * below[:, None]
        row = np.repeat(np.arange(len(v)), 2)
        return sparse.csr_array((weight.ravel(), (row, (2 * cell[:, None] + [0, 1]).ravel())), shape=(len(v), len(x)))

    step = sum(p * values(potential(x - 1.0) + jump) for jump, p in sums)
    left = splu(sparse.csc_array(sparse.eye_array(len(x)) - step)).solve(np.ones(len(x)))
    after = potential(steps_left(V_reset) - np.arange(1, int(np.ceil(steps_left(V_reset))) + 1))
    stays = sums[0][1] ** np.arange(len(after))
    mean = stays.sum() + sum(p * stays @ (values(after + jump) @ left) for jump, p in sums[1:])
    return 1e3 / (t_ref + dt * mean)


def random_neuron(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 3))
    weights = random.uniform(2.0, 10.0, n)
    weights[-1] *= random.choice([-1.0, 1.0])
    theta = random.uniform(15.0, 22.0)
    neuron = {
        "tau_m": float(random.choice([5.0, 10.0, 20.0])),
        "t_ref": 2.0,
        "theta": theta,
        "V_reset": random.uniform(-5.0, 12.0),
        "mu_ext": theta + random.uniform(0.5, 8.0),
        "dt": float(random.choice([0.1, 0.2])),
    }
    return random.uniform(5.0, 100.0, n), weights, neuron


def test_stated_errors_of_random_neurons_driven_above_threshold():
    """At most one beyond the stated error, none beyond three; the oracle's own error is about half its last change."""
    ratio = []
    for seed in range(10):
        rates, weights, neuron = random_neuron(seed)
        rate = mf.shot_noise_rate(rates, weights, **neuron)
        coarse, expected = (clock_rate(rates, weights, **neuron, pieces=pieces) for pieces in (3, 6))
        ratio.append(max(abs(rate.rate - expected) - 0.5 * abs(expected - coarse), 0.0) / rate.error)
        assert rate.error < 3e-5 * rate.rate, seed
    assert max(ratio) <= 3.0
    assert np.sum(np.array(ratio) > 1.0) <= 1


@pytest.mark.parametrize(
    ("rates", "weights", "neuron", "expected"),
    [
        # Each by equal cells of 0.0003 to 0.0024 mV, some hundred times as many.
        ([180.0], [5.0], {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 0.0}, 20.42123),
        ([301.0], [5.0], {"tau_m": 10.0, "t_ref": 1.0, "theta": 20.0, "V_reset": 10.0, "dt": 0.2}, 37.19840),
    ],
)
def test_stated_errors_below_threshold(rates, weights, neuron, expected):
    rate = mf.shot_noise_rate(rates, weights, **neuron)
    assert rate.converged
    assert abs(rate.rate - expected) <= 1e-5 + rate.error
