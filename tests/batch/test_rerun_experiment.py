"""A collected dataset is enough to run its whole experiment again."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import meanfield as mf
from meanfield import load_dataset
from meanfield.runs.batch.collect import collect
from meanfield.runs.batch.experiment import Experiment
from meanfield.runs.reproduce.judgement import Verdict
from meanfield.runs.reproduce.rerun import RunFailed, rerun
from meanfield.runs.results import save_dataset
from meanfield.runs.runner import run_notebook
from meanfield.runs.sources import ROOT


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A dataset of an experiment of one run, on a network from a file; both files are gone."""
    folder = tmp_path_factory.mktemp("stored")
    network = shutil.copy(ROOT / "experiments" / "networks" / "three_populations.yml", folder / "mine.yml")
    experiment = Experiment(
        name="tiny",
        notebook="notebooks/deviation.ipynb",
        fixed={"duration": 50.0, "warmup": 10.0, "network_file": str(network), "tau_m[I]": 18},
        # The first column names the dimension, though it is not first by alphabet.
        grid=[{"record": [0], "bin_width": [1.0], "J[:,I]": [-1.5]}, {"K[E1,E2]": [180]}],
        seeds=[3],
    )
    (run,) = experiment.runs()
    run_notebook(ROOT / experiment.notebook, folder / "run", run.given)
    save_dataset(collect(experiment, [folder / "run" / "deviation.nc"]), folder / "tiny.nc")
    network.unlink()
    return folder / "tiny.nc"


def test_entries_of_the_networks_file_are_axes_and_are_what_ran(stored):
    dataset = load_dataset(stored)
    assert dict(dataset.sizes) == {"record": 1, "K[E1,E2]": 1, "seed": 1, "population": 3, "fixed_point": 1}
    assert (dataset["J[:,I]"].item(), dataset["J[:,I]"].dims) == (-1.5, ("record",))
    (source,) = json.loads(dataset.attrs["provenance"])["sources"]
    assert source["parameters"]["network_changes"] == {"tau_m[I]": 18.0}
    description = mf.Network.from_yaml(ROOT / "experiments" / "networks" / "three_populations.yml").to_dict()
    assert source["network"] == description
    for row in description["J"]:
        row[2] = -1.5
    description["K"][0][1] = 180
    description["tau_m"][2] = 18.0
    expected = mf.fixed_points(mf.Network(**description))["rate"][0]
    np.testing.assert_allclose(dataset["siegert"].squeeze(), expected, rtol=1e-12)


def test_it_runs_as_a_batch_and_is_identical(stored, tmp_path):
    found = rerun(stored, tmp_path)
    assert found.judgement.verdict is Verdict.IDENTICAL, str(found)
    assert found.dataset == tmp_path / "results" / "tiny" / "tiny.nc"
    assert "run as the dataset tells, since " in found.changes[-1]
    assert "tiny.yml cannot be read: No such file" in found.changes[-1]


def test_a_batch_that_fails_is_told(stored, tmp_path):
    dataset = load_dataset(stored)
    document = json.loads(dataset.attrs["provenance"])
    for name in ("network_file", "tau_m[I]"):
        del document["experiment"]["fixed"][name]
    document["experiment"]["grid"] = [{"record": [0]}]
    document["sources"][0]["network"] = None
    document["experiment"]["fixed"]["order"] = 10**8  # fits into no memory
    save_dataset(dataset.assign_attrs(provenance=json.dumps(document)), tmp_path / "bad.nc")
    with pytest.raises(RunFailed, match="experiment tiny did not run to its end; what it left is in "):
        rerun(tmp_path / "bad.nc", tmp_path / "again")
