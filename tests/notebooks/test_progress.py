"""What a run says: a bar where somebody watches, few lines in a file, one at its end, nothing if it shall be quiet."""

from __future__ import annotations

import io

import nbformat
import numpy as np
import pytest
import xarray as xr
from tqdm import tqdm

import meanfield as mf
from meanfield.runs.batch.progress import Progress
from meanfield.runs.in_one_line import in_one_line
from meanfield.runs.sources import ROOT
from meanfield.simulation.progress import LineNowAndThen, for_bars

BAR = """import sys, time
for state in range(1, 51):
    print(f"\\r{2 * state} % |", end="", file=sys.stderr, flush=True)
    time.sleep(0.005)
print("\\rready |", file=sys.stderr)
print("a warning", file=sys.stderr)"""


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def lines_of(states: list[tuple[float, str]]) -> list[str]:
    """What is written of texts that come at given times (s)."""
    clock, file = Clock(), io.StringIO()
    stream = LineNowAndThen(file, clock)
    for clock.now, text in states:
        stream.write(text)
    return file.getvalue().split("\n")


class TestLines:
    def test_come_every_ten_seconds_and_at_the_end(self):
        states = [(t, f"\r{t} s  ") for t in range(36)] + [(36, "\rdone"), (36, "\n")]
        assert lines_of(states) == ["10 s", "20 s", "30 s", "done", ""]

    def test_are_few_after_hours(self):
        written = lines_of([(t, f"\r{t} s") for t in range(10 * 3600)])
        times = np.array([int(line.split()[0]) for line in written if line])
        assert 100 < len(times) < 150
        assert (np.diff(times) >= np.maximum(10, 0.05 * times[1:])).all()
        assert times[-1] > 0.94 * 36000

    def test_leave_other_text_alone(self):
        said = [(0, "a\nb"), (0, "c\n"), (1, "\r1 %"), (2, "\r2 %\nd\n"), (30, "e")]
        assert lines_of(said) == ["a", "bc", "2 %", "d", "e"]

    def test_tell_no_state_twice(self):
        assert lines_of([(0, "\r1 %"), (11, "\r2 %"), (12, "\n")]) == ["2 %", ""]

    def test_carry_a_bar_of_tqdm(self):
        file = io.StringIO()
        for _ in tqdm(range(1000), file=LineNowAndThen(file), mininterval=0.0):
            pass
        assert file.getvalue().count("\n") == 1
        assert file.getvalue().startswith("100%")
        assert "\r" not in file.getvalue()

    def test_are_for_files_only(self):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        terminal, file = Terminal(), io.StringIO()
        assert for_bars(terminal) is terminal
        assert isinstance(for_bars(file), LineNowAndThen)


class TestRuns:
    def test_write_few_lines_into_a_file(self, run, tmp_path, tiny_notebook):
        result = run(tiny_notebook(BAR), "-o", tmp_path / "out")
        assert result.stderr == "ready |\na warning\n"
        assert result.stdout.count("\n") == 1
        executed = nbformat.read(tmp_path / "out" / "tiny.ipynb", as_version=4)
        assert [o.text for cell in executed.cells for o in cell.get("outputs", [])] == ["a warning\n"]

    def test_that_are_quiet_say_nothing(self, run, tmp_path, tiny_notebook):
        result = run(tiny_notebook(BAR), "-o", tmp_path / "out", "--quiet")
        assert result.output == ""
        assert result.exit_code == 0

    def test_that_are_quiet_say_what_failed(self, run, tmp_path, tiny_notebook):
        result = run(tiny_notebook("1 / 0"), "-o", tmp_path / "out", "-q")
        assert result.exit_code == 1
        assert result.stdout == ""
        assert "ZeroDivisionError" in result.stderr


class TestBatch:
    def test_starts_at_nothing_whatever_rounding_makes_of_the_shares(self, tmp_path, capsys):
        """Their sum may exceed 100 by the last digit, of which tqdm warns."""
        rng = np.random.default_rng(1)
        for n_runs in rng.integers(2, 200, size=20):
            cost = {tmp_path / str(run): seconds for run, seconds in enumerate(rng.uniform(1, 20, n_runs))}
            Progress(cost).end()
        assert f"0 of {n_runs} runs" in capsys.readouterr().err


class TestOutcome:
    def test_of_a_comparison(self):
        dataset = mf.load_dataset(ROOT / "results" / "reference" / "compare" / "compare.nc")
        assert in_one_line(dataset) == "E 32.044 ± 0.076, Siegert 32.033, I 32.097 ± 0.050, Siegert 32.033 (spikes/s)"

    def test_of_solutions(self):
        said = in_one_line(mf.fixed_points(mf.brunel_network(g=3.0, eta=0.8)))
        assert said.startswith("stable at E 0.0039")
        assert said.count("unstable") == 1

    def test_names_a_few_of_many_populations(self):
        names = [f"P{number}" for number in range(9)]
        values = {name: ("population", np.arange(9.0)) for name in ("simulated", "simulated_sem", "siegert")}
        said = in_one_line(xr.Dataset(values, coords={"population": names}))
        assert said.endswith("and 5 more (spikes/s)")

    def test_of_seeds_without_their_neurons(self):
        """As in an error budget, which keeps no spikes."""
        over = ("seed", "population")
        values = {"rate": [[30.0], [34.0]], "rate_sem": [[1.0], [1.0]], "rate_freedom": [[9.0], [9.0]]}
        dataset = xr.Dataset({name: (over, value) for name, value in values.items()}, coords={"population": ["E"]})
        assert in_one_line(dataset).startswith("E 32.0")

    @pytest.mark.parametrize(
        "file", sorted((ROOT / "results" / "reference").glob("*/*.nc")), ids=lambda file: file.stem
    )
    def test_any_tracked_dataset_has_one_or_none(self, file):
        assert "\n" not in in_one_line(mf.load_dataset(file))

    @pytest.mark.parametrize("dataset", [xr.Dataset(), xr.Dataset({"a": ("population", [1.0])})])
    def test_of_anything_else_is_not_told(self, dataset):
        assert in_one_line(dataset) == ""
