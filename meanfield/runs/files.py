"""Files and folders for results: complete or not there, also after a power cut; a set of files is replaced as one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil

from meanfield.model.quantities import ParameterError, stated
from meanfield.runs.places import in_repository, start
from meanfield.runs.sources import ROOT

# Says, while a set of files is replaced, which temporary name becomes which final one.
JOURNAL = ".replacing.json"
TEMPORARY = "meanfield"  # how names of temporary folders begin
# Where results must not go, in the repository: sources, and results that are tracked.
NOT_FOR_RESULTS = (
    *("meanfield", "notebooks", "experiments", "workflow", "tests", "benchmarks", "docs"),
    *(".git", ".github", ".ci", ".venv", "results/reference"),
)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file under a temporary name beside `path`, bring it to the disk, then rename it.

    Raises
    ------
    ParameterError
        If the folder cannot be written to or the disk is full; what was at `path` before is then untouched.
    """
    temporary = _temporary(path)
    with _refusing(path), _removing([temporary]):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        _to_disk(temporary)
        os.replace(temporary, path)
        _to_disk(path.parent)


def write_as_set(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, by name, that belong together: after a kill or a power cut all are new, or all as before.

    All are brought to the disk under temporary names. A journal then says what they become, and `finish_replacing`
    carries it out should this process not come to it. The last file is renamed last.

    Raises
    ------
    ParameterError
        If the folder cannot be written to or the disk is full; nothing has changed then.
    """
    temporaries = {_temporary(folder / name): folder / name for name in files}
    with _refusing(folder), _removing(temporaries):
        folder.mkdir(parents=True, exist_ok=True)
        for temporary, content in zip(temporaries, files.values(), strict=True):
            temporary.write_bytes(content)
            _to_disk(temporary)
        names = {temporary.name: path.name for temporary, path in temporaries.items()}
        write_atomically(folder / JOURNAL, lambda path: path.write_text(json.dumps(names)))
        finish_replacing(folder)


def finish_replacing(folder: Path) -> None:
    """Carry out the journal that a killed process has left in a folder, if there is one."""
    journal = folder / JOURNAL
    try:
        names = json.loads(journal.read_text())
    except (OSError, ValueError):
        return
    for temporary, final in names.items():
        # Only names of this folder, whoever wrote the journal.
        if {Path(temporary).name, Path(final).name} == {temporary, final} and temporary.startswith("."):
            with contextlib.suppress(FileNotFoundError):
                os.replace(folder / temporary, folder / final)
    _to_disk(folder)
    journal.unlink(missing_ok=True)


def temporary_prefix(machine: str) -> str:
    """How names of a machine's temporary folders begin; others may use the same place, with other processes."""
    return f"{TEMPORARY}-{zlib.crc32(machine.encode()):08x}-"


@contextlib.contextmanager
def temporary_folder(longest: int | None = None) -> Iterator[Path]:
    """A temporary folder that bears its machine and process; those of killed processes are removed on the way.

    Parameters
    ----------
    longest : int, optional
        Where the system's place for temporary folders has a longer name (in bytes) than this, /tmp is taken.
    """
    place = Path(tempfile.gettempdir())
    if longest is not None and len(os.fsencode(place)) > longest:
        place = Path("/tmp")
    prefix = temporary_prefix(platform.node())
    for left in place.glob(f"{prefix}*-*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)) and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{prefix}{os.getpid()}-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """The right to write into a folder, which is made if need be; what a killed run was replacing there is finished.

    Raises
    ------
    ParameterError
        If another run has it.
    """
    with _refusing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        reason = "is where another run is writing; let that end first, or choose another folder"
        raise ParameterError([f"{stated('output', str(folder))} {reason}"]) from None
    except OSError:
        pass  # a file system without locks
    try:
        finish_replacing(folder)
        yield
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):  # unless it is empty
            folder.rmdir()


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")


@contextlib.contextmanager
def _refusing(path: Path):
    try:
        yield
    except OSError as error:
        raise ParameterError([f"{path} cannot be written: {error.strerror or error}"]) from error


@contextlib.contextmanager
def _removing(paths):
    try:
        yield
    finally:
        for path in paths:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if path.is_file():  # some file systems cannot do it for a folder
            raise
    finally:
        os.close(handle)


def results_folder(output: str | Path) -> Path:
    """The folder that `output` names, as notebooks write it."""
    return start() / output


def refuse_unwritable(folder: Path) -> None:
    """Try to write in `folder`, which need not exist yet, and leave no trace.

    Raises
    ------
    ParameterError
        If it cannot be done, or the folder holds sources or tracked results.
    """
    place = folder.resolve()
    kept = [name for name in NOT_FOR_RESULTS if place.is_relative_to((ROOT / name).resolve())]
    if in_repository() and (kept or place == ROOT):
        where = f"lies in {kept[0]}/" if kept else "is the repository itself"
        raise ParameterError([f"{stated('output', str(folder))} {where}, which is not for a run's results"])
    try:
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        # A folder of its own name, so that runs that start side by side do not see each other's attempts.
        with tempfile.TemporaryDirectory(prefix=".", dir=existing):
            pass
    except OSError as error:
        reason = f"is not a folder that can be written to: {error.strerror}"
        raise ParameterError([f"{stated('output', str(folder))} {reason}"]) from None


def refuse_unwritable_file(path: Path, ending: str) -> None:
    """Try whether a file that is to be sent or read elsewhere can be written, and leave no trace.

    Raises
    ------
    ParameterError
        If its name does not end in `ending`, its folder cannot be written to, or that holds sources or tracked results.
    """
    if path.suffix != ending:
        raise ParameterError([f"{stated('output', str(path))} must end in {ending}"])
    if path.is_dir():
        raise ParameterError([f"{stated('output', str(path))} is a folder"])
    if path.resolve().parent != ROOT:
        refuse_unwritable(path.parent)
