"""The comparison where there is little, nothing or more than one thing to compare: honest, without NaN or warning."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.comparison.deviation import pooled_rate
from meanfield.comparison.tables import with_error

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

    def test_spikes_in_one_seed_only_give_a_rate_with_a_bound_but_without_an_error(self):
        spiking = mf.simulate_spiking(mf.brunel_network(order=50), n_seeds=2, **RUN)
        half = spiking.copy(deep=True)
        for name in ("rate", "block_rate"):
            half[name][{"seed": 1}] = 0.0
        half["rate_sem"][{"seed": 1}] = np.nan
        pooled = pooled_rate(half)
        assert pooled.rate == pytest.approx(spiking["rate"].values[0] / 2)
        assert np.isnan(pooled.sem).all()
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
    """Over time blocks for few seeds; over seeds once they are enough to tell their own spread."""

    NETWORK = mf.brunel_network(order=50)

    @pytest.mark.parametrize(
        ("n_seeds", "over"),
        [(1, "10 time blocks in 1 seed"), (4, "40 time blocks in 4 seeds"), (5, "5 seeds")],
    )
    def test_says_over_what_it_is(self, n_seeds, over):
        spiking = mf.simulate_spiking(self.NETWORK, n_seeds=n_seeds, **RUN)
        assert pooled_rate(spiking).over == over

    def test_over_seeds_is_their_spread(self):
        spiking = mf.simulate_spiking(self.NETWORK, n_seeds=5, **RUN)
        expected = spiking["rate"].std("seed", ddof=1) / np.sqrt(5)
        assert pooled_rate(spiking).sem == pytest.approx(expected.values)

    def test_over_blocks_pools_those_of_all_seeds(self):
        spiking = mf.simulate_spiking(self.NETWORK, n_seeds=2, **RUN)
        of_each = spiking["block_rate"].std("block", ddof=1) / np.sqrt(10)
        expected = np.sqrt((of_each**2).sum("seed")) / 2
        assert pooled_rate(spiking).sem == pytest.approx(expected.values)

    def test_travels_with_the_comparison(self):
        assert compared(self.NETWORK)["simulated_sem"].attrs["over"] == "10 time blocks in 1 seed"


@pytest.mark.parametrize("names", [["A", "C"], ["I", "E"], ["E"]], ids=["other", "swapped", "fewer"])
def test_populations_that_are_not_the_networks_are_refused(names):
    network = mf.brunel_network(order=50)
    spiking, rates = mf.simulate_spiking(network, **RUN), mf.simulate_rate_network(network)

    def wrong(dataset):
        return dataset.isel(population=slice(len(names))).assign_coords(population=names)

    for pair in ((wrong(spiking), rates), (spiking, wrong(rates))):
        with pytest.raises(ValueError, match=r"the dataset has populations \[.*\], the network \['E', 'I'\]"):
            mf.compare(network, *pair)


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
