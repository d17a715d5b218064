"""``python -m meanfield run``: what is good runs whole, what is bad is refused in a sentence before anything starts."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from meanfield.runs.files import only_writer
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT
from meanfield.simulation import memory

COMPARE = ROOT / "notebooks" / "compare.ipynb"
RATE_NETWORK = ROOT / "notebooks" / "rate_network.ipynb"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestGoodRun:
    def test_writes_notebook_dataset_figures_and_sidecar_and_nothing_else(self, run, tmp_path, temporary_files):
        out = tmp_path / "out"
        result = run(RATE_NETWORK, "-o", out, "-p", "order", "1e3")
        assert result.exit_code == 0
        written = [f"rate_network.{ending}" for ending in ("circumstances.json", "ipynb", "nc", "pdf", "png", "svg")]
        assert names_in(out) == written
        rates = "E 45.6225, Siegert 45.6225, I 45.6225, Siegert 45.6225 (spikes/s)"
        assert result.stdout == f"{rates}; written to {out / 'rate_network.nc'}\n"
        assert result.stderr == ""
        assert names_in(temporary_files) == []

        executed = nbformat.read(out / "rate_network.ipynb", as_version=4)
        nbformat.validate(executed)
        counts = [cell.execution_count for cell in executed.cells if cell.cell_type == "code"]
        assert counts == list(range(1, len(counts) + 1))
        (injected,) = [cell for cell in executed.cells if "injected-parameters" in cell.metadata.get("tags", [])]
        assert "order = 1000\n" in injected.source
        circumstances = json.loads((out / "rate_network.circumstances.json").read_text())
        assert {"finished", "machine", "process_cpu_s", "peak_memory_bytes"} <= circumstances.keys()

    def test_says_in_one_line_what_it_wrote_and_leaves_what_is_there(self, run, tmp_path, tiny_notebook, monkeypatch):
        tiny = tiny_notebook("from pathlib import Path", "(Path(output) / 'mine').write_text('')")
        out = tmp_path / "out"
        out.mkdir()
        (out / "somebody's").write_text("")
        time_before = (out / "somebody's").stat().st_mtime
        monkeypatch.chdir(tmp_path)
        assert run(tiny, "-o", "out").stdout == "written to out/tiny.ipynb\n"
        assert names_in(out) == ["mine", "somebody's", "tiny.ipynb"]
        assert (out / "somebody's").stat().st_mtime == time_before

    def test_parameters_of_a_file_yield_to_those_of_the_command_line(self, tmp_path, run, no_kernel):
        file = tmp_path / "parameters.yml"
        file.write_text("g: 6.0\nseed: 0\neta: -1\n")
        result = run(COMPARE, "-o", tmp_path / "out", "-f", file, "-p", "seed", "-7")
        assert result.stderr.splitlines() == [
            "meanfield: seed = -7 must be a whole number ≥ 1 and ≤ 4294967295",
            "meanfield: eta = -1 must be a finite number ≥ 0",
        ]

    def test_runs_in_python_whatever_kernel_the_notebook_was_saved_with(self, run, tmp_path, tiny_notebook):
        tiny = tiny_notebook()
        content = nbformat.read(tiny, as_version=4)
        content.metadata = {"kernelspec": {"name": "somebody's", "display_name": "Somebody's", "language": "python"}}
        nbformat.write(content, tiny)
        assert run(tiny, "-o", tmp_path / "out").exit_code == 0


BAD_VALUES = {  # what is typed: what is answered
    "ordr 250": "ordr is not a parameter here; did you mean order?",
    "nonsense 1": "nonsense is not a parameter here; known are ",
    "g abc": "g = 'abc' must be a finite number ≥ 0",
    "g [1,2]": "g = [1, 2] must be a finite number ≥ 0",
    "g true": "g = True must be a finite number ≥ 0",
    "eta nan": "eta = nan must be a finite number ≥ 0",
    "eta -1": "eta = -1 must be a finite number ≥ 0",
    "J 0": "J = 0 mV must be a finite number > 0 mV",
    "J -0.1": "J = -0.1 mV must be a finite number > 0 mV",
    "epsilon 0": "epsilon = 0 must be a finite number > 0 and ≤ 1",
    "epsilon 1.2": "epsilon = 1.2 must be a finite number > 0 and ≤ 1",
    "epsilon 0.0001": "epsilon = 0.0001 with order = 2500 gives no inhibitory synapse: epsilon · order = 0.25 must be",
    "order 0": "order = 0 must be a whole number ≥ 1",
    "order 2.5": "order = 2.5 must be a whole number ≥ 1",
    "order 1e300": "order = 1e+300 must be a whole number ≥ 1",
    "theta -5": "theta = -5 mV must be a finite number > 0 mV",
    "V_reset 20": "theta = 20.0 mV must be above V_reset = 20.0 mV",
    "V_reset 25": "theta = 20.0 mV must be above V_reset = 25.0 mV",
    "tau_m 1e400": "tau_m = inf ms must be a finite number > 0 ms",
    "t_ref -1": "t_ref = -1 ms must be a finite number ≥ 0 ms",
    "t_ref 0.25": "t_ref = 0.25 ms must be a multiple of the time step dt = 0.1 ms",
    "delay 0.05": "delay = 0.05 ms must be ≥ the time step dt = 0.1 ms",
    "delay 1.55": "delay = 1.55 ms must be a multiple of the time step dt = 0.1 ms",
    "dt 0.3": "t_ref = 2.0 ms must be a multiple of the time step dt = 0.3 ms",
    "dt 0": "dt = 0 ms must be a finite number > 0 ms",
    "dt 0.0005": "dt = 0.0005 ms must be a multiple of NEST's unit of time = 0.001 ms",
    "dt 1e-300": "dt = 1e-300 ms must be a multiple of NEST's unit of time = 0.001 ms",
    "duration 0": "duration = 0 ms must be a finite number > 0 ms",
    "duration 1e-9": "duration = 1e-09 ms must be a multiple of the time step dt = 0.1 ms",
    "warmup -1": "warmup = -1 ms must be a finite number ≥ 0 ms",
    "bin_width 3": "duration = 1000.0 ms must be a multiple of bin_width = 3.0 ms",
    "threads 0": "threads = 0 must be a whole number ≥ 1 and ≤ 511",
    "seed 0": "seed = 0 must be a whole number ≥ 1 and ≤ 4294967295",
    "seed 4294967296": "seed = 4294967296 must be a whole number ≥ 1 and ≤ 4294967295",
    "seed 4294967295": "n_seeds = 2 from seed = 4294967295 on goes beyond the last seed, 2³² − 1",
    "n_seeds 0": "n_seeds = 0 must be a whole number ≥ 1",
    "V_init roast": "V_init = 'roast' is not allowed: input should be 'rest' or 'spread'",
    "record some": "record = 'some' must be 'all' or a whole number ≥ 0",
    "initial_rate -1": "initial_rate = -1 spikes/s must be a finite number ≥ 0 spikes/s",
    "pseudo_dt 1e-300": "pseudo_dt = 1e-300 ms must be a multiple of NEST's unit of time = 0.001 ms",
    "pseudo_duration 0.5": "pseudo_duration = 0.5 ms must be ≥ tau = 1.0 ms",
    "network_file nowhere.yml": f"{ROOT / 'nowhere.yml'} cannot be read: No such file or directory",
    "network_file 3": "network_file = 3 is not allowed: input should be a valid string",
    "output elsewhere": "output is set by -o, not as a parameter",
}


@pytest.mark.usefixtures("no_kernel")
class TestBadParameters:
    @pytest.mark.parametrize(("typed", "answer"), BAD_VALUES.items(), ids=BAD_VALUES)
    def test_are_refused_with_a_sentence_and_nothing_is_written(self, run, tmp_path, typed, answer):
        result = run(COMPARE, "-o", tmp_path / "out", "-p", *typed.split())
        assert result.exit_code == 2
        assert result.stdout == ""
        assert f"meanfield: {answer}" in result.stderr
        assert all(line.startswith("meanfield: ") for line in result.stderr.splitlines())
        assert names_in(tmp_path) == []

    def test_are_all_named_at_once(self, run, tmp_path):
        typed = "-p g abc -p ordr 250 -p theta -1 -p V_reset 30 -p threads 0 -p t_ref 0.25 -p seeed 3"
        result = run(COMPARE, "-o", tmp_path / "out", *typed.split())
        assert result.exit_code == 2
        culprits = [line.split()[1] for line in result.stderr.splitlines()]
        assert sorted(culprits) == sorted(["g", "ordr", "theta", "threads", "t_ref", "seeed"])
        assert names_in(tmp_path) == []

    def test_do_not_come_from_a_whole_number_written_as_1e4(self, run, tmp_path):
        """So it is the theta beside it that is told."""
        result = run(COMPARE, "-o", tmp_path / "out", "-p", "order", "1e4", "-p", "theta", "-1")
        assert result.stderr == "meanfield: theta = -1 mV must be a finite number > 0 mV\n"

    def test_do_not_come_from_an_empty_network_file(self, run, tmp_path):
        result = run(COMPARE, "-o", tmp_path / "out", "-p", "network_file", "", "-p", "theta", "-1")
        assert result.stderr == "meanfield: theta = -1 mV must be a finite number > 0 mV\n"

    def test_beside_a_network_file_they_would_be_without_effect(self, run, tmp_path):
        network = "experiments/networks/three_populations.yml"
        result = run(COMPARE, "-o", tmp_path / "out", "-p", "network_file", network, "-p", "g", "6")
        assert result.exit_code == 2
        assert result.stderr == "meanfield: g = 6.0 is without effect beside a network_file; leave it out\n"

    def test_of_a_network_file_are_told_with_the_population_in_view(self, run, tmp_path):
        network = tmp_path / "network.yml"
        network.write_text("populations: [E, I]\nsize: [10, 0]\nK: 2\nJ: [1, 2, 3]\ndelay: 1.0\nsiz: 3\n")
        result = run(COMPARE, "-o", tmp_path / "out", "-p", "network_file", network)
        assert result.exit_code == 2
        assert "size = [10, 0] must be a whole number ≥ 1" in result.stderr
        assert "J = [1, 2, 3] mV must be one number or an array of shape (2, 2)" in result.stderr
        assert "siz is not a parameter here; did you mean size?" in result.stderr
        assert names_in(tmp_path) == ["network.yml"]

    def test_network_file_off_the_time_grid(self, run, tmp_path):
        network = "experiments/networks/three_populations.yml"
        result = run(COMPARE, "-o", tmp_path / "out", "-p", "network_file", network, "-p", "dt", "0.2")
        assert result.exit_code == 2
        assert "must be a multiple of the time step dt = 0.2 ms" in result.stderr
        assert "delay" in result.stderr

    def test_a_perturbation_that_leaves_one_stable_state_is_refused_before_anything_is_simulated(self, run, tmp_path):
        notebook = ROOT / "notebooks" / "constraints.ipynb"
        result = run(notebook, "-o", tmp_path / "out", "-p", "perturbed_rate_ext", "170")
        assert result.exit_code == 2
        words = "must leave the network two stable states, and leaves 1"
        assert result.stderr == f"meanfield: perturbed_rate_ext = 170.0 spikes/s {words}\n"
        assert names_in(tmp_path) == []

    def test_network_larger_than_memory_is_refused_with_what_it_needs_and_what_would_fit(
        self, run, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(memory, "memory_available", lambda: 1_000_000_000)
        result = run(COMPARE, "-o", tmp_path / "out", "-p", "order", "5000")
        assert result.exit_code == 2
        assert (
            "25,000 neurons and 62,500,000 synapses needs 3.2 GB of memory, of which 1.0 GB are free" in result.stderr
        )
        assert "0.41 times its size" in result.stderr
        assert names_in(tmp_path) == []
        fits = run(COMPARE, "-o", tmp_path / "out", "-p", "order", "1900", "-p", "theta", "-1")
        assert "memory" not in fits.stderr


@pytest.mark.usefixtures("no_kernel")
class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "answer"),
        {
            b"g: [1, 2\norder: 3": ", line 2 is not valid YAML: expected ',' or ']', but got ':'",
            b"g: !!python/object:os.system x": ", line 1 is not valid YAML: a tag (!!python/object:os.system) is not",
            b"g: 5.0\neta: 2.0\ng: 6.0": ", line 3 is not valid YAML: g is given twice",
            b"- g\n- eta": " must hold lines of the form 'name: value'",
            b"": " must hold lines of the form 'name: value'",
            b"1: 2": " must hold lines of the form 'name: value'",
            b"\xff\xfe\x00\x80": " cannot be read: 'utf-8' codec can't decode",
        }.items(),
    )
    def test_of_parameters(self, run, tmp_path, content, answer):
        file = tmp_path / "parameters.yml"
        file.write_bytes(content)
        result = run(COMPARE, "-o", tmp_path / "out", "-f", file)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"meanfield: {file}{answer}")
        assert names_in(tmp_path) == ["parameters.yml"]

    def test_of_parameters_that_does_not_exist(self, run, tmp_path):
        result = run(COMPARE, "-o", tmp_path / "out", "-f", tmp_path / "nowhere.yml")
        assert result.exit_code == 2
        assert result.stderr == f"meanfield: {tmp_path}/nowhere.yml cannot be read: No such file or directory\n"

    def test_of_parameters_may_write_1e4_as_the_command_line_may(self, run, tmp_path):
        file = tmp_path / "parameters.yml"
        file.write_text("order: 1e4\ndelay: 1e-1\nseed: 0\n")
        result = run(COMPARE, "-o", tmp_path / "out", "-f", file)
        assert result.stderr == "meanfield: seed = 0 must be a whole number ≥ 1 and ≤ 4294967295\n"

    @pytest.mark.parametrize(
        ("content", "answer"),
        {
            b"": " is not a readable notebook: ",
            b"order = 2500\ng = 5": " is not a readable notebook: Notebook does not appear to be JSON",
            b"{}": " is not a readable notebook: ",
            b"[1]": " is not a readable notebook: ",
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}': " is not a readable notebook: ",
            b"\xff\xfe\x00\x80": " is not a readable notebook: ",
        }.items(),
    )
    def test_notebook_that_is_none(self, run, tmp_path, content, answer):
        notebook = tmp_path / "broken.ipynb"
        notebook.write_bytes(content)
        result = run(notebook, "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert result.stderr.startswith(f"meanfield: {notebook}{answer}")
        assert len(result.stderr.splitlines()) == 1
        assert names_in(tmp_path) == ["broken.ipynb"]

    def test_notebook_that_does_not_exist(self, run, tmp_path):
        result = run(tmp_path / "nowhere.ipynb", "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert result.stderr == f"meanfield: {tmp_path}/nowhere.ipynb does not exist\n"

    def test_folder_instead_of_a_notebook(self, run, tmp_path):
        result = run(tmp_path, "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert result.stderr == f"meanfield: {tmp_path} is not a readable notebook: Is a directory\n"

    def test_notebook_without_a_parameters_cell(self, run, tmp_path, tiny_notebook):
        result = run(tiny_notebook(parameters=None), "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert "has no cell with the tag 'parameters'; a notebook to run needs exactly one" in result.stderr

    def test_notebook_that_does_not_validate(self, run, tmp_path, tiny_notebook):
        result = run(tiny_notebook(validation=None), "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert 'does not check its parameters: it needs a cell with mf.parameters("NAME", globals())' in result.stderr

    def test_notebook_whose_model_does_not_exist(self, run, tmp_path, tiny_notebook):
        tiny = tiny_notebook(validation='if False:\n    mf.parameters("nowhere", globals())')
        result = run(tiny, "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert result.stderr == "meanfield: 'nowhere' is no notebook with a model in meanfield/runs/notebooks\n"

    def test_notebook_that_derives_a_parameter_from_others(self, run, tmp_path, tiny_notebook):
        """Papermill sets parameters after the parameters cell: what was derived in it would keep its old value."""
        derived = 'output: str = "results"  # folder\nplace: str = output + "/tiny"  # folder'
        result = run(tiny_notebook(parameters=derived), "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert "does more in its parameters cell than set names to literals: place: str = output" in result.stderr
        assert names_in(tmp_path) == ["tiny.ipynb"]

    def test_notebook_whose_own_parameters_are_wrong(self, run, tmp_path, tiny_notebook):
        wrong = 'output: str = "results"  # folder\nordr: int = 250  # scale'
        result = run(tiny_notebook(parameters=wrong), "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert "ordr is not a parameter here" in result.stderr


@pytest.mark.usefixtures("no_kernel")
class TestOutputFolder:
    """Permission bits do not bind the superuser, so these are places where nobody can write."""

    @pytest.mark.parametrize("place", ["file", "file/below", "file/far/below"])
    def test_below_a_file_is_refused(self, run, tmp_path, place):
        (tmp_path / "file").write_text("kept")
        result = run(COMPARE, "-o", tmp_path / place)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"meanfield: output = '{tmp_path / place}' is not a folder that can be written")
        assert (tmp_path / "file").read_text() == "kept"

    @pytest.mark.skipif(not Path("/proc").exists(), reason="no /proc here")
    @pytest.mark.parametrize("place", ["/proc/x", "/proc/x/y"])
    def test_in_a_file_system_that_takes_no_files_is_refused(self, run, place):
        result = run(COMPARE, "-o", place)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"meanfield: output = '{place}' is not a folder that can be written to: ")

    def test_with_an_impossible_name_is_refused(self, run, tmp_path):
        result = run(COMPARE, "-o", tmp_path / ("x" * 300))
        assert result.exit_code == 2
        assert "is not a folder that can be written to: File name too long" in result.stderr

    def test_without_a_name_is_refused(self, run):
        result = run(COMPARE, "-o", "")
        assert result.exit_code == 2
        assert result.stderr == "meanfield: output = '' must name a folder\n"

    def test_of_the_notebook_itself_is_refused_since_the_executed_one_would_replace_it(self, run, tiny_notebook):
        tiny = tiny_notebook()
        before = tiny.read_bytes()
        result = run(tiny, "-o", tiny.parent)
        assert result.exit_code == 2
        assert "is where tiny.ipynb lies: the executed notebook would replace it" in result.stderr
        assert tiny.read_bytes() == before

    def test_is_left_as_it_was_when_something_else_is_refused(self, run, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "kept").write_text("")
        assert run(COMPARE, "-o", tmp_path / "out" / "deep" / "deeper", "-p", "order", "0").exit_code == 2
        assert run(COMPARE, "-o", tmp_path / "out", "-p", "order", "0").exit_code == 2
        assert names_in(tmp_path / "out") == ["kept"]


class TestExecutedNotebook:
    """Holds what a cell said, without its progress bars and in one piece."""

    def outputs(self, run, tmp_path, notebook: Path) -> list:
        assert run(notebook, "-o", tmp_path / "out").exit_code == 0
        cells = nbformat.read(tmp_path / "out" / notebook.name, as_version=4).cells
        return [(output.get("name"), output.get("text")) for cell in cells for output in cell.outputs]

    def test_is_without_progress_bars(self, run, tmp_path, tiny_notebook):
        bar = (
            "import sys\nfrom time import sleep\nprint('before')\n"
            "for text in ('\\r |  |', '\\r |# |', '\\r |##|', '\\n'):\n"
            "    print(text, end='', file=sys.stderr, flush=True)\n    sleep(0.1)\n"
            "print('after')"
        )
        texts = self.outputs(run, tmp_path, tiny_notebook(bar))
        assert {name for name, _ in texts} == {"stdout"}
        assert "".join(text for _, text in texts) == "before\nafter\n"

    def test_is_without_the_end_of_a_bar_that_comes_after_other_words(self, run, tmp_path, tiny_notebook):
        cell = (
            "import sys\nfrom time import sleep\n"
            "for text, stream in (('\\r |##|', sys.stderr), ('so far\\n', sys.stdout), ('\\n', sys.stderr)):\n"
            "    print(text, end='', file=stream, flush=True)\n    sleep(0.1)"
        )
        assert self.outputs(run, tmp_path, tiny_notebook(cell)) == [("stdout", "so far\n")]

    def test_keeps_warnings_beside_progress_bars(self, run, tmp_path, tiny_notebook):
        cell = "import sys\nprint('\\r |##|\\ncareful', file=sys.stderr)"
        assert self.outputs(run, tmp_path, tiny_notebook(cell)) == [("stderr", "careful\n")]

    def test_joins_what_was_printed_piece_by_piece(self, run, tmp_path, tiny_notebook):
        cell = "from time import sleep\nfor n in range(3):\n    print(n, flush=True)\n    sleep(0.1)"
        assert self.outputs(run, tmp_path, tiny_notebook(cell)) == [("stdout", "0\n1\n2\n")]


class TestFailure:
    def test_keeps_the_notebook_with_its_traceback_until_a_later_success(
        self, run, tmp_path, tiny_notebook, temporary_files
    ):
        tiny, out = tiny_notebook("print('so far')", "print('good')\n1 / 0", "print('never')"), tmp_path / "out"
        result = run(tiny, "-o", out)
        assert result.exit_code == 1
        assert result.stderr == (
            f"meanfield: {tiny} stopped: ZeroDivisionError: division by zero\n"
            f"The executed notebook, with the traceback, is {out}/tiny.failed.ipynb\n"
        )
        assert names_in(out) == ["tiny.failed.ipynb"]
        told = (out / "tiny.failed.ipynb").read_text()
        assert "so far" in told
        assert "Traceback (most recent call last)" in told
        outputs = [cell.get("outputs") for cell in nbformat.reads(told, as_version=4).cells]
        assert outputs[-1] == []
        assert names_in(temporary_files) == []

        assert run(tiny_notebook("print('mended')"), "-o", out).exit_code == 0
        assert names_in(out) == ["tiny.ipynb"]

    def test_by_the_death_of_the_kernel_is_told(self, run, tmp_path, tiny_notebook, temporary_files):
        result = run(tiny_notebook("import os\nos._exit(3)", "print('never')"), "-o", tmp_path / "out")
        assert result.exit_code == 1
        assert "stopped: its kernel died\n" in result.stderr
        assert names_in(tmp_path / "out") == ["tiny.failed.ipynb"]
        assert names_in(temporary_files) == []

    def test_for_lack_of_memory_is_told_with_what_the_network_needs(self, run, tmp_path, monkeypatch):
        """SIGKILL, as the system sends it; here when the simulation has begun."""
        plan = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
        content = nbformat.read(ROOT / "notebooks" / "deviation.ipynb", as_version=4)
        content.cells.insert(3, new_code_cell(plan))
        nbformat.write(content, tmp_path / "deviation.ipynb")
        result = run(tmp_path / "deviation.ipynb", "-o", tmp_path / "out")
        assert result.exit_code == 1
        assert "its kernel was killed, most likely for lack of memory: its network needs some 1." in result.stderr


class TestTwoRuns:
    def test_into_one_folder_the_second_is_refused(self, run, tmp_path, tiny_notebook, no_kernel):
        with only_writer(tmp_path / "out"):
            result = run(tiny_notebook(), "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert "is where another run is writing; let that end first, or choose another folder" in result.stderr
        assert not (tmp_path / "out").exists()


def test_more_threads_than_openmp_may_have(run, tmp_path, monkeypatch, no_kernel):
    """NEST would say UnknownNode."""
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    result = run(COMPARE, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr == "meanfield: threads = 2 must be ≤ 1, the limit in OMP_THREAD_LIMIT\n"


@pytest.mark.parametrize(
    "broken", [{"cells": None}, {"cells": [None]}, {"tags": None}, {"tags": 7}, {"source": None}, {"source": 7}]
)
def test_notebooks_whose_cells_are_none(broken, run, tmp_path, tiny_notebook, no_kernel):
    file = tiny_notebook()
    content = json.loads(file.read_text())
    content |= {key: value for key, value in broken.items() if key == "cells"}
    if content["cells"] and content["cells"][0]:
        content["cells"][0] |= {key: value for key, value in broken.items() if key == "source"}
        content["cells"][0]["metadata"] |= {key: value for key, value in broken.items() if key == "tags"}
    file.write_text(json.dumps(content))
    result = run(file, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


class TestProcess:
    """The same in processes of their own, as users run them."""

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "meanfield", "run", *map(str, arguments)]

    def test_tells_bad_input_without_a_traceback(self, tmp_path):
        command = self.command(COMPARE, "-o", tmp_path / "out", "-p", "ordr", "250", "-p", "eta", "nan")
        ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert ended.stderr.splitlines() == [
            "meanfield: eta = nan must be a finite number ≥ 0",
            "meanfield: ordr is not a parameter here; did you mean order?",
        ]
        assert names_in(tmp_path) == []

    def test_tells_what_is_missing(self):
        ended = subprocess.run(self.command(COMPARE), capture_output=True, text=True)
        assert ended.returncode == 2
        assert "Missing option '-o'" in ended.stderr


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # Jupyter leaves each thread's event loop open
def test_runs_side_by_side_do_not_collide(tmp_path, tiny_notebook, temporary_files):
    tiny = tiny_notebook("from time import sleep", "sleep(0.5)", "print(output)")
    folders = [tmp_path / "new" / f"out {number}" for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        executed = list(threads.map(lambda folder: run_notebook(tiny, folder, {}), folders))
    gc.collect()
    assert executed == [folder / "tiny.ipynb" for folder in folders]
    for folder in folders:
        assert names_in(folder) == ["tiny.ipynb"]
        assert f"{folder}\\n" in (folder / "tiny.ipynb").read_text()
    assert names_in(temporary_files) == []
    assert names_in(tmp_path) == ["new", "tiny.ipynb"]


def test_runs_where_temporary_files_lie_deep(tmp_path, tiny_notebook, monkeypatch):
    """A socket's path may not exceed some 100 characters."""
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run_notebook(tiny_notebook(), tmp_path / "out", {}).exists()
    assert names_in(deep) == []


def test_the_package_runs_a_notebook_as_the_command_line_does(tmp_path, tiny_notebook):
    executed = run_notebook(tiny_notebook("print('done')"), tmp_path / "out", {})
    assert executed == tmp_path / "out" / "tiny.ipynb"
    assert "done" in executed.read_text()
