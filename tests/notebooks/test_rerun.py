"""What made a dataset runs again from the dataset alone, and is compared with it."""

from __future__ import annotations

import json
import shutil

import pytest
import xarray as xr
from click.testing import CliRunner

from meanfield import load_dataset
from meanfield.__main__ import main
from meanfield.runs.reproduce import rerun
from meanfield.runs.reproduce.rerun import Rerun, RunFailed, changes_between, reproduce
from meanfield.runs.results import save_dataset
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT

SMALL = {"duration": 50.0, "warmup": 10.0, "n_seeds": 1, "threads": 1}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A dataset of a network from a file that is gone."""
    folder = tmp_path_factory.mktemp("stored")
    network = shutil.copy(ROOT / "experiments" / "networks" / "three_populations.yml", folder / "mine.yml")
    run_notebook(ROOT / "notebooks" / "deviation.ipynb", folder, SMALL | {"network_file": str(network)})
    (folder / "mine.yml").unlink()
    return folder / "deviation.nc"


def invoke(*arguments: object):
    result = CliRunner().invoke(main, [*map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a traceback is never an answer
    return result


class TestNotebook:
    def test_runs_again_with_a_network_whose_file_is_gone_and_is_identical(self, stored, tmp_path):
        done = invoke("rerun", stored, "-o", tmp_path)
        assert done.exit_code == 0, done.output
        assert "identical, to the byte" in done.output
        assert load_dataset(tmp_path / "deviation.nc").drop_attrs().identical(load_dataset(stored).drop_attrs())
        assert (tmp_path / rerun.REPORT).read_text() == done.stdout

    def test_tells_what_differs_and_exits_with_1(self, stored, tmp_path):
        dataset = load_dataset(stored)
        dataset["siegert"][0] *= 1.001
        document = json.loads(dataset.attrs["provenance"])
        document["software"]["numpy"] = "1.0"
        dataset.attrs["provenance"] = json.dumps(document)
        save_dataset(dataset, tmp_path / "changed.nc")
        done = invoke("rerun", tmp_path / "changed.nc", "-o", tmp_path / "again")
        assert done.exit_code == 1
        assert "numpy: 1.0 before, 2." in done.output
        assert "siegert" in done.output
        assert "(1e-09 is rounding)" in done.output


class TestRefused:
    def test_a_dataset_without_provenance(self, tmp_path):
        save_dataset(xr.Dataset({"rate": 1.0}), tmp_path / "some.nc")
        told = invoke("rerun", tmp_path / "some.nc", "-o", tmp_path)
        assert told.exit_code == 2
        assert told.stderr == (
            f"meanfield: {tmp_path / 'some.nc'} does not tell what made it: it has no attribute provenance\n"
        )

    def test_provenance_of_a_later_version(self, tmp_path):
        save_dataset(xr.Dataset({"rate": 1.0}, attrs={"provenance": '{"schema_version": 99}'}), tmp_path / "some.nc")
        told = invoke("rerun", tmp_path / "some.nc", "-o", tmp_path)
        assert told.exit_code == 2
        assert "schema_version = 99; it must be ≥ 1 and ≤ 1" in told.stderr

    def test_parameters_that_the_notebook_no_longer_has(self, stored, tmp_path):
        dataset = load_dataset(stored)
        document = json.loads(dataset.attrs["provenance"])
        document["parameters"]["old_name"] = 1
        dataset.attrs["provenance"] = json.dumps(document)
        save_dataset(dataset, tmp_path / "old.nc")
        told = invoke("rerun", tmp_path / "old.nc", "-o", tmp_path / "again")
        assert told.exit_code == 2
        assert "old_name is not a parameter here" in told.stderr

    @pytest.mark.parametrize("name", ["../../evil/deviation", "/tmp/evil", "..", "nothing", "", "a\nb", "x.ipynb/"])
    def test_a_notebook_that_is_none_of_ours(self, stored, tmp_path, name):
        """What a dataset names is never executed unless it is one of this repository's notebooks."""
        document = json.loads(load_dataset(stored).attrs["provenance"])
        kinds = {
            "run": document | {"notebook": name},
            "experiment": experiment_document(document, notebook=f"notebooks/{name}.ipynb"),
        }
        for kind, changed in kinds.items():
            file = with_provenance(stored, changed, tmp_path / f"{kind}.nc")
            told = invoke("rerun", file, "-o", tmp_path / "again")
            assert told.exit_code == 2
            assert len(told.stderr.splitlines()) == 1
            assert not (tmp_path / "again").exists()

    @pytest.mark.parametrize("name", ["../stolen", "/tmp/stolen", "reference", "..", ".", ""])
    def test_an_experiment_whose_name_is_a_path(self, stored, tmp_path, name):
        document = json.loads(load_dataset(stored).attrs["provenance"])
        file = with_provenance(stored, experiment_document(document, name=name), tmp_path / "some.nc")
        told = invoke("rerun", file, "-o", tmp_path / "again")
        assert told.exit_code == 2
        assert "must be a plain name" in told.stderr
        assert not (tmp_path / "again").exists()

    def test_a_folder_in_which_something_else_lies(self, stored, tmp_path):
        """A thesis beside a result was deleted with it by the second call."""
        again = tmp_path / "again"
        assert invoke("rerun", stored, "-o", again).exit_code == 0
        (again / "thesis.tex").write_text("years of work")
        assert invoke("rerun", stored, "-o", again).exit_code == 0
        assert (again / "thesis.tex").read_text() == "years of work"
        for folder in (stored.parent, tmp_path):
            before = sorted(folder.rglob("*"))
            told = invoke("rerun", stored, "-o", folder)
            assert told.exit_code == 2
            assert "holds other files already; choose a new folder" in told.stderr
            assert sorted(folder.rglob("*")) == before

    @pytest.mark.parametrize("folder", ["results/reference/compare", "notebooks", "meanfield/new", "."])
    def test_a_folder_of_sources_or_tracked_results(self, stored, folder, tmp_path):
        link = tmp_path / "link"
        link.symlink_to(ROOT / folder)
        for output in (ROOT / folder, link):
            told = invoke("rerun", stored, "-o", output)
            assert told.exit_code == 2
            assert "which is not for a run's results" in told.stderr

    @pytest.mark.parametrize(
        "provenance",
        ["", "no JSON", "[]", "7", "null", "{}", '{"schema_version": 1}', '{"schema_version": true}', "[" * 100_000],
    )
    @pytest.mark.parametrize("command", ["rerun", "show", "figures"])
    def test_provenance_that_is_none(self, provenance, command, tmp_path):
        dataset = xr.Dataset({"rate": 1.0}, attrs={"provenance": provenance})
        save_dataset(dataset, tmp_path / "some.nc")
        told = invoke(command, tmp_path / "some.nc")
        assert told.exit_code == 2
        assert len(told.stderr.splitlines()) == 1
        assert "provenance" in told.stderr


