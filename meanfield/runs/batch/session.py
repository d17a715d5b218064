"""One session of a batch: its claim on the experiment, its progress, and the reasons of what failed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, NoReturn

from meanfield.model.quantities import ParameterError
from meanfield.model.yaml_files import yaml_text
from meanfield.runs.batch import layout
from meanfield.runs.batch.cost_model import estimate
from meanfield.runs.batch.dependencies import code_digest
from meanfield.runs.batch.experiment import Experiment, Run, in_words
from meanfield.runs.batch.failure import failure
from meanfield.runs.batch.identity import is_readable, not_the_run
from meanfield.runs.batch.lock import claim
from meanfield.runs.batch.progress import Progress
from meanfield.runs.files import JOURNAL, finish_replacing, refuse_unwritable, write_atomically
from meanfield.runs.places import repository
from meanfield.simulation.memory import memory_available

LITTLE_ROOM = 1_000_000  # bytes


@dataclass(frozen=True)
class Batch:
    """An experiment that has been read and checked as a whole."""

    path: Path
    experiment: Experiment
    runs: dict[str, Run]

    @classmethod
    def prepare(cls, path: Path) -> Batch:
        """Read and check an experiment file.

        Raises
        ------
        ParameterError
            If anything in it cannot be used.
        """
        experiment = Experiment.from_yaml(path)
        return cls(path, experiment, {run.name: run for run in experiment.runs()})

    @property
    def notebook(self) -> Path:
        """The notebook's path."""
        return repository("a batch") / self.experiment.notebook

    @property
    def datasets(self) -> list[Path]:
        """The runs' datasets, in the order of the grid."""
        return [layout.run_dataset(self.experiment, run) for run in self.runs.values()]

    @property
    def products(self) -> list[Path]:
        """All that the batch makes in the end: the runs' datasets, the collected one, and figures."""
        return [*self.datasets, layout.collected_dataset(self.experiment), *layout.figure_files(self.experiment)]

    @cached_property
    def code_digest(self) -> str:
        """What the code is that makes the runs; see `dependencies.code_digest`."""
        return code_digest(self.notebook)

    def stamp(self) -> Path:
        """The file that is newer than all runs that were made with other code; written if need be."""
        stamp = layout.code_stamp(self.experiment)
        if not stamp.exists() or stamp.read_text() != self.code_digest:
            write_atomically(stamp, lambda temporary: temporary.write_text(self.code_digest))
        return stamp

    def unfinished(self) -> list[Run]:
        """Runs without a dataset, with one that is not theirs, or with one that was made with other code."""
        stamp = layout.code_stamp(self.experiment)
        known = stamp.exists() and stamp.read_text() == self.code_digest
        return [
            run
            for run, file in zip(self.runs.values(), self.datasets, strict=True)
            if not (known and file.exists() and file.stat().st_mtime >= stamp.stat().st_mtime) or not_the_run(file, run)
        ]

    def set_aside_strange_datasets(self) -> None:
        """Rename datasets that cannot be read or are not of the run in whose folder they lie, so that it runs again."""
        strange = [
            file
            for file, run in zip(self.datasets, self.runs.values(), strict=True)
            if file.exists() and not_the_run(file, run)
        ]
        collected = layout.collected_dataset(self.experiment)
        if collected.exists() and not is_readable(collected):
            strange.append(collected)
        for file in strange:
            file.replace(file.with_suffix(".strange"))
            say(f"{file} cannot be read, or is of another run; it is {file.stem}.strange now")

    def refuse_strange_datasets(self) -> None:
        """Refuse to take a dataset for a run that it is not.

        Raises
        ------
        ParameterError
            Naming each.
        """
        pairs = zip(self.datasets, self.runs.values(), strict=True)
        strange = [f"{file} {why}" for file, run in pairs if (why := not_the_run(file, run))]
        if strange:
            raise ParameterError(strange)

    def write_parameters(self) -> None:
        """Write the parameters of each run that is to be done into its folder, from which the run reads them."""
        for run in self.unfinished():
            text = yaml_text(run.given)
            file = layout.parameter_file(self.experiment, run)
            if not file.exists() or file.read_text() != text:
                try:
                    write_atomically(file, lambda temporary, text=text: temporary.write_text(text))
                except ParameterError as error:  # the run will fail, and what is finished is kept
                    say(str(error))


