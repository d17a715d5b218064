"""No room, or no right to write: told clearly, and nothing that was finished is lost."""

from __future__ import annotations

import subprocess

import pytest


@pytest.fixture
def small_disk(repository):
    """A file system of few MB where the results go; needs the right to mount."""
    results = repository.folder / "results"
    results.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", results], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a file system here")
    yield results
    subprocess.run(["umount", "-l", results], check=True)


def test_a_full_disk_is_told_and_the_batch_goes_on_when_there_is_room(repository, small_disk):
    ballast = small_disk / "ballast"
    file = repository.experiment("grid:\n- g: [4.0]\n")
    code, said = repository.batch(file)
    assert code == 0, said
    before = {name: path.read_bytes() for name, path in repository.datasets().items()}
    subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=1k"], capture_output=True)  # until the disk is full

    repository.experiment("grid:\n- g: [4.0, 5.0]\n")
    code, said = repository.batch(file)
    assert code != 0
    assert "No space left on device" in said
    assert "1 of 2 runs are missing" in said
    assert {name: path.read_bytes() for name, path in repository.datasets().items()} == before

    ballast.unlink()
    code, said = repository.batch(file)
    assert code == 0, said
    assert before.items() <= {name: path.read_bytes() for name, path in repository.datasets().items()}.items()
    assert len(repository.datasets()) == 2


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(repository):
    file = repository.experiment("grid:\n- g: [4.0, 5.0]\n")
    (repository.folder / "results").write_text("a file where the folder should be")
    code, said = repository.batch(file)
    assert code == 2
    assert said.startswith("meanfield: ")
    assert said.count("\n") == 1
    assert "is not a folder that can be written to" in said
