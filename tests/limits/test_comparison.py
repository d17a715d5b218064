"""The comparison where there is little, nothing or more than one thing to compare: honest, without NaN or warning."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.comparison.pooled_rate import pooled_rate
from meanfield.comparison.tables import with_error
from meanfield.figures.compare import _unequal_and_counting_noise

RUN = {"duration": 100.0, "warmup": 50.0, "threads": 1, "progress": False}
REGIMES = {
    "no drive": {"order": 50, "eta": 0.0},
    "silent": {"order": 50, "eta": 0.3},
    "saturated": {"order": 50, "g": 0.0, "eta": 4.0},
    "ruled by inhibition": {"order": 50, "g": 20.0},
    "three solutions": {"order": 250, "epsilon": 1.0, "g": 3.0, "eta": 0.8},
}


def compared(network: mf.Network, initial_rate: float = 0.0, **run) -> xr.Dataset:
    spiking = mf.simulate_spiking(network, **RUN | run)
    return mf.compare(network, spiking, mf.simulate_rate_network(network, initial_rate=initial_rate))


def drawn(comparison: xr.Dataset) -> str:
    """The main figure as text."""
    written = io.StringIO()
    mf.figures.compare_figure(comparison).savefig(written, format="svg")
    return written.getvalue()


class TestRegimes:
    @pytest.mark.parametrize("parameters", REGIMES.values(), ids=REGIMES)
    def test_show_no_nan(self, parameters):
        comparison = compared(mf.brunel_network(**parameters), n_seeds=2)
        table = mf.comparison_table(comparison).to_string()
        assert "nan" not in table.lower()
        assert "inf" not in table.lower()
        assert ">nan" not in drawn(comparison).lower()

    @pytest.mark.parametrize("parameters", REGIMES.values(), ids=REGIMES)
    def test_every_variable_has_its_unit_and_every_rate_an_upper_bound(self, parameters):
        comparison = compared(mf.brunel_network(**parameters), n_seeds=2)
        assert [name for name, values in comparison.data_vars.items() if not values.attrs.get("units")] == []
        assert (comparison["simulated_upper"] > comparison["simulated"]).all()

    def test_silence_has_a_bound_and_no_error_cv_or_ratio(self):
        comparison = compared(mf.brunel_network(**REGIMES["silent"]), n_seeds=2)
        assert (comparison["simulated"] == 0).all()
        # 200 and 50 neurons, 2 seeds of 0.1 s: the rate at which so long a silence still happens in one of 20 cases.
        assert comparison["simulated_upper"].values == pytest.approx(np.log(20) / np.array([40, 10]))
        for missing in ("simulated_sem", "simulated_cv", "deviation_percent", "deviation_sem"):
            assert comparison[missing].isnull().all(), missing
        table = mf.comparison_table(comparison)
        assert table.loc["simulated rate (spikes/s)"].tolist() == ["0 (below 0.075)", "0 (below 0.3)"]
        for missing in ("deviation (%)", "deviation (standard errors)", "CV of intervals, simulated"):
            assert table.loc[missing].tolist() == ["–", "–"]

    def test_silence_where_theory_predicts_spikes_is_a_deviation(self):
        network = mf.brunel_network(order=50)
        silent = mf.simulate_spiking(mf.brunel_network(order=50, eta=0.0), **RUN)
        comparison = mf.compare(network, silent, mf.simulate_rate_network(network))
        assert (comparison["deviation_percent"] == -100).all()
        assert mf.comparison_table(comparison).loc["deviation (%)"].tolist() == ["-100", "-100"]

    def test_spikes_in_one_seed_only_give_a_rate_with_the_seeds_spread_as_its_error(self):
        spiking = mf.simulate_spiking(mf.brunel_network(order=50), n_seeds=2, **RUN)
        half = spiking.copy(deep=True)
        half["rate"][{"seed": 1}] = 0.0
        for name in ("rate_sem", "rate_freedom"):
            half[name][{"seed": 1}] = np.nan
        pooled = pooled_rate(half)
        assert pooled.rate == pytest.approx(spiking["rate"].values[0] / 2)
        assert pooled.sem == pytest.approx(pooled.rate)
        assert pooled.freedom == pytest.approx(1.0)
        assert (pooled.upper > pooled.rate).all()

    def test_saturation_comes_near_the_refractory_periods_limit(self):
        comparison = compared(mf.brunel_network(order=50, g=0.0, eta=400.0))
        assert (comparison["simulated"] > 0.9 * 1000 / 2.1).all()  # at least one time step between spikes
        assert (comparison["simulated"] < 1000 / 2).all()


class TestThreeSolutions:
    NETWORK = mf.brunel_network(**REGIMES["three solutions"])

    def test_all_are_told_with_their_stability(self):
        comparison = compared(self.NETWORK)
        assert comparison.sizes["fixed_point"] == 3
        assert comparison["fixed_point_stable"].values.tolist() == [True, False, True]

    @pytest.mark.parametrize(("initial_rate", "reached"), [(0.0, 0), (200.0, 2)])
    def test_the_one_that_the_rate_network_reached_is_compared(self, initial_rate, reached):
        comparison = compared(self.NETWORK, initial_rate=initial_rate)
        solution = comparison["fixed_point_rate"].isel(fixed_point=reached)
        assert (comparison["siegert"] == solution).all()
        assert comparison["rate_network"].values == pytest.approx(solution.values, rel=1e-9)


class TestStandardError:
    """Over time for one seed, over time and seeds for more; with its degrees of freedom."""

    NETWORK = mf.brunel_network(order=50)

    @pytest.mark.parametrize(
        ("n_seeds", "over"),
        [
            (1, "time, with one seed; what differs from one drawn network to the next is not in them"),
            (3, "time and 3 seeds"),
        ],
    )
    def test_says_over_what_it_is(self, n_seeds, over):
        spiking = mf.simulate_spiking(self.NETWORK, n_seeds=n_seeds, **RUN)
        assert pooled_rate(spiking).over == over

    def test_of_one_seed_is_that_of_its_run(self):
        spiking = mf.simulate_spiking(self.NETWORK, **RUN)
        pooled = pooled_rate(spiking)
        assert pooled.sem == pytest.approx(spiking["rate_sem"].values[0])
        assert pooled.freedom == pytest.approx(spiking["rate_freedom"].values[0])

    def test_of_three_seeds_lies_between_that_of_their_runs_and_their_spread(self):
        spiking = mf.simulate_spiking(self.NETWORK, n_seeds=3, **RUN)
        pooled = pooled_rate(spiking)
        both = np.sort([np.sqrt((spiking["rate_sem"] ** 2).mean("seed")), spiking["rate"].std("seed", ddof=1)], axis=0)
        assert ((both[0] < np.sqrt(3) * pooled.sem) & (np.sqrt(3) * pooled.sem < both[1])).all()
        assert ((pooled.freedom > 2) & (pooled.freedom < 6)).all()

    def test_travels_with_the_comparison(self):
        comparison = compared(self.NETWORK)
        assert comparison["simulated_sem"].attrs["over"].startswith("time, with one seed")
        assert (comparison["simulated_freedom"] > 0).all()


class TestWithError:
    @pytest.mark.parametrize(
        ("value", "error", "text"),
        [
            (32.0331145, 0.0312, "32.033 ± 0.031"),
            (32.0331145, 0.0996, "32.03 ± 0.10"),
            (32.0331145, 1.234, "32.0 ± 1.2"),
            (32.0331145, 9.96, "32 ± 10"),
            (1234.5, 123.4, "1234 ± 123"),
            (0.0, 0.001, "0.0000 ± 0.0010"),
            (32.0331145, np.nan, "32.03"),
            (32.0331145, 0.0, "32.03"),
        ],
    )
    def test_has_the_digits_that_the_error_supports(self, value, error, text):
        assert with_error(value, error) == text


def test_unequal_neurons_stand_beside_their_predicted_distribution():
    """Bernoulli wiring: the mean and spread of the simulated rates within a tenth of theory's, and the curve's too."""
    network = mf.brunel_network(order=250, rule="pairwise_bernoulli", tau_syn=0.5)
    spiking = mf.simulate_spiking(network, **RUN | {"duration": 500.0, "simulator": "compiled"})
    comparison = mf.compare(network, spiking, mf.simulate_rate_network(network))
    np.testing.assert_allclose(comparison["simulated_spread"], comparison["unequal_spread"], rtol=0.1)
    np.testing.assert_allclose(comparison["simulated"], comparison["unequal_rate"], rtol=0.1)
    counted, density = _unequal_and_counting_noise(comparison.sel(population="E"), duration=0.5)
    mass = density / density.sum()
    mean = counted @ mass
    assert density.sum() * 2.0 == pytest.approx(1.0)  # in steps of 2 spikes/s
    assert mean == pytest.approx(float(comparison["unequal_rate"][0]), rel=0.01)
    assert np.sqrt((counted - mean) ** 2 @ mass) == pytest.approx(float(comparison["unequal_spread"][0]), rel=0.05)
    table = mf.comparison_table(comparison)
    assert "–" not in table.loc["SD of rates over neurons, simulated"].tolist()
    assert "unequal_rate" not in compared(mf.brunel_network(order=50))
    assert ">nan" not in drawn(comparison).lower()
