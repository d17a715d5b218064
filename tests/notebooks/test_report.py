"""Reports and exported tables: complete, read without a network, and harmless whoever wrote what they show."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import nbformat
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from meanfield import load_dataset
from meanfield import table as table_of
from meanfield.__main__ import main
from meanfield.model.yaml_files import yaml_text
from meanfield.runs.report.harmless import harmless
from meanfield.runs.report.mathml import mathml
from meanfield.runs.results import save_dataset
from meanfield.runs.sources import ROOT

REFERENCE = ROOT / "results" / "reference"
COMPARE = REFERENCE / "compare"
MAP = REFERENCE / "validity_map" / "validity_map.nc"
SCRIPT = "<script>alert(1)</script>"
ATTACKS = [
    SCRIPT,
    "<img src=x onerror=alert(1)>",
    "<IMG SRC='http://somewhere/x.png'>",
    "![x](http://somewhere/x.png)",
    "[x](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "<table onclick=alert(1)><tr><td style='background:url(http://somewhere)'>1</td></tr></table>",
    "<style>@import url(http://somewhere)</style>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=http://somewhere></iframe>",
    "<scr<script>ipt>alert(1)</script>",
    rf"$\text{{{SCRIPT}}}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$$\style{background:url(http://somewhere)}{x}$$",
    r"$\def\a{\a\a}\a$",
]


class Page(HTMLParser):
    """What an HTML page does beside showing text: loads, links, handlers, anchors."""

    def __init__(self, content: str):
        super().__init__()
        self.loads, self.links, self.handlers, self.ids, self.tags, self.text = [], [], [], [], [], ""
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "data", "poster", "background") or (tag == "link" and name == "href"):
                self.loads.append(value)
            elif name == "href":
                self.links.append(value)
            elif name.startswith("on") or name == "style":
                self.handlers.append((name, value))
            elif name == "id":
                self.ids.append(value)

    def handle_data(self, data):
        self.text += data


def equations_in(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [block or inline for block, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+?)\$", text, re.S)]


@pytest.fixture
def report(tmp_path):
    """``python -m meanfield report``: the page that it writes."""

    def write(place, *options):
        done = CliRunner().invoke(main, ["report", str(place), "-o", str(tmp_path / "page.html"), *options])
        assert done.exit_code == 0, done.output
        return (tmp_path / "page.html").read_text()

    return write


def assert_harmless(content):
    page = Page(content)
    assert not {"script", "iframe", "object", "embed", "svg", "link", "base", "form", "meta-refresh"} & {*page.tags}
    assert all(load.startswith("data:image/png;base64,") for load in page.loads)
    assert all(re.match(r"#|https?://", link) for link in page.links)
    assert page.handlers == []
    assert "url(" not in re.sub(r"&[^;]+;", "", " ".join(re.findall(r"<style>.*?</style>", content, re.S)))


class TestOfARun:
    def test_has_text_equations_table_figure_and_origin_but_no_code(self, report):
        content = report(COMPARE)
        page = Page(content)
        assert content.count("<math") == len(equations_in(COMPARE / "compare.ipynb")) > 5
        assert "$" not in page.text
        assert page.tags.count("table") == 2
        assert len(page.loads) == 1
        assert "mf.simulate_spiking" not in page.text
        assert "Where it comes from" in page.text
        assert json.loads(load_dataset(COMPARE / "compare.nc").attrs["provenance"])["git"]["commit"] in page.text
        assert ".dataframe" not in page.text  # pandas' style
        assert_harmless(content)

    def test_shows_code_when_asked(self, report):
        content = report(COMPARE / "compare.nc", "--code")
        assert "simulate_spiking" in Page(content).text
        assert_harmless(content)

    def test_of_a_dataset_alone_has_its_table_and_figure(self, report, tmp_path):
        alone = tmp_path / "alone" / "compare.nc"
        save_dataset(load_dataset(COMPARE / "compare.nc"), alone)
        page = Page(report(alone))
        assert "simulated rate (spikes/s)" in page.text
        assert len(page.loads) == 1


@pytest.fixture
def batch(tmp_path):
    """Three runs of a batch, as it leaves them: one finished, one failed, one not begun."""
    runs = tmp_path / "mine" / "runs"
    for g in (3.0, 4.0, 5.0):
        folder = runs / f"g={g}"
        folder.mkdir(parents=True)
        (folder / "parameters.yml").write_text(yaml_text({"order": 25, "g": g}))
    rate = xr.DataArray([31.25, 7.5], dims="population", attrs={"units": "spikes/s"})
    save_dataset(xr.Dataset({"rate": rate}, coords={"population": ["E", "I"]}), runs / "g=3.0" / "deviation.nc")
    error = new_output("error", ename="RuntimeError", evalue=f"unlucky {SCRIPT}", traceback=[])
    nbformat.write(new_notebook(cells=[new_code_cell(outputs=[error])]), runs / "g=4.0" / "deviation.failed.ipynb")
    return tmp_path / "mine"


CELLS = (
    b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "id": "a", "metadata": {}, '
    b'"source": "", "execution_count": null, "outputs": [%s]}]}'
)


class TestOfABatch:
    def test_of_its_folder_tells_what_failed_and_why(self, report, batch):
        content = report(batch)
        page = Page(content)
        assert "1 of 3 runs are finished" in page.text
        assert f"RuntimeError: unlucky {SCRIPT}" in page.text
        assert "did not run, or left no word" in page.text
        assert "31.25" in page.text
        assert {"runs", "run-1", "run-2", "run-3"} <= {*page.ids}
        assert {link[1:] for link in page.links} <= {*page.ids}
        assert_harmless(content)

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("some.log", b"\xff\xfe\x00bad", "see "),
            ("some.failed.ipynb", b"{}", "left no word"),
            ("some.failed.ipynb", b"\xff", "left no word"),
            ("some.failed.ipynb", CELLS % b'{"output_type": "error"}', "left no word"),
            ("some.failed.ipynb", CELLS % b"null", "left no word"),
        ],
    )
    def test_tells_of_runs_that_left_something_damaged(self, report, tmp_path, name, content, words):
        run = tmp_path / "theirs" / "runs" / "g=1"
        run.mkdir(parents=True)
        (run / name).write_bytes(content)
        page = Page(report(tmp_path / "theirs"))
        assert "0 of 1 runs are finished" in page.text
        assert words in page.text

    def test_of_a_collected_dataset_has_its_figure_and_all_runs(self, report):
        content = report(MAP)
        page = Page(content)
        assert len(page.loads) == 1
        assert "162 of 162 runs are finished" in page.text
        assert {f"run-{number}" for number in range(1, 163)} <= {*page.ids}
        assert {link[1:] for link in page.links} <= {*page.ids}
        assert len(content) < 5e6
        dataset = load_dataset(MAP)
        value = float(dataset["simulated"].sel(g=8.0, eta=4.0, seed=4, population="I"))
        assert f"{value:.6g}" in page.text


class TestOfAStranger:
    @pytest.mark.parametrize("attack", ATTACKS)
    def test_nothing_runs_or_loads_from_a_notebook(self, report, tmp_path, attack):
        folder = tmp_path / "theirs"
        name = "E<b>"
        save_dataset(xr.Dataset({"rate": ("population", [1.0])}, coords={"population": [name]}), folder / "compare.nc")
        outputs = [
            new_output("display_data", {"text/html": attack, "application/javascript": "alert(1)"}),
            new_output("display_data", {"image/svg+xml": attack}),
            new_output("display_data", {"image/png": '"><script>'}, metadata={"image/png": {"width": "1 onload=x"}}),
            new_output("display_data", {"text/plain": attack}),
            new_output("stream", name="stdout", text=attack),
            new_output("error", ename=attack, evalue=attack, traceback=[attack]),
        ]
        cells = [new_markdown_cell(f"# {attack}\n\n{attack}"), new_code_cell(attack, outputs=outputs)]
        cells[1].metadata = {"tags": ['"><script>']}
        nbformat.write(new_notebook(cells=cells, metadata={"title": SCRIPT}), folder / "compare.ipynb")
        assert_harmless(report(folder, "--code"))

    def test_text_of_a_dataset_is_escaped(self, report, tmp_path):
        attrs = {"long_name": SCRIPT, "units": SCRIPT}
        dataset = xr.Dataset({"<b>": ("population", [1.0], attrs)}, coords={"population": [SCRIPT]})
        save_dataset(dataset, tmp_path / "their.nc")
        assert_harmless(report(tmp_path / "their.nc"))

    def test_tables_stay(self):
        assert harmless("<table class='x'><tr><td colspan=2>a &lt; b</td></table>&lt;") == (
            '<table><tr><td colspan="2">a &lt; b</td></table>&lt;'
        )


class TestEquations:
    def test_of_all_lessons_are_converted(self):
        for notebook in (ROOT / "notebooks").glob("*.ipynb"):
            for equation in equations_in(notebook):
                assert ElementTree.fromstring(mathml(equation)).tag.endswith("math")

    def test_special_signs_are_escaped_once(self):
        equation = ElementTree.fromstring(mathml(r"a < b"))
        assert "".join(equation.itertext()) == "a<b"


class TestExport:
    @pytest.mark.parametrize("path", [COMPARE / "compare.nc", MAP], ids=["run", "batch"])
    def test_pandas_reads_the_table_again_with_all_digits(self, tmp_path, path):
        done = CliRunner().invoke(main, ["export", str(path), "-o", str(tmp_path / "table.csv")])
        assert done.exit_code == 0, done.output
        read, whole = pd.read_csv(tmp_path / "table.csv"), table_of(load_dataset(path))
        assert list(read) == list(whole)
        assert len(read) == len(whole) > 1
        for name in whole.select_dtypes("float"):
            np.testing.assert_array_equal(read[name], whole[name])

    def test_no_text_is_a_formula(self, tmp_path):
        dataset = xr.Dataset({"rate": ("population", [-1.0])}, coords={"population": ["=1+1"]})
        save_dataset(dataset, tmp_path / "their.nc")
        CliRunner().invoke(main, ["export", str(tmp_path / "their.nc"), "-o", str(tmp_path / "table.csv")])
        assert (tmp_path / "table.csv").read_text() == "population,rate\n'=1+1,-1.0\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["report", "nothing.nc", "-o", "page.html"], "no such file"),
        (["report", ".", "-o", "page.html"], "holds no dataset of a run"),
        (["report", str(MAP), "-o", "page.nc"], "must end in .html"),
        (["report", str(MAP), "-o", str(REFERENCE / "page.html")], "lies in results/reference/"),
        (["report", "text.nc", "-o", "page.html"], "not a readable netCDF file"),
        (["report", "broken", "-o", "page.html"], "does not hold a notebook"),
        (["export", str(MAP), "-o", "table.html"], "must end in .csv"),
        (["export", "empty.nc", "-o", "table.csv"], "no values over population"),
        (["export", "empty.nc", "-o", "folder.csv"], "is a folder"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, arguments, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.nc").write_text("text")
    (tmp_path / "folder.csv").mkdir()
    if arguments[1] != ".":
        save_dataset(xr.Dataset({"x": 1.0}), tmp_path / "empty.nc")
        save_dataset(xr.Dataset({"x": 1.0}), tmp_path / "broken" / "compare.nc")
        (tmp_path / "broken" / "compare.ipynb").write_text("{}")
    else:
        (tmp_path / "text.nc").unlink()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
