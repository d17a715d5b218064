"""The same run writes the same bytes, and what exists on disk is whole."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path
from time import sleep

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import meanfield as mf
from meanfield.model.quantities import ParameterError
from meanfield.runs.files import JOURNAL, finish_replacing, refuse_unwritable, results_folder, write_atomically
from meanfield.runs.results import load_dataset, save_dataset, save_figure, save_results
from meanfield.runs.sources import ROOT


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def some_dataset(n: int = 1000) -> xr.Dataset:
    rate = np.random.default_rng(1).gamma(2.0, 10.0, n)
    return xr.Dataset(
        {"rate": ("neuron", rate, {"units": "spikes/s"}), "size": ("population", [800, 200], {"units": "1"})},
        coords={"population": ["E", "I"]},
        attrs={"V_init": "spread", "dt": 0.1},
    )


def some_figure() -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.plot(some_dataset()["rate"], label="rate µ")
    axes.scatter(range(9), range(9), marker="x", clip_on=True)
    axes.legend()
    return figure


def save(path: Path) -> None:
    if path.suffix == ".nc":
        save_dataset(some_dataset(), path)
    else:
        save_figure(some_figure(), path)


def test_a_run_in_another_process_and_folder_writes_the_same_bytes_and_a_short_log(tmp_path):
    folders = [tmp_path / name for name in ("first", "other")]
    for folder in folders:
        command = [sys.executable, "-m", "meanfield", "run", ROOT / "notebooks" / "compare.ipynb", "-o", folder]
        command += ["-p", "order", "50", "-p", "duration", "500", "-p", "warmup", "10", "-p", "threads", "1"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
        assert 1 <= done.stderr.count("\n") <= 40
        assert "\r" not in done.stderr
        assert done.stdout.endswith(f"(spikes/s); written to {folder.name}/compare.nc\n")
    first, other = folders
    assert names_in(first) == names_in(other)
    for name in ("compare.nc", "compare.png", "compare.svg", "compare.pdf"):
        assert (first / name).read_bytes() == (other / name).read_bytes()
    executed, again = ((folder / "compare.ipynb").read_text().replace(str(folder), "OUT") for folder in folders)
    assert executed == again
    assert 'output = \\"OUT\\"' in executed


class TestSaving:
    @pytest.mark.parametrize("ending", ["nc", "png", "svg", "pdf"])
    def test_twice_gives_the_same_bytes(self, tmp_path, ending):
        for name in ("first", "later"):
            save(tmp_path / f"{name}.{ending}")
            sleep(1.1)  # time stamps count in seconds
        first, later = (tmp_path / f"{name}.{ending}" for name in ("first", "later"))
        assert first.read_bytes() == later.read_bytes()
        assert first.stat().st_size > 1000

    def test_a_figure_drawn_anew_gives_the_same_bytes_shown_before_or_not(self, tmp_path):
        network = mf.brunel_network(order=50)
        spiking = mf.simulate_spiking(network, duration=100.0, warmup=50.0, threads=1, progress=False)
        comparison = mf.compare(network, spiking, mf.simulate_rate_network(network))
        for number in range(5):
            figure = mf.figures.compare_figure(comparison)
            if number % 2:
                figure._repr_png_()  # as a notebook shows it
            save_figure(figure, tmp_path / f"{number}.svg")
        assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1

    def test_a_dataset_and_loading_it_gives_it_back_to_the_last_bit(self, tmp_path):
        save_dataset(some_dataset(), tmp_path / "some.nc")
        xr.testing.assert_identical(load_dataset(tmp_path / "some.nc"), some_dataset())

    def test_results_writes_the_dataset_last(self, tmp_path):
        written = save_results(some_dataset(), {"overview": some_figure()}, tmp_path, "some")
        drawn = ["overview.png", "overview.svg", "overview.pdf"]
        assert [path.name for path in written] == [*drawn, "some.circumstances.json", "some.nc"]
        assert names_in(tmp_path) == sorted(path.name for path in written)

    def test_results_go_to_folders_counted_from_the_repository(self, tmp_path):
        assert results_folder("results/some") == ROOT / "results" / "some"
        assert results_folder(tmp_path) == tmp_path


class TestInterrupted:
    """A file that exists is complete: the new one, or the one that was there before."""

    @pytest.mark.parametrize("stop", [ValueError("wrong"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
    def test_writing_leaves_the_old_file_and_nothing_else(self, tmp_path, stop):
        (tmp_path / "file").write_text("old")

        def write(path):
            path.write_text("half of the n")
            raise stop

        with pytest.raises(type(stop)):
            write_atomically(tmp_path / "file", write)
        assert names_in(tmp_path) == ["file"]
        assert (tmp_path / "file").read_text() == "old"

    def test_writing_never_shows_half_a_file_under_its_name(self, tmp_path):
        (tmp_path / "file").write_text("old")

        def write(path):
            path.write_text("half")
            assert (tmp_path / "file").read_text() == "old"
            path.write_text("whole")

        write_atomically(tmp_path / "file", write)
        assert names_in(tmp_path) == ["file"]
        assert (tmp_path / "file").read_text() == "whole"

    def test_the_folder_is_made_where_it_is_missing(self, tmp_path):
        write_atomically(tmp_path / "new" / "deep" / "file", lambda path: path.write_text("whole"))
        assert (tmp_path / "new" / "deep" / "file").read_text() == "whole"

    def test_renaming_that_fails_is_told_and_leaves_no_temporary_file(self, tmp_path, monkeypatch):
        def full(*paths):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(ParameterError, match="file cannot be written: No space left on device"):
            write_atomically(tmp_path / "file", lambda path: path.write_text("whole"))
        assert names_in(tmp_path) == []

    @pytest.mark.parametrize("ending", ["nc", "png", "svg", "pdf"])
    def test_a_disk_that_fills_up_is_told_and_leaves_the_old_file(self, tmp_path, ending):
        path = tmp_path / f"some.{ending}"
        path.write_text("old")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))  # no file can grow beyond this
        try:
            with pytest.raises(ParameterError, match=f"some.{ending} cannot be written: File too large"):
                save(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert names_in(tmp_path) == [path.name]
        assert path.read_text() == "old"


class TestUnwritable:
    def test_a_folder_that_can_be_made_is_not_made(self, tmp_path):
        refuse_unwritable(tmp_path / "new" / "deep")
        refuse_unwritable(tmp_path)
        assert names_in(tmp_path) == []

    def test_a_file_in_the_way_is_told(self, tmp_path):
        (tmp_path / "file").write_text("")
        for place in ("file", "file/below"):
            with pytest.raises(ParameterError, match=f"{place}' is not a folder that can be written to: "):
                refuse_unwritable(tmp_path / place)


class TestUnreadable:
    @pytest.mark.parametrize("content", [b"", b"no netCDF", b"CDF\x01broken", b"\x89HDF\r\n\x1a\nbroken"])
    def test_files_are_told(self, tmp_path, content):
        (tmp_path / "some.nc").write_bytes(content)
        with pytest.raises(ParameterError, match=r"some\.nc cannot be read: not a readable netCDF file") as refused:
            load_dataset(tmp_path / "some.nc")
        assert len(str(refused.value).splitlines()) == 1

    def test_missing_files_are_told(self, tmp_path):
        with pytest.raises(ParameterError, match=r"some\.nc cannot be read: no such file"):
            load_dataset(tmp_path / "some.nc")

    def test_folders_are_told(self, tmp_path):
        with pytest.raises(ParameterError, match="cannot be read: "):
            load_dataset(tmp_path)

    def test_half_a_file_is_told(self, tmp_path):
        save_dataset(some_dataset(), tmp_path / "whole.nc")
        (tmp_path / "half.nc").write_bytes((tmp_path / "whole.nc").read_bytes()[:3000])
        with pytest.raises(ParameterError, match=r"half\.nc cannot be read: not a readable netCDF file"):
            load_dataset(tmp_path / "half.nc")


def test_texts_of_different_lengths_survive_being_read_joined_and_stored(tmp_path):
    for name in ("AI", "SI-fast"):
        save_dataset(xr.Dataset({"state": ((), name)}), tmp_path / f"{name}.nc")
    joined = xr.concat([load_dataset(tmp_path / f"{name}.nc") for name in ("AI", "SI-fast")], dim="point")
    save_dataset(joined, tmp_path / "joined.nc")
    assert list(load_dataset(tmp_path / "joined.nc")["state"].values) == ["AI", "SI-fast"]


class TestSets:
    """Figures, sidecar and dataset of a run are replaced together, whenever the process is killed."""

    NAMES = ("a.png", "a.svg", "a.nc")

    def write(self, folder, text, dies_at=None):
        code = """
            import json, os, sys
            from pathlib import Path
            from meanfield.runs import files

            def dying(rename, calls=[]):
                def replace(old, new):
                    calls.append(new)
                    if len(calls) == int(sys.argv[3]):
                        os._exit(9)
                    rename(old, new)
                return replace

            os.replace = dying(os.replace)
            files.write_as_set(Path(sys.argv[1]), {name: sys.argv[2].encode() for name in json.loads(sys.argv[4])})
            """
        arguments = [folder, text, str(dies_at or -1), json.dumps(self.NAMES)]
        return subprocess.run([sys.executable, "-c", textwrap.dedent(code), *arguments], check=False).returncode

    @pytest.mark.parametrize("dies_at", [1, 2, 3, 4, None])
    def test_all_new_or_all_as_before(self, dies_at, tmp_path):
        assert self.write(tmp_path, "old") == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(self.NAMES)
        assert self.write(tmp_path, "new", dies_at) == (9 if dies_at else 0)
        finish_replacing(tmp_path)
        finish_replacing(tmp_path)  # once more changes nothing
        contents = {(tmp_path / name).read_text() for name in self.NAMES}
        # The first rename is the journal's: from then on the new set is sure to come.
        assert contents == ({"old"} if dies_at == 1 else {"new"})

    def test_a_journal_renames_nothing_outside_its_folder(self, tmp_path):
        folder = tmp_path / "results"
        folder.mkdir()
        (tmp_path / ".outside").write_text("mine")
        (folder / JOURNAL).write_text(json.dumps({"../.outside": "a.nc", ".b": "../c", "d": "a.nc"}))
        finish_replacing(folder)
        assert (tmp_path / ".outside").read_text() == "mine"
        assert list(folder.iterdir()) == []
