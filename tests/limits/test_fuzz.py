"""Files from strangers, made at random: a result or a refusal; no traceback, no write, no execution."""

from __future__ import annotations

import contextlib
import json
import os
import string

import papermill
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meanfield.__main__ import main
from meanfield.model.brunel import brunel_network
from meanfield.model.yaml_files import yaml_text
from meanfield.runs.provenance import provenance
from meanfield.runs.results import load_dataset, save_dataset
from meanfield.runs.sources import ROOT

FUZZ = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(
        ["", "../../evil", "/dev/zero", "$(touch canary)", "{g}", "%s", "\x1b[31m", "self", "a" * 5000, "é"]
    ),
    st.text(string.printable, max_size=20),
)
VALUES = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner), max_leaves=6
)


def changed(document: dict) -> st.SearchStrategy[dict]:
    """The document with some entries replaced, removed or added."""
    names = st.sampled_from([*document, "self", "name", "../x", ""])
    changes = st.dictionaries(names, VALUES, min_size=1, max_size=3)
    removed = st.sets(st.sampled_from(list(document)), max_size=1)

    def merged(new, gone):
        return {key: value for key, value in {**document, **new}.items() if key not in gone}

    return st.builds(merged, changes, removed)


NETWORK = brunel_network(order=20).to_dict()
EXPERIMENT = {
    "notebook": "notebooks/deviation.ipynb",
    "fixed": {"order": 25},
    "grid": [{"g": [4.0, 5.0]}, {"eta": {"from": 1, "to": 2, "n": 3}}],
    "seeds": [1, 2],
    "figure": "validity_map",
}
RUN = json.loads(provenance("deviation", {"order": 25, "network_file": ""}))
BATCH = {"schema_version": 1, "experiment": EXPERIMENT | {"name": "mine", "variables": []}, "sources": [RUN]}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to stand in, where no kernel and no batch may start."""

    def started(*arguments, **options):
        pytest.fail("something was executed")

    for module, name in ((papermill, "execute_notebook"), (os, "execv"), (os, "system")):
        monkeypatch.setattr(module, name, started)
    monkeypatch.setattr("subprocess.run", started)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(place):
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def refused_or_done(place, *command):
    """The command's exit code; nothing may be raised, nothing written, and a refusal has one sentence a line."""
    before = files_in(place)
    result = CliRunner().invoke(main, list(map(str, command)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert files_in(place) == before
    if result.exit_code == 2:
        assert result.stderr.startswith("meanfield: ")
        assert len(result.stderr) < 20_000
    assert "\x1b" not in result.output
    return result.exit_code


@FUZZ
@given(document=changed(NETWORK))
def test_networks(place, document):
    (place / "mine.yml").write_text(yaml_text(document))
    command = ["run", ROOT / "notebooks" / "rate_network.ipynb", "-o", place / "out"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("meanfield.runs.runner._execute", lambda *arguments: pytest.skip("good: it would have run"))
        with contextlib.suppress(pytest.skip.Exception):
            assert refused_or_done(place, *command, "-p", "network_file", place / "mine.yml") == 2


@FUZZ
@given(document=changed(EXPERIMENT))
def test_experiments(place, document):
    (place / "mine.yml").write_text(yaml_text(document))
    refused_or_done(place, "plan", place / "mine.yml")


@FUZZ
@given(document=st.one_of(changed(RUN), changed(BATCH), VALUES), command=st.sampled_from(["show", "figures", "rerun"]))
def test_provenance(place, document, command):
    dataset = xr.Dataset({"simulated": 1.0, "contribution": 2.0}, attrs={"provenance": json.dumps(document)})
    save_dataset(dataset, place / "some.nc")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("meanfield.runs.reproduce.rerun._refuse_used", lambda *arguments: pytest.skip("good"))
        with contextlib.suppress(pytest.skip.Exception):
            refused_or_done(place, command, place / "some.nc")


@pytest.fixture(scope="module")
def stored():
    return load_dataset(ROOT / "results" / "reference" / "compare" / "compare.nc")


@FUZZ
@given(data=st.data(), command=st.sampled_from(["show", "show", "show", "figures"]))  # to draw takes seconds
def test_attributes_and_missing_variables(place, stored, data, command):
    names = st.sampled_from([*stored.attrs, "figure", "provenance", "over", "missing"])
    texts = st.text(st.characters(min_codepoint=1, codec="utf-8"), max_size=30)
    attributes = data.draw(st.dictionaries(names, texts | st.integers(-(2**31), 2**31) | st.floats(), max_size=2))
    gone = data.draw(st.sets(st.sampled_from(list(stored.data_vars)), min_size=1, max_size=3))
    save_dataset(stored.drop_vars(gone).assign_attrs(attributes), place / "some.nc")
    if command == "figures":
        command = ["figures", "--check"]
        refused_or_done(place, *command, place / "some.nc")
    else:
        refused_or_done(place, command, place / "some.nc", "--variables")
