"""Where a dataset comes from: complete, and the same wherever and whenever it is written."""

from __future__ import annotations

import getpass
import json
import platform
import re
import subprocess
import time
from importlib import metadata

import pytest

import meanfield as mf
from meanfield import CompareParameters
from meanfield.model.network import Network
from meanfield.runs import provenance as provenance_module
from meanfield.runs import sources
from meanfield.runs.provenance import SOFTWARE, Start, circumstances, provenance
from meanfield.runs.sources import ROOT, git_state


@pytest.fixture
def document():
    return json.loads(CompareParameters(seed=7, threads=1, output="/somewhere/else").provenance())


class TestDocument:
    def test_has_all_its_parts_under_a_version(self, document):
        assert document["schema_version"] == 1
        assert set(document) == {
            "schema_version", "notebook", "dataset", "parameters", "network", "software", "git",
            "requirements_lock_sha256", "sources_sha256", "changed_during_run",
        }  # fmt: skip
        assert document["notebook"] == "compare"

    def test_tells_every_parameter_that_determines_the_result(self, document):
        assert set(document["parameters"]) == set(CompareParameters.model_fields) - {"output"}
        assert document["parameters"]["seed"] == 7
        assert document["parameters"]["threads"] == 1
        assert CompareParameters(**document["parameters"]) == CompareParameters(seed=7, threads=1)

    def test_tells_the_versions_of_what_computes(self, document):
        assert set(document["software"]) == {"python", "meanfield", *SOFTWARE}
        assert document["software"]["nest-simulator"] == metadata.version("nest-simulator")
        assert document["software"]["python"] == platform.python_version()

    def test_tells_the_lock_file(self, document):
        assert re.fullmatch("[0-9a-f]{64}", document["requirements_lock_sha256"])

    def test_tells_no_time_host_user_or_path(self, document):
        text = json.dumps(document)
        assert str(ROOT) not in text
        assert "/somewhere/else" not in text
        assert platform.node() not in text
        assert not re.search(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}", text)
        keys = {*document, *document["software"], *document["git"]}
        assert not keys & {"time", "date", "host", "user", "platform", "path"}
        assert f'"{getpass.getuser()}"' not in text

    def test_is_the_same_text_each_time(self):
        assert CompareParameters().provenance() == CompareParameters().provenance()

    def test_carries_a_network_that_came_from_a_file(self):
        file = "experiments/networks/three_populations.yml"
        document = json.loads(CompareParameters(network_file=file).provenance())
        assert Network(**document["network"]) == Network.from_yaml(ROOT / file)
        assert document["parameters"]["network_file"] == file

    def test_carries_the_network_that_has_run_though_its_file_was_edited_meanwhile(self, tmp_path):
        file = tmp_path / "mine.yml"
        mf.brunel_network(delay=1.5).to_yaml(file)
        parameters = CompareParameters(network_file=str(file))
        mf.brunel_network(delay=3.0).to_yaml(file)
        assert (parameters.network().delay == 1.5).all()
        assert Network(**json.loads(parameters.provenance())["network"]) == parameters.network()

    def test_carries_no_network_that_the_parameters_describe(self, document):
        assert document["network"] is None


