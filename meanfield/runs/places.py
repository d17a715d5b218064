"""Where paths start: those of the repository at its root, those that a user types where the user stands.

Within notebooks, experiments and files of parameters, paths start at the repository's root, so that these say the same
on every machine. An ordinary installation has no repository: there all paths start where the user stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from meanfield.model.quantities import ParameterError, Parameters
from meanfield.runs import sources


def in_repository() -> bool:
    """Whether the package is installed from its repository, in editable mode, as the Makefile does."""
    return (sources.ROOT / "notebooks").is_dir() and (sources.ROOT / "requirements.lock").is_file()


def repository(what: str) -> Path:
    """The root of the repository, for something that needs it.

    Parameters
    ----------
    what : str
        What needs it, as the beginning of a sentence.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if in_repository():
        return sources.ROOT
    raise ParameterError([f"{what} needs the project's repository, and this meanfield is installed without it"])


def start() -> Path:
    """Where relative paths in notebooks and in files of parameters start."""
    return sources.ROOT if in_repository() else Path.cwd()


def written(path: str | Path) -> str:
    """A path from where the user stands, as notebooks write it: from `start` on if it leads below, else in full."""
    place = Path(path).resolve()
    return str(place.relative_to(start())) if place.is_relative_to(start()) else str(place)


def as_written(model: type[Parameters], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that a user has typed, with the paths of files among them as notebooks write them."""
    files = model.files()
    return {
        name: written(value) if name in files and isinstance(value, str) and value else value
        for name, value in typed.items()
    }
