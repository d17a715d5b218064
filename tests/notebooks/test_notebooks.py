"""Every notebook of the repository: clean in git, its parameters those of its model, and it runs to its end."""

from __future__ import annotations

import ast
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
import yaml
from jupyter_server.services.contents.filemanager import FileContentsManager

from meanfield import load_dataset
from meanfield.runs.cell_writer import parameters_cell as cell_of
from meanfield.runs.notebook_file import read_parameters
from meanfield.runs.reproduce.redraw import check
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def parameters_cell(notebook):
    first = next(cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code")
    assert first.metadata.get("tags") == ["parameters"]
    return first.source


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= {"compare", "rate_network", "spiking_network"}


def test_all_are_stripped_as_the_hook_strips_them():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    (strip,) = [hook["entry"] for hook in hooks if hook["id"] == "nbstripout"]
    command = [sys.executable, "-m", "nbstripout", "--verify", *shlex.split(strip)[1:], *map(str, NOTEBOOKS)]
    verified = subprocess.run(command, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr


@every_notebook
def test_saving_in_jupyterlab_changes_nothing(notebook, tmp_path):
    manager = FileContentsManager(root_dir=str(tmp_path), pre_save_hook="meanfield.runs.lab.without_own_metadata")
    copy = Path(shutil.copy(notebook, tmp_path))
    model = manager.get(copy.name, type="notebook")
    model["content"]["metadata"]["language_info"] |= {"version": "3.11.7", "file_extension": ".py"}
    manager.save(model, copy.name)
    assert copy.read_bytes() == notebook.read_bytes()


@every_notebook
class TestParameters:
    def test_are_the_first_code_cell_and_annotated_with_type_and_meaning(self, notebook):
        source = parameters_cell(notebook)
        lines = source.splitlines()
        for statement in ast.parse(source).body:
            assert isinstance(statement, ast.AnnAssign)
            assert ast.unparse(statement.annotation) == type(ast.literal_eval(statement.value)).__name__
            assert lines[statement.lineno - 1][statement.end_col_offset :].startswith("  # ")

    def test_are_written_from_the_model_of_the_notebooks_name(self, notebook):
        model, defaults = read_parameters(notebook)
        assert model.notebook() == notebook.stem
        assert parameters_cell(notebook) == cell_of(model)
        assert defaults == {name: field.default for name, field in model.model_fields.items()}
        assert {name: type(value) for name, value in defaults.items()} == {
            name: type(field.default) for name, field in model.model_fields.items()
        }
        assert all(model.meaning(name) for name in defaults)

    def test_are_shown_by_papermill_with_their_units(self, notebook):
        model, _ = read_parameters(notebook)
        shown = papermill.inspect_notebook(notebook)
        assert list(shown) == [statement.target.id for statement in ast.parse(parameters_cell(notebook)).body]
        for name, entry in shown.items():
            assert entry["help"] == ", ".join(filter(None, [model.unit(name), model.meaning(name)]))


RUNS = {
    "spiking_network": ("spiking_network", {"order": 50, "duration": 50.0, "warmup": 10.0}),
    "rate_network": ("rate_network", {"order": 250}),
    "mean_field": ("mean_field", {"n_plane": 40, "n_vary": 21, "n_map": 10}),
    "trains": (
        "trains",
        {"order": 50, "J": 0.5, "duration": 1000.0, "warmup": 10.0, "record": 50, "segment": 250.0, "neurons": 20},
    ),
    "finite_size": ("finite_size", {"order": 50, "J": 0.5, "duration": 50.0, "warmup": 10.0, "trains_sem": 0.02}),
    "explore": ("explore", {"g": 3.0, "eta": 0.8}),
    "compare": ("compare", {"order": 50, "duration": 50.0, "warmup": 10.0}),
    "microcircuit": (
        "microcircuit",
        {"scale": 0.02, "duration": 200.0, "warmup": 50.0, "with_trains": False, "surrogate_neurons": 20},
    ),
    "constraints": ("constraints", {"size": 1000, "duration": 500.0, "n_pushes": 1, "push": 800.0}),
    "compare another network": (
        "compare",
        {
            "network_file": "experiments/networks/three_populations.yml",
            "duration": 50.0,
            "warmup": 10.0,
            "n_seeds": 1,
        },
    ),
}


@pytest.mark.parametrize(("name", "parameters"), RUNS.values(), ids=RUNS)
def test_runs_to_its_end_without_a_warning(tmp_path, name, parameters):
    executed = nbformat.read(run_notebook(ROOT / "notebooks" / f"{name}.ipynb", tmp_path, parameters), as_version=4)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "stream" and output.name == "stderr"] == []
    shown = " ".join(output.get("text", "") + str(output.get("data", {}).get("text/plain")) for output in outputs)
    assert "Warning" not in shown
    assert "nan" not in shown.lower().replace("meanfield", "")
    assert any("image/png" in output.get("data", {}) for output in outputs)

    assert set(check(tmp_path).values()) <= {"same"}  # its figures come from its dataset alone
    dataset = load_dataset(tmp_path / f"{name}.nc")
    assert all("units" in variable.attrs for variable in dataset.data_vars.values())
    n_populations = {"microcircuit": 8, "constraints": 0}.get(name, 3 if "network_file" in parameters else 2)
    assert dataset.sizes.get("population", 0) == n_populations
