"""What theory cannot predict is missing with a reason: never a number, and never the end of a finished simulation."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.comparison.tables import MISSING
from meanfield.theory.white_noise.fixed_points import NO_SOLUTION, nearest_solution

RUN = {"duration": 100.0, "warmup": 50.0, "threads": 1, "progress": False}


@pytest.fixture(autouse=True)
def quick_trains(monkeypatch):
    monkeypatch.setattr("meanfield.comparison.error_budget.TRAINS", {"neurons": 40, "max_generations": 16})


@pytest.fixture(scope="module")
def network():
    return mf.brunel_network(order=50)


@pytest.fixture(scope="module")
def spiking(network):
    return mf.simulate_spiking(network, n_seeds=2, record="all", **RUN)


@pytest.fixture
def without_solution(monkeypatch):
    """Siegert's theory whose search gave up: rates that are no solution, and say so."""
    true = mf.fixed_points

    def gave_up(*arguments, **options):
        solutions = true(*arguments, **options)
        wrong = {"rate": solutions["rate"] * 0.0, "converged": xr.zeros_like(solutions["converged"])}
        return solutions.assign(wrong)

    for module in ("comparison.siegert", "theory.linear.predicted_state"):
        monkeypatch.setattr(f"meanfield.{module}.fixed_points", gave_up)


def refuse(*_, **__):
    raise mf.ParameterError(["this theory does not know such a network"])


def shown(table) -> dict[str, str]:
    """The first population's column."""
    return table.iloc[:, 0].to_dict()


class TestNearestSolution:
    def test_is_none_that_did_not_converge(self, network):
        three = mf.fixed_points(mf.brunel_network(order=250, epsilon=1.0, g=3.0, eta=0.8))
        rates = three["rate"].isel(fixed_point=1)
        three["converged"][1] = False
        chosen = float(nearest_solution(three, rates)["rate"][0])
        assert chosen in three["rate"].isel(fixed_point=[0, 2], population=0).values

    def test_is_missing_if_none_did(self, network):
        solutions = mf.fixed_points(network)
        solutions["converged"][:] = False
        nearest = nearest_solution(solutions, [1.0, 1.0])
        assert np.isnan(nearest["rate"]).all()
        assert nearest.attrs["missing"] == NO_SOLUTION


class TestComparison:
    def test_keeps_the_simulation_and_says_why_theory_is_missing(self, network, spiking, without_solution):
        rate_network = mf.simulate_rate_network(network)
        comparison = mf.compare(network, spiking, rate_network)
        comparison = comparison.merge(mf.error_budget(network, spiking), combine_attrs="override")
        table = shown(mf.comparison_table(comparison))
        assert float(table["simulated rate (spikes/s)"].split(" ±")[0]) > 10
        for row, cell in table.items():
            if row not in (
                "simulated rate (spikes/s)",
                "rate network in NEST (spikes/s)",
                "CV of intervals, simulated",
                "CV of intervals, shot noise",
                "CV of intervals, self-consistent trains",
            ):
                assert cell == MISSING, row
        assert int(comparison["n_solutions"]) == 0
        assert NO_SOLUTION in mf.missing(comparison)
        mf.figures.compare_figure(comparison).canvas.draw()

    def test_does_without_a_rate_network(self, network, spiking):
        rate_network = mf.simulate_rate_network(network)
        unknown = rate_network.assign(rate=rate_network["rate"] * np.nan)
        comparison = mf.compare(network, spiking, unknown)
        assert shown(mf.comparison_table(comparison))["rate network in NEST (spikes/s)"] == MISSING
        np.testing.assert_array_equal(comparison["siegert"], mf.deviation(network, spiking)["siegert"])

    def test_of_a_theory_that_refuses_the_network_is_a_dash(self, network, spiking, monkeypatch):
        monkeypatch.setattr("meanfield.comparison.siegert.fixed_points", refuse)
        deviation = mf.deviation(network, spiking)
        assert shown(mf.comparison_table(deviation))["Siegert's rate (spikes/s)"] == MISSING
        assert mf.missing(deviation) == ["this theory does not know such a network"]

    def test_survives_eigenvalues_that_cannot_be_found(self, network, spiking, monkeypatch):
        monkeypatch.setattr("meanfield.comparison.deviation.eigenvalues", refuse)
        comparison = mf.compare(network, spiking, mf.simulate_rate_network(network))
        table = shown(mf.comparison_table(comparison))
        assert table["stable against small disturbances"] == MISSING
        assert table["Siegert's rate (spikes/s)"] != MISSING
        assert mf.missing(comparison) == ["this theory does not know such a network"]

    def test_a_programming_error_is_no_missing_prediction(self, network, spiking, monkeypatch):
        monkeypatch.setattr("meanfield.comparison.siegert.fixed_points", lambda: None)
        with pytest.raises(TypeError):
            mf.deviation(network, spiking)


