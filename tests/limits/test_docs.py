"""The site has a page for each public name, its gallery commands that are accepted; the build itself is in .ci/run."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
import sys

import click
import pytest
import yaml

from meanfield import load_dataset
from meanfield.__main__ import main
from meanfield.runs.sources import ROOT

REFERENCE = ROOT / "results" / "reference"
STUBS = {"meanfield": ROOT / "meanfield" / "__init__.pyi", "meanfield.figures": ROOT / "meanfield/figures/__init__.pyi"}


@pytest.fixture(scope="module")
def site():
    """The module of `docs/` with a name."""
    sys.path.insert(0, str(ROOT / "docs"))
    yield importlib.import_module
    sys.path.remove(str(ROOT / "docs"))


def names_in_stubs():
    nodes = {place: ast.parse(stub.read_text()).body for place, stub in STUBS.items()}
    names = {f"{place}.{alias.asname}" for place, body in nodes.items() for node in body for alias in node.names}
    return names - {"meanfield.figures"}


def test_each_public_name_has_a_page_and_stands_in_one_room(site):
    reference = site("reference")
    names = names_in_stubs()
    assert len(names) > 80
    assert {f"reference/{name}.rst" for name in names} == set(reference.pages_of_names())
    listed = [
        word for text in reference.lists_of_rooms().values() for word in text.split() if word.startswith("meanfield.")
    ]
    assert sorted(listed) == sorted([*names, *names])  # in the list, and in the tree of pages
    assert all((ROOT / "docs" / "reference" / f"{room}.md").exists() for room in reference.lists_of_rooms())


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*/*.nc")), ids=lambda path: path.parent.name)
def test_the_gallery_tells_a_command_that_is_accepted(site, path):
    command = site("gallery").made_by(json.loads(load_dataset(path).attrs["provenance"]))
    words = shlex.split(command)
    if words[0] == "make":
        assert (ROOT / words[-1].removeprefix("EXPERIMENT=")).is_file()
    else:
        subcommand = main.commands[words[3]]
        with click.Context(subcommand) as context:
            subcommand.parse_args(context, words[4:])
        assert (ROOT / context.params["notebook"]).is_file()


def test_the_hosting_site_runs_what_is_run_here():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "main.yml").read_text())
    steps = [step.get("run") for step in workflow["jobs"]["check"]["steps"]]
    assert [step for step in steps if step] == ["bash .ci/run", "make docs"]
    assert "docs/.made/site" in (ROOT / "Makefile").read_text()


def test_the_start_page_has_a_badge_where_the_host_tells_the_repository(site, monkeypatch):
    badge = site("assemble").explorer_badge
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert badge() == ""
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/meanfield")
    (path,) = re.findall(r"https://mybinder.org/v2/gh/someone/meanfield/HEAD[?]urlpath=voila/render/(.*)\)", badge())
    assert (ROOT / path).is_file()
