"""Brunel (2000), doi:10.1023/A:1008925309027: Table 1, its eigenvalues, and the boundaries of Figs 2A and 7."""

import numpy as np
import pytest

import meanfield as mf

IN_FIGURE_7 = {"V_reset": 10.0}
IN_FIGURE_2A = {"V_reset": 10.0, "order": 10000, "J": 0.2}


@pytest.mark.parametrize(
    ("V_reset", "g", "eta", "rate", "eigenvalues"),
    [
        (10.0, 6.0, 4.0, "55.841", [("51.5", "190.21")]),
        (10.0, 5.0, 2.0, "37.950", [("-134.9", "124.3"), ("-216", "711")]),
        (10.0, 4.5, 0.9, "6.517", [("7.9", "29.00")]),
        (0.0, 6.0, 4.0, "49.148", [("-14.6", "197")]),
        (0.0, 4.5, 0.9, "5.832", [("0.5", "28.4")]),
    ],
)
def test_rates_and_leading_eigenvalues(V_reset, g, eta, rate, eigenvalues):
    """To the digits given."""
    modes = mf.eigenvalues(mf.brunel_network(g=g, eta=eta, V_reset=V_reset))
    assert modes.attrs["complete"]
    assert np.all(modes["residual"] < 1e-12)
    assert {rounded(value, rate) for value in modes["rate"].values} == {rate}
    for mode, (growth, frequency) in enumerate(eigenvalues):
        assert rounded(modes["growth"].values[mode], growth) == growth
        assert rounded(modes["frequency"].values[mode], frequency) == frequency


def rounded(value, like):
    """A number with as many decimals as a printed one."""
    return f"{value:.{len(like.partition('.')[2])}f}"


def test_synchronous_regular_state_is_unstable():
    modes = mf.eigenvalues(mf.brunel_network(g=3.0, eta=2.0, V_reset=10.0))
    assert float(modes["rate"][0]) == pytest.approx(327.01, abs=5e-3)
    assert modes["growth"][0] > 0.0


def crossing(lines, kind, name, value, of):
    """Largest value of `of`, and the frequency, where a line of a kind passes a value of a parameter."""
    found = []
    for number in np.unique(lines["line"]):
        line = lines.isel(point=np.flatnonzero((lines["line"] == number) & (lines["kind"] == kind)))
        along = line[name].values - value
        for k in np.flatnonzero((along[:-1] < 0.0) != (along[1:] < 0.0)):
            part = along[k] / (along[k] - along[k + 1])
            ends = line.isel(point=[k, k + 1])
            assert ends["boundary"].all()
            found.append([float(ends[what].values @ [1.0 - part, part]) for what in (of, "frequency")])
    return max(found)


def lines_in(x_range, y_range, **network):
    return mf.critical_lines(x_range=x_range, y_range=y_range, n_grid=5, **network)


@pytest.mark.parametrize(
    ("network", "kind", "x_range", "y_range", "points"),
    [
        (
            IN_FIGURE_7,
            "fast",
            (5.4, 8.1),
            (2.2, 4.0),
            {5.5: (3.774, 182.0), 6.0: (3.255, 176.0), 7.0: (2.705, 167.0), 8.0: (2.464, 161.0)},
        ),
        (IN_FIGURE_7, "slow", (4.4, 5.1), (0.87, 0.95), {4.5: (0.9126, 31.8), 5.0: (0.8926, 27.6)}),
        (
            IN_FIGURE_2A,
            "fast",
            (5.4, 8.1),
            (2.4, 4.6),
            {5.5: (4.390, None), 6.0: (3.382, None), 7.0: (2.757, None), 8.0: (2.541, None)},
        ),
        (
            IN_FIGURE_2A,
            "slow",
            (4.4, 8.1),
            (0.9, 1.15),
            {4.5: (0.942, None), 5.0: (1.035, None), 6.0: (1.058, None), 8.0: (1.092, None)},
        ),
    ],
)
def test_where_oscillations_set_in(network, kind, x_range, y_range, points):
    lines = lines_in(x_range, y_range, **network)
    for g, (eta, frequency) in points.items():
        found_eta, found_frequency = crossing(lines, kind, "g", g, "eta")
        assert found_eta == pytest.approx(eta, abs=0.002)
        if frequency is not None:
            assert found_frequency == pytest.approx(frequency, abs=1.0)


def test_boundary_of_synchronous_regular_firing():
    lines = lines_in((3.1, 3.5), (1.3, 4.1), max_frequency=1000.0, **IN_FIGURE_7)
    for eta, g in {1.5: 3.233, 2.0: 3.273, 3.0: 3.346, 4.0: 3.409}.items():
        assert crossing(lines, "synchronous regular", "eta", eta, "g")[0] == pytest.approx(g, abs=0.002)


def test_fast_oscillation_has_about_four_delays_in_a_period():
    lines = mf.critical_lines(x="delay", y="eta", x_range=(0.8, 3.0), y_range=(2.0, 8.0), n_grid=5, g=6.0, V_reset=10.0)
    fast = lines.isel(point=np.flatnonzero(lines["kind"] == "fast"))
    assert fast["delay"].max() - fast["delay"].min() > 1.0
    np.testing.assert_allclose(fast["frequency"] * 1e-3 * fast["delay"], 0.25, rtol=0.2)
