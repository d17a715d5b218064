"""The explorer without a browser: right numbers for each movement, and commands that are accepted."""

from __future__ import annotations

import shlex

import click
import numpy as np
import pytest

import meanfield as mf
from meanfield.__main__ import main
from meanfield.model.yaml_files import read_yaml_value
from meanfield.runs.explorer import predictions
from meanfield.runs.explorer.settings import runner_line, values_along
from meanfield.runs.explorer.widgets import Explorer
from meanfield.runs.notebook_file import read_parameters
from meanfield.runs.notebooks.explore import ExploreParameters
from meanfield.runs.sources import ROOT

THREE = "experiments/networks/three_populations.yml"
BISTABLE = (0.003910894, 2.252597, 133.709288)


@pytest.fixture(scope="module")
def explorer():
    """One that has been moved to g 3 and eta 0.8."""
    explorer = mf.explore(ExploreParameters())
    assert explorer.dataset.sizes["fixed_point"] == 1
    explorer.sliders["g"].value = 3.0
    explorer.sliders["eta"].value = 0.8
    return explorer


class TestMoved:
    def test_all_solutions_are_there(self, explorer):
        np.testing.assert_allclose(explorer.dataset["rate"][:, 0], BISTABLE, rtol=1e-6)
        assert explorer.dataset["stable"].values.tolist() == [True, False, True]
        for rate in ("0.00391089", "2.2526", "133.709"):
            assert explorer.solutions.value.count(f"<td>{rate}</td>") == 2

    def test_the_state_nearest_to_the_last_one_stays_in_view(self, explorer):
        assert explorer.state.value == explorer.state.index == 2
        assert explorer.dataset["state"].item() == "SR"
        assert float(explorer.dataset["mode_growth"][0]) == pytest.approx(21.3966, rel=1e-4)

    def test_the_branch_along_eta_has_all_solutions(self, explorer):
        at = explorer.dataset.sel(along=0.8, method="nearest")
        np.testing.assert_allclose(at["branch_rate"].dropna("branch"), BISTABLE, rtol=1e-6)
        assert at["branch_stable"].values.tolist() == [True, False, True]

    def test_basins_are_where_the_flow_leads(self, explorer):
        basin = explorer.dataset["basin"]
        assert basin.isel(start_first=0, start_second=-1) == 0
        assert basin.isel(start_first=-1, start_second=0) == 2
        network = mf.brunel_network(g=3.0, eta=0.8)
        for place in ((4, 6), (9, 3)):
            one = basin.isel(start_first=place[0], start_second=place[1])
            start = [[float(one["start_first"]), float(one["start_second"])]]
            end = mf.pseudo_time(network, rate_0=start, duration=200.0)["rate"].values[0, -1, 0]
            assert end == pytest.approx(BISTABLE[int(one)], rel=1e-3, abs=1e-3)

    def test_shot_noise_stands_beside_siegert(self, explorer):
        network = mf.brunel_network(g=3.0, eta=0.8)
        rate = mf.shot_noise_fixed_point(network, dt=0.1, start=[BISTABLE[2]] * 2)["rate"].values
        np.testing.assert_allclose(explorer.dataset["shot_noise_rate"], rate, rtol=1e-5)
        assert f"<td>{rate[0]:.5g}</td>" in explorer.rates.value

    def test_every_panel_is_a_picture(self, explorer):
        assert {image.value[:4] for image in explorer.panels.values()} == {b"\x89PNG"}

    def test_a_spectrum_is_shown_of_stable_states_only(self, explorer):
        assert explorer.dataset["power"].isnull().all()
        assert explorer.dataset["power"].attrs["missing"] == "the state is not stable"
        explorer.state.value = 0
        lowest = mf.predicted_spectrum(mf.brunel_network(g=3.0, eta=0.8), [2.0], explorer.rate)["power"][0]
        np.testing.assert_allclose(explorer.dataset["power"].sel(frequency=2.0), lowest, rtol=1e-9)
        explorer.state.value = 2


