"""From a batch of tiny networks to the notebooks on Brunel's states and phase diagram."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
import xarray as xr

from meanfield import figures, load_dataset
from meanfield.comparison.brunel_2000 import EXAMPLES
from meanfield.runs.reproduce.judgement import Verdict, judge
from meanfield.runs.reproduce.redraw import check
from meanfield.runs.results import save_dataset
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT

# So small that a run takes a second; as Brunel's point C, whose spectrum is predicted, and as his B.
TINY = {"order": 50, "epsilon": 0.4, "V_reset": 10.0, "duration": 200.0, "warmup": 20.0, "shown": 50.0}


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> xr.Dataset:
    """Points C and B with two seeds each, as an experiment collects them."""
    points = []
    for name in "CB":
        seeds = []
        for seed in (1, 2):
            folder = tmp_path_factory.mktemp(f"{name}{seed}")
            given = TINY | {"g": EXAMPLES[name].g, "eta": EXAMPLES[name].eta, "seed": seed}
            run_notebook(ROOT / "notebooks" / "state.ipynb", folder, given)
            seeds.append(load_dataset(folder / "state.nc"))
        points.append(xr.concat(seeds, dim="seed", data_vars="all", coords="minimal", compat="override"))
    joined = xr.concat(points, dim="g", data_vars="all", coords="minimal", compat="override")
    return joined.assign_coords(
        g=[EXAMPLES[name].g for name in "CB"], eta=("g", [EXAMPLES[name].eta for name in "CB"]), seed=[1, 2]
    )


def test_a_point_tells_everything_in_shapes_that_do_not_depend_on_it(collected):
    assert all("units" in variable.attrs for variable in collected.data_vars.values())
    assert collected["power"].dims == ("g", "seed", "frequency", "population")
    assert set(collected["state"].values.ravel()) <= {"AI", "SI-fast", "SI-slow"}
    assert collected.sizes["raster_time"] == 100
    # The excerpt is the end of the run: its spikes are those of the sample, its activity has the same mean as theirs
    assert collected["raster"].sum() > 0
    per_neuron = collected["raster"].sum(("raster_neuron", "raster_time")) / (50 * 0.05)
    assert np.all(np.abs(per_neuron / collected["raster_activity"].mean(("raster_time", "population")) - 1) < 0.5)


def test_points_of_other_seeds_say_the_same_but_for_chance(collected):
    """Of measures without an error, none counts as different because it was drawn anew."""
    stored, anew = (collected.isel(seed=[seed]).assign_coords(seed=[1]) for seed in (0, 1))
    judgement = judge(stored, anew)
    assert judgement.verdict is Verdict.CHANCE, str(judgement)
    assert judgement.n_tests > 0


def shown_by(executed: Path) -> str:
    cells = [cell for cell in nbformat.read(executed, as_version=4).cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "stream" and output.name == "stderr"] == []
    return " ".join(output.get("text", "") + str(output.get("data", {}).get("text/plain")) for output in outputs)


def test_the_states_are_presented_beside_the_papers_numbers(collected, tmp_path):
    save_dataset(collected, tmp_path / "collected.nc")
    at_C = collected.sel(g=5.0, drop=True)
    sizes = xr.concat([at_C, at_C], xr.DataArray([50, 100], dims="order", name="order"))
    save_dataset(sizes, tmp_path / "sizes.nc")
    executed = run_notebook(
        ROOT / "notebooks" / "brunel_states.ipynb",
        tmp_path / "out",
        {"data": str(tmp_path / "collected.nc"), "size_data": str(tmp_path / "sizes.nc")},
    )
    shown = shown_by(executed)
    for number in ("51.498", "190.209", "-134.878", "-14.586", "60.7", "37.950"):
        assert number in shown, number
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {
        "brunel_states.png",
        "activity_spectrum.png",
        "spectrum_size.png",
    }
    assert set(check(tmp_path / "out").values()) == {"same"}


def test_the_phase_diagram_puts_states_on_lines(collected, tmp_path):
    states = collected.isel(seed=[0]).rename(seed="delay").assign_coords(delay=[1.5])
    save_dataset(states.drop_dims(["frequency", "raster_time"]), tmp_path / "collected.nc")
    executed = run_notebook(
        ROOT / "notebooks" / "phase_diagram.ipynb",
        tmp_path / "out",
        {"data": str(tmp_path / "collected.nc"), "n_grid": 7},
    )
    assert "simulated states are as linear stability says" in shown_by(executed)
    kept = load_dataset(tmp_path / "out" / "phase_diagram.nc")
    assert all("units" in variable.attrs for variable in kept.data_vars.values())
    assert kept["line_g"].dims == ("network", "delay", "point")
    assert {"fast", "synchronous regular"} <= set(kept["line_kind"].values.ravel())
    # Fig. 1: rates and squared CVs at eta 4
    at = kept.sel(curve_eta=4.0).sel(curve_g=[4.5, 5.0, 6.0, 8.0], method="nearest").isel(solution=0)
    np.testing.assert_allclose(at["curve_rate"], [38.83, 20.21, 10.37, 5.39], atol=0.006)
    np.testing.assert_allclose(at["curve_cv2"], [2.111, 1.901, 1.712, 1.617], atol=0.0006)
    for name in kept.attrs["figure"].split():
        assert getattr(figures, f"{name}_figure")(kept).axes


def test_a_missing_dataset_is_told_before_anything_runs(run, no_kernel):
    done = run(ROOT / "notebooks" / "brunel_states.ipynb", "-o", "results/none", "-p", "data", "nowhere.nc")
    assert done.exit_code == 2
    assert "data = 'nowhere.nc' is no file; it must be what `make batch" in done.output
