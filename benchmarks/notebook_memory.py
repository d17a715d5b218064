"""Whether every notebook fits into a small container of 2 GB:  python benchmarks/notebook_memory.py

Runs each notebook with small parameters, as one would where memory is short, and watches the runner, the kernel and
whatever these start. Memory that processes share is divided among them. Writes results/reference/notebook_memory.md.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "results" / "reference" / "notebook_memory.md"
LIMIT = 2e9  # bytes
SMALL_NETWORK = {"order": 250, "duration": 200}
SMALL = {
    "brunel_states": {},
    "compare": SMALL_NETWORK,
    "constraints": {},
    "deviation": SMALL_NETWORK,
    "error_budget": SMALL_NETWORK,
    "explore": {},
    "finite_size": SMALL_NETWORK,
    "mean_field": {},
    "microcircuit": {"duration": 1000},
    "phase_diagram": {"n_grid": 11},
    "rate_network": {},
    "spiking_network": SMALL_NETWORK,
    "state": SMALL_NETWORK,
    "trains": SMALL_NETWORK | {"duration": 1000},
    "validity_map": {"trains": "false"},
}


def tree_memory(runner: psutil.Process) -> int:
    """Bytes of a process and of all that it has started; what ends meanwhile counts nothing."""
    total = 0
    try:
        for process in (runner, *runner.children(recursive=True)):
            total += process.memory_full_info().pss
    except psutil.NoSuchProcess:
        pass
    return total


def largest_memory(name: str, parameters: dict, folder: str) -> int:
    """The most bytes that a run of the notebook takes at one time, looked at ten times a second."""
    command = [sys.executable, "-m", "meanfield", "run", f"notebooks/{name}.ipynb", "--quiet", "-o", f"{folder}/{name}"]
    command += [word for key, value in parameters.items() for word in ("-p", key, str(value))]
    largest = 0
    with subprocess.Popen(command, cwd=ROOT) as run:
        runner = psutil.Process(run.pid)
        while run.poll() is None:
            largest = max(largest, tree_memory(runner))
            time.sleep(0.1)
    if run.returncode:
        sys.exit(f"{name} ended with {run.returncode}")
    return largest


def main() -> None:
    """A row for each notebook."""
    assert set(SMALL) == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    lines = [
        "The most memory that a notebook takes, runner and kernel together, with parameters for little memory.",
        "By `python benchmarks/notebook_memory.py`.",
        "",
        "| notebook | parameters | memory (MB) |",
        "|---|---|--:|",
    ]
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, parameters in SMALL.items():
            measured[name] = largest_memory(name, parameters, folder)
            words = ", ".join(f"{key} {value}" for key, value in parameters.items()) or "as they are"
            lines.append(f"| {name} | {words} | {measured[name] / 1e6:.0f} |")
            print(lines[-1], flush=True)
    above = [name for name, memory in measured.items() if memory > LIMIT]
    lines += ["", f"{len(measured) - len(above)} of {len(measured)} stay below 2 GB."]
    OUTPUT.write_text("\n".join(lines) + "\n")
    print(lines[-1])


if __name__ == "__main__":
    main()
