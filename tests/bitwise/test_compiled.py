"""Compiled code gives the same spikes, to the bit, however the work is shared, cut and started."""

import hashlib

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.compiled import simulation

RUN = {"simulator": "compiled", "duration": 150.0, "warmup": 50.0, "seed": 3, "record": "all", "progress": False}


PLAIN = {
    "populations": ("E", "I", "X"),
    "size": [300, 90, 61],
    "K": [[40, 20, 5], [40, 20, 0], [10, 10, 10]],
    "J": [[0.3, -1.1, 0.2], [0.25, -1.2, 0.1], [0.4, -1.0, 0.35]],
    "delay": [[1.5, 0.8, 2.3], [1.7, 0.9, 1.1], [3.0, 0.7, 1.2]],
    "K_ext": [100, 80, 0],
    "J_ext": [0.3, 0.3, 0.1],
    "rate_ext": [45.0, 55.0, 0.0],
    "mu_ext": [0.0, 2.0, 25.0],
    "tau_m": [20.0, 15.0, 12.0],
    "t_ref": [2.0, 1.0, 0.5],
    "V_reset": [10.0, 5.0, 0.0],
    "autapses": False,
}
WITH_ALL = PLAIN | {
    "rule": "fixed_total_number",
    "tau_syn": [[0.5, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    "tau_syn_ext": [3.0, 0.0, 0.0],
    "J_cv": [[0.1, 0.0, 0.2], [0.0, 0.0, 0.0], [0.3, 0.1, 0.0]],
    "delay_sd": [[0.1, 0.0, 0.2], [0.0, 0.0, 0.0], [0.3, 0.05, 0.0]],
    "sigma_ext": [1.0, 0.0, 3.0],
}


@pytest.fixture(scope="module", params=[PLAIN, WITH_ALL], ids=["plain", "with all there is"])
def network(request):
    """Three populations that differ in everything."""
    return mf.Network(**request.param)


def digest(spiking):
    return hashlib.sha256(b"".join(spiking[name].values.tobytes() for name in sorted(spiking.data_vars))).hexdigest()


@pytest.fixture(scope="module")
def reference(network):
    found = mf.simulate_spiking(network, threads=1, **RUN)
    assert found["rate"].min() > 1
    return digest(found)


@pytest.mark.parametrize("threads", [2, 5])
def test_with_any_number_of_threads(network, reference, threads):
    assert digest(mf.simulate_spiking(network, threads=threads, **RUN)) == reference


@pytest.mark.parametrize("steps", [1, 3])
def test_however_often_spikes_are_exchanged(network, reference, monkeypatch, steps):
    monkeypatch.setattr(simulation, "LONGEST_EXCHANGE", steps)
    assert digest(mf.simulate_spiking(network, threads=1, **RUN)) == reference


def test_however_populations_are_cut_into_parts(network, reference, monkeypatch):
    monkeypatch.setattr(simulation, "LARGEST_PART", 64)
    assert digest(mf.simulate_spiking(network, threads=2, **RUN)) == reference


def test_seeds_side_by_side_or_one_after_the_other(network):
    several = mf.simulate_spiking(network, threads=2, n_seeds=3, **RUN)
    assert digest(several) == digest(mf.simulate_spiking(network, threads=1, n_seeds=3, **RUN))
    alone = mf.simulate_spiking(network, threads=1, **RUN | {"seed": 4})
    np.testing.assert_array_equal(several["neuron_rate"].sel(seed=4), alone["neuron_rate"].sel(seed=4))
    assert not several["neuron_rate"].sel(seed=4).equals(several["neuron_rate"].sel(seed=5))


def test_a_longer_run_begins_as_a_shorter_one(network):
    run = RUN | {"target_sem": 1e-9, "max_duration": 450.0}
    one, in_pieces = mf.simulate_spiking(network, **RUN | {"duration": 450.0}), mf.simulate_spiking(network, **run)
    for name in ("spike_step", "spike_neuron", "neuron_rate", "activity"):
        np.testing.assert_array_equal(one[name], in_pieces[name])
    assert not in_pieces["target_reached"]


def test_in_another_process_that_compiles_anew_and_says_so(in_its_own_process, tmp_path):
    code = """
        import contextlib, io, json, os, sys
        os.environ["NUMBA_CACHE_DIR"] = sys.argv[2]
        sys.path.insert(0, sys.argv[1])
        import meanfield as mf
        import test_compiled
        shown = []
        for _ in range(2):
            with contextlib.redirect_stderr(io.StringIO()) as stream:
                network, run = mf.Network(**test_compiled.WITH_ALL), test_compiled.RUN | {"progress": True}
                spiking = mf.simulate_spiking(network, **run)
            lines = stream.getvalue().splitlines()
            shown.append(["compiling" in stream.getvalue(), "simulating" in lines[-1]])
        print(json.dumps([test_compiled.digest(spiking), shown]))
    """
    found, shown = in_its_own_process(code, __file__.rsplit("/", 1)[0], tmp_path)
    assert found == digest(mf.simulate_spiking(mf.Network(**WITH_ALL), **RUN))
    assert shown == [[True, True], [False, True]]
