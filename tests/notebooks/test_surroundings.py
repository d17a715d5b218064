"""What a user has set up for other work changes no run: the same bytes, and nothing of it is executed."""

from __future__ import annotations

import hashlib
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from meanfield.runs import files

VALIDATION = 'if False:\n    mf.parameters("rate_network", globals())'

WORK = """import matplotlib.figure, numpy as np, xarray as xr
import meanfield as mf

dataset = xr.Dataset({"rate": ("time", np.exp(np.linspace(0, 1, 1000)))})
figure = matplotlib.figure.Figure()
figure.subplots().plot(dataset["rate"])
mf.save_results(dataset, {"tiny": figure}, output, "tiny")"""


def run(notebook: Path, output: Path, where: Path, **variables: str) -> None:
    command = [sys.executable, "-m", "meanfield", "run", notebook, "-o", output]
    done = subprocess.run(
        command, cwd=where, env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix in (".nc", ".png", ".svg", ".pdf")
    }


def test_strange_surroundings_change_no_byte_and_are_not_executed(tiny_notebook, tmp_path):
    notebook = tiny_notebook(WORK, validation=VALIDATION)
    run(notebook, tmp_path / "usual", tmp_path)
    canary = tmp_path / "canary"
    trap = f"open({str(canary)!r}, 'w')"
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    kernels = tmp_path / "jupyter" / "kernels" / "python3"
    standing = tmp_path / "standing"
    for folder in (startup, kernels, standing):
        folder.mkdir(parents=True)
    (startup / "00-trap.py").write_text(trap)
    (standing / "nest.py").write_text(trap)
    (standing / "pandas.py").write_text(trap)
    (kernels / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "x", "language": "python"}')
    strange = {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PYTHONSTARTUP": str(startup / "00-trap.py"),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "MPLBACKEND": "nonsense",
        "OMP_NUM_THREADS": "1",
        "HOME": str(tmp_path / "nowhere"),
    }
    # The runner itself is the installed command, as `python -m` would take the folder's modules.
    command = [Path(sys.executable).parent / "meanfield", "run", notebook, "-o", tmp_path / "strange"]
    done = subprocess.run(command, cwd=standing, env=os.environ | strange, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "strange") == digests(tmp_path / "usual")
    assert len(digests(tmp_path / "usual")) == 4
    assert not canary.exists()


@pytest.mark.parametrize("name", ["t%d", "t{g}", "ü" * 100])
def test_any_name_of_the_temporary_folder_will_do(name, tiny_notebook, tmp_path):
    (tmp_path / name).mkdir()
    run(
        tiny_notebook("1 + 1", validation=VALIDATION),
        tmp_path / "a {b} c" / "out",
        tmp_path,
        TMPDIR=str(tmp_path / name),
    )
    assert not list((tmp_path / name).iterdir())


def test_temporary_folders_of_ended_processes_go_but_not_those_of_another_machine(tmp_path, monkeypatch):
    """Which may share the place: what number its processes have is not known here."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here, there = (files.temporary_prefix(machine) for machine in (platform.node(), "another machine"))
    kept = [tmp_path / f"{there}{ended.pid}-x", tmp_path / f"{here}{os.getpid()}-x"]
    for folder in (tmp_path / f"{here}{ended.pid}-x", *kept):
        folder.mkdir()
    with files.temporary_folder() as folder:
        assert folder.parent == tmp_path
    assert sorted(tmp_path.iterdir()) == sorted(kept)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_kernel_ends_with_its_runner(number, tiny_notebook, tmp_path):
    """Also one that does not listen, as within one long call of NEST."""
    (tmp_path / "tmp").mkdir()
    deaf = f"import pathlib, re; pathlib.Path({str(tmp_path / 'busy')!r}).touch(); re.match('(a*)*b', 'a' * 40)"
    command = [
        sys.executable,
        "-m",
        "meanfield",
        "run",
        tiny_notebook(deaf, validation=VALIDATION),
        "-o",
        tmp_path / "out",
    ]
    variables = os.environ | {"TMPDIR": str(tmp_path / "tmp")}
    # Who runs the tests under nohup has SIGHUP ignored, and what is ignored stays so in a child.
    heeded = {"preexec_fn": lambda: signal.signal(number, signal.SIG_DFL)} if number != signal.SIGKILL else {}
    with subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL, **heeded) as runner:
        for _ in range(600):
            if (tmp_path / "busy").exists():
                break
            time.sleep(0.1)
        kernels = psutil.Process(runner.pid).children()
        assert len(kernels) == 1
        runner.send_signal(number)
        assert runner.wait(30) == (-number if number == signal.SIGKILL else 128 + number)
    _, alive = psutil.wait_procs(kernels, timeout=5)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    left = list((tmp_path / "tmp").iterdir())
    if number == signal.SIGKILL:  # what it could not remove, the next run does
        assert left
        run(tiny_notebook("1 + 1", validation=VALIDATION), tmp_path / "out", tmp_path, TMPDIR=str(tmp_path / "tmp"))
    assert not list((tmp_path / "tmp").iterdir())
    assert not (tmp_path / "out").exists() or number == signal.SIGKILL
