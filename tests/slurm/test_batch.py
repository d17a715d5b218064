"""A batch on a real SLURM: what the profile asks for, and that a job that is killed makes no difference in the end."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from meanfield.runs.batch.cost_model import estimate
from meanfield.runs.batch.session import Batch

PROFILE = Path(__file__).parents[2] / "workflow" / "profiles" / "slurm"
EXPERIMENT = """\
notebook: notebooks/deviation.ipynb
fixed: {order: 100, duration: 200.0, warmup: 50.0, n_seeds: 1}
grid:
  - g: [4.5, 6.0]
  - threads: [1, 2]
"""
# There is no accounting here, so `sacct` knows nothing; and the jobs are over before the usual first look.
OPTIONS = ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2"]
OPTIONS += ["--default-resources", "slurm_partition=main"]
PATIENCE = 540  # seconds


class OnCluster:
    """The batch as it went: its folder, the job that was cancelled, all jobs, and what was printed."""

    def __init__(self, cluster, experiment: Path, folder: Path):
        self.folder = folder
        said = folder / "said"
        with said.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "meanfield", "batch", experiment, "--workflow-profile", PROFILE, *OPTIONS],
                cwd=folder,
                env=cluster.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.cancelled = self._cancel_one_that_simulates(cluster, process)
        self.exit_code = process.wait(PATIENCE)
        self.said = said.read_text()
        fields = ["id", "state", "cores", "memory", "minutes", "comment"]
        listed = cluster.command("squeue", "--states=all", "--noheader", "--format=%i|%T|%C|%m|%l|%k").splitlines()
        self.jobs = [dict(zip(fields, line.split("|"), strict=True)) for line in sorted(listed)]

    def _cancel_one_that_simulates(self, cluster, process: subprocess.Popen) -> str:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            for line in cluster.command("squeue", "--states=RUNNING", "--noheader", "--format=%i|%k").splitlines():
                job, comment = line.split("|")
                run = next((run for run in self.folder.glob("results/*/runs/*") if run.name in comment), None)
                if run and any(run.glob("*.log")) and not any(run.glob("*.nc")):
                    cluster.command("scancel", job)
                    return job
            time.sleep(0.2)
        raise AssertionError(f"no job got as far as to be killed\n{(self.folder / 'said').read_text()}")

    def jobs_of(self, run: str) -> list[dict[str, str]]:
        """The jobs in which a run was tried, in order."""
        return [job for job in self.jobs if run in job["comment"]]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    file = tmp_path_factory.mktemp("experiments") / "small.yml"
    file.write_text(EXPERIMENT)
    return file


@pytest.fixture(scope="module")
def on_cluster(cluster, experiment, tmp_path_factory):
    return OnCluster(cluster, experiment, tmp_path_factory.mktemp("cluster"))


@pytest.fixture(scope="module")
def in_place(experiment, tmp_path_factory):
    """The folder of the same batch without a cluster."""
    folder = tmp_path_factory.mktemp("local")
    command = [sys.executable, "-m", "meanfield", "batch", experiment, "--cores", "2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def runs(experiment):
    return Batch.prepare(experiment).runs


def test_a_job_that_is_killed_comes_back_and_no_other_is_repeated(on_cluster, runs):
    assert on_cluster.exit_code == 0, on_cluster.said
    states = sorted([job["state"] for job in on_cluster.jobs_of(run)] for run in runs)
    assert states == [["CANCELLED", "COMPLETED"]] + (len(runs) - 1) * [["COMPLETED"]]
    assert [job["id"] for job in on_cluster.jobs if job["state"] == "CANCELLED"] == [on_cluster.cancelled]


def test_collected_dataset_is_that_of_a_local_batch_to_the_byte(on_cluster, in_place):
    assert on_cluster.exit_code == 0, on_cluster.said
    datasets = sorted(path.relative_to(in_place) for path in in_place.rglob("*.nc"))
    assert len(datasets) == 4 + 1
    for dataset in datasets:
        assert (on_cluster.folder / dataset).read_bytes() == (in_place / dataset).read_bytes(), dataset


def test_jobs_ask_for_what_the_cost_model_says_and_for_more_when_tried_again(on_cluster, runs):
    for name, run in runs.items():
        for attempt, job in enumerate(on_cluster.jobs_of(name), start=1):
            cost = estimate(run.checked)
            assert int(job["cores"]) == cost.threads == run.given["threads"]
            assert job["memory"] == f"{attempt * cost.memory_mb}M"
            assert job["minutes"] == f"{attempt * cost.minutes_allowed}:00"


def test_what_is_finished_is_not_submitted_again(on_cluster, experiment, cluster):
    assert on_cluster.exit_code == 0, on_cluster.said
    command = [sys.executable, "-m", "meanfield", "batch", experiment, "--workflow-profile", PROFILE, *OPTIONS]
    subprocess.run(command, cwd=on_cluster.folder, env=cluster.environment, check=True, capture_output=True)
    now = cluster.command("squeue", "--states=all", "--noheader", "--format=%i").splitlines()
    assert len(now) == len(on_cluster.jobs)
