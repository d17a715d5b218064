"""A copy of the repository for batches to run in, with a notebook that takes no time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from meanfield.runs.sources import ROOT

PARAMETERS = """g: float = 5.0
eta: float = 2.0
seed: int = 1
threads: int = 1
order: int = 25
output: str = "results/tiny"  # folder"""

VALIDATION = """import meanfield as mf

parameters = mf.parameters("tiny", globals())"""

MODEL = """from meanfield.runs.network_parameters import SimulatedNetworkParameters


class TinyParameters(SimulatedNetworkParameters):
    output: str = "results/tiny"
"""

# Fails where eta is 3.25, writes what depends on all else.
WORK = """import numpy as np, xarray as xr

if eta == 3.25:
    raise RuntimeError("an unlucky drive")
value = np.random.default_rng([seed, threads]).normal(g, eta)
dataset = xr.Dataset({"value": ((), value, {"units": "1", "long_name": "a number"})})
parameters.save(dataset)"""


class Repository:
    """A copy of what a batch needs, so that tests may change it and batches in it disturb nobody."""

    def __init__(self, folder: Path):
        self.folder = folder
        for part in ("meanfield", "workflow"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "requirements.lock", folder)
        (folder / "notebooks").mkdir()
        (folder / "meanfield" / "runs" / "notebooks" / "tiny.py").write_text(MODEL)
        (folder / "experiments").mkdir()
        self.notebook = folder / "notebooks" / "tiny.ipynb"
        self.write_notebook()

    def write_notebook(self, *more: str) -> None:
        """Write the notebook, with more cells before its last one."""
        cells = [new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
        cells += [new_code_cell(source) for source in (VALIDATION, *more, WORK)]
        for number, cell in enumerate(cells):
            cell.id = f"cell-{number}"
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), self.notebook)

    def experiment(self, text: str, name: str = "tiny") -> Path:
        """Write an experiment of the notebook."""
        file = self.folder / "experiments" / f"{name}.yml"
        file.write_text(f"notebook: notebooks/tiny.ipynb\n{text}")
        return file

    def start(self, *command: object, **options) -> subprocess.Popen:
        """Start ``python -m …`` in the copy, in a process group of its own."""
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the copy is thrown away, and used by many processes
        return subprocess.Popen(
            [sys.executable, "-m", *map(str, command)],
            cwd=self.folder,
            env=environment,
            start_new_session=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )

    def run(self, *command: object, **options) -> tuple[int, str]:
        """Run ``python -m …`` in the copy; exit code and all that it said."""
        process = self.start(*command, **options)
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    def batch(self, file: Path, *options: str) -> tuple[int, str]:
        """Run an experiment on two cores."""
        return self.run("meanfield", "batch", file, "-c2", *options)

    def would_run(self, file: Path) -> int:
        """How many runs of the notebook the plain command would do now."""
        snakefile = ("--snakefile", self.folder / "workflow" / "Snakefile")
        code, said = self.run("snakemake", *snakefile, "-n", "--quiet", "host", "--config", f"experiment={file}")
        assert code == 0, said
        counts = [line.split() for line in said.splitlines() if line.startswith("run ")]
        return int(counts[0][1]) if counts else 0

    def datasets(self, name: str = "tiny") -> dict[str, Path]:
        """The datasets of the runs, by the runs' names."""
        return {file.parent.name: file for file in (self.folder / "results" / name / "runs").glob("*/*.nc")}

    def collected(self, name: str = "tiny") -> Path:
        """The collected dataset."""
        return self.folder / "results" / name / f"{name}.nc"

    @staticmethod
    def kill(process: subprocess.Popen) -> None:
        """Kill a process and all that it started, at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def repository(tmp_path) -> Repository:
    return Repository(tmp_path / "repository")
