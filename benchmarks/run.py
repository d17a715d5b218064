"""Accuracy and speed of the theory beside its peers:  python benchmarks/run.py

Installs the peers into an environment of its own, benchmarks/.venv, and runs there benchmarks/tables.py, which prints
two tables and writes them to results/reference/benchmarks.md and .json. Takes some ten minutes.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"


def main() -> int:
    """Install if anything has changed, then measure on one thread."""
    requirements = HERE / "requirements.txt"
    project = HERE.parent / "pyproject.toml"
    installed = ENVIRONMENT / ".installed"
    wanted = requirements.read_text() + project.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        install = [PYTHON, "-m", "pip", "install", "--quiet"]
        subprocess.run(
            [*install, "--requirement", requirements, "--constraint", HERE.parent / "requirements.lock"], check=True
        )
        subprocess.run(
            [*install, "--constraint", HERE.parent / "requirements.lock", "--editable", HERE.parent], check=True
        )
        installed.write_text(wanted)
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    return subprocess.run([PYTHON, HERE / "tables.py", *sys.argv[1:]], env=os.environ | threads).returncode


if __name__ == "__main__":
    sys.exit(main())
