"""Where a dataset comes from: a versioned JSON document that travels inside it.

It holds what determines the result, and nothing that merely happened, so that the same commit with the same parameters
writes the same bytes. What happened goes into `circumstances`, a document beside the dataset.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

SCHEMA_VERSION = 1
SOFTWARE = ("nest-simulator", "numpy", "scipy", "xarray", "h5netcdf", "h5py", "matplotlib", "pydantic", "papermill")

# What a result depends on, in the repository; a network's file travels in the result.
DETERMINING = ("meanfield", "notebooks", "pyproject.toml", "requirements.lock")

# The repository, where the package is installed from it in editable mode, as the Makefile does.
ROOT = Path(__file__).resolve().parent.parent.parent


def provenance(notebook: str, parameters: dict[str, Any], network: dict[str, Any] | None = None) -> str:
    """The document, as JSON with sorted keys.

    Parameters
    ----------
    notebook : str
        Name of the notebook that made the dataset.
    parameters : dict
        All its parameters that determine the result, seed and threads among them.
    network : dict, optional
        Description of a network that came from a file.
    """
    lock = ROOT / "requirements.lock"
    document = {
        "schema_version": SCHEMA_VERSION,
        "notebook": notebook,
        "parameters": parameters,
        "network": network,
        "software": {"python": platform.python_version(), "meanfield": metadata.version("meanfield")}
        | {name: metadata.version(name) for name in SOFTWARE},
        "git": git_state(),
        "requirements_lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else None,
    }
    return json.dumps(document, sort_keys=True, indent=1)


def git_state() -> dict[str, Any]:
    """The commit, and whether what determines a result is as committed; None outside the project's repository."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        if not git("rev-parse", "--show-prefix"):  # else ROOT lies within some other project's repository
            return {"commit": git("rev-parse", "HEAD"), "clean": not git("status", "--porcelain", "--", *DETERMINING)}
    except (OSError, subprocess.CalledProcessError):
        pass
    return {"commit": None, "clean": None}


def circumstances() -> str:
    """When, where and at what cost this process made its result, as JSON."""
    process = psutil.Process()
    try:
        import resource

        # Linux counts in kB, macOS in bytes.
        unit = 1 if platform.system() == "Darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    except ImportError:
        peak = process.memory_info().rss
    document = {
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {"platform": platform.platform(), "cores": psutil.cpu_count(logical=True)},
        "process_elapsed_s": round(time.time() - process.create_time(), 2),
        "process_cpu_s": round(sum(process.cpu_times()[:2]), 2),
        "peak_memory_bytes": peak,
    }
    return json.dumps(document, sort_keys=True, indent=1) + "\n"
