"""Eigenvalues beside a population's own resonance, to which hardly anything returns, against mpmath and contours."""

import mpmath
import numpy as np

import meanfield as mf
from meanfield.theory.white_noise.linear_network import LinearNetwork

mpmath.mp.dps = 30
RING = [[100, 50, 0, 50], [50, 100, 50, 0], [0, 50, 100, 50], [50, 0, 50, 100]]


def with_a_faint_loop():
    """Neurons that fire regularly, and feel themselves only through others that fire twice a month."""
    return mf.Network(
        populations=["regular", "faint"],
        size=1000,
        K=[[0, 100], [10, 0]],
        J=0.1,
        delay=[[1.5, 2.0], [1.0, 1.5]],
        K_ext=1000,
        J_ext=[0.1, 0.35],
        rate_ext=[14.0, 1.5],
        V_reset=10.0,
    )


class ByMpmath:
    """1 − ρ of the first population, and det(1 − M) times it, by the formulas of `mf.transfer_function`."""

    def __init__(self, network, rate):
        self.network, self.rate = network, rate
        self.moments = list(zip(*network.input_moments(rate), strict=True))

    def response(self, i, rate_of_change):
        """N_mu and N_variance times 1 − ρ, and 1 − ρ."""
        (mu, sigma), s = self.moments[i], 1e-3 * rate_of_change * self.network.tau_m[i]
        u, slope, curvature = [], [], []
        for end in (self.network.V_reset[i], self.network.theta[i]):
            y = mpmath.mpf(float((end - mu) / sigma))
            factor, x = mpmath.exp(y * y / 2), -mpmath.sqrt(2) * y
            u.append(factor * mpmath.pcfd(-s, x))
            slope.append(2 * y * u[-1] + mpmath.sqrt(2) * factor * mpmath.pcfd(1 - s, x))
            curvature.append(2 * y * slope[-1] + 2 * s * u[-1])
        by_mean = self.rate[i] / sigma * (slope[1] - slope[0]) / (1 + s) / u[1]
        by_variance = self.rate[i] / (2 * sigma**2) * (curvature[1] - curvature[0]) / (2 + s) / u[1]
        return by_mean, by_variance, 1 - u[0] / u[1] * mpmath.exp(-1e-3 * rate_of_change * self.network.t_ref[i])

    def one_minus_transform(self, rate_of_change):
        return self.response(0, rate_of_change)[2]

    def determinant(self, rate_of_change):
        loop, of_first = mpmath.mpf(1), self.one_minus_transform(rate_of_change)
        for i, j in ((0, 1), (1, 0)):
            by_mean, by_variance, one_minus_transform = self.response(i, rate_of_change)
            loop *= by_mean * self.network.drift[i, j] + by_variance * self.network.diffusion[i, j]
            loop *= mpmath.exp(-1e-3 * rate_of_change * self.network.delay[i, j]) / (one_minus_transform if i else 1)
        return of_first - loop


def test_an_eigenvalue_closer_to_a_pole_than_seven_digits_tell():
    network = with_a_faint_loop()
    rate = mf.fixed_points(network)["rate"].values[-1]
    modes = mf.eigenvalues(network, rate, min_growth=-40.0, max_frequency=100.0)
    assert modes.attrs["complete"]
    assert np.all(modes["residual"] < 1e-11)
    (k,) = np.flatnonzero(modes["frequency"] > 2.0)
    assert modes["multiplicity"][k] == 1
    listed = complex(modes["growth"][k], 2.0 * np.pi * modes["frequency"][k])
    by_mpmath = ByMpmath(network, rate)
    zero = mpmath.findroot(by_mpmath.determinant, mpmath.mpc(listed))
    pole = mpmath.findroot(by_mpmath.one_minus_transform, mpmath.mpc(listed))
    apart = float(abs(zero - pole) / abs(zero))
    assert 1e-11 < apart < 1e-8
    assert float(abs(zero - listed) / abs(zero)) < 0.01 * apart


def equal(K, **changes):
    """Equal inhibitory populations; all rows of K have the same sum."""
    names = [f"P{i}" for i in range(len(K))]
    description = {"delay": 2.0, "J": -0.2, "K_ext": 1000, "J_ext": 0.2, "rate_ext": 12.0, "V_reset": 10.0} | changes
    return mf.Network(populations=names, size=1000, K=K, **description)


def listed(network):
    modes = mf.eigenvalues(network, min_growth=-200.0, max_frequency=200.0)
    assert modes.attrs["complete"]
    values = modes["growth"].values + 2j * np.pi * modes["frequency"].values
    return sorted(np.repeat(values, modes["multiplicity"].values), key=lambda z: (round(z.real, 4), z.imag))


def test_equal_populations_have_the_eigenvalues_of_their_patterns():
    """A ring's patterns feel themselves through 200, twice 100 and 0; halves of it through 200 and 100.

    The last has poles and no eigenvalues.
    """
    halves, ring = listed(equal([[150, 50], [50, 150]])), listed(equal(RING))
    whole = listed(equal([[200]]))
    assert len(halves) > len(whole) > 0
    of_difference = [z for z in halves if np.abs(np.array(whole) - z).min() > 1e-3]

    def sort(values):
        return sorted(values, key=lambda z: (round(z.real, 4), z.imag))

    np.testing.assert_allclose(ring, sort(whole + 2 * of_difference), rtol=1e-10)


def test_equal_populations_that_feel_each_other_through_one_way():
    """Rows of different delays are no multiples of each other, and yet there is one pole for two populations."""
    network = equal([[0, 0, 60], [0, 0, 60], [20, 20, 0]], delay=[[1.0, 1.0, 2.0], [1.0, 1.0, 3.0], [1.5, 1.5, 1.5]])
    state = LinearNetwork.of(network)
    for z in listed(network):
        M = state.coupling(np.array([z, z + 1e-3]))
        value, after = 1.0 - M[:, 2, 0] * M[:, 0, 2] - M[:, 2, 1] * M[:, 1, 2]
        assert abs(value * 1e-3 / (after - value)) < 1e-9 * abs(z)


def test_slow_synapses_of_equal_populations_add_no_eigenvalue():
    """At −1/tau_syn each row of M has a pole, and the determinant has one."""
    whole, halves = (listed(equal(K, tau_syn=5.0)) for K in ([[200]], [[100, 100], [100, 100]]))
    assert len(whole) > 0
    np.testing.assert_allclose(halves, whole, rtol=1e-10)


def test_populations_that_do_not_hear_themselves_add_no_eigenvalue():
    """One only listens, and one only speaks."""
    alone = equal([[200]])
    K = [[200, 0, 0], [100, 0, 0], [0, 50, 0]]
    np.testing.assert_allclose(listed(equal(K)), listed(alone), rtol=1e-9)