# Held until this process ends, however it ends: the system lets go of them, so that nobody ever has to unlock.
_locks: list[IO[str]] = []
_progress: list[Progress] = []


def begin(batches: Iterable[Batch]) -> None:
    """Claim the experiments for this process, tidy up after killed ones, and show progress from now on.

    Raises
    ------
    AlreadyRunning
        If another process has claimed one of them.
    """
    batches = list(batches)
    for batch in batches:
        _locks.append(claim(layout.folder_of(batch.experiment)))
        for journal in layout.folder_of(batch.experiment).rglob(JOURNAL):
            finish_replacing(journal.parent)
        for left in layout.folder_of(batch.experiment).rglob(".*.partial*"):
            left.unlink(missing_ok=True)
        batch.set_aside_strange_datasets()
        batch.write_parameters()
    costs = [
        (file, estimate(run.checked).seconds)
        for batch in batches
        for file, run in zip(batch.datasets, batch.runs.values(), strict=True)
    ]
    _progress.append(Progress(dict(costs)))


def end(batches: Iterable[Batch]) -> None:
    """Tell where the results are, or which runs are missing, why, and where their notebooks lie."""
    while _progress:
        _progress.pop().end()
    for batch in batches:
        missing, folder = batch.unfinished(), layout.folder_of(batch.experiment)
        if not missing:
            say(f"{folder.name}: {len(batch.runs)} runs, collected in {layout.collected_dataset(batch.experiment)}")
            continue
        say(f"{folder.name}: {len(missing)} of {len(batch.runs)} runs are missing")
        for run in missing:
            say(f"  {in_words(run.given)}: {failure(layout.run_folder(batch.experiment, run))}")
        free = shutil.disk_usage(folder).free
        if free < LITTLE_ROOM:
            say(f"No space left on device: {folder} has room for {free / 1e3:.0f} kB more")


def say(sentence: str) -> None:
    """Tell the user, beside what Snakemake tells."""
    print(sentence, file=sys.stderr)


def run_batch(file: Path, options: Sequence[str] = ()) -> NoReturn:
    """Check an experiment as a whole, then become Snakemake, which runs what is not finished in the current folder.

    The process stays the same: whoever ends it ends the batch.

    Parameters
    ----------
    file : path
        The experiment.
    options : sequence of str
        Handed to Snakemake.

    Raises
    ------
    ParameterError
        If the experiment cannot be used, or results cannot be written: then nothing has run.
    AlreadyRunning
        If another process runs this experiment in this folder.
    """
    batch = Batch.prepare(file)
    folder = layout.folder_of(batch.experiment)
    refuse_unwritable(folder.resolve())
    with claim(folder):  # Snakemake claims it for good; this tells sooner, and without its surroundings
        if not runs_elsewhere(options):
            use_emptied(temporary_files(folder))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, snakemake_command(file, options))


def temporary_files(folder: Path) -> Path:
    """Where Snakemake keeps temporary files of an experiment with this folder, beside its other notes."""
    return Path(".snakemake", "temporary", folder.name).resolve()


def use_emptied(place: Path) -> None:
    """Make `place` the temporary directory of this process, without what a killed one has left there."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    os.environ["TMPDIR"] = str(place)


def runs_elsewhere(options: Sequence[str]) -> bool:
    """Whether a scheduler sees to the runs, on machines that have temporary directories and memory of their own."""
    return any(option.startswith(("--profile", "--workflow-profile", "--executor")) for option in options)


def snakemake_command(file: Path, options: Sequence[str]) -> list[str]:
    """How Snakemake is called; on this machine runs get its free memory to share."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(repository("a batch") / "workflow" / "Snakefile")]
    memory = [] if runs_elsewhere(options) else ["--resources", f"mem_mb={memory_available() // 10**6}"]
    return [*command, *memory, "--config", f"experiment={file}", *options]
