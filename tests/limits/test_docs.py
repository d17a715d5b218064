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


def test_the_readmes_badge_leads_to_how_the_explorer_is_opened_and_the_sites_opens_it(site, monkeypatch):
    """A README does not know where it is hosted; the site does, where the host tells."""
    (page,) = re.findall(r"^\[!\[Explorer\]\(\S+\.svg\)\]\((\S+)\)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    (told,) = re.findall(r"`voila/render/(\S+)`", (ROOT / page).read_text())
    badge = site("assemble").explorer_badge
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert badge() == ""
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/meanfield")
    (path,) = re.findall(r"https://mybinder.org/v2/gh/someone/meanfield/HEAD[?]urlpath=voila/render/(.*)\)", badge())
    assert path == told
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("repository", ["", "someone/meanfield"])
def test_the_start_page_has_one_badge(site, monkeypatch, tmp_path, repository):
    monkeypatch.setenv("GITHUB_REPOSITORY", repository)
    assemble = site("assemble")
    start = assemble.with_badge(assemble.Site(tmp_path).text_of("index.md", ROOT / "README.md"))
    (target,) = re.findall(r"^\[!\[.*\]\((\S+)\)$", start, re.MULTILINE)
    assert target.startswith(f"https://mybinder.org/v2/gh/{repository}/" if repository else "howto/explorer.md")
    assert (tmp_path / "files" / "docs" / "static" / "explorer_on_binder.svg").is_file()
