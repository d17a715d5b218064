"""The ways to install the project agree with each other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from meanfield.runs.sources import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, BUILD = SETTINGS["project"], SETTINGS["build-system"]
BASE = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = {
    extra: [requirement for requirement in map(Requirement, texts) if requirement.name != "meanfield"]
    for extra, texts in PROJECT["optional-dependencies"].items()
}
ALL = BASE + [requirement for requirements in EXTRAS.values() for requirement in requirements]
# What conda users get: all but what runs batches and tests, which pip adds.
FOR_CONDA = ("simulation", "figures", "explorer", "notebooks")
DEPENDENCIES = BASE + [requirement for extra in FOR_CONDA for requirement in EXTRAS[extra]]
LOCK_FILES = {"all": "requirements.lock", "build": "requirements-build.lock"}
LOCK_TEXTS = {kind: (ROOT / name).read_text() for kind, name in LOCK_FILES.items()}
# Each package with its version, and on the lines below it the checksums of its files.
LOCKS = {
    kind: [line.removesuffix(" \\") for line in text.splitlines() if not line.startswith(" ")]
    for kind, text in LOCK_TEXTS.items()
}
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
FROM_CONDA = [text for text in ENVIRONMENT["dependencies"] if isinstance(text, str)]
(FROM_PIP,) = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]

# Not on conda-forge in the version that is needed.
ONLY_PYPI = {"nest-simulator"}
CONDA_NAMES = {"jupyter-client": "jupyter_client"}


def locked_versions(name: str, lock: str = "all") -> set[str]:
    return {str(r.specifier) for r in map(Requirement, LOCKS[lock]) if r.name == name}


class TestLock:
    @pytest.mark.parametrize("requirement", ALL, ids=str)
    def test_covers_each_dependency_with_an_allowed_version(self, requirement):
        versions = locked_versions(requirement.name)
        assert versions
        assert all(requirement.specifier.contains(version.removeprefix("==")) for version in versions)

    @pytest.mark.parametrize("lock", LOCKS)
    def test_pins_every_package_exactly(self, lock):
        for line in LOCKS[lock]:
            assert re.fullmatch(r"[a-z0-9._-]+==[\w.+!]+( ; [^;]+)?", line), line

    @pytest.mark.parametrize(("lock", "fewest"), [("all", 100), ("build", 8)])
    def test_has_checksums_of_every_package(self, lock, fewest):
        entries = re.split(r"\n(?! )", LOCK_TEXTS[lock].strip())
        assert len(entries) == len(LOCKS[lock]) > fewest
        for entry in entries:
            _, *checksums = entry.split(" \\\n")
            assert checksums
            assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}", checksum) for checksum in checksums), entry

    def test_has_what_builds_packages(self):
        for requirement in map(Requirement, [*BUILD["requires"], *SETTINGS["dependency-groups"]["build"]]):
            (version,) = locked_versions(requirement.name, "build")
            assert requirement.specifier.contains(version.removeprefix("=="))

    @pytest.mark.parametrize("text", LOCK_TEXTS.values(), ids=LOCK_TEXTS)
    def test_names_no_place(self, text):
        text = text.replace("--hash=sha256:", "").replace(" \\\n", "\n")
        for sign in ("://", "@", "--", "file:", "/", "\\"):
            assert sign not in text


# Of modules that bear another name.
DISTRIBUTIONS = {
    "jupyter_client": "jupyter-client",
    "lazy_loader": "lazy-loader",
    "nest": "nest-simulator",
    "yaml": "pyyaml",
}


class TestDeclarations:
    """Each package that the code imports is named, and theory needs no more than the base."""

    def imported(self, *places: str) -> set[str]:
        """The distributions that files import, anywhere in them."""
        files = [file for place in places for file in (ROOT / place).rglob("*.py")]
        nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
        modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
        names = {module.split(".")[0] for module in modules} - sys.stdlib_module_names - {"meanfield"}
        return {DISTRIBUTIONS.get(name, name) for name in names}

    def test_the_package_imports_nothing_that_is_not_declared(self):
        declared = {requirement.name for requirement in ALL} - {r.name for r in EXTRAS["test"]}
        assert self.imported("meanfield") - {"snakemake"} <= declared

    def test_the_base_is_what_description_and_theory_import(self):
        base = {requirement.name for requirement in BASE}
        assert base == {"lazy-loader", "numpy", "pydantic", "pyyaml", "scipy", "xarray"}
        rooms = ["model", *(f"theory/{place}" for place in ("white_noise", "shot_noise", "linear"))]
        assert self.imported(*(f"meanfield/{room}" for room in rooms)) == base - {"lazy-loader"}

    @pytest.mark.parametrize(
        ("room", "extra"), [("simulation", "simulation"), ("theory/trains", "simulation"), ("figures", "figures")]
    )
    def test_an_extra_has_what_its_room_imports(self, room, extra):
        declared = {requirement.name for requirement in BASE + EXTRAS[extra]}
        assert self.imported(f"meanfield/{room}") <= declared

    def test_everything_is_installed_by_default(self):
        """By the lock file, which has all extras."""
        makefile = (ROOT / "Makefile").read_text()
        assert "LOCKED := $(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation\n" in makefile
        for lock in LOCK_FILES.values():
            assert f"\t$(LOCKED) --requirement {lock}\n" in makefile
        assert "--no-deps --no-build-isolation --editable ." in makefile


THEORY_ALONE = """
import json, sys
from importlib.metadata import packages_distributions, requires
from packaging.requirements import Requirement

