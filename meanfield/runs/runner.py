"""The runner: papermill behind a check of all parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError

from meanfield.model.quantities import ParameterError, stated
from meanfield.runs.files import only_writer, temporary_folder, write_atomically
from meanfield.runs.kernel import RunKernel, kernels_end_with_signals
from meanfield.runs.network_parameters import SimulatedNetworkParameters
from meanfield.runs.notebook_file import read_parameters
from meanfield.runs.parameters import NotebookParameters
from meanfield.runs.places import as_written, written
from meanfield.simulation.memory import memory_available, memory_needed
from meanfield.simulation.progress import for_bars


class NotebookFailed(RuntimeError):
    """A notebook stopped with an error; the message says which, and where the executed notebook is."""


def run_notebook(
    notebook: str | Path,
    output: str | Path,
    parameters: Mapping[str, Any],
    typed: Mapping[str, Any] | None = None,
    *,
    say: TextIO | None = None,
) -> Path:
    """Run a notebook with the given parameters, its results and itself going to a folder.

    Everything is checked before a kernel starts. The executed notebook is written when the run has ended, without
    times and progress bars.

    Parameters
    ----------
    notebook : path
    output : path
        Folder for the results; made if missing.
    parameters : mapping
        Values that differ from the notebook's own; paths of files as notebooks write them, see `meanfield.runs.places`.
    typed : mapping, optional
        More of them, which go before; paths of files start where the user stands.
    say : text stream, optional
        Where progress and warnings of the notebook show.

    Returns
    -------
    Path
        The executed notebook, ``<output>/<notebook's name>``.

    Raises
    ------
    ParameterError
        If the notebook cannot be run, or a parameter cannot be used: then nothing has run and nothing was written.
    NotebookFailed
        If the run stopped with an error; the executed notebook is then ``<output>/<notebook's stem>.failed.ipynb``.
    """
    if not str(output):
        raise ParameterError([f"{stated('output', '')} must name a folder"])
    notebook, folder = Path(notebook), Path(output).resolve()
    model, defaults = read_parameters(notebook)
    # Inside the repository, names of folders and files in the executed notebook are the same on every machine.
    place = written(folder)
    if folder == notebook.resolve().parent:
        raise ParameterError(
            [f"{stated('output', place)} is where {notebook.name} lies: the executed notebook would replace it"]
        )
    given = {**parameters, **as_written(model, typed or {}), "output": place}
    checked = model(**{**defaults, **given})
    checked.refuse_impossible()
    given = {name: getattr(checked, name) for name in given}  # 1e4 as 10000, so that equal runs are equal to the byte

    done, failed = folder / notebook.name, folder / f"{notebook.stem}.failed.ipynb"
    with only_writer(folder), temporary_folder() as workshop:
        executed = workshop / notebook.name
        failure = _execute(notebook, executed, given, checked, say)
        content = nbformat.read(executed, as_version=4)
        _tidy(content)
        path = failed if failure else done
        write_atomically(path, lambda temporary: nbformat.write(content, temporary))
        if failure is None:
            failed.unlink(missing_ok=True)
            return done
    raise NotebookFailed(f"{notebook} stopped: {failure}\nThe executed notebook, with the traceback, is {path}")


def _execute(
    notebook: Path, executed: Path, parameters: dict[str, Any], checked: NotebookParameters, say: TextIO | None
) -> str | None:
    """Execute with papermill; return why it stopped, if it did."""
    kernels: list[RunKernel] = []

    class Kernel(RunKernel):
        def __init__(self, *arguments: Any, **options: Any):
            super().__init__(*arguments, **options)
            kernels.append(self)

    try:
        with kernels_end_with_signals():
            papermill.execute_notebook(
                *(str(path).replace("{", "{{").replace("}", "}}") for path in (notebook, executed)),
                parameters=parameters,
                # Whatever kernel it was saved with.
                kernel_name="python3",
                language="python",
                progress_bar=False,
                stderr_file=say and for_bars(say),
                kernel_manager_class=Kernel,
            )
    except papermill.PapermillExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    except DeadKernelError:
        if any(kernel.was_killed for kernel in kernels):  # as the system does when memory runs out; who else would?
            return f"its kernel was killed, most likely for lack of memory{_memory_in_words(checked)}"
        return "its kernel died"
    return None


def _memory_in_words(checked: NotebookParameters) -> str:
    if not isinstance(checked, SimulatedNetworkParameters):
        return ""
    needed, available = memory_needed(checked.network(), checked.simulator), memory_available()
    return f": its network needs some {needed / 1e9:.1f} GB, and {available / 1e9:.1f} GB are free now"


def _tidy(content: nbformat.NotebookNode) -> None:
    """Remove times and progress bars from an executed notebook."""
    content.metadata.pop("papermill", None)
    for cell in content.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # it was drawn at random
        if cell.cell_type == "code":
            cell.outputs = _without_progress(cell.outputs)


def _without_progress(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs without progress bars, which are lines on stderr that return to their start and may come in pieces."""
    kept: list[nbformat.NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    within_bar = False  # whose line feed comes after what was said on stdout meanwhile
    for output in kept:
        if output.get("name") == "stderr":
            text = "\r" * within_bar + output.text
            within_bar = "\n" not in text.rpartition("\r")[2] and "\r" in text
            output.text = re.sub(r"\r.*\n?", "", text)
    return [output for output in kept if output.get("text") != ""]