class TestChanges:
    """Code that is changed during a run makes it unclean, also if it is as before by the end."""

    @pytest.fixture
    def repository(self, repository, monkeypatch):
        monkeypatch.setattr(sources, "PACKAGE", repository / "meanfield")
        monkeypatch.setattr(provenance_module, "ROOT", repository)
        time.sleep(0.1)  # the clock of files is coarse
        monkeypatch.setattr(sources, "BEGAN", time.time())
        return repository

    def made(self, start=None):
        return json.loads(provenance("tiny", {}, start=start))

    def test_nothing_was_changed(self, repository):
        document = self.made(Start(git_state()))
        assert document["changed_during_run"] == []
        assert document["git"]["clean"] is True

    def test_edited_and_checked_out_again(self, repository):
        before = self.made()["sources_sha256"]
        code = repository / "meanfield" / "theory.py"
        content = code.read_text()
        code.write_text("rate = 33\n")
        assert self.made()["sources_sha256"] != before
        code.write_text(content)
        document = self.made(Start({"commit": "a" * 40, "clean": True}))
        assert document["sources_sha256"] == before
        assert document["changed_during_run"] == ["meanfield/theory.py"]
        assert document["git"]["clean"] is False

    def test_committed_meanwhile(self, repository):
        (repository / "meanfield" / "theory.py").write_text("rate = 33\n")
        start = Start(git_state())
        commit(repository)
        assert self.made(start)["git"] == {"commit": start.git["commit"], "clean": False}
        assert git_state()["commit"] != start.git["commit"]

    @pytest.mark.parametrize(
        ("executed", "clean"),
        [
            (["", "g = 6.0", "1 + 1"], True),
            (["", "g = 6.0", "1 + 2"], False),
            (["", "g = 6.0\nimport os", "1 + 1"], False),
            (["", "g = 12 / 2", 'mf.parameters("tiny", globals())'], True),
            (["", "g = 12 / 2", 'mf.parameters("tiny", globals())', "g = 7.0"], False),
            (["", 'mf.parameters("tiny", globals())', "g: float = 7.0", 'mf.parameters("tiny", globals())'], True),
        ],
    )
    def test_cells_that_are_not_the_committed_notebooks(self, executed, clean, repository):
        cells = [{"cell_type": "code", "source": ["g = 5.0"]}, {"cell_type": "code", "source": ["1 + 1"]}]
        cells.append({"cell_type": "code", "source": ['mf.parameters("tiny", globals())']})
        (repository / "notebooks").mkdir()
        (repository / "notebooks" / "tiny.ipynb").write_text(json.dumps({"cells": cells}))
        commit(repository)
        assert self.made(Start(git_state(), executed))["git"]["clean"] is clean

    def test_a_notebook_that_is_not_committed(self, repository):
        assert self.made(Start(git_state(), ["1 + 1"]))["git"]["clean"] is False


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit, taken for the project's."""
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    (tmp_path / "meanfield").mkdir()
    (tmp_path / "meanfield" / "theory.py").write_text("rate = 32\n")
    subprocess.run(["git", "-C", tmp_path, "init", "-q"], check=True)
    commit(tmp_path)
    return tmp_path


def commit(repository):
    who = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    for command in (["add", "."], [*who, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", "-C", repository, *command], check=True)


class TestGitState:
    def test_is_the_commit_and_clean(self, repository):
        head = subprocess.run(["git", "-C", repository, "rev-parse", "HEAD"], capture_output=True, text=True)
        assert git_state() == {"commit": head.stdout.strip(), "clean": True}

    def test_is_not_clean_with_changed_code(self, repository):
        (repository / "meanfield" / "theory.py").write_text("rate = 33\n")
        assert git_state()["clean"] is False

    def test_is_not_clean_with_new_code(self, repository):
        (repository / "meanfield" / "new.py").write_text("")
        assert git_state()["clean"] is False

    def test_is_clean_beside_results_wherever_they_go(self, repository):
        (repository / "my_results").mkdir()
        (repository / "my_results" / "compare.nc").write_text("")
        assert git_state()["clean"] is True

    def test_is_none_outside_a_repository(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sources, "ROOT", tmp_path)
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        assert git_state() == {"commit": None, "clean": None}

    def test_is_none_in_another_projects_repository(self, repository, monkeypatch):
        monkeypatch.setattr(sources, "ROOT", repository / "meanfield")
        assert git_state() == {"commit": None, "clean": None}

    def test_is_not_that_of_another_repository(self, repository, monkeypatch):
        right = git_state()
        other = repository / "other"
        subprocess.run(["git", "init", "-q", other], check=True)
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        assert git_state() == right

    def test_is_none_without_git(self, monkeypatch):
        monkeypatch.setenv("PATH", "")
        assert git_state() == {"commit": None, "clean": None}


def test_what_merely_happened_is_told_apart():
    document = json.loads(circumstances())
    assert set(document) == {"finished", "machine", "process_elapsed_s", "process_cpu_s", "peak_memory_bytes"}
    assert document["peak_memory_bytes"] > 10_000_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", document["finished"])
