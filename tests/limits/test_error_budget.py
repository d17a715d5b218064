"""The error budget adds up exactly, and says where a rung does not exist."""

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.budget import PARTS, TERMS
from meanfield.simulation.surrogates import SURROGATES


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
    np.testing.assert_allclose(
        budget["part_contribution"].sum("part"), budget["contribution"].sel(term="network"), rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(rate.sel(rung="network") - rate.sel(rung="siegert"), budget["total"], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(rate.sel(rung="network"), spiking["rate"].mean("seed"))
    assert list(budget["term"].values) == list(TERMS)
    assert list(budget["part"].values) == list(PARTS)
    assert budget.attrs["missing"] == ""
    for variable in budget.data_vars.values():
        assert variable.attrs["units"] in ("spikes/s", "%")


def test_the_budget_does_without_surrogates(network, spiking):
    budget = mf.error_budget(network, spiking)
    assert "part_contribution" not in budget
    assert np.all(np.isfinite(budget["contribution"]))
    table = mf.budget_table(budget)
    assert not table.apply(lambda column: column.str.contains("nan")).any().any()


def test_a_smaller_time_step_changes_only_the_rungs_that_know_of_it(network, spiking):
    coarse = mf.error_budget(network, spiking)
    fine = mf.error_budget(network, spiking.assign_attrs(dt=0.05))
    same = ["siegert", "finite_psps", "network"]
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
    told = budget["rung_rate"].sel(rung=["finite_psps", "time_grid"]).values
    assert budget.attrs["missing"] if np.any(np.isnan(told)) else np.all(told < 1e-6)
    assert "nan" not in mf.budget_table(budget).to_string()
    mf.figures.waterfall_figure(budget).canvas.draw()


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
    assert [axes.get_xlabel() for axes in figure.axes] == ["weight J (mV)"] * 2
    assert len(mf.figures.waterfalls_figure(along).axes) == 2
    assert list(surrogates["surrogate"].values) == list(SURROGATES)