def with_provenance(stored, document, file):
    dataset = load_dataset(stored)
    dataset.attrs["provenance"] = json.dumps(document)
    save_dataset(dataset, file)
    return file


def experiment_document(document, **changes):
    experiment = {"name": "mine", "notebook": "notebooks/deviation.ipynb", "fixed": {}, "grid": [], "seeds": [1]}
    experiment |= {"variables": [], "figure": ""} | changes
    return {"schema_version": 1, "experiment": experiment, "sources": [document]}


class TestChanges:
    @staticmethod
    def document(commit="a" * 40, clean=True, numpy="2.4.6"):
        return {
            "git": {"commit": commit, "clean": clean},
            "software": {"numpy": numpy},
            "requirements_lock_sha256": "f" * 64,
        }

    def test_none(self):
        assert list(changes_between(self.document(), self.document())) == []

    def test_commit_and_software(self):
        assert list(changes_between(self.document(), self.document(commit="b" * 40, numpy="3.0"))) == [
            "commit: aaaaaaaaaa before, bbbbbbbbbb now",
            "numpy: 2.4.6 before, 3.0 now",
        ]

    def test_changes_that_were_not_committed_are_told_even_at_the_same_commit(self):
        (told,) = changes_between(self.document(clean=False), self.document(clean=False))
        assert told.endswith("aaaaaaaaaa with uncommitted changes now")

    def test_runs_that_were_made_with_several(self):
        sources = {"sources": [self.document(), self.document(commit="b" * 40)]}
        assert list(changes_between(sources, self.document())) == [
            "commit: aaaaaaaaaa and bbbbbbbbbb before, aaaaaaaaaa now"
        ]


class TestReproduce:
    """All tracked datasets, with reruns that are none."""

    @pytest.fixture
    def tracked(self, tmp_path, monkeypatch):
        for name in ("good", "bad", "gone"):
            save_dataset(xr.Dataset({"rate": 1.0}), tmp_path / name / f"{name}.nc")

        def no_rerun(file, below):
            if file.stem == "gone":
                raise RunFailed("its kernel died")
            old, new = xr.Dataset({"rate": 1.0}), xr.Dataset({"rate": 2.0 if file.stem == "bad" else 1.0})
            return Rerun(rerun.judge(old, new), (), below)

        monkeypatch.setattr(rerun, "rerun", no_rerun)
        return tmp_path

    def test_tells_a_verdict_of_each_and_fails_if_one_is_different_or_not_made(self, tracked):
        told: list[str] = []
        assert not reproduce(tracked, [], told.append)
        assert told[-2].splitlines()[1:] == ["bad/bad    different", "gone/gone  not made", "good/good  identical"]
        assert "its kernel died" in "".join(told)
        assert "false alarms in at most 0.001" in told[-1]

    def test_can_be_limited_to_names(self, tracked):
        told: list[str] = []
        assert reproduce(tracked, ["good"], told.append)
        assert "bad" not in "".join(told)
        assert not reproduce(tracked, ["gone"], told.append)

    def test_refuses_a_name_that_is_not_tracked(self):
        told = invoke("reproduce", "nothing")
        assert told.exit_code == 2
        assert told.stderr.startswith("meanfield: 'nothing' is no tracked result; there are ")
