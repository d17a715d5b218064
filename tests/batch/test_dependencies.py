"""Which files a notebook uses, found by reading: never too few, and no more than it needs."""

from __future__ import annotations

import json

import pytest

from meanfield.runs.batch.dependencies import PACKAGE, files_used_by_figure, files_used_by_notebook
from meanfield.runs.provenance import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_no_file_is_missed(notebook, in_its_own_process):
    """What is imported when the notebook's public names are used, is among what was found by reading."""
    code = """
        import json, re, sys
        import meanfield as mf

        source = json.load(open(sys.argv[1]))
        text = "".join("".join(cell["source"]) for cell in source["cells"] if cell["cell_type"] == "code")
        for name in set(re.findall(r"\\bmf\\.([A-Za-z_]+)", text)):
            getattr(mf, name)
        for name in set(re.findall(r"\\bmf\\.figures\\.([A-Za-z_]+)", text)):
            getattr(mf.figures, name)
        print(json.dumps([module.__file__ for name, module in sys.modules.items() if name.startswith("meanfield.")]))
        """
    imported = {file for file in in_its_own_process(code, notebook) if not file.endswith("__init__.py")}
    found = {str(file) for file in files_used_by_notebook(notebook)}
    assert imported <= found
    assert found


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
