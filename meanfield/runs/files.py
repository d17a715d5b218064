"""Files and folders for results: written under a temporary name first, so that a file that exists is complete."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from meanfield.model.quantities import ParameterError, stated
from meanfield.runs.provenance import ROOT


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file under a temporary name beside `path`, then rename it.

    Raises
    ------
    ParameterError
        If the folder cannot be written to or the disk is full; what was at `path` before is then untouched.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise ParameterError([f"{path} cannot be written: {error.strerror or error}"]) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def results_folder(output: str | Path) -> Path:
    """The folder that `output` names: relative to the repository's root, wherever the notebook runs."""
    return ROOT / output


def refuse_unwritable(folder: Path) -> None:
    """Try to write in `folder`, which need not exist yet, and leave no trace.

    Raises
    ------
    ParameterError
        If it cannot be done.
    """
    try:
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        # A folder of its own name, so that runs that start side by side do not see each other's attempts.
        with tempfile.TemporaryDirectory(prefix=".", dir=existing):
            pass
    except OSError as error:
        reason = f"is not a folder that can be written to: {error.strerror}"
        raise ParameterError([f"{stated('output', str(folder))} {reason}"]) from None
