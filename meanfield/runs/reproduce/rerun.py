"""A run made again from a dataset's provenance, and its comparison with that dataset."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, stated
from meanfield.model.yaml_files import yaml_text
from meanfield.runs.files import refuse_unwritable, temporary_folder, write_atomically
from meanfield.runs.places import repository, start
from meanfield.runs.provenance import PLAIN, read_provenance
from meanfield.runs.reproduce.judgement import FALSE_ALARM, Judgement, Verdict, judge
from meanfield.runs.results import load_dataset

# Written last, into the folder of a rerun: what lies there without it has been interrupted.
REPORT = "judgement.txt"
# Holds the digest of the provenance that is rerun in its folder.
MARK = ".rerun"
UNCOMMITTED = " with uncommitted changes"


class RunFailed(RuntimeError):
    """What made a dataset does not run any more; the message says why, and where to look."""


@dataclass(frozen=True)
class Rerun:
    """A dataset made anew beside the stored one; printed, it tells how they compare.

    Parameters
    ----------
    judgement : Judgement
    changes : tuple of str
        What differs in how the two were made: commit, software, lock file.
    dataset : Path
        The new one.
    """

    judgement: Judgement
    changes: tuple[str, ...]
    dataset: Path

    def __str__(self) -> str:
        changes = self.changes or ("same commit, software and lock file",)
        return "\n".join([*changes, f"new dataset: {self.dataset}", str(self.judgement)])


def rerun(file: Path, folder: Path | None = None, *, below: str = "results/rerun") -> Rerun:
    """Run again the notebook, or the whole experiment, that made a dataset.

    Parameters
    ----------
    file : Path
    folder : Path, optional
        For the new results: a new one, or that of an earlier rerun of the same dataset. Nothing that lies there is
        removed. An experiment's rerun that was interrupted goes on.
    below : str
        Without a folder, one below this folder of the repository is taken, which bears the dataset's name and a digest
        of its provenance.

    Raises
    ------
    ParameterError
        If the dataset does not tell what made it, its parameters are not those of today's notebook, or the package is
        installed without its repository.
    RunFailed
        If the run stops with an error.
    """
    stored = load_dataset(file)
    document = read_provenance(stored.attrs, file)
    folder = folder or repository("a rerun") / below / f"{file.stem}-{digest(document)}"
    _refuse_foreign(document, file)
    _refuse_used(folder, document)
    run = _rerun_experiment if "experiment" in document else _rerun_notebook
    with temporary_folder() as trial:
        run(stored, document, trial, only_check=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(digest(document))
    anew_file = run(stored, document, folder)
    anew = load_dataset(anew_file)
    changes = [*changes_between(document, read_provenance(anew.attrs, anew_file)), *_change_of_experiment(document)]
    result = Rerun(judge(stored, anew), tuple(changes), anew_file)
    write_atomically(folder / REPORT, lambda temporary: temporary.write_text(f"{result}\n"))
    return result


def digest(document: Mapping[str, Any]) -> str:
    """Eight characters that tell one provenance from another."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:8]


def _refuse_foreign(document: Mapping[str, Any], file: Path) -> None:
    """Refuse a notebook that is none of this repository's: a dataset must not say which code runs here."""
    notebook = document["experiment"].get("notebook") if "experiment" in document else document["notebook"]
    name = str(notebook).removeprefix("notebooks/").removesuffix(".ipynb")
    if not re.fullmatch(PLAIN, name) or not (repository("a rerun") / "notebooks" / f"{name}.ipynb").is_file():
        raise ParameterError([f"{file}: {stated('notebook', notebook)} is none of this repository's notebooks"])


def _refuse_used(folder: Path, document: Mapping[str, Any]) -> None:
    """Refuse a folder in which something lies that no rerun of this dataset has written."""
    refuse_unwritable(folder)
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not (mark.is_file() and mark.read_text() == digest(document)):
        raise ParameterError([f"{stated('output', str(folder))} holds other files already; choose a new folder"])


def _rerun_notebook(
    stored: xr.Dataset, document: Mapping[str, Any], folder: Path, *, only_check: bool = False
) -> Path | None:
    from meanfield.runs.notebook_file import read_parameters
    from meanfield.runs.runner import NotebookFailed, run_notebook

    name = document["notebook"]
    notebook = repository("a rerun") / "notebooks" / f"{name}.ipynb"
    parameters = document["parameters"] | _network_file(document, folder)
    if only_check:
        model, defaults = read_parameters(notebook)
        model(**(defaults | parameters | {"output": str(folder)}))
        return None
    try:
        run_notebook(notebook, folder, parameters, say=sys.stderr)
    except NotebookFailed as error:
        raise RunFailed(str(error)) from None
    return folder / f"{document.get('dataset', name)}.nc"


