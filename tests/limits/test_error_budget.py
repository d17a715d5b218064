"""The error budget adds up exactly, and says where a rung does not exist."""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.comparison.terms import PARTS, TERMS, term
from meanfield.simulation.measures.long_run_variance import NO_FREEDOM
from meanfield.simulation.surrogates import SURROGATES


@pytest.fixture(autouse=True)
def quick_trains(monkeypatch):
    monkeypatch.setattr("meanfield.comparison.error_budget.TRAINS", {"neurons": 40, "max_generations": 16})


@pytest.fixture(scope="module")
def network():
    return mf.brunel_network(order=200, J=0.3)


@pytest.fixture(scope="module")
def spiking(network):
    return mf.simulate_spiking(network, duration=400.0, n_seeds=2, record="all", progress=False)


@pytest.fixture(scope="module")
def surrogates(network, spiking):
    return mf.simulate_surrogates(network, spiking, surrogate_neurons=200, surrogate_warmup=50.0, progress=False)


def test_terms_add_up_to_the_total_and_parts_to_the_last_term(network, spiking, surrogates):
    budget = mf.error_budget(network, spiking, surrogates)
    rate = budget["rung_rate"]
    np.testing.assert_allclose(budget["contribution"].sum("term"), budget["total"], rtol=0, atol=1e-12)
    above_grid = budget["contribution"].sel(term=["self_consistent_trains", "finite_network"]).sum("term")
    np.testing.assert_allclose(budget["part_contribution"].sum("part"), above_grid, rtol=0, atol=1e-12)
    total = rate.sel(rung="finite_network") - rate.sel(rung="siegert")
    np.testing.assert_allclose(total, budget["total"], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(rate.sel(rung="finite_network"), spiking["rate"].mean("seed"))
    assert list(budget["term"].values) == [row.name for row in TERMS[1:]]
    assert list(budget["part"].values) == [row.name for row in PARTS]
    assert budget.attrs["missing"] == ""
    np.testing.assert_array_equal(budget["total_freedom"], mf.deviation(network, spiking)["simulated_freedom"])
    for variable in budget.drop_vars(["total_freedom", "rung_cv"]).data_vars.values():
        assert variable.attrs["units"] in ("spikes/s", "%")


def test_the_budget_does_without_surrogates(network, spiking):
    budget = mf.error_budget(network, spiking)
    assert "part_contribution" not in budget
    assert np.all(np.isfinite(budget["contribution"]))
    table = mf.budget_table(budget)
    assert not table.apply(lambda column: column.str.contains("nan")).any().any()


def test_surrogates_measure_what_self_consistent_trains_compute(network, spiking):
    """Reaction, control and trains lead from the grid to the rate that is computed; here both are known to 2 %."""
    surrogates = mf.simulate_surrogates(network, spiking, surrogate_neurons=600, progress=False)
    trains = mf.self_consistent_trains(network, neurons=100, max_generations=32, windows=[400.0])
    budget = mf.error_budget(network, spiking, surrogates, trains=trains)
    part = budget["part_contribution"].sel(part=["reaction", "control", "trains"]).sum("part")
    np.testing.assert_array_equal(budget["rung_rate"].sel(rung="self_consistent_trains"), trains["rate"])
    computed = budget["contribution"].sel(term="self_consistent_trains")
    assert (abs(part - computed) < 0.02 * trains["rate"]).all()
    # Without its own trains' statistics the same neuron would be much further away.
    assert (trains["cv_in_window"].sel(window=400.0) < 0.9 * budget["rung_cv"].sel(rung="time_grid")).all()
    np.testing.assert_allclose(trains["cv_in_window"][0], budget["rung_cv"].sel(rung="finite_network"), rtol=0.06)


def test_trains_on_another_time_grid_are_no_rung(network, spiking):
    trains = mf.self_consistent_trains(network, 0.2, neurons=20, duration=1000.0, windows=[100.0], max_generations=16)
    with pytest.raises(mf.ParameterError, match=r"dt = 0.2 ms of the trains must be the simulation's 0.1 ms"):
        mf.error_budget(network, spiking, trains=trains)


def test_a_smaller_time_step_changes_only_the_rungs_that_know_of_it(network, spiking):
    coarse = mf.error_budget(network, spiking)
    fine = mf.error_budget(network, spiking.assign_attrs(dt=0.05))
    same = ["siegert", "shot_noise", "finite_network"]
    np.testing.assert_array_equal(coarse["rung_rate"].sel(rung=same), fine["rung_rate"].sel(rung=same))
    # The grid's error grows with the time step, and lowers the rate.
    grid = [budget["contribution"].sel(term="time_grid").values for budget in (coarse, fine)]
    assert np.all(grid[0] < grid[1])
    assert np.all(grid[1] < 0)


@pytest.mark.parametrize("eta", [0.0, 0.2])
def test_a_silent_network_has_no_invented_rungs(eta):
    network = mf.brunel_network(order=100, eta=eta)
    spiking = mf.simulate_spiking(network, duration=200.0, record="all", progress=False)
    budget = mf.error_budget(network, spiking)
    told = budget["rung_rate"].sel(rung=["shot_noise", "time_grid"]).values
    assert budget.attrs["missing"] if np.any(np.isnan(told)) else np.all(told < 1e-6)
    assert "nan" not in mf.budget_table(budget).to_string()
    mf.figures.waterfall_figure(budget).canvas.draw()


def test_a_clock_network_has_a_budget_without_noise():
    """Without synapses, a constant drive makes clocks: their rungs are exact, and only the time grid costs."""
    fields = {"K": 10, "J": 0.0, "delay": 1.5, "mu_ext": 24.0}
    network = mf.Network(populations=("E", "I"), size=20, **fields)
    spiking = mf.simulate_spiking(network, duration=3780.0, warmup=0.0, V_init="rest", record="all", progress=False)
    budget = mf.error_budget(network, spiking)
    rung = budget["rung_rate"].isel(population=0)
    assert float(rung.sel(rung="shot_noise")) == pytest.approx(float(rung.sel(rung="siegert")), rel=1e-13)
    assert float(rung.sel(rung="time_grid")) == pytest.approx(1e3 / 37.9, rel=1e-12)  # 359 steps and 20 refractory ones
    assert float(rung.sel(rung="finite_network")) == pytest.approx(1e3 / 37.8, rel=0.02)
    # Clocks never forget: their record tells no error.
    assert np.isnan(budget["total_error"]).all()
    assert budget.attrs["missing"] == f"{term('finite_network').words}: {NO_FREEDOM}"


def test_the_comparison_shows_the_terms_and_they_add_up(network, spiking):
    rate_network = mf.simulate_rate_network(network)
    comparison = mf.compare(network, spiking, rate_network)
    assert not mf.comparison_table(comparison).index.str.contains("by ").any()
    budget = mf.error_budget(network, spiking, near=rate_network["rate"])
    table = mf.comparison_table(comparison.merge(budget, combine_attrs="override"))
    rows = [f"  by {row.words} (%)" for row in TERMS[1:]]
    assert [row for row in table.index if row.startswith("  by")] == rows
    for name in table.columns:
        terms = sum(float(table.loc[row, name].split(" ±")[0]) for row in rows)
        assert terms == pytest.approx(float(comparison["deviation_percent"].sel(population=name)), abs=0.02)


def test_exponential_synapses_have_the_rungs_that_know_of_them():
    network = mf.Network(**(mf.brunel_network(order=50).to_dict() | {"tau_syn": 0.5}))
    spiking = mf.simulate_spiking(network, duration=100.0, record=0, progress=False)
    budget = mf.error_budget(network, spiking)
    unknown = np.isnan(budget["rung_rate"]).any("population")
    assert dict(zip(budget["rung"].values, unknown.values, strict=True)) == {
        "siegert": False,
        "shot_noise": True,
        "time_grid": True,
        "self_consistent_trains": False,
        "finite_network": False,
    }
    assert "shot noise" in budget.attrs["missing"]
    assert "exponential synapses" in budget.attrs["missing"]


def test_a_saturated_network_is_told_or_solved():
    network = mf.brunel_network(order=100, g=0.0, eta=4.0)
    spiking = mf.simulate_spiking(network, duration=100.0, record="all", progress=False)
    budget = mf.error_budget(network, spiking)
    rungs = budget["rung_rate"].values
    assert budget.attrs["missing"] or np.all(np.isfinite(rungs))
    assert np.nanmax(rungs) <= 500.0  # 1/t_ref
    mf.figures.waterfall_figure(budget).canvas.draw()


def test_surrogates_need_all_spikes_and_a_fitting_warmup(network, spiking):
    with pytest.raises(mf.ParameterError, match="record = 50 must be 'all'"):
        mf.simulate_surrogates(network, spiking.assign_attrs(record=50))
    with pytest.raises(mf.ParameterError, match=r"surrogate_warmup = 400.0 ms must be shorter than the recording"):
        mf.simulate_surrogates(network, spiking, surrogate_warmup=400.0)
    with pytest.raises(mf.ParameterError, match=r"surrogate_warmup = 0.03 ms must be a multiple of the time step dt"):
        mf.simulate_surrogates(network, spiking, surrogate_warmup=0.03)
    with pytest.raises(mf.ParameterError, match="surrogate_neurons = 1 must be a whole number ≥ 2"):
        mf.simulate_surrogates(network, spiking, surrogate_neurons=1)


def test_figures_show_every_population_and_parameter(network, spiking, surrogates):
    budget = mf.error_budget(network, spiking, surrogates)
    assert len(mf.figures.waterfall_figure(budget).axes) == 2
    along = xr.concat([budget, budget], dim=xr.Variable("J", [0.3, 0.4]), coords="minimal", compat="override")
    figure = mf.figures.budget_along_figure(along)
    figure.canvas.draw()
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", *["weight J (mV)"] * 2]
    assert [axes.get_title() for axes in mf.figures.waterfalls_figure(along).axes] == [
        f"weight J = {J} mV: population {name}" for J in (0.3, 0.4) for name in "EI"
    ]
    assert list(surrogates["surrogate"].values) == list(SURROGATES)


def test_a_term_that_this_version_does_not_know_is_drawn_and_shown(network, spiking):
    """Datasets outlive the words for their terms."""
    budget = mf.error_budget(network, spiking)
    renamed = {
        "rung": ["siegert", "finite_psps", "time_grid", "network"],
        "term": ["finite_psps", "time_grid", "network"],
    }
    old = budget.drop_sel(rung="self_consistent_trains", term="self_consistent_trains").assign_coords(renamed)
    labels = [label.get_text() for label in mf.figures.waterfall_figure(old).axes[0].get_xticklabels()]
    assert labels == ["Siegert", "finite psps", "time grid", "real trains", "simulation"]
    assert "+ finite psps" in mf.budget_table(old).index


def test_parts_lead_over_more_than_the_last_step(network, spiking, surrogates):
    """From the time grid on, past the computed trains; in older datasets from the time grid to the network."""
    budget = mf.error_budget(network, spiking, surrogates)
    between = ["siegert", "shot_noise", "time_grid", "finite_network"]
    older = budget.sel(rung=between).isel(term=[0, 1, 3]).assign_coords(term=["shot_noise", "time_grid", "network"])
    older = older.assign_coords(rung=[*between[:-1], "network"])
    for dataset, row in ((budget, "    above time grid: rest"), (older, "    of which rest")):
        labels = [label.get_text() for label in mf.figures.waterfall_figure(dataset).axes[0].get_xticklabels()]
        assert labels == ["Siegert", "shot noise", "time grid", *(row.words for row in PARTS), "simulation"]
        assert row in mf.budget_table(dataset).index
