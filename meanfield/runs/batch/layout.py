"""Places of an experiment's files, relative to the folder in which a batch runs."""

from __future__ import annotations

from pathlib import Path

from meanfield.runs.batch.experiment import Experiment, Run
from meanfield.runs.results import FIGURE_FORMATS

RESULTS = Path("results")


def folder_of(experiment: Experiment) -> Path:
    """The folder of all that an experiment makes."""
    return RESULTS / experiment.name


def run_folder(experiment: Experiment, run: Run) -> Path:
    """The folder of one run."""
    return folder_of(experiment) / "runs" / run.name


def run_dataset(experiment: Experiment, run: Run) -> Path:
    """The dataset that the notebook saves in a run, under the name of its parameter model."""
    return run_folder(experiment, run) / f"{run.checked.notebook()}.nc"


def parameter_file(experiment: Experiment, run: Run) -> Path:
    """The parameters that a run is given."""
    return run_folder(experiment, run) / "parameters.yml"


def code_stamp(experiment: Experiment) -> Path:
    """A digest of the code with which the runs are made; it is newer than a run that was made with other code."""
    return folder_of(experiment) / "code.sha256"


def collected_dataset(experiment: Experiment) -> Path:
    """The dataset of all runs."""
    return folder_of(experiment) / f"{experiment.name}.nc"


def figure_files(experiment: Experiment) -> list[Path]:
    """The figures that are drawn of the collected dataset."""
    names = experiment.figure.split()
    return [folder_of(experiment) / f"{name}.{ending}" for name in names for ending in FIGURE_FORMATS]