waiting, needed = {base}, set()
while waiting:
    name = waiting.pop().lower().replace("_", "-")
    if name not in needed:
        needed.add(name)
        wanted = map(Requirement, requires(name) or [])
        waiting += [r.name for r in wanted if r.marker is None or r.marker.evaluate({{"extra": ""}})]
blocked = {{
    module
    for module, owners in packages_distributions().items()
    if not needed & {{owner.lower().replace("_", "-") for owner in owners}} and module != "meanfield"
}}

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

for module in [module for module in sys.modules if module.split(".")[0] in blocked]:
    del sys.modules[module]
sys.meta_path.insert(0, Blocked())
import meanfield as mf

{work}
"""


class TestTheoryAlone:
    """Without the extras, `import meanfield`, the description of networks and all of theory work."""

    @staticmethod
    def run(in_its_own_process, work):
        return in_its_own_process(THEORY_ALONE.format(base=[requirement.name for requirement in BASE], work=work))

    def test_computes(self, in_its_own_process):
        work = """
network = mf.brunel_network()
rate = mf.fixed_points(network)["rate"].values
growth = mf.eigenvalues(network)["growth"].values.max()
power = mf.predicted_spectrum(network, [10.0])["power"].values
print(json.dumps([rate[0, 0], mf.shot_noise_fixed_point(network, dt=0.1)["rate"].values[0], growth, power[0, 0]]))
"""
        rate, *others = self.run(in_its_own_process, work)
        assert rate == pytest.approx(32.0331145039)
        assert all(np.isfinite(others))

    def test_has_every_public_name_of_model_and_theory(self, in_its_own_process):
        stub = ast.parse((ROOT / "meanfield" / "__init__.pyi").read_text()).body
        rooms = [line for line in stub if line.module and line.module.startswith(("model", "theory"))]
        names = [alias.name for line in rooms if "trains" not in line.module for alias in line.names]
        assert len(names) > 20
        assert (
            self.run(in_its_own_process, f"print(json.dumps([getattr(mf, name).__name__ for name in {names}]))")
            == names
        )

    def test_says_what_to_install_for_the_rest(self, in_its_own_process):
        work = """
try:
    mf.simulate_spiking
except ImportError as error:
    print(json.dumps(str(error)))
"""
        said = self.run(in_its_own_process, work)
        assert said.endswith("; pip install 'meanfield[notebooks]' installs all that is needed")


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
            name = CONDA_NAMES.get(requirement.name, requirement.name)
            assert f"{name}{requirement.specifier}" in FROM_CONDA

    def test_has_nothing_else(self):
        names = {re.match(r"[a-z0-9_-]+", text).group() for text in FROM_CONDA}
        needed = {CONDA_NAMES.get(name, name) for name in {requirement.name for requirement in DEPENDENCIES}}
        assert names == needed - ONLY_PYPI | {"python", "pip"}
        assert len(FROM_PIP) == len(ONLY_PYPI) + 1

    def test_takes_all_from_conda_forge(self):
        assert ENVIRONMENT["channels"] == ["conda-forge"]

    def test_installs_the_project_itself_last(self):
        assert FROM_PIP[-1] == "-e .[batch]"
        assert ENVIRONMENT["dependencies"][-1] == {"pip": FROM_PIP}


class TestCommands:
    @pytest.mark.parametrize("goals", [["batch"], ["batch", "experiments/validity_map.yml"]])
    def test_a_batch_without_an_experiment_starts_nothing(self, goals):
        # A make that runs the tests hands its options down: its "Entering directory" is not what this is about.
        command = ["make", "--no-print-directory", "-n", *goals]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert "name the experiment: make batch EXPERIMENT=experiments/NAME.yml" in done.stderr
        assert done.stdout == ""

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
