"""Small notebooks, written for one test each, and the runner as a user calls it."""

from __future__ import annotations

import sys
import tempfile
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

import nbformat
import papermill
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from meanfield.__main__ import main

PARAMETERS = 'output: str = "results/tiny"  # folder'
# The runner finds the model; the kernel is spared the import.
VALIDATION = 'if False:\n    mf.parameters("tiny", globals())'
MODEL = """
from meanfield.runs.parameters import NotebookParameters

class TinyParameters(NotebookParameters):
    output: str = "results/tiny"
"""


@pytest.fixture
def tiny_model(monkeypatch):
    """The file ``runs/notebooks/tiny.py``, as far as this process can see."""
    module = module_from_spec(ModuleSpec("meanfield.runs.notebooks.tiny", None))
    exec(MODEL, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.TinyParameters


@pytest.fixture
def tiny_notebook(tmp_path, tiny_model):
    """Writes a notebook with a parameters cell, the cells given, and a last cell that would validate."""

    def write(*cells: str, parameters: str | None = PARAMETERS, validation: str | None = VALIDATION) -> Path:
        tagged = [] if parameters is None else [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
        last = [] if validation is None else [new_code_cell(validation)]
        content = new_notebook(
            cells=[*tagged, *map(new_code_cell, cells), *last],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        path = tmp_path / "tiny.ipynb"
        nbformat.write(content, path)
        return path

    return write


@pytest.fixture
def run():
    """``python -m meanfield run``, without the cost of a new process."""

    def invoke(*arguments: object) -> Result:
        result = CliRunner().invoke(main, ["run", *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception  # a traceback is never an answer
        return result

    return invoke


@pytest.fixture
def no_kernel(monkeypatch):
    """Fails the test if a kernel is about to start."""

    def started(*arguments, **options):
        pytest.fail("a kernel was started")

    monkeypatch.setattr(papermill, "execute_notebook", started)


@pytest.fixture
def temporary_files(tmp_path_factory, monkeypatch):
    """The folder for temporary files, empty at first, of this process and of those that it starts."""
    folder = tmp_path_factory.mktemp("t")  # short, as sockets need
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder
