"""The SLURM of these tests itself: nothing of it is left behind, and where it cannot be had, one sentence says why."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from tests.slurm import install
from tests.slurm.cluster import Cluster


def test_neither_daemons_nor_jobs_nor_configuration_are_left():
    before = sorted(Path("/etc").rglob("*"))
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        with Cluster(Path(folder)) as cluster:
            cluster.command("sbatch", "--output=/dev/null", "--wrap=srun sleep 600")
            names = set()
            while "sleep" not in names:
                time.sleep(0.2)
                names = {process.name() for process in cluster.processes()}
            started = cluster.processes()
        assert names >= {"munged", "slurmctld", "slurmd", "srun", "sleep"}
        assert psutil.wait_procs(started, timeout=10)[1] == []
        assert cluster.processes() == []
    assert sorted(Path("/etc").rglob("*")) == before


def test_daemons_end_with_a_process_that_is_killed():
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        script = "import os, sys; from pathlib import Path; from tests.slurm.cluster import Cluster\n"
        script += "with Cluster(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
        subprocess.run([sys.executable, "-c", script, folder], cwd=Path(__file__).parents[2])
        deadline = time.monotonic() + 30
        while (left := Cluster(Path(folder)).processes()) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == []


def test_says_that_root_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert _refusal(capsys) == (
        "make test-slurm cannot run here: it must be run as root, since slurmd sets the user of its jobs."
    )


def test_says_that_debian_is_needed(monkeypatch, capsys, tmp_path):
    """Neither SLURM nor apt-get on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    message = _refusal(capsys)
    assert message.startswith("make test-slurm cannot run here: it needs munged, slurmctld, slurmd, sbatch,")
    assert message.endswith("which it can install on Debian only (there is no apt-get here).")


def _refusal(capsys) -> str:
    with pytest.raises(SystemExit) as refused:
        install.main()
    assert refused.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err.strip()
