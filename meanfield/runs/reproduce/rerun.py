"""The same run again, from what a dataset's provenance tells; and whether it says the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError
from meanfield.runs.files import write_atomically
from meanfield.runs.provenance import ROOT, SCHEMA_VERSION
from meanfield.runs.reproduce.judgement import FALSE_ALARM, Judgement, Verdict, judge
from meanfield.runs.results import load_dataset

# Written last, into the folder of a rerun: what lies there without it has been interrupted.
REPORT = "judgement.txt"
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


def rerun(file: Path, folder: Path) -> Rerun:
    """Run again the notebook, or the whole experiment, that made a dataset.

    Parameters
    ----------
    file : Path
    folder : Path
        For the new results. What a rerun that was interrupted has left there is continued if it was an experiment's.

    Raises
    ------
    ParameterError
        If the dataset does not tell what made it, or its parameters are not those of today's notebook.
    RunFailed
        If the run stops with an error.
    """
    stored = load_dataset(file)
    document = provenance_of(stored.attrs, file)
    if (folder / REPORT).exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if "experiment" in document:
        anew_file = _run_experiment(document, list(stored.dims), folder)
    else:
        anew_file = _run_notebook(document, folder)
    anew = load_dataset(anew_file)
    changes = [*changes_between(document, provenance_of(anew.attrs, anew_file)), *_change_of_experiment(document)]
    found = Rerun(judge(stored, anew), tuple(changes), anew_file)
    write_atomically(folder / REPORT, lambda temporary: temporary.write_text(f"{found}\n"))
    return found


def provenance_of(attrs: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """The provenance in a dataset's attributes.

    Raises
    ------
    ParameterError
        If there is none, or it is of a later version than this one can read.
    """
    if "provenance" not in attrs:
        raise ParameterError([f"{file} does not tell what made it: it has no attribute provenance"])
    document = json.loads(attrs["provenance"])
    version = document["schema_version"]
    if version > SCHEMA_VERSION:
        raise ParameterError([f"{file}: its provenance has schema_version = {version}; it must be ≤ {SCHEMA_VERSION}"])
    return document


def _run_notebook(document: Mapping[str, Any], folder: Path) -> Path:
    from meanfield.runs.runner import NotebookFailed, run_notebook

    name = document["notebook"]
    parameters = document["parameters"] | _network_file(document, folder)
    try:
        run_notebook(ROOT / "notebooks" / f"{name}.ipynb", folder, parameters)
    except NotebookFailed as error:
        raise RunFailed(str(error)) from None
    return folder / f"{name}.nc"


def _network_file(document: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The file of a network that came from one: written anew unless it still says the same."""
    if not document["network"]:
        return {}
    network = Network(**document["network"])
    try:
        if Network.from_yaml(ROOT / document["parameters"]["network_file"]) == network:
            return {}
    except ParameterError:
        pass
    network.to_yaml(folder / "network.yml")
    return {"network_file": str(folder.resolve() / "network.yml")}


def _run_experiment(document: Mapping[str, Any], dimensions: Sequence[Any], folder: Path) -> Path:
    experiment = dict(document["experiment"])
    name = experiment.pop("name")
    # Provenance is sorted; which of the columns that step together comes first, and names the dimension, is lost there.
    experiment["grid"] = [
        {column: axis[column] for column in sorted(axis, key=lambda column: column not in dimensions)}
        for axis in experiment["grid"]
    ]
    if document["sources"]:
        experiment["fixed"] = experiment["fixed"] | _network_file(document["sources"][0], folder)
    file = folder.resolve() / f"{name}.yml"
    file.write_text(yaml.safe_dump(experiment, sort_keys=False))
    if subprocess.run([sys.executable, "-m", "meanfield", "batch", file], cwd=folder, check=False).returncode:
        raise RunFailed(f"experiment {name} did not run to its end; what it left is in {folder}")
    return folder / "results" / name / f"{name}.nc"


def changes_between(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two provenances in how the datasets were made, a sentence each."""
    old, new = _made_with(before), _made_with(now)
    for what in {**old, **new}:
        values = old.get(what, "none"), new.get(what, "none")
        if values[0] != values[1] or UNCOMMITTED in values[1]:  # such changes need not have been the same
            yield f"{what}: {values[0]} before, {values[1]} now"


def _made_with(document: Mapping[str, Any]) -> dict[str, str]:
    """Commit, lock file and software; several where the runs of an experiment were made with several."""
    found: dict[str, set[str]] = {}
    for source in document.get("sources", [document]):
        commit = str(source["git"]["commit"])[:10] + ("" if source["git"]["clean"] else UNCOMMITTED)
        lock = str(source["requirements_lock_sha256"])[:10]
        for what, value in ({"commit": commit, "requirements.lock": f"SHA-256 {lock}…"} | source["software"]).items():
            found.setdefault(what, set()).add(value)
    return {what: " and ".join(sorted(values)) for what, values in found.items()}


def _change_of_experiment(document: Mapping[str, Any]) -> Iterator[str]:
    """A sentence if the file of a dataset's experiment says something else by now; the dataset's own is what runs."""
    if "experiment" not in document:
        return
    from meanfield.runs.batch.experiment import Experiment

    file = Path("experiments") / f"{document['experiment']['name']}.yml"
    try:
        today = json.loads(Experiment.from_yaml(ROOT / file).model_dump_json())
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
            found = rerun(path, ROOT / "results" / "reproduced" / name)
        except (ParameterError, RunFailed) as error:
            say(f"\n{name}: not made\n{error}")
            verdicts[name], reproduced = "not made", False
            continue
        say(f"\n{name}: {found}")
        verdicts[name] = str(found.judgement.verdict)
        reproduced &= found.judgement.verdict is not Verdict.DIFFERENT
    width = max(map(len, verdicts), default=0)
    say("\n" + "\n".join(f"{name:{width}}  {verdict}" for name, verdict in verdicts.items()))
    say(f"(statistically equal: by t, F and Stouffer tests, false alarms in at most {FALSE_ALARM:g} of the datasets)")
    return reproduced