def _network_file(document: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The file of a network that came from one: written anew unless it still says the same."""
    if not document["network"]:
        return {}
    network = Network(**document["network"])
    try:
        if Network.from_yaml(start() / str(document["parameters"].get("network_file"))) == network:
            return {}
    except ParameterError:
        pass
    network.to_yaml(folder / "network.yml")
    return {"network_file": str(folder.resolve() / "network.yml")}


def _rerun_experiment(
    stored: xr.Dataset, document: Mapping[str, Any], folder: Path, *, only_check: bool = False
) -> Path | None:
    from meanfield.runs.batch.experiment import Experiment
    from meanfield.runs.batch.session import Batch

    described = Experiment(**document["experiment"])
    content = json.loads(described.model_dump_json(exclude={"name"}))
    # Provenance is sorted; which of the columns that step together comes first, and names the dimension, is lost there.
    content["grid"] = [
        {column: axis[column] for column in sorted(axis, key=lambda column: column not in stored.dims)}
        for axis in content["grid"]
    ]
    if document["sources"]:
        content["fixed"] |= _network_file(document["sources"][0], folder)
    file = folder.resolve() / f"{described.name}.yml"
    file.write_text(yaml_text(content))
    if only_check:
        Batch.prepare(file)
        return None
    again = ["--forceall"] if (folder / REPORT).exists() else []  # else it was interrupted, and goes on
    (folder / REPORT).unlink(missing_ok=True)
    command = [sys.executable, "-m", "meanfield", "batch", file, *again]
    if subprocess.run(command, cwd=folder, check=False).returncode:
        raise RunFailed(f"experiment {described.name} did not run to its end; what it left is in {folder}")
    return folder / "results" / described.name / f"{described.name}.nc"


def changes_between(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two provenances in how the datasets were made, a sentence each."""
    old, new = _made_with(before), _made_with(now)
    for what in {**old, **new}:
        values = old.get(what, "none"), new.get(what, "none")
        if values[0] != values[1] or UNCOMMITTED in values[1]:  # such changes need not have been the same
            yield f"{what}: {values[0]} before, {values[1]} now"


def _made_with(document: Mapping[str, Any]) -> dict[str, str]:
    """Commit, lock file and software; several where the runs of an experiment were made with several."""
    versions: dict[str, set[str]] = {}
    for source in document.get("sources", [document]):
        commit = str(source["git"]["commit"])[:10] + ("" if source["git"]["clean"] else UNCOMMITTED)
        lock = str(source["requirements_lock_sha256"])[:10]
        for what, value in ({"commit": commit, "requirements.lock": f"SHA-256 {lock}…"} | source["software"]).items():
            versions.setdefault(what, set()).add(value)
    return {what: " and ".join(sorted(values)) for what, values in versions.items()}


def _change_of_experiment(document: Mapping[str, Any]) -> Iterator[str]:
    """A sentence if the file of a dataset's experiment says something else by now; the dataset's own is what runs."""
    if "experiment" not in document:
        return
    from meanfield.runs.batch.experiment import Experiment

    file = Path("experiments") / f"{document['experiment']['name']}.yml"
    try:
        today = json.loads(Experiment.from_yaml(start() / file).model_dump_json())
    except ParameterError as error:
        yield f"run as the dataset tells, since {error}"
        return
    if today != document["experiment"]:
        yield f"run as the dataset tells; {file} says something else by now"


def reproduce(tracked: Path, names: Sequence[str], say: Callable[[str], object]) -> bool:
    """Make all tracked datasets anew, in ``results/reproduced``, and tell how they compare.

    Parameters
    ----------
    tracked : Path
        Folder with a folder for each result.
    names : sequence of str
        Which of these folders; all, if none are named.
    say : callable
        Told each dataset's report as soon as it is there, and the summary at the end.

    Returns
    -------
    bool
        Whether all were made, and none is different.

    Raises
    ------
    ParameterError
        If there is no folder of such a name.
    """
    files = {str(path.relative_to(tracked).with_suffix("")): path for path in sorted(tracked.glob("*/*.nc"))}
    known = sorted({path.parent.name for path in files.values()})
    if unknown := [name for name in names if name not in known]:
        raise ParameterError([f"{name!r} is no tracked result; there are {', '.join(known)}" for name in unknown])
    verdicts: dict[str, str] = {}
    reproduced = True
    for name, path in files.items():
        if names and path.parent.name not in names:
            continue
        try:
            result = rerun(path, below="results/reproduced")
        except (ParameterError, RunFailed) as error:
            say(f"\n{name}: not made\n{error}")
            verdicts[name], reproduced = "not made", False
            continue
        say(f"\n{name}: {result}")
        verdicts[name] = str(result.judgement.verdict)
        reproduced &= result.judgement.verdict is not Verdict.DIFFERENT
    width = max(map(len, verdicts), default=0)
    say("\n" + "\n".join(f"{name:{width}}  {verdict}" for name, verdict in verdicts.items()))
    say(f"(statistically equal: by t, F and Stouffer tests, false alarms in at most {FALSE_ALARM:g} of the datasets)")
    return reproduced
