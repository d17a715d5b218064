"""The READMEs: short, with links that lead somewhere and commands that work."""

from __future__ import annotations

import itertools
import re
import shlex

import click
import pytest

import meanfield as mf
from meanfield.__main__ import main
from meanfield.model.yaml_files import read_yaml_value
from meanfield.runs.batch.experiment import Experiment
from meanfield.runs.notebook_file import read_parameters
from meanfield.runs.sources import ROOT

README = (ROOT / "README.md").read_text()
WORKFLOW = (ROOT / "workflow" / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("*/README.md"), ROOT / "results/reference/README.md"]
MOST_WORDS = 900


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


COMMANDS = [
    line.split("#")[0].strip()
    for page in (README, WORKFLOW)
    for block in blocks(page.replace("\\\n", " "), "sh")
    for line in block.splitlines()
]


def test_the_readme_is_short():
    words = [word for word in README.split() if re.search(r"\w", word)]
    assert len(words) <= MOST_WORDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    assert not [link for link in links if "://" not in link and not (page.parent / link).exists()]


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if "meanfield" in command or "papermill" in command]
)
def test_commands_are_accepted(command):
    """Programs, options, files and parameters; .ci/run carries them out."""
    words = shlex.split(command)
    given = dict(itertools.pairwise(words))
    if "papermill" in command:
        notebook, pairs = words[1], [words[n + 1 : n + 3] for n, word in enumerate(words) if word == "-p"]
    else:
        assert words[1:3] == ["-m", "meanfield"]
        subcommand = main.commands[words[3]]
        with click.Context(subcommand) as context:
            subcommand.parse_args(context, words[4:])
        notebook, pairs = words[4], context.params.get("parameter", ())
        if words[3] != "run":
            return
        assert "-o" in given
    model, defaults = read_parameters(ROOT / notebook)
    model(**(defaults | {name: read_yaml_value(value) for name, value in pairs}))


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_make_has_the_targets(command):
    target = shlex.split(command)[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_experiments_of_the_page_on_batches_are_some(tmp_path):
    texts = blocks(WORKFLOW, "yaml")
    n_runs = []
    for text in texts:
        (tmp_path / "mine.yml").write_text(text)
        n_runs.append(len(Experiment.from_yaml(tmp_path / "mine.yml").runs()))
    assert n_runs[0] == 24  # the one that .ci/run carries out
    assert all(n_runs)


def test_the_python_lines_run():
    """On a small network, for a short time."""
    (code,) = blocks(README, "python")
    for whole, part in (("eta=4.0", "eta=4.0, order=50"), ("duration=2000.0, n_seeds=5", "duration=100.0, n_seeds=2")):
        assert whole in code
        code = code.replace(whole, part)
    names: dict = {}
    exec(code, names)
    assert {"mu", "siegert", "simulated"} <= set(names["comparison"])
    assert mf.comparison_table(names["comparison"]).shape[1] == 2
