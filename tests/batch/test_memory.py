"""What a batch takes of its machine: no more memory than there is, and a temporary directory of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from meanfield.runs.batch import session


def memory_given(monkeypatch, *options: str) -> list[str]:
    monkeypatch.setattr(session, "memory_available", lambda: 8_000_000_000)
    command = session.snakemake_command(Path("some.yml"), options)
    return [word for word in command if word.startswith("mem_mb")]


def test_a_batch_on_this_machine_knows_its_memory(monkeypatch):
    assert memory_given(monkeypatch, "-c2") == ["mem_mb=8000"]


@pytest.mark.parametrize("option", ["--workflow-profile", "--profile=mine", "--executor"])
def test_a_cluster_has_its_own(option, monkeypatch):
    assert memory_given(monkeypatch, option) == []


@pytest.mark.parametrize(("options", "own"), [(["-c2"], True), (["--profile=mine"], False), (["--executor"], False)])
def test_temporary_files_lie_beside_snakemakes_notes_but_on_a_cluster_each_machine_has_its_own(
    options, own, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", "/tmp")
    monkeypatch.setattr(session.os, "execv", lambda *command: None)
    file = tmp_path / "some.yml"
    file.write_text("notebook: notebooks/rate_network.ipynb\ngrid:\n- g: [5.0]\n")
    left = tmp_path / ".snakemake" / "temporary" / "some" / "left"
    left.mkdir(parents=True)
    session.run_batch(file, options)
    assert left.exists() == (not own)
    assert Path(os.environ["TMPDIR"]) == (left.parent if own else Path("/tmp"))
