"""The notebooks of the map: one point of it, and the map from points that were collected."""

from __future__ import annotations

import json

import nbformat
import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.runs.reproduce.judgement import Verdict
from meanfield.runs.reproduce.redraw import check
from meanfield.runs.reproduce.rerun import rerun
from meanfield.runs.results import save_dataset
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT


@pytest.fixture(scope="module")
def point(tmp_path_factory) -> xr.Dataset:
    """One point, as deviation.ipynb leaves it."""
    folder = tmp_path_factory.mktemp("point")
    parameters = {"order": 50, "duration": 100.0, "warmup": 20.0}
    run_notebook(ROOT / "notebooks" / "deviation.ipynb", folder, parameters)
    assert sorted(path.name for path in folder.iterdir()) == [
        "deviation.circumstances.json",
        "deviation.ipynb",
        "deviation.nc",
    ]
    return mf.load_dataset(folder / "deviation.nc")


def test_a_point_holds_the_deviation_and_its_error(point):
    percent = 100 * (point["simulated"] / point["siegert"] - 1)
    assert np.allclose(point["deviation_percent"], percent)
    assert np.allclose(point["deviation_percent_sem"], 100 * point["simulated_sem"] / point["siegert"])
    assert (point["population_fano"] > 0).all()
    assert all("units" in variable.attrs for variable in point.data_vars.values())


def test_the_map_is_drawn_and_explained(point, tmp_path):
    point = point.drop_vars(["fixed_point_rate", "fixed_point_stable", "simulated_doubt"])
    points = point.expand_dims(seed=[1, 2]) * xr.DataArray([1.0, 1.01], dims="seed")
    line = points.expand_dims(J=[0.1])
    plane = points.expand_dims(g=[4.0, 5.0], eta=[2.0])
    plane = plane.assign_coords(duration=("g", [100.0, 50.0]))  # where rates are high, less time is enough
    del plane.attrs["duration"]
    save_dataset(plane.assign_attrs(figure="validity_map"), tmp_path / "plane.nc")
    save_dataset(line.assign_attrs(figure="validity_line"), tmp_path / "line.nc")
    files = {"data": str(tmp_path / "plane.nc"), "line_data": str(tmp_path / "line.nc")}
    executed = run_notebook(ROOT / "notebooks" / "validity_map.ipynb", tmp_path / "out", files)
    outputs = [out for cell in nbformat.read(executed, as_version=4).cells for out in cell.get("outputs", [])]
    assert not [out for out in outputs if out.output_type == "stream" and out.name == "stderr"]
    assert sum("image/png" in out.get("data", {}) for out in outputs) == 2
    held = mf.load_dataset(tmp_path / "out" / "validity_map.nc")
    assert dict(held["percent"].sizes) == {"g": 2, "eta": 1, "population": 2}
    at_this_point = held["trains_percent"].sel(g=5.0)
    assert (abs(at_this_point - held["percent"].sel(g=5.0)) < 30.0).all()
    assert (held["trains_missing"] == "").all()
    assert set(check(tmp_path / "out").values()) == {"same"}
    for name in ("validity_map", "validity_line"):
        assert json.loads(mf.load_dataset(tmp_path / "out" / f"{name}.nc").attrs["provenance"])["dataset"] == name
    again = rerun(tmp_path / "out" / "validity_line.nc", tmp_path / "again")
    assert again.judgement.verdict is Verdict.IDENTICAL
    assert again.dataset == tmp_path / "again" / "validity_line.nc"
    assert (tmp_path / "again" / "validity_map.nc").exists()
