"""Every figure comes out of its stored dataset again to the byte, whoever draws it, and without NEST."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from meanfield import ParameterError, load_dataset
from meanfield.__main__ import REFERENCE, main
from meanfield.runs.provenance import provenance
from meanfield.runs.reproduce.redraw import check, draw_again, figures_of
from meanfield.runs.results import save_dataset

CHECK_WITHOUT_NEST = """
    import json, sys
    from pathlib import Path
    sys.modules["nest"] = None  # importing it is an error
    from meanfield.runs.reproduce.redraw import check
    print(json.dumps({str(path): state for path, state in check(Path(sys.argv[1])).items()}))
"""


@pytest.fixture
def folder(tmp_path):
    """A small dataset as the notebook rate_network saves it."""
    time = np.linspace(0.0, 5.0, 20)
    rate = 32.0 * (1 - np.exp(-time))
    save_dataset(
        xr.Dataset(
            {
                "trajectory": (("pseudo_time", "population"), np.stack([rate, rate], 1)),
                "siegert": ("population", [32, 32]),
            },
            coords={"pseudo_time": time, "population": ["E", "I"]},
            attrs={"provenance": provenance("rate_network", {})},
        ),
        tmp_path / "settling.nc",
    )
    return tmp_path


def test_every_tracked_figure_comes_out_again_to_the_byte_without_nest(in_its_own_process):
    found = in_its_own_process(CHECK_WITHOUT_NEST, REFERENCE)
    assert {path: state for path, state in found.items() if state != "same"} == {}
    for ending in ("png", "svg", "pdf"):
        assert {str(path) for path in REFERENCE.rglob(f"*.{ending}")} == {
            path for path in found if path.endswith(ending)
        }
        assert len(found) == 3 * len([path for path in found if path.endswith(ending)]) > 0


def test_neither_the_users_settings_nor_the_machines_vector_units_show(folder, tmp_path):
    draw_again(folder)
    settings = tmp_path / "matplotlib"
    settings.mkdir()
    lines = ["font.family: serif", "savefig.dpi: 50", "svg.fonttype: path", "axes.facecolor: red", "lines.linewidth: 9"]
    (settings / "matplotlibrc").write_text("\n".join(lines))
    own = {"MPLCONFIGDIR": str(settings), "MPLBACKEND": "svg", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    own |= {"NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3", "LC_ALL": "C"}
    command = [sys.executable, "-m", "meanfield", "figures", folder, "--check"]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 files are the same to the byte" in done.stdout


class TestCheck:
    def test_tells_new_changed_and_orphaned_files_and_writes_nothing(self, folder):
        draw_again(folder)
        (folder / "rate_network.png").write_bytes(b"something else")
        (folder / "rate_network.svg").unlink()
        (folder / "other.pdf").write_bytes(b"")
        told = {path.name: state for path, state in check(folder).items()}
        assert told == {
            "rate_network.png": "changed",
            "rate_network.svg": "new",
            "rate_network.pdf": "same",
            "other.pdf": "without a dataset",
        }
        assert (folder / "rate_network.png").read_bytes() == b"something else"
        assert not (folder / "rate_network.svg").exists()

    def test_sees_a_value_that_changed(self, folder):
        draw_again(folder)
        dataset = load_dataset(folder / "settling.nc")
        dataset["trajectory"][10] += 0.5
        save_dataset(dataset, folder / "settling.nc")
        assert set(check(folder).values()) == {"changed"}


class TestCommand:
    def test_draws_what_is_missing_and_then_finds_it_the_same(self, folder):
        drawn = CliRunner().invoke(main, ["figures", str(folder)])
        assert drawn.exit_code == 0
        assert drawn.output.count("new: ") == 3
        checked = CliRunner().invoke(main, ["figures", str(folder), "--check"])
        assert (checked.exit_code, checked.output) == (0, "3 of 3 files are the same to the byte\n")

    def test_names_what_differs_and_exits_with_1(self, folder):
        checked = CliRunner().invoke(main, ["figures", str(folder), "--check"])
        assert checked.exit_code == 1
        assert f"new: {folder / 'rate_network.pdf'}" in checked.output

    def test_refuses_a_folder_that_is_missing_or_empty(self, tmp_path):
        for folder, reason in ((tmp_path / "none", "does not exist"), (tmp_path, "holds no dataset")):
            told = CliRunner().invoke(main, ["figures", str(folder)])
            assert told.exit_code == 2
            assert reason in told.stderr


FILE = Path("some.nc")


class TestNames:
    def test_a_dataset_names_its_figures(self):
        assert list(figures_of(xr.Dataset(attrs={"figure": "waterfall compare"}), FILE)) == [
            "waterfall",
            "compare",
        ]

    def test_a_name_without_a_function_is_refused(self):
        with pytest.raises(
            ParameterError, match=r"figure = 'map' is none that can be drawn; there are .*bifurcation, "
        ):
            figures_of(xr.Dataset(attrs={"figure": "compare map"}), FILE)

    def test_a_dataset_may_have_none(self, folder):
        assert figures_of(xr.Dataset(), FILE) == {}
        save_dataset(xr.Dataset({"rate": 1.0}), folder / "numbers.nc")
        assert len(draw_again(folder)) == 3
