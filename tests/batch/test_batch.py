"""Batches from end to end: what is finished stays, what fails is told, and only what has changed runs again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr

GRID = "grid:\n- g: [4.0, 5.0]\nseeds: [1]\n"


def contents(files) -> dict[str, bytes]:
    return {name: file.read_bytes() for name, file in files.items()}


def test_a_finished_batch_repeats_only_what_depends_on_a_change(repository):
    file = repository.experiment(GRID)
    code, said = repository.batch(file)
    assert code == 0, said
    assert len(repository.datasets()) == 2
    with xr.open_dataset(repository.collected(), engine="h5netcdf") as collected:
        assert dict(collected["value"].sizes) == {"g": 2, "seed": 1}
    before = contents(repository.datasets())
    assert repository.would_run(file) == 0

    file.write_text("# a comment\n" + file.read_text().replace("[1]", "[1]  # and another"))
    package = repository.folder / "meanfield"
    sources = {path: path.read_text() for path in package.rglob("*.py")}
    for touched in (repository.notebook, package / "model" / "network.py"):
        os.utime(touched)
    for unused in ("theory/white_noise/flow.py", "figures/style.py", "runs/notebooks/compare.py"):
        (package / unused).write_text((package / unused).read_text() + "\nMORE = 1\n")
    (package / "runs" / "notebooks" / "new.py").write_text((package / "runs" / "notebooks" / "tiny.py").read_text())
    used = package / "model" / "network.py"
    used.write_text("# Words\n" + used.read_text().replace("Recurrent synapses in the whole network", "All synapses"))
    assert repository.would_run(file) == 0

    repository.experiment(GRID.replace("5.0", "6.0"))
    assert repository.would_run(file) == 1
    repository.experiment("fixed: {threads: 2}\n" + GRID)
    assert repository.would_run(file) == 2  # other runs, beside the first ones
    repository.experiment(GRID)
    assert repository.would_run(file) == 0

    original = used.read_text()
    used.write_text(original + "\nMORE = 1")
    assert repository.would_run(file) == 2
    code, said = repository.run("meanfield", "plan", file)
    assert "2 (2 g × 1 seed), 0 of them finished" in said
    used.write_text(original)
    assert repository.would_run(file) == 0

    repository.write_notebook("1 + 1")
    assert repository.would_run(file) == 2
    (package / "runs" / "notebooks" / "new.py").unlink()
    for path, text in sources.items():
        path.write_text(text)
    code, said = repository.batch(file)
    assert code == 0, said
    assert contents(repository.datasets()) == before  # made anew, byte for byte


def test_what_fails_is_told_and_the_rest_is_finished(repository):
    file = repository.experiment("grid:\n- eta: [1.0, 3.25]\nseeds: [1, 2]\n")
    code, said = repository.batch(file)
    assert code != 0
    assert len(repository.datasets()) == 2
    assert not repository.collected().exists()
    assert "2 of 4 runs are missing" in said
    for seed in (1, 2):
        assert f"eta = 3.25, seed = {seed}: RuntimeError: an unlucky drive" in said
    notebooks = sorted((repository.folder / "results").rglob("*.failed.ipynb"))
    assert len(notebooks) == 2
    for notebook in notebooks:
        assert str(notebook.relative_to(repository.folder)) in said
        assert "an unlucky drive" in notebook.read_text()

    before = contents(repository.datasets())
    repository.experiment("grid:\n- eta: [1.0]\nseeds: [1, 2]\n")
    code, said = repository.batch(file)
    assert code == 0, said
    assert contents(repository.datasets()) == before


def test_after_kills_the_result_is_the_same_and_nothing_finished_is_repeated(repository, tmp_path):
    """Two kills here; ``tests/batch/soak.py`` does thirty."""
    soak = Path(__file__).with_name("soak.py")
    command = [sys.executable, soak, "--rounds", "2", "--runs", "6", "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_second_batch_on_the_same_experiment_is_told_and_on_another_is_not(repository):
    slow = repository.experiment("grid:\n- g: [4.0, 5.0, 6.0]\n", "slow")
    other = repository.experiment("grid:\n- g: [4.0]\n", "other")
    repository.write_notebook("import time; time.sleep(1)")
    first = repository.start("meanfield", "batch", slow, "-c1")
    while not (repository.folder / "results" / "slow" / "runs").exists():
        time.sleep(0.1)
    code, said = repository.run("meanfield", "batch", slow, "-c1")
    assert code == 2
    assert "experiment slow is being run already, by process" in said
    snakefile = ("--snakefile", repository.folder / "workflow" / "Snakefile")
    code, said = repository.run("snakemake", *snakefile, "--config", f"experiment={slow}")
    assert code != 0
    assert "experiment slow is being run already, by process" in said
    code, said = repository.run("meanfield", "batch", other, "-c1")
    assert code == 0, said
    said, _ = first.communicate(timeout=120)
    assert first.returncode == 0, said
    assert len(repository.datasets("slow")) == 3
    assert len(repository.datasets("other")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("grid:\n- g: [5.0, -1.0]\n", "tiny, at g = -1.0: g = -1.0 must be a finite number ≥ 0"),
        ("fixed: {oder: 3}\n", "tiny: oder is not a parameter here; did you mean order?"),
    ],
)
def test_a_bad_experiment_is_refused_as_a_whole(repository, text, reason):
    file = repository.experiment(text)
    for command in ("batch", "plan"):
        code, said = repository.run("meanfield", command, file)
        assert code == 2
        assert said == f"meanfield: {reason}\n"
    assert not (repository.folder / "results").exists()


def test_a_copy_of_a_notebook_runs_under_its_own_name(repository):
    """It saves its dataset under the name of its parameter model."""
    repository.notebook.rename(repository.notebook.with_name("mine.ipynb"))
    file = repository.experiment("grid:\n- g: [4.0, 5.0]\n")
    file.write_text(file.read_text().replace("tiny.ipynb", "mine.ipynb"))
    code, said = repository.batch(file)
    assert code == 0, said
    assert {path.name for path in repository.datasets().values()} == {"tiny.nc"}
    assert repository.would_run(file) == 0
