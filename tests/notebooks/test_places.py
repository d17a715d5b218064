"""Paths: those that a user types start where the user stands, those of the repository at its root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import meanfield as mf
from meanfield.runs.notebooks.phase_diagram import PhaseDiagramParameters
from meanfield.runs.notebooks.validity_map import ValidityParameters
from meanfield.runs.sources import ROOT

RATE_NETWORK = ROOT / "notebooks" / "rate_network.ipynb"
THREE = "experiments/networks/three_populations.yml"


@pytest.fixture
def handed_over(monkeypatch):
    """What the runner hands to papermill, which runs nothing."""
    parameters = {}

    def execute(notebook, executed, *, parameters: dict, **_):
        handed.update(parameters)
        shutil.copy(notebook, executed)

    handed = parameters
    monkeypatch.setattr("papermill.execute_notebook", execute)
    return handed


class TestTyped:
    def test_from_another_folder(self, run, handed_over, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        shutil.copy(ROOT / THREE, "mine.yml")
        assert run(RATE_NETWORK, "-o", "out", "-p", "network_file", "mine.yml").exit_code == 0
        assert handed_over == {"network_file": str(tmp_path / "mine.yml"), "output": str(tmp_path / "out")}
        assert (tmp_path / "out" / "rate_network.ipynb").is_file()

    def test_from_a_folder_of_the_repository_they_are_as_on_every_machine(self, run, handed_over, monkeypatch):
        monkeypatch.chdir(ROOT / "experiments" / "networks")
        place = f"results/{os.getpid()}-places"
        try:
            typed = ("-o", f"../../{place}", "-p", "network_file", Path(THREE).name)
            assert run(RATE_NETWORK, *typed).exit_code == 0
        finally:
            shutil.rmtree(ROOT / place, ignore_errors=True)
        assert handed_over == {"network_file": THREE, "output": place}

    def test_a_file_that_is_not_there_is_named_where_it_was_looked_for(self, run, no_kernel, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        result = run(RATE_NETWORK, "-o", "out", "-p", "network_file", THREE)
        assert result.exit_code == 2
        assert f"{tmp_path / THREE} cannot be read" in result.stderr

    def test_within_a_file_they_start_at_the_repository(self, run, handed_over, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Path("given.yml").write_text(f"network_file: {THREE}\n")
        assert run(RATE_NETWORK, "-o", "out", "-f", "given.yml").exit_code == 0
        assert handed_over["network_file"] == THREE

    def test_data_of_an_experiment_are_files_too(self):
        assert PhaseDiagramParameters.files() == {"data"}
        assert ValidityParameters.files() == {"data", "line_data"}
        assert mf.CompareParameters.files() == {"network_file"}


WITHOUT_REPOSITORY = """
import json, sys
from click.testing import CliRunner
from meanfield.__main__ import main

said = {}
for command in ("cells", "figures", "reproduce", "rerun stored.nc", "plan mine.yml", "batch mine.yml"):
    result = CliRunner().invoke(main, command.split())
    said[command] = [result.exit_code, result.output]
print(json.dumps(said))
"""


class TestOrdinaryInstallation:
    """The package alone, as pip copies it: nothing is written into it, and nothing is looked for beside it."""

    @pytest.fixture
    def installed(self, tmp_path, monkeypatch):
        """The folder where the package is installed; the user stands in another one."""
        place = tmp_path / "site-packages"
        shutil.copytree(ROOT / "meanfield", place / "meanfield", ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setenv("PYTHONPATH", str(place))
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        (tmp_path / "study").mkdir()
        monkeypatch.chdir(tmp_path / "study")
        before = sorted(place.rglob("*"))
        yield place
        assert sorted(place.rglob("*")) == before

    def test_a_notebook_runs_where_the_user_stands(self, installed):
        shutil.copy(RATE_NETWORK, "mine.ipynb")
        shutil.copy(ROOT / THREE, "network.yml")
        command = [sys.executable, "-P", "-m", "meanfield", "run", "mine.ipynb", "-o", "results/mine"]
        done = subprocess.run([*command, "-p", "network_file", "network.yml"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "results/mine/rate_network.nc" in done.stdout
        assert mf.load_dataset("results/mine/rate_network.nc").sizes["population"] == 3

    def test_what_needs_the_repository_says_so(self, installed, in_its_own_process):
        shutil.copy(ROOT / "results" / "reference" / "compare" / "compare.nc", "stored.nc")
        Path("mine.yml").write_text("notebook: notebooks/deviation.ipynb\n")
        for command, (code, said) in in_its_own_process(WITHOUT_REPOSITORY).items():
            assert code == 2, command
            assert "needs the project's repository, and this meanfield is installed without it" in said
            assert said.count("\n") == 1
        assert sorted(path.name for path in Path().iterdir()) == ["mine.yml", "stored.nc"]