class TestOtherNetworks:
    def test_one_from_a_file(self, explorer):
        explorer.network_file.value = THREE
        try:
            solution = mf.fixed_points(mf.Network.from_yaml(ROOT / THREE))["rate"].values
            np.testing.assert_allclose(explorer.dataset["rate"], solution, rtol=1e-9)
            middle = explorer.dataset["branch_rate"].sel(along=1.0, method="nearest")
            np.testing.assert_allclose(middle.dropna("branch"), solution[:, 0], rtol=1e-9)
            assert all(slider.disabled for slider in explorer.sliders.values())
            assert THREE in explorer.line.value
        finally:
            explorer.network_file.value = ""
        assert explorer.dataset.sizes["fixed_point"] == 3

    def test_what_cannot_be_is_said_and_what_was_there_stays(self, explorer):
        explorer.network_file.value = "nowhere.yml"
        try:
            assert "nowhere.yml cannot be read" in explorer.said.value
            assert explorer.dataset.sizes["fixed_point"] == 3
        finally:
            explorer.network_file.value = ""
        assert explorer.said.value == ""

    @pytest.mark.parametrize("moved", [{"J": 1.0, "g": 0.0, "V_reset": 19.0}, {"eta": 0.0, "tau_syn": 5.0}])
    def test_at_the_ends_of_sliders(self, moved):
        explorer = mf.explore(ExploreParameters(**moved))
        assert explorer.dataset.sizes["fixed_point"] >= 1
        assert np.isfinite(explorer.dataset["rate"]).all()
        assert mf.figures.explorer_figure(explorer.dataset)._repr_png_()


class TestCommand:
    @pytest.mark.parametrize("given", [{}, {"g": 3.0, "eta": 0.8}, {"network_file": THREE}, {"autapses": False}])
    def test_is_accepted_and_means_the_same_network(self, given):
        parameters = ExploreParameters(**given)
        shown = {name: value for name, value in parameters.model_dump().items() if name not in ("vary", "output")}
        words = shlex.split(runner_line({name: value for name, value in shown.items() if value not in ("", {})}))
        run = main.commands["run"]
        with click.Context(run) as context:
            run.parse_args(context, words[4:])
        model, defaults = read_parameters(ROOT / context.params["notebook"])
        typed = {name: read_yaml_value(value) for name, value in context.params["parameter"]}
        assert set(typed) == set(given)
        assert model(**defaults | typed).network() == parameters.network()

    def test_compare_is_written_with_the_parameters(self, explorer, monkeypatch, tmp_path):
        (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
        monkeypatch.setattr("meanfield.runs.explorer.widgets.repository", lambda what: tmp_path)
        explorer.compare.click()
        written = tmp_path / "results" / "explored" / "compare.ipynb"
        assert "lab/tree/results/explored/compare.ipynb" in explorer.said.value
        text = written.read_text()
        assert "g = 3.0" in text
        assert 'output = \\"results/explored\\"' in text
        model, _ = read_parameters(written)
        assert model is mf.CompareParameters


def test_trains_come_beside_the_others_with_progress(monkeypatch):
    quick = {"neurons": 50, "duration": 1000.0, "max_generations": 16, "target_rate_sem": 0.5, "target_cv_sem": 0.5}
    monkeypatch.setattr("meanfield.runs.explorer.widgets.QUICK", quick)
    explorer = Explorer(ExploreParameters())
    explorer.trains.click()
    explorer._thread.join(60)
    assert 0.0 < explorer.progress.value <= 1.0
    assert explorer.rates.value.count("±") == 2


def test_values_along_are_those_of_the_slider():
    assert values_along("g", "")[[0, -1]].tolist() == [0.0, 8.0]
    assert values_along("g", THREE)[[0, -1]].tolist() == [0.0, 2.0]


def test_without_a_solution_there_is_a_reason(monkeypatch):
    network = mf.brunel_network()
    solutions = mf.fixed_points(network)
    monkeypatch.setattr(predictions, "fixed_points", lambda _: solutions.assign(converged=~solutions["converged"]))
    with pytest.raises(mf.ParameterError, match="no self-consistent rates"):
        predictions.stationary(network)
