"""What runs cost: the estimates move the way that costs do, and finished runs correct them."""

from __future__ import annotations

import json

import pytest
import xarray as xr
from click.testing import CliRunner

import meanfield as mf
from meanfield import DeviationParameters, ErrorBudgetParameters, MeanFieldParameters
from meanfield.__main__ import main
from meanfield.runs.batch import cost_model, layout
from meanfield.runs.batch.cost_model import Cost, estimate
from meanfield.runs.batch.session import Batch
from meanfield.runs.results import save_dataset

NETWORK = {"order": 100, "g": 6.0}
RATE = float(mf.fixed_points(mf.brunel_network(**NETWORK))["rate"].max())


def seconds(**parameters) -> float:
    return estimate(DeviationParameters(**parameters)).seconds


def test_more_work_costs_more():
    base = seconds(order=500)
    for more in ({"duration": 2000.0}, {"n_seeds": 2}, {"dt": 0.05}, {"eta": 4.0}, {"epsilon": 0.2}):
        assert seconds(**{"order": 500} | more) > base, more
    assert seconds(order=500, threads=2) < base
    assert estimate(MeanFieldParameters()) == Cost()
    assert estimate(ErrorBudgetParameters(order=500, threads=1)).seconds > base


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("NEURON", 2 * 500),
        ("SYNAPSE", 2 * 500 * 50),
        ("UPDATE", 2 * 500 * 10_000),
        ("DELIVERY", 2 * 500 * 50 * RATE),  # each neuron has as many targets as sources
    ],
)
def test_work_is_counted_as_it_is_done(monkeypatch, part, expected):
    for other in ("OF_RUNNER", "PER_NEURON", "PER_SYNAPSE", "PER_UPDATE", "PER_DELIVERY"):
        monkeypatch.setattr(cost_model, f"SECONDS_{other}", float(other.endswith(part)))
    counted = seconds(**NETWORK, duration=900.0, warmup=100.0, n_seeds=2)
    assert counted == pytest.approx(expected)


def test_a_job_is_allowed_more_than_estimated():
    cost = estimate(DeviationParameters())
    assert cost.memory_mb > cost.memory / 1e6 > 1000
    assert cost.minutes_allowed > cost.seconds / 60


def test_a_plan_tells_runs_time_memory_and_disk_and_learns_from_finished_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.yml"
    file.write_text("notebook: notebooks/deviation.ipynb\ngrid:\n- g: [4.0, 5.0]\nseeds: [1, 2, 3]\n")

    def lines() -> dict[str, str]:
        done = CliRunner().invoke(main, ["plan", str(file)])
        assert done.exit_code == 0, done.output
        return {name: text.strip() for name, text in (line.split(":", 1) for line in done.output.splitlines())}

    first = lines()
    assert first["runs"] == "6 (2 g × 3 seed), 0 of them finished"
    assert {"time", "memory", "disk"} <= set(first)
    assert first["estimated"] == "from typical times of a computer of 2024"
    assert not (tmp_path / "results").exists()

    batch = Batch.prepare(file)
    batch.stamp()
    for run in list(batch.runs.values())[:3]:
        dataset = layout.run_dataset(batch.experiment, run)
        save_dataset(xr.Dataset(attrs={"provenance": run.checked.provenance()}), dataset)
        took = {"process_elapsed_s": 100 * estimate(run.checked).seconds, "peak_memory_bytes": 3e9}
        dataset.with_name("deviation.circumstances.json").write_text(json.dumps(took))
    now = lines()
    assert now["runs"] == "6 (2 g × 3 seed), 3 of them finished"
    assert now["memory"].startswith("3 GB a run")
    assert "h a run" not in first["time"]
    assert "h a run" in now["time"]
    assert now["estimated"] == "from 3 finished runs"


def test_a_run_on_a_network_whose_file_has_changed_is_not_finished(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network, file = tmp_path / "network.yml", tmp_path / "mine.yml"
    mf.brunel_network(order=25).to_yaml(network)
    file.write_text(f"notebook: notebooks/deviation.ipynb\nfixed: {{network_file: {network}}}\n")
    batch = Batch.prepare(file)
    batch.stamp()
    (run,) = batch.runs.values()
    save_dataset(xr.Dataset(attrs={"provenance": run.checked.provenance()}), batch.datasets[0])
    assert Batch.prepare(file).unfinished() == []
    network.write_text("# words\n" + network.read_text())
    assert Batch.prepare(file).unfinished() == []
    mf.brunel_network(order=25, g=6.0).to_yaml(network)
    assert len(Batch.prepare(file).unfinished()) == 1
