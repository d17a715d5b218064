"""Which files a notebook uses, found by reading: never too few, and no more than it needs."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from meanfield.runs.batch.dependencies import (
    NO_NUMBERS,
    PACKAGE,
    code_digest,
    files_used_by_figure,
    files_used_by_notebook,
    without_words,
)
from meanfield.runs.sources import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_no_file_is_missed(notebook, in_its_own_process):
    """What is imported when the notebook's public names are used is among the files that were read."""
    code = """
        import json, re, sys
        import meanfield as mf

        source = json.load(open(sys.argv[1]))
        text = "".join("".join(cell["source"]) for cell in source["cells"] if cell["cell_type"] == "code")
        for name in set(re.findall(r"\\bmf\\.([A-Za-z_]+)", text)):
            getattr(mf, name)
        print(json.dumps([module.__file__ for name, module in sys.modules.items() if name.startswith("meanfield.")]))
        """
    imported = {Path(file) for file in in_its_own_process(code, notebook) if not file.endswith("__init__.py")}
    used = set(files_used_by_notebook(notebook))
    assert {file for file in imported if not any(map(file.is_relative_to, NO_NUMBERS))} <= used
    assert PACKAGE / "runs" / "notebooks" / f"{notebook.stem}.py" in used


def test_a_simulation_does_not_depend_on_figures_or_batches():
    used = {str(file.relative_to(PACKAGE)) for file in files_used_by_notebook(ROOT / "notebooks/deviation.ipynb")}
    assert {"model/network.py", "simulation/spiking.py", "theory/white_noise/siegert.py"} <= used
    assert not used & {"runs/runner.py", "comparison/error_budget.py", "__main__.py"}
    assert not [file for file in used if file.startswith(("figures", "runs/batch"))]


def test_what_only_a_function_imports_counts(tmp_path):
    notebook = tmp_path / "lazy.ipynb"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    source = (
        "%time\nimport meanfield as mf\n\ndef later():\n"
        "    from meanfield.theory.white_noise.siegert import siegert_rate\n"
    )
    content = {"cells": [cell | {"source": source}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook.write_text(json.dumps(content))
    assert PACKAGE / "theory" / "white_noise" / "siegert.py" in files_used_by_notebook(notebook)


def test_a_figure_depends_on_how_it_is_drawn_only():
    used = files_used_by_figure("validity_map")
    assert {
        PACKAGE / "figures" / "validity.py",
        PACKAGE / "figures" / "style.py",
        PACKAGE / "comparison" / "validity.py",
    } <= set(used)
    assert not [file for file in used if "simulation" in file.parts and "measures" not in file.parts]


class TestDigest:
    """What changes a number changes the digest, and what is for people does not."""

    @pytest.fixture
    def notebook(self, tmp_path):
        return Path(shutil.copy(ROOT / "notebooks" / "deviation.ipynb", tmp_path))

    @staticmethod
    def change(notebook, kind, text):
        content = nbformat.read(notebook, as_version=4)
        cell = next(cell for cell in content.cells[2:] if cell.cell_type == kind)
        cell.source += text
        nbformat.write(content, notebook)

    def test_changes_with_the_notebooks_code_alone(self, notebook):
        before = code_digest(notebook)
        self.change(notebook, "markdown", "\n\nMore words.")
        self.change(notebook, "code", "  # more words")
        assert code_digest(notebook) == before
        self.change(notebook, "code", "\nx = 1")
        assert code_digest(notebook) != before

    def test_changes_with_the_lock_file(self, notebook, tmp_path, monkeypatch):
        before = code_digest(notebook)
        (tmp_path / "requirements.lock").write_text("numpy==1.0\n")
        monkeypatch.setattr("meanfield.runs.batch.dependencies.ROOT", tmp_path)
        assert code_digest(notebook) != before

    SOURCE = """
def f(x):
    'Some words.'
    if x < 0:
        raise ValueError(f"{x} is too small")
    return {"value": 2 * x, "long_name": "twice as much"}

class P:
    x: Annotated[float, Quantity("ms", "a time", above=0)] = 1.0

    def violations(values):
        yield f"{values} will not do"
"""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Some words.", "Others."),
            ("is too small", "is small"),
            ("twice as much", "double"),
            ('"ms", "a time"', '"ms", "a duration"'),
            ('"a time", above', 'meaning="a time", above'),
            ("will not do", "is bad"),
            ("return {", "# because\n    return {"),
        ],
    )
    def test_words_do_not_count(self, old, new):
        assert old in self.SOURCE
        assert without_words(ast.parse(self.SOURCE.replace(old, new))) == without_words(ast.parse(self.SOURCE))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("2 * x", "3 * x"),
            ("x < 0", "x <= 0"),
            ('"value"', '"double"'),
            ("above=0", "above=1"),
            ("= 1.0", "= 2.0"),
        ],
    )
    def test_all_else_counts(self, old, new):
        assert old in self.SOURCE
        assert without_words(ast.parse(self.SOURCE.replace(old, new))) != without_words(ast.parse(self.SOURCE))
