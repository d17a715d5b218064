"""The ways to install the project agree with each other."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from meanfield.runs.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEPENDENCIES = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = [Requirement(text) for extra in PROJECT["optional-dependencies"].values() for text in extra]
LOCK = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line and not line.startswith("#")]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
FROM_CONDA = [text for text in ENVIRONMENT["dependencies"] if isinstance(text, str)]
(FROM_PIP,) = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]

# Not on conda-forge in the version that is needed.
ONLY_PYPI = {"nest-simulator"}


def locked_versions(name: str) -> set[str]:
    return {str(r.specifier) for r in map(Requirement, LOCK) if r.name == name}


class TestLock:
    @pytest.mark.parametrize("requirement", DEPENDENCIES + EXTRAS, ids=str)
    def test_covers_each_dependency_with_an_allowed_version(self, requirement):
        versions = locked_versions(requirement.name)
        assert versions
        assert all(requirement.specifier.contains(version.removeprefix("==")) for version in versions)

    def test_pins_every_package_exactly(self):
        for line in LOCK:
            assert re.fullmatch(r"[a-z0-9._-]+==[\w.+!]+( ; [^;]+)?", line), line

    def test_names_no_place(self):
        text = (ROOT / "requirements.lock").read_text()
        for sign in ("://", "@", "--", "file:", "/", "\\"):
            assert sign not in text


class TestConda:
    def test_pins_a_python_that_is_allowed(self):
        (python,) = [text for text in FROM_CONDA if text.startswith("python=")]
        version = python.removeprefix("python=")
        assert re.fullmatch(r"3\.\d+", version)
        assert SpecifierSet(PROJECT["requires-python"]).contains(f"{version}.0")

    @pytest.mark.parametrize("requirement", DEPENDENCIES, ids=str)
    def test_has_each_dependency_as_the_project_states_it(self, requirement):
        if requirement.name in ONLY_PYPI:
            assert f"{requirement.name}{locked_versions(requirement.name).pop()}" in FROM_PIP
        else:
            assert str(requirement) in FROM_CONDA

    def test_has_nothing_else(self):
        names = {re.match(r"[a-z0-9-]+", text).group() for text in FROM_CONDA}
        assert names == {requirement.name for requirement in DEPENDENCIES} - ONLY_PYPI | {"python", "pip"}
        assert len(FROM_PIP) == len(ONLY_PYPI) + 1

    def test_takes_all_from_conda_forge(self):
        assert ENVIRONMENT["channels"] == ["conda-forge"]

    def test_installs_the_project_itself_last(self):
        assert FROM_PIP[-1] == "-e .[batch]"
        assert ENVIRONMENT["dependencies"][-1] == {"pip": FROM_PIP}


class TestCommands:
    def test_the_readmes_test_command_is_what_ci_runs(self):
        readme = (ROOT / "README.md").read_text()
        ci = (ROOT / ".ci" / "run").read_text().splitlines()
        assert "`make test`" in readme
        assert "make test" in ci
        assert "make lint" in ci

    @pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md"])
    def test_every_target_that_is_told_exists(self, file):
        told = set(re.findall(r"`make ([a-z]+)", (ROOT / file).read_text()))
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        assert told
        assert told <= targets
