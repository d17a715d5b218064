"""The code that makes a result: its commit and digest, and whether it is still what this process began with."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from meanfield.runs.parameter_cells import work_in

# The repository, where the package is installed from it in editable mode, as the Makefile does.
ROOT = Path(__file__).resolve().parent.parent.parent
# What a result depends on there, beside its notebook.
PACKAGE, SETTINGS = ROOT / "meanfield", ("pyproject.toml", "requirements.lock")

BEGAN = time.time()  # when this process began to use the package for a run


def source_files() -> list[Path]:
    """The package's files and those that say what is installed, in order of name."""
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / name for name in SETTINGS if (ROOT / name).exists())])


def sources_digest() -> str:
    """SHA-256 of all `source_files`, by name and content."""
    digest = hashlib.sha256()
    for file in source_files():
        digest.update(f"{file.relative_to(ROOT)}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def changed_since_start() -> list[str]:
    """Source files that were written since this process began, also if they are as before by now.

    What a process has loaded may be older or newer than the file then.
    """
    return [str(file.relative_to(ROOT)) for file in source_files() if file.stat().st_ctime > BEGAN]


def git_state() -> dict[str, Any]:
    """The commit, and whether the source files are as committed; None outside the project's repository."""
    try:
        if not _git("rev-parse", "--show-prefix"):  # else ROOT lies within some other project's repository
            changed = _git("status", "--porcelain", "--", "meanfield", *SETTINGS)
            return {"commit": _git("rev-parse", "HEAD"), "clean": not changed}
    except (OSError, subprocess.CalledProcessError):
        pass
    return {"commit": None, "clean": None}


def is_committed(notebook: str, executed: Sequence[str], commit: str) -> bool:
    """Whether the cells that were executed, unless they only set parameters, are those of a notebook in a commit."""
    try:
        cells = json.loads(_git("show", f"{commit}:notebooks/{notebook}.ipynb"))["cells"]
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
        return False
    committed = {"".join(cell["source"]).strip() for cell in cells if cell["cell_type"] == "code"}
    return work_in(executed) <= committed


def _git(*arguments: str) -> str:
    # GIT_DIR and the like would name another repository.
    foreign = {name for name in os.environ if name.startswith("GIT_")} - {"GIT_CEILING_DIRECTORIES"}
    surroundings = {name: value for name, value in os.environ.items() if name not in foreign}
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=surroundings).stdout.strip()
