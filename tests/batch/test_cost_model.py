"""What runs cost: the estimates move the way that costs do."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from click.testing import CliRunner

from meanfield import DeviationParameters, ErrorBudgetParameters, MeanFieldParameters
from meanfield.__main__ import main
from meanfield.runs.batch import cost_model
from meanfield.runs.batch.cost_model import CostModel, measure, work_of

MODEL = CostModel()


def seconds(**parameters) -> float:
    return MODEL.seconds(DeviationParameters(**parameters))


def test_more_work_costs_more():
    base = seconds(order=500)
    for more in ({"duration": 2000.0}, {"n_seeds": 2}, {"dt": 0.05}, {"eta": 4.0}, {"epsilon": 0.2}):
        assert seconds(**{"order": 500} | more) > base, more
    assert seconds(order=500, threads=2) < base
    assert MODEL.seconds(MeanFieldParameters()) == MODEL.fixed
    assert MODEL.seconds(ErrorBudgetParameters(order=500, threads=1)) > base


def test_work_is_counted_as_it_is_done():
    work = work_of(DeviationParameters(order=100, duration=900.0, warmup=100.0, g=6.0, n_seeds=2))
    assert work.neurons == 2 * 500
    assert work.synapses == 2 * 500 * 50
    assert work.updates == pytest.approx(500 * 20_000)
    assert work.deliveries == pytest.approx(work.recorded * 50)  # each neuron has as many targets as sources


def test_a_job_is_allowed_more_than_expected():
    checked = DeviationParameters()
    assert MODEL.memory_mb(checked) > MODEL.memory(checked) / 1e6 > 1000
    assert MODEL.minutes_allowed(checked) > MODEL.seconds(checked) / 60


@pytest.fixture
def no_measurement(tmp_path, monkeypatch):
    file = tmp_path / "cost.json"
    monkeypatch.setattr(cost_model, "MEASURED", file)
    return file


def test_another_machines_measurement_is_not_taken(no_measurement):
    other = CostModel(fixed=99.0, measured="2026-01-01 on elsewhere with NEST 2.0")
    no_measurement.write_text(json.dumps(asdict(other)))
    assert CostModel.of_this_machine() == CostModel()


def test_this_machine_is_measured_once(no_measurement):
    said = []
    measured = measure(said.append)
    assert len(said) == 1
    assert CostModel.of_this_machine() == measured
    assert measured.fixed > 0.3
    for constant in (measured.per_neuron, measured.per_update, measured.per_delivery, measured.per_synapse):
        assert 1e-10 < constant < 1e-3


def test_a_plan_tells_runs_time_memory_and_disk(no_measurement, tmp_path, monkeypatch):
    monkeypatch.setattr(cost_model, "_machine", lambda: "here")
    no_measurement.write_text(json.dumps(asdict(CostModel(measured="2026-01-01 on here"))))
    file = tmp_path / "mine.yml"
    file.write_text("notebook: notebooks/deviation.ipynb\ngrid:\n- g: [4.0, 5.0]\nseeds: [1, 2, 3]\n")
    done = CliRunner().invoke(main, ["plan", str(file)])
    assert done.exit_code == 0, done.output
    assert "6 (2 g × 3 seed), 0 of them finished" in done.output
    for told in ("time:", "memory:", "disk:", "measured 2026-01-01 on here"):
        assert told in done.output