class TestBudget:
    def test_has_the_rungs_that_exist(self, network, spiking, without_solution):
        budget = mf.error_budget(network, spiking)
        rate = budget["rung_rate"]
        assert np.isnan(rate.sel(rung="siegert")).all()
        assert np.isfinite(rate.sel(rung=["shot_noise", "time_grid", "finite_network"])).all()
        assert budget.attrs["missing"] == f"Siegert: {NO_SOLUTION}"
        assert np.isnan(budget["total"]).all()
        assert "nan" not in mf.budget_table(budget).to_string()
        mf.figures.waterfall_figure(budget).canvas.draw()

    def test_survives_a_theory_that_refuses(self, network, spiking, monkeypatch):
        monkeypatch.setattr("meanfield.comparison.error_budget.shot_noise_fixed_point", refuse)
        surrogates = mf.simulate_surrogates(
            network, spiking, surrogate_neurons=20, surrogate_warmup=20.0, progress=False
        )
        budget = mf.error_budget(network, spiking, surrogates)
        assert np.isnan(budget["rung_rate"].sel(rung=["shot_noise", "time_grid"])).all()
        assert np.isfinite(budget["total"]).all()
        assert "shot noise: this theory does not know such a network" in budget.attrs["missing"]
        mf.figures.waterfall_figure(budget).canvas.draw()


class TestState:
    FREQUENCY = np.array([50.0, 100.0])

    def predicted(self, network, spiking):
        return mf.predict_state(network, spiking["rate"].values[0], self.FREQUENCY, 0.1)

    def test_is_empty_without_a_solution(self, network, spiking, without_solution):
        predicted = self.predicted(network, spiking)
        assert predicted["white_noise_state"].item() == ""
        for name in ("siegert", "siegert_cv", "white_noise_growth", "white_noise_power"):
            assert np.isnan(predicted[name]).all(), name
        assert np.isfinite(predicted["shot_noise_rate"]).all()
        assert mf.missing(predicted) == [NO_SOLUTION]

    @pytest.mark.parametrize("refusing", ["eigenvalues", "predicted_spectrum", "shot_noise_fixed_point", "modes_about"])
    def test_survives_each_of_its_computations(self, network, spiking, monkeypatch, refusing):
        monkeypatch.setattr(f"meanfield.theory.linear.predicted_state.{refusing}", refuse)
        predicted = self.predicted(network, spiking)
        assert np.isfinite(predicted["siegert"]).all()
        assert mf.missing(predicted) == ["this theory does not know such a network"]


def test_an_unstable_fixed_point_of_four_populations_says_so():
    """Two copies of Brunel's network B, coupled: its fast oscillation, which the rate network does not know of."""
    two = mf.brunel_network(order=250, epsilon=1.0, g=6.0, eta=4.0, V_reset=10.0)
    network = mf.Network(
        populations=("L4E", "L4I", "L6E", "L6I"),
        size=[*two.size, *two.size],
        K=np.tile(two.K // 2, (2, 2)),
        J=np.tile(two.J, (2, 2)),
        delay=1.5,
        V_reset=10.0,
        **{name: np.tile(getattr(two, name), 2) for name in ("K_ext", "J_ext", "rate_ext")},
    )
    spiking = mf.simulate_spiking(network, **RUN)
    comparison = mf.compare(network, spiking, mf.simulate_rate_network(network))
    assert comparison["fixed_point_stable"].all()
    table = shown(mf.comparison_table(comparison))
    assert table["stable against small disturbances"] == "no"
    leading = mf.eigenvalues(two).isel(mode=0)
    assert float(leading["growth"]) > 0
    assert table["  growth of the leading one (1/s)"] == f"{float(leading['growth']):+.1f}"
    assert table["  its frequency (Hz)"] == f"{float(leading['frequency']):.1f}"
    assert table["  state, white noise"] == "SI-fast"
