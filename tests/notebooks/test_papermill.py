"""Plain papermill, and the notebook by hand: the same results as the runner's, and the same refusals."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from meanfield.model.quantities import ParameterError
from meanfield.runs.notebooks.compare import CompareParameters
from meanfield.runs.parameter_cells import literals_set_by, model_named_in, names_set_by
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT

NOTEBOOKS = ROOT / "notebooks"


def code_cells(notebook: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def edited_by_hand(name: str, **replacements: str) -> nbformat.NotebookNode:
    """A notebook whose parameters cell somebody has edited: each line that sets a name is replaced."""
    content = nbformat.read(NOTEBOOKS / name, as_version=4)
    (cell,) = [cell for cell in content.cells if "parameters" in cell.metadata.get("tags", [])]
    lines = cell.source.splitlines()
    for parameter, replacement in replacements.items():
        (number,) = [n for n, line in enumerate(lines) if line.startswith(f"{parameter}: ")]
        lines[number] = replacement
    cell.source = "\n".join(lines)
    return content


def run_by_hand(content: nbformat.NotebookNode) -> None:
    """Run all cells as JupyterLab does: in the notebook's own folder, without papermill."""
    NotebookClient(content, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()


def test_runner_papermill_and_hand_give_the_same_bytes(tmp_path):
    ways = {way: tmp_path / way for way in ("runner", "papermill", "hand")}
    run_notebook(NOTEBOOKS / "rate_network.ipynb", ways["runner"], {"order": 1000, "g": 6.0})
    papermill.execute_notebook(
        NOTEBOOKS / "rate_network.ipynb",
        tmp_path / "executed.ipynb",
        parameters={"order": 1e3, "g": 6, "output": str(ways["papermill"])},
        progress_bar=False,
    )
    run_by_hand(
        edited_by_hand("rate_network.ipynb", order="order = 1_000", g="g = 12 / 2", output=f"output = '{ways['hand']}'")
    )
    for name in ("rate_network.nc", "rate_network.png", "rate_network.svg", "rate_network.pdf"):
        contents = {way: (folder / name).read_bytes() for way, folder in ways.items()}
        assert contents["papermill"] == contents["runner"]
        assert contents["hand"] == contents["runner"]


class TestBadParameters:
    @pytest.mark.parametrize(
        ("given", "answers"),
        [
            ({"ordr": 250}, ["ordr is not a parameter here; did you mean order?"]),
            ({"g": "abc"}, ["g = 'abc' must be a finite number ≥ 0"]),
            ({"eta": float("nan")}, ["eta = nan must be a finite number ≥ 0"]),
            ({"epsilon": 0.0001}, ["epsilon = 0.0001 with order = 2500 gives no inhibitory synapse"]),
            (
                {"threads": 0, "J": -0.1, "V_reset": 25.0, "t_ref": 0.25, "seeed": 3},
                [
                    "threads = 0 must be a whole number ≥ 1",
                    "J = -0.1 mV must be a finite number > 0 mV",
                    "theta = 20.0 mV must be above V_reset = 25.0 mV",
                    "t_ref = 0.25 ms must be a multiple of the time step dt = 0.1 ms",
                    "seeed is not a parameter here; did you mean seed?",
                ],
            ),
        ],
        ids=["misspelt", "text", "nan", "no synapse", "several"],
    )
    def test_stop_the_notebook_in_its_first_cells(self, tmp_path, given, answers):
        with pytest.raises(papermill.PapermillExecutionError) as stopped:
            papermill.execute_notebook(
                NOTEBOOKS / "compare.ipynb",
                tmp_path / "executed.ipynb",
                parameters={"output": str(tmp_path / "out")} | given,
                progress_bar=False,
            )
        assert stopped.value.ename == "ParameterError"
        for answer in answers:
            assert answer in stopped.value.evalue
        assert len(stopped.value.evalue.splitlines()) == len(answers)
        assert [path.name for path in tmp_path.iterdir()] == ["executed.ipynb"]
        *_, last = [cell for cell in code_cells(tmp_path / "executed.ipynb") if cell.execution_count is not None]
        assert "mf.parameters(" in last.source

    def test_stop_the_papermill_command(self, tmp_path):
        file = tmp_path / "file"
        file.write_text("")
        command = [sys.executable, "-m", "papermill", NOTEBOOKS / "compare.ipynb", tmp_path / "executed.ipynb"]
        command += ["-p", "output", file / "below"]
        ended = subprocess.run(command, capture_output=True, text=True)
        assert ended.returncode != 0
        assert f"output = '{file}/below' is not a folder that can be written to: Not a directory" in ended.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["executed.ipynb", "file"]

    def test_stop_the_notebook_whose_parameters_cell_was_edited(self, tmp_path):
        content = edited_by_hand("compare.ipynb", eta="etta: float = 3.0", output=f"output = '{tmp_path / 'out'}'")
        with pytest.raises(CellExecutionError, match=r"etta is not a parameter here; did you mean eta\?"):
            run_by_hand(content)
        assert list(tmp_path.iterdir()) == []


PARAMETERS = "order: int = 2500  # scale\ng: float = 5.0  # inhibition"
VALIDATION = "import meanfield as mf\n\nparameters = mf.parameters('compare', globals())"


class TestNamesSet:
    """Which of the cells run so far have set parameters."""

    def test_are_those_of_the_parameters_cell(self):
        assert names_set_by([PARAMETERS]) == ["order", "g"]

    def test_are_also_those_of_papermills_cell_after_it(self):
        assert names_set_by([PARAMETERS, "# Parameters\nordr = 250\n"]) == ["order", "g", "ordr"]

    def test_are_also_those_set_by_hand_after_it(self):
        assert names_set_by([PARAMETERS, "# a remark", "", "%matplotlib inline", "ordr = 250"]) == [
            "order",
            "g",
            "ordr",
        ]

    def test_are_also_those_with_a_computed_value(self):
        assert names_set_by(["order: int = 25 * 100\nordr = 2 * order"]) == ["order", "ordr"]

    def test_are_not_those_of_a_cell_that_does_more(self):
        assert names_set_by([PARAMETERS, "x = 1\nprint(x)"]) == ["order", "g"]

    def test_are_not_those_of_a_scratch_cell_run_later(self):
        history = [PARAMETERS, VALIDATION, "x = 1", "rates = [30, 31]", "y = x"]
        assert names_set_by(history) == ["order", "g"]

    def test_are_those_of_the_parameters_cells_last_run(self):
        again = PARAMETERS.replace("g: ", "gg: ")
        assert names_set_by([PARAMETERS, VALIDATION, "x = 1", again]) == ["order", "gg"]
        assert names_set_by([again, VALIDATION, "x = 1", PARAMETERS]) == ["order", "g"]

    def test_are_none_where_nothing_has_run(self):
        assert names_set_by([""]) == []

    def test_decide_what_is_validated(self, tmp_path):
        namespace = {"In": ["", PARAMETERS, "ordr = 250", VALIDATION], "order": 250, "ordr": 250, "x": 1}
        with pytest.raises(ParameterError, match=r"^ordr is not a parameter here; did you mean order\?"):
            CompareParameters.from_notebook(namespace)
        namespace |= {"In": ["", PARAMETERS, VALIDATION, "x = 1", VALIDATION], "output": str(tmp_path / "out")}
        assert CompareParameters.from_notebook(namespace).order == 250


class TestParametersCell:
    def test_sets_literals(self):
        source = "order: int = 2500  # scale\neta = -2.0\nV_init: str = 'rest'"
        assert literals_set_by(source) == {"order": 2500, "eta": -2.0, "V_init": "rest"}

    @pytest.mark.parametrize("line", ["b = 2 * a", "print(a)", "b: int", "a, b = 1, 2", "import b", "%time", "b = ("])
    def test_sets_nothing_else(self, line):
        with pytest.raises(ValueError, match=f"^{re.escape(line)}$"):
            literals_set_by(f"a = 1\n{line}")


def test_model_is_named_where_the_notebook_validates():
    assert model_named_in([PARAMETERS, "x = 1", VALIDATION]) == "compare"
    assert model_named_in([PARAMETERS, "x = parameters('compare', globals())", "%magic"]) is None
