"""Same parameters, seed and threads: identical spikes, in another process too."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation import wiring

SIMULATE = """
    import hashlib, json, sys
    import meanfield as mf
    seed, threads = map(int, sys.argv[1:])
    found = mf.simulate_spiking(mf.brunel_network(order=100), duration=200.0, seed=seed, threads=threads,
                                record="all", progress=False)
    spikes = found["spike_step"].values.tobytes() + found["spike_neuron"].values.tobytes()
    everything = b"".join(found[name].values.tobytes() for name in sorted(found.variables) if found[name].dtype != "O")
    print(json.dumps({
        "spikes": hashlib.sha256(spikes).hexdigest(),
        "everything": hashlib.sha256(everything).hexdigest(),
        "n": found.sizes["spike"],
    }))
"""


@pytest.fixture(scope="module")
def first(in_its_own_process):
    return in_its_own_process(SIMULATE, 1, 2)


def test_another_process_gives_the_same_bytes(in_its_own_process, first):
    assert in_its_own_process(SIMULATE, 1, 2) == first
    assert first["n"] > 1000


def test_another_number_of_threads_is_another_realisation(in_its_own_process, first):
    assert in_its_own_process(SIMULATE, 1, 1)["spikes"] != first["spikes"]


def simulate(**values):
    run = {"duration": 200.0, "threads": 1, "record": "all", "progress": False} | values
    return mf.simulate_spiking(mf.brunel_network(order=50), **run)


@pytest.fixture(scope="module")
def seed_1():
    return simulate()


def test_another_seed_is_another_realisation(seed_1):
    assert not np.array_equal(simulate(seed=2)["neuron_rate"], seed_1["neuron_rate"])


def test_a_run_leaves_nothing_behind_that_changes_the_next(seed_1):
    simulate(seed=7, V_init="rest", duration=100.0, dt=0.05)
    mf.simulate_rate_network(mf.brunel_network())
    assert simulate().identical(seed_1)


def test_a_seed_gives_the_same_alone_and_among_others(seed_1):
    seed_2, both = simulate(seed=2), simulate(seed=1, n_seeds=2)
    for n, alone in enumerate([seed_1, seed_2]):
        mine = both["spike_seed"] == n + 1
        assert np.array_equal(both["spike_step"][mine], alone["spike_step"])
        assert np.array_equal(both["spike_neuron"][mine], alone["spike_neuron"])
        assert np.array_equal(both["activity"][n], alone["activity"][0])


@pytest.mark.parametrize("delay", [1.5, 0.7, 0.1])
def test_the_steps_of_the_progress_bar_change_nothing(monkeypatch, delay):
    """Whether or not they fit the least delay, between whose multiples NEST draws in another order."""
    network = mf.brunel_network(order=20, delay=delay)
    run = {"duration": 100.0, "warmup": 50.3, "threads": 1, "record": "all"}
    found = []
    for chunk in (50.0, 0.1, 3.7, 1e6):
        monkeypatch.setattr(wiring, "CHUNK", chunk)
        found.append(mf.simulate_spiking(network, progress=True, **run))
    assert found[0].sizes["spike"] > 100
    assert all(other.identical(found[0]) for other in found[1:])


def test_simulating_on_is_the_same_as_simulating_at_once(seed_1):
    pieces = simulate(duration=50.0, target_sem=1e-9, max_duration=200.0)
    assert not pieces["target_reached"].item()
    for name in ("spike_step", "spike_neuron", "neuron_rate", "activity", "rate", "cv"):
        assert np.array_equal(pieces[name], seed_1[name]), name


def test_how_many_spikes_are_kept_changes_nothing_else(seed_1):
    sample = simulate(record=3)
    kept = np.unique(sample["spike_neuron"])
    assert set(kept) <= {0, 1, 2, 200, 201, 202}
    assert len(kept) == 6
    mine = np.isin(seed_1["spike_neuron"], kept)
    assert np.array_equal(sample["spike_step"], seed_1["spike_step"][mine])
    for name in ("rate", "rate_sem", "cv", "neuron_rate", "activity"):
        assert np.array_equal(sample[name], seed_1[name]), name


def test_the_rate_network_gives_the_same_bytes_again():
    network = mf.brunel_network()
    assert mf.simulate_rate_network(network).identical(mf.simulate_rate_network(network))


def test_spikes_come_in_the_order_of_time_and_neuron_whatever_the_threads():
    found = simulate(threads=2)
    order = np.lexsort((found["spike_neuron"], found["spike_step"]))
    assert np.array_equal(order, np.arange(found.sizes["spike"]))
