"""Tracked results: each has its executed notebook, in step with today's lesson and with its dataset."""

from __future__ import annotations

import json
import shutil

import nbformat
import pytest
import xarray as xr
from click.testing import CliRunner

from meanfield import __main__ as command
from meanfield import load_dataset
from meanfield.runs.batch.experiment import Experiment
from meanfield.runs.parameter_cells import literals_set_by
from meanfield.runs.results import save_dataset
from meanfield.runs.sources import ROOT
from meanfield.runs.tracked import LARGEST_NOTEBOOK, cells_out_of_step

REFERENCE = ROOT / "results" / "reference"
EXECUTED = sorted(REFERENCE.glob("*/*.ipynb"))
DATASETS = sorted(REFERENCE.glob("*/*.nc"))
APPLICATIONS = {"explore"}


def name_of(path):
    return str(path.relative_to(REFERENCE))


def code_of(notebook):
    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def parameters_of(notebook):
    """What the notebook ran with: its own parameters, and those that the runner has set after them."""
    cells = [cell for cell in code_of(notebook) if "parameters" in str(cell.metadata.get("tags"))]
    return {name: value for cell in cells for name, value in literals_set_by(cell.source).items()}


@pytest.mark.parametrize("executed", EXECUTED, ids=name_of)
class TestExecutedNotebook:
    def test_is_a_run_of_todays_lesson(self, executed):
        changed = cells_out_of_step(executed, ROOT / "notebooks" / executed.name)
        assert not changed, f"run {executed.name} again, and track it (see CONTRIBUTING.md)"

    def test_shows_all_it_made_and_no_error(self, executed):
        cells = code_of(executed)
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        outputs = [output for cell in cells for output in cell.outputs]
        assert "error" not in {output.output_type for output in outputs}
        assert "stderr" not in {output.get("name") for output in outputs}
        assert any("image/png" in output.get("data", {}) for output in outputs)

    def test_is_small_enough_for_a_page(self, executed):
        assert executed.stat().st_size <= LARGEST_NOTEBOOK


@pytest.mark.parametrize("dataset", DATASETS, ids=name_of)
def test_each_dataset_has_the_notebook_that_made_it_with_its_parameters(dataset):
    document = json.loads(load_dataset(dataset).attrs["provenance"])
    sources = document.get("sources", [document])
    notebook = dataset.parent / f"{sources[0]['notebook']}.ipynb"
    ran = parameters_of(notebook)
    for axis in document.get("experiment", {}).get("grid", []):
        assert tuple(ran[name] for name in axis) in zip(*axis.values(), strict=True)
    assert any({name: ran.get(name) for name in one["parameters"]} == one["parameters"] for one in sources)


def test_every_lesson_has_an_executed_copy():
    lessons = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - APPLICATIONS
    assert lessons == {path.stem for path in EXECUTED}


@pytest.mark.parametrize(
    ("change", "cells"), [("word", ["title"]), ("order", ["their order"]), ("new", ["added"]), ("parameters", [])]
)
def test_a_changed_lesson_is_out_of_step(tmp_path, change, cells):
    content = nbformat.read(ROOT / "notebooks" / "rate_network.ipynb", as_version=4)
    nbformat.write(content, tmp_path / "before.ipynb")
    match change:
        case "word":
            content.cells[0].source += " Or not?"
        case "order":
            content.cells.reverse()
        case "new":
            content.cells.append(nbformat.v4.new_markdown_cell("more", id="added"))
        case "parameters":
            content.cells[1].source = "order: int = 3"
    nbformat.write(content, tmp_path / "after.ipynb")
    assert cells_out_of_step(tmp_path / "before.ipynb", tmp_path / "after.ipynb") == cells


