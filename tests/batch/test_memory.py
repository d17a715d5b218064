"""Runs side by side do not take more memory than there is."""

from __future__ import annotations

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
