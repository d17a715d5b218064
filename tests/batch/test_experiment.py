"""Experiment files: axes, points, names of runs, and what is refused."""

from __future__ import annotations

import json
import re

import pytest

from meanfield.model.quantities import ParameterError
from meanfield.runs.batch.axes import read_axis
from meanfield.runs.batch.experiment import Experiment, experiment_files

FILE = {"network_file": "experiments/networks/three_populations.yml"}


def experiment(**lines) -> Experiment:
    return Experiment(**{"name": "some", "notebook": "notebooks/deviation.ipynb"} | lines)


def refused(**lines) -> str:
    with pytest.raises(ParameterError) as caught:
        experiment(**lines).runs()
    return str(caught.value)


class TestAxes:
    def test_a_range_has_both_ends_and_values_as_a_person_writes_them(self):
        assert read_axis({"g": {"from": 0.1, "to": 0.5, "n": 5}}) == {"g": (0.1, 0.2, 0.3, 0.4, 0.5)}

    def test_a_geometric_range_has_equal_ratios(self):
        assert read_axis({"J": {"from": 0.01, "to": 1, "n": 3, "spacing": "log"}}) == {"J": (0.01, 0.1, 1.0)}

    def test_columns_step_together(self):
        points = experiment(grid=[{"J": [0.1, 0.2], "order": [100, 50]}, {"g": [4.0, 5.0]}], seeds=[1]).points()
        assert points == [
            {"J": 0.1, "order": 100, "g": 4.0, "seed": 1},
            {"J": 0.1, "order": 100, "g": 5.0, "seed": 1},
            {"J": 0.2, "order": 50, "g": 4.0, "seed": 1},
            {"J": 0.2, "order": 50, "g": 5.0, "seed": 1},
        ]

    @pytest.mark.parametrize(
        ("axis", "reason"),
        [
            (3, "an axis is written 'name: values', not 3"),
            ({}, "an axis is written"),
            ({"g": 3}, "g needs a list of values"),
            ({"g": "abc"}, "g needs a list of values"),
            ({"g": []}, "g needs a list of values"),
            ({"g": [1, 2], "J": [1]}, "columns of one axis must have equally many values, but g has 2, J has 1"),
            ({"g": [1, 2, 1]}, "g takes the value 1 twice"),
            ({"g": {"from": 1, "n": 3}}, "the range of g needs from, to and n"),
            ({"g": {"from": 1, "to": 2, "n": 3, "step": 1}}, "the range of g needs from, to and n"),
            ({"g": {"from": 1, "to": 2, "n": 1}}, "n = 1 to be a whole number ≥ 2"),
            ({"g": {"from": "a", "to": 2, "n": 3}}, "the range of g needs numbers"),
            ({"g": {"from": 0, "to": 2, "n": 3, "spacing": "log"}}, "needs ends > 0"),
            ({"g": {"from": 1, "to": 2, "n": 3, "spacing": "square"}}, "must be linear or log"),
        ],
    )
    def test_anything_else_is_refused(self, axis, reason):
        with pytest.raises(ValueError, match=re.escape(reason)):
            read_axis(axis)


