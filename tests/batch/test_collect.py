"""Runs as one dataset."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from meanfield.model.quantities import ParameterError
from meanfield.runs.batch.collect import collect
from meanfield.runs.batch.experiment import Experiment
from meanfield.runs.results import save_dataset


def experiment(**lines) -> Experiment:
    grid = [{"J": [0.1, 0.2], "order": [100, 50]}, {"g": [4.0, 5.0, 6.0]}]
    return Experiment(
        **{"name": "some", "notebook": "notebooks/deviation.ipynb", "grid": grid, "seeds": [1, 2]} | lines
    )


def runs(folder, of: Experiment, **more):
    """Datasets that say where they belong."""
    files = []
    for number, point in enumerate(of.points()):
        rate = 100 * point["J"] + point["g"] + 0.01 * point["seed"] + np.arange(2.0)
        dataset = xr.Dataset(
            {
                "rate": (("seed", "population"), [rate], {"units": "spikes/s", "long_name": "rate"}),
                "spikes": ("spike", np.arange(number + 1), {"units": "1"}),
            },
            coords={"population": ["E", "I"], "seed": [point["seed"]]},
        )
        document = {"schema_version": 1, "parameters": point | {"dt": 0.1}, "network": None, "git": {"commit": "a"}}
        if number == 0 and more.get("other_commit"):
            document["git"]["commit"] = "b"
        dataset.attrs["provenance"] = json.dumps(document)
        files.append(folder / f"{number}.nc")
        save_dataset(dataset, files[-1])
    return files


def test_each_run_lies_where_its_point_is(tmp_path):
    collected = collect(experiment(), runs(tmp_path, experiment()))
    assert dict(collected.sizes) == {"J": 2, "g": 3, "seed": 2, "population": 2}
    assert collected["order"].dims == ("J",)
    assert collected["order"].values.tolist() == [100, 50]
    for point in experiment().points():
        at = collected.sel(J=point["J"], g=point["g"], seed=point["seed"])
        expected = 100 * point["J"] + point["g"] + 0.01 * point["seed"]
        assert at["rate"].values.tolist() == [expected, expected + 1]
    assert collected["rate"].attrs == {"units": "spikes/s", "long_name": "rate"}


def test_variables_that_differ_in_shape_are_left_out_unless_named(tmp_path):
    files = runs(tmp_path, experiment())
    assert set(collect(experiment(), files).data_vars) == {"rate", "source"}
    with pytest.raises(ParameterError, match="the runs of some do not fit together"):
        collect(experiment(variables=["spikes"]), files)
    with pytest.raises(ParameterError, match="variable weight of some is not in"):
        collect(experiment(variables=["weight"]), files)


def test_provenance_is_told_once_where_it_is_the_same(tmp_path):
    collected = collect(experiment(), runs(tmp_path, experiment()))
    document = json.loads(collected.attrs["provenance"])
    assert document["experiment"]["grid"][0]["J"] == [0.1, 0.2]
    assert document["sources"] == [
        {"schema_version": 1, "parameters": {"dt": 0.1}, "network": None, "git": {"commit": "a"}}
    ]
    mixed = collect(experiment(), runs(tmp_path, experiment(), other_commit=True))
    assert [source["git"]["commit"] for source in json.loads(mixed.attrs["provenance"])["sources"]] == ["b", "a"]
    assert mixed["source"].values.ravel().tolist() == [0] + [1] * 11


def test_one_point_without_axes_is_a_dataset_too(tmp_path):
    alone = experiment(grid=[], seeds=[])
    document = json.dumps({"schema_version": 1, "parameters": {}, "network": None})
    save_dataset(xr.Dataset({"rate": ((), 1.0)}, attrs={"provenance": document}), tmp_path / "0.nc")
    assert float(collect(alone, [tmp_path / "0.nc"])["rate"]) == 1.0
