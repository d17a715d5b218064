"""Eigenvalues of random networks with many delays, against searches that know nothing of rational functions."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.linear.argument_principle import growing_modes, turns
from meanfield.theory.linear.eigenvalue_search import in_rectangle
from meanfield.theory.white_noise.linear_network import LinearNetwork

TOP = 150.0  # Hz


def random_network(seed, shortest, longest):
    """Two to four populations of different neurons, each pair with a delay of its own."""
    random = np.random.default_rng(seed)
    n = int(random.integers(2, 5))
    excites = random.random(n) < 0.6
    excites[[0, -1]] = True, False
    return mf.Network(
        populations=[f"P{i}" for i in range(n)],
        size=1000,
        K=random.integers(20, 400, (n, n)),
        J=np.where(excites, random.uniform(0.05, 0.3, (n, n)), -random.uniform(0.2, 1.2, (n, n))),
        delay=random.uniform(shortest, longest, (n, n)),
        K_ext=1000,
        J_ext=random.uniform(0.1, 0.3, n),
        rate_ext=random.uniform(8.0, 20.0, n),
        tau_m=random.uniform(8.0, 25.0, n),
        t_ref=random.uniform(0.5, 3.0, n),
        V_reset=random.uniform(0.0, 12.0, n),
    )


@pytest.fixture(scope="module", params=[(4, 0.5, 3.0), (5, 0.5, 3.0), (7, 1.0, 20.0)])
def state(request):
    network = random_network(*request.param)
    solutions = mf.fixed_points(network)
    rate = solutions["rate"].values[np.flatnonzero(solutions["converged"].values)[-1]]
    assert np.all(rate > 0.0)
    return network, LinearNetwork.of(network, rate)


def by_newton(function, z):
    """Zeros to which Newton's method leads from some points; not all do in so few steps."""
    for _ in range(11):
        before, here, after = function(np.concatenate([z - 1e-2, z, z + 1e-2])).reshape(3, -1)
        step = here * 2e-2 / (after - before)
        z = z - step * np.minimum(1.0, 50.0 / np.abs(step))
    return z[np.abs(step) < 1e-6]


def test_no_eigenvalue_is_missing(state):
    network, linear = state
    modes = mf.eigenvalues(network, linear.rate, min_growth=-100.0, max_frequency=TOP)
    listed = modes["growth"].values + 2j * np.pi * modes["frequency"].values
    assert modes.attrs["complete"]
    starts = np.linspace(-110.0, 300.0, 10)[:, None] + 2j * np.pi * np.linspace(0.0, TOP, 40)
    zeros = by_newton(linear.determinant, starts.ravel())
    inside = (zeros.real > -99.99) & (zeros.imag > -1e-6) & (zeros.imag < 2.0 * np.pi * TOP - 0.01)
    assert inside.any()
    distance = np.abs(zeros[inside, None] - listed).min(axis=1)
    assert np.all(distance < 1e-5 * (1.0 + np.abs(zeros[inside])))


def test_growing_modes_are_counted_right(state):
    """The argument along a contour so dense that it cannot turn by half between two points."""
    _, linear = state
    top = 2.0 * np.pi * 1000.0
    contour = np.concatenate([np.linspace(0.0, 1j * top, 8000), 1j * top + np.linspace(0.0, 2000.0, 2000)[1:]])
    argument = np.unwrap(np.angle(linear.determinant(contour)))
    while (wide := np.flatnonzero(np.abs(np.diff(argument)) > 0.5)).size:  # a mode lies close to the axis there
        contour = np.insert(contour, wide + 1, 0.5 * (contour[wide] + contour[wide + 1]))
        argument = np.unwrap(np.angle(linear.determinant(contour)))
        assert contour.size < 20_000
    counted = growing_modes(
        lambda _, z: linear.coupling(z), linear.rate[None], linear.cv[None], np.array([linear.longest_delay]), 1000.0
    )
    assert counted[0] == np.rint((np.angle(linear.determinant(contour[-1:]))[0] + argument[0] - argument[-1]) / np.pi)


def test_turns_of_a_function_that_looks_constant():
    """A polynomial of period 1 at each of the given points; and a resonance, or a double zero, between two of them."""
    around = np.exp(2j * np.pi * np.arange(9) / 8)
    assert turns(lambda _, z: z**8, [around])[0] == pytest.approx(16.0 * np.pi)
    line = np.linspace(-1.0, 1.0, 8)
    assert turns(lambda _, z: (z - 1e-3j) ** 2, [line])[0] == pytest.approx(2.0 * np.pi, abs=0.01)
    assert turns(lambda _, z: (z - 1e-3j) / (z + 1e-3j), [line])[0] == pytest.approx(2.0 * np.pi, abs=0.01)
    assert np.isnan(turns(lambda _, z: z, [line + 1.0 / 7.0])[0])


class Powers:
    """Stands for a circuit; its determinant is a power of λ − 0.3, and no step leads to a zero."""

    delays = memory = 1e-3
    membranes = np.array([-1e9])

    def __init__(self, power):
        self._power = power

    def determinant(self, z):
        return (z - 0.3) ** self._power

    levelled = determinant

    def to_closest(self, z):
        return np.full(z.shape, np.nan)


@pytest.mark.parametrize("power", [-1.0, 1.0, 20.0])
def test_what_is_not_found_or_cannot_be_is_not_called_complete(power):
    modes, sure = in_rectangle(Powers(power), -1.0, 1.3, -1.1, 1.1)
    assert modes.values.size == 0
    assert not sure