class TestRuns:
    def test_equal_values_name_equal_runs(self):
        (whole,) = experiment(grid=[{"g": [5]}]).runs()
        (broken,) = experiment(grid=[{"g": [5.0]}]).runs()
        assert whole.name == broken.name
        assert whole.given == {"g": 5.0}
        assert isinstance(whole.given["g"], float)

    def test_every_parameter_makes_another_run(self):
        names = {
            experiment(grid=[{"g": [5.0]}], fixed=fixed).runs()[0].name
            for fixed in ({}, {"threads": 2}, {"seed": 2}, {"dt": 0.05}, {"duration": 500.0})
        }
        assert len(names) == 5

    def test_a_value_that_is_the_default_makes_the_same_run(self):
        assert experiment(fixed={"threads": 1}).runs()[0].name == experiment().runs()[0].name

    def test_entries_of_a_networks_file_vary_as_parameters_do(self):
        runs = experiment(fixed=FILE, grid=[{"J[E1,I]": [-1, -1.5], "seed": [1, 2]}, {"tau_m": [10.0]}]).runs()
        assert [run.given["network_changes"] for run in runs] == [
            {"J[E1,I]": -1.0, "tau_m": 10.0},
            {"J[E1,I]": -1.5, "tau_m": 10.0},
        ]
        assert [run.given["seed"] for run in runs] == [1, 2]
        network = runs[1].checked.network()
        assert network.J[0].tolist() == [0.2, 0.2, -1.5]
        assert network.J[1].tolist() == [0.2, 0.2, -1.2]
        assert network.tau_m.tolist() == [10.0, 10.0, 10.0]

    def test_an_entry_makes_another_run_however_its_value_is_written(self):
        names = [experiment(fixed=FILE | {"J[E1,I]": J}).runs()[0].name for J in (-1, -1.0, -1.5)]
        assert names[0] == names[1] != names[2]
        assert experiment(fixed=FILE).runs()[0].name not in names

    def test_all_complaints_come_at_once(self):
        said = refused(grid=[{"g": [-1.0, 5.0]}], fixed={"order": 0})
        assert "some: order = 0 must be a whole number ≥ 1" in said
        assert "some, at g = -1.0: g = -1.0 must be a finite number ≥ 0" in said

    @pytest.mark.parametrize(
        ("lines", "reason"),
        [
            ({"grid": {"g": [1]}}, "must be a list of axes"),
            ({"seeds": [1, 1]}, "must be a list without repetition"),
            ({"seeds": [1, 2], "fixed": {"seed": 3}}, "seed is set more than once"),
            ({"grid": [{"g": [1.0]}, {"g": [2.0]}]}, "g is set more than once"),
            ({"fixed": {"output": "here"}}, "output is not for an experiment to set"),
            ({"figure": "portrait"}, "figure = 'portrait' is not known; known are "),
            ({"figure": "compare"}, "figure = 'compare' is drawn from a single run, not from those of an experiment"),
            (
                {"figure": "validity_map", "grid": [{"g": [4.0]}, {"eta": [1.0]}, {"J": [0.1], "order": [9]}]},
                "some: figure = 'validity_map' needs 2 axes beside the seeds, not 3",
            ),
            ({"figure": "validity_line"}, "figure = 'validity_line' needs 1 axis beside the seeds, not 0"),
            ({"figure": "waterfalls"}, "needs runs of error_budget.ipynb, not of deviation.ipynb"),
            (
                {"figure": "spectrum_size", "notebook": "notebooks/state.ipynb", "seeds": [1]},
                "figure = 'spectrum_size' needs order to vary",
            ),
            ({"grid": [{"J[E,I]": [-1.0]}]}, "some: J[E,I] can only be set beside a network_file"),
            ({"fixed": FILE, "grid": [{"J[E,I]": [-1.0]}]}, "some: J[E,I] names no pair of populations"),
            ({"fixed": FILE, "grid": [{"K[I,I]": [9.5]}]}, "must be a whole number"),
            ({"fixed": FILE, "grid": [{"K[I,I]": [[9]]}]}, "K[I,I] = [9] must be one number or word"),
            ({"fixed": FILE, "grid": [{"W[I,I]": [9.5]}]}, "W[I,I] is not a parameter here"),
            ({"notebook": "notebooks/none.ipynb"}, "does not exist"),
            ({"sweep": [1]}, "sweep is not a parameter here"),
            ({"grid": [{"seed": {"from": 1, "to": 200000, "n": 200000}}]}, "at most 100,000 are possible"),
        ],
    )
    def test_what_cannot_be_is_refused(self, lines, reason):
        assert reason in refused(**lines)

    def test_a_file_names_the_experiment(self, tmp_path):
        file = tmp_path / "mine.yml"
        file.write_text("notebook: notebooks/deviation.ipynb\nseeds: [1, 2]\n")
        read = Experiment.from_yaml(file)
        assert (read.name, read.seeds) == ("mine", (1, 2))
        file.write_text("notebook: notebooks/deviation.ipynb\nname: yours\n")
        with pytest.raises(ParameterError, match="the name of an experiment is its file's name"):
            Experiment.from_yaml(file)


@pytest.mark.parametrize("file", experiment_files(), ids=lambda file: file.stem)
def test_the_repositorys_own_experiments_are_valid(file):
    experiment = Experiment.from_yaml(file)
    assert len(experiment.runs()) == len(experiment.points())
    assert json.loads(experiment.model_dump_json())["name"] == file.stem


def test_grids_beyond_all_bounds_are_refused_before_they_are_built():
    with pytest.raises(ParameterError, match="the range of g has 1,000,000,000 values; at most 100,000 are possible"):
        experiment(grid=[{"g": {"from": 1, "to": 2, "n": 10**9}}])
    axes = [{name: list(range(1000))} for name in ("g", "eta", "J", "delay")]
    with pytest.raises(ParameterError, match="some has 1,000,000,000,000 runs; at most 100,000 are possible"):
        experiment(grid=axes).runs()
