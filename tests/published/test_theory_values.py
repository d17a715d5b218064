"""Numbers that papers and NEST's own tests state, and some recomputed for NEST's Brunel example."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.siegert import siegert_rate_and_derivatives


def test_siegert_value_in_nests_own_test():
    rate = mf.siegert_rate(15.0, 1.5**0.5, tau_m=10.0, t_ref=2.0, theta=15.0, V_reset=0.0)
    assert rate == pytest.approx(27.1095934379, abs=1e-10)


@pytest.mark.parametrize(("mu", "sigma", "slope"), [(20, 3, 3.039), (25, 2, 2.619), (30, 2, 2.290), (40, 2, 1.979)])
def test_slopes(mu, sigma, slope):
    _, d_mu, _ = siegert_rate_and_derivatives(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=0.0)
    assert d_mu == pytest.approx(slope, abs=5e-4)


@pytest.mark.parametrize(("V_reset", "expected"), [(0.0, 32.033114503868345), (10.0, 37.949697085763364)])
def test_rate_of_nests_brunel_example(V_reset, expected):
    solutions = mf.fixed_points(mf.brunel_network(V_reset=V_reset))
    np.testing.assert_allclose(solutions["rate"], [[expected, expected]], rtol=1e-13)
    assert solutions["stable"].all()


def test_three_solutions():
    solutions = mf.fixed_points(mf.brunel_network(g=3.0, eta=0.8))
    assert solutions.attrs["completeness"] == "all"
    expected = [0.0039108940648, 2.2525966604232, 133.70928784866]
    np.testing.assert_allclose(solutions["rate"].sel(population="E"), expected, rtol=3e-11)
    np.testing.assert_array_equal(solutions["rate"].sel(population="E"), solutions["rate"].sel(population="I"))
    assert solutions["stable"].values.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("g", "eta", "rate", "cv"), [(6.0, 4.0, 55.8, 0.736), (5.0, 2.0, 38.0, 0.675), (4.5, 0.9, 6.5, 0.776)]
)
def test_table_1_of_brunel_2000(g, eta, rate, cv):
    """Points B, C and D, doi:10.1023/A:1008925309027."""
    solutions = mf.fixed_points(mf.brunel_network(g=g, eta=eta, V_reset=10.0))
    assert solutions.sizes["fixed_point"] == 1
    point = solutions.isel(fixed_point=0, population=0)
    assert float(point["rate"]) == pytest.approx(rate, abs=0.06)
    theory = siegert_cv(float(point["mu"]), float(point["sigma"]), tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=10.0)
    assert theory == pytest.approx(cv, abs=5e-4)


@pytest.mark.parametrize(
    ("g", "rate", "cv_squared"), [(4.5, 38.83, 2.111), (5.0, 20.21, 1.901), (6.0, 10.37, 1.712), (8.0, 5.39, 1.617)]
)
def test_figure_1_of_brunel_2000(g, rate, cv_squared):
    """Figure 1B and, though its axis says CV, the square of the CV in figure 1C, at eta = 4."""
    network = mf.brunel_network(order=10000, J=0.2, g=g, eta=4.0, V_reset=10.0)
    point = mf.fixed_points(network).isel(fixed_point=0, population=0)
    assert float(point["rate"]) == pytest.approx(rate, abs=5e-3)
    theory = siegert_cv(float(point["mu"]), float(point["sigma"]), tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=10.0)
    assert theory**2 == pytest.approx(cv_squared, abs=5e-4)