class TestTrack:
    """What a run and a batch have left, written by hand."""

    @pytest.fixture(autouse=True)
    def elsewhere(self, tmp_path, monkeypatch):
        monkeypatch.setattr(command, "REFERENCE", tmp_path / "reference")
        self.reference, self.folder = tmp_path / "reference", tmp_path / "made"

    def leave(self, notebook, provenance, run="."):
        """The files of a run: its source stands for the executed notebook."""
        (self.folder / run).mkdir(parents=True)
        shutil.copy(ROOT / "notebooks" / f"{notebook}.ipynb", self.folder / run)
        attrs = {"provenance": json.dumps({"schema_version": 1} | provenance), "figure": "rate_network"}
        save_dataset(xr.Dataset({"rate": 1.0}, attrs=attrs), self.folder / "made.nc")
        for ending in ("png", "svg", "pdf"):
            (self.folder / f"rate_network.{ending}").write_text(ending)

    def source(self, notebook="rate_network", clean=True):
        return {
            "notebook": notebook,
            "parameters": {},
            "network": None,
            "software": {},
            "git": {"commit": "0", "clean": clean},
            "requirements_lock_sha256": None,
        }

    def track(self, *options):
        return CliRunner().invoke(command.main, ["track", str(self.folder), *options])

    def kept(self, name="made"):
        return {path.name for path in (self.reference / name).iterdir()}

    FIGURES = {"rate_network.png", "rate_network.svg", "rate_network.pdf"}  # noqa: RUF012

    def leave_batch(self):
        experiment = Experiment(
            name="made", notebook="notebooks/deviation.ipynb", grid=[{"g": [3.0, 4.0, 5.0]}], seeds=[1], figure=""
        )
        document = {"experiment": json.loads(experiment.model_dump_json()), "sources": [self.source("deviation")]}
        self.leave("deviation", document, f"runs/{experiment.runs()[1].name}")

    def test_a_run_leaves_dataset_figures_and_notebook(self):
        self.leave("rate_network", self.source())
        assert self.track("--as", "settling").exit_code == 0
        assert self.kept("settling") == {"made.nc", "rate_network.ipynb", *self.FIGURES}

    def test_a_batch_leaves_the_notebook_of_the_run_in_the_middle(self):
        self.leave_batch()
        assert self.track().exit_code == 0
        assert self.kept() == {"made.nc", "deviation.ipynb", *self.FIGURES}

    def test_beside_a_batch_a_run_leaves_its_notebook_only(self):
        self.leave_batch()
        self.track()
        before = (self.reference / "made" / "made.nc").read_bytes()
        shutil.rmtree(self.folder)
        self.leave("validity_map", self.source("validity_map"))
        assert self.track().exit_code == 0
        assert self.kept() == {"made.nc", "deviation.ipynb", "validity_map.ipynb", *self.FIGURES}
        assert (self.reference / "made" / "made.nc").read_bytes() == before

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("unclean", "was not made from a clean commit"),
            ("changed", "is no run of today's rate_network.ipynb: title differ"),
            ("large", "has 1.06 MB; at most 1 MB are tracked"),
            ("no notebook", "rate_network.ipynb cannot be read: No such file"),
            ("no figure", "rate_network.svg cannot be read: No such file"),
            ("nothing", "must hold the datasets of one run"),
            ("a path", "is no name of a tracked result"),
        ],
    )
    def test_refuses(self, fault, reason):
        self.leave("rate_network", self.source(clean=fault != "unclean"))
        notebook = self.folder / "rate_network.ipynb"
        match fault:
            case "changed":
                notebook.write_text(notebook.read_text().replace("# ", "# Not: ", 1))
            case "large":
                notebook.write_text(notebook.read_text() + " " * 1_050_000)
            case "no notebook":
                notebook.unlink()
            case "no figure":
                (self.folder / "rate_network.svg").unlink()
            case "nothing":
                (self.folder / "made.nc").unlink()
        done = self.track("--as", "../elsewhere" if fault == "a path" else "made")
        assert (done.exit_code, done.stdout) == (2, "")
        assert reason in done.stderr
        assert not self.reference.exists()
