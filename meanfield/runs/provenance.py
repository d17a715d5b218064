"""Provenance of a dataset: a versioned JSON document that travels inside it.

It holds what determines the result, and nothing that merely happened, so that the same commit with the same parameters
writes the same bytes. What happened goes into `circumstances`, a document beside the dataset.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import psutil
from pydantic import BaseModel, Field, ValidationError

from meanfield.model.quantities import ParameterError, stated
from meanfield.runs.sources import ROOT, changed_since_start, git_state, is_committed, sources_digest

SCHEMA_VERSION = 1
PLAIN = r"^\w[\w-]*$"  # a name that is no path
SOFTWARE = [
    "nest-simulator",
    "numba",
    "numpy",
    "scipy",
    "xarray",
    "h5netcdf",
    "h5py",
    "matplotlib",
    "pydantic",
    "papermill",
]


@dataclass(frozen=True)
class Start:
    """What a notebook's code was when it began.

    Parameters
    ----------
    git : dict
        From `git_state`.
    executed : sequence of str
        Sources of the notebook's cells, which Jupyter adds to as they are executed; empty outside a notebook.
    """

    git: dict[str, Any]
    executed: Sequence[str] = ()

    @classmethod
    def of(cls, namespace: Mapping[str, Any]) -> Start:
        """Now, in the notebook with these ``globals()``."""
        return cls(git_state(), namespace.get("In", ()))


def provenance(
    notebook: str,
    parameters: dict[str, Any],
    network: dict[str, Any] | None = None,
    dataset: str = "",
    start: Start | None = None,
) -> str:
    """The document, as JSON with sorted keys.

    Parameters
    ----------
    notebook : str
        Name of the notebook that made the dataset.
    parameters : dict
        All its parameters that determine the result, seed and threads among them.
    network : dict, optional
        Description of a network that came from a file.
    dataset : str, optional
        Name of the dataset, if it is not the notebook's.
    start : Start, optional
        The code as it was when the notebook began. What was changed since then is named, and nothing is "clean" then.
    """
    start = start or Start(git_state())
    changed = changed_since_start()
    git = dict(start.git)
    if git["clean"]:
        git["clean"] = not changed and (not start.executed or is_committed(notebook, start.executed, git["commit"]))
    lock = ROOT / "requirements.lock"
    document = {
        "schema_version": SCHEMA_VERSION,
        "notebook": notebook,
        "dataset": dataset or notebook,
        "parameters": parameters,
        "network": network,
        "software": {"python": platform.python_version(), "meanfield": metadata.version("meanfield")}
        | {name: metadata.version(name) for name in SOFTWARE if _is_installed(name)},
        "git": git,
        "sources_sha256": sources_digest(),
        "changed_during_run": changed,
        "requirements_lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else None,
    }
    return json.dumps(document, sort_keys=True, indent=1)


def _is_installed(name: str) -> bool:
    return any(True for _ in metadata.distributions(name=name))


class _Git(BaseModel):
    commit: str | None
    clean: bool | None


class _OfRun(BaseModel):
    """What the document of one run holds at least."""

    notebook: Annotated[str, Field(pattern=PLAIN)]
    dataset: Annotated[str, Field(pattern=PLAIN)] = ""
    parameters: dict[str, Any]
    network: dict[str, Any] | None
    software: dict[str, str]
    git: _Git
    requirements_lock_sha256: str | None


class _OfExperiment(BaseModel):
    """What the document of a collected dataset holds at least."""

    experiment: dict[str, Any]
    sources: list[_OfRun]


def read_provenance(attrs: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """The document in a dataset's attributes. Whoever wrote it, what it holds is of the right kind.

    Raises
    ------
    ParameterError
        If there is none, it is of a version that cannot be read here, or it is something else.
    """
    if "provenance" not in attrs:
        raise ParameterError([f"{file} does not tell what made it: it has no attribute provenance"])
    try:
        document = json.loads(attrs["provenance"])
        version = document["schema_version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ParameterError([f"{file}: its provenance is not the document that a run writes"]) from None
    if not isinstance(version, int) or not 1 <= version <= SCHEMA_VERSION:
        culprit = stated("schema_version", version)
        raise ParameterError([f"{file}: its provenance has {culprit}; it must be ≥ 1 and ≤ {SCHEMA_VERSION}"])
    try:
        (_OfExperiment if "experiment" in document else _OfRun).model_validate(document, strict=True)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise ParameterError([f"{file}: {where} in its provenance is not usable: {problem['msg']}"]) from None
    return document


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
