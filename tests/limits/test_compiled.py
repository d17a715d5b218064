"""Compiled code by itself: its random numbers, connections and drive have the distributions they should, and limits.

Statistical tests have fixed seeds; of new seeds one in a thousand would fail each.
"""

import numpy as np
import pytest
from scipy import stats

import meanfield as mf
from meanfield.simulation.compiled import philox
from meanfield.simulation.compiled.indegrees import draw_sources
from meanfield.simulation.compiled.poisson_drive import add_poisson_input, poisson_drive
from meanfield.simulation.compiled.synapses import rows_of_sources

RUN = {"simulator": "compiled", "threads": 1, "progress": False}
LEVEL = 1e-3


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_random_words_are_those_that_the_generators_authors_publish(counter, key, words):
    assert list(philox.philox.py_func(*map(np.uint64, counter + key))) == words


def test_uniform_numbers_are_uniform_and_those_of_a_row_do_not_depend_on_where_one_starts():
    row = philox.uniform(7, philox.INITIAL_POTENTIAL, 2, 0, 20001)
    assert stats.kstest(row, "uniform").pvalue > LEVEL
    np.testing.assert_array_equal(philox.uniform(7, philox.INITIAL_POTENTIAL, 2, 400, 33), row[400:433])


@pytest.mark.parametrize("mean", [1e-3, 0.3, 2.0, 37.5, 2000.0])
def test_poisson_input_has_the_distribution_of_its_mean(mean):
    drive = poisson_drive(5, mean, 0.25)
    buffer = np.zeros((11, 8000))
    add_poisson_input(buffer, 20, 11, 0, 1, *drive)
    count = np.rint(buffer / 0.25).astype(int)
    np.testing.assert_array_equal(count * 0.25, buffer)
    # Bins with at least 20 expected counts.
    edges = np.unique(stats.poisson.ppf(np.linspace(0, 1, 30)[1:-1], mean))
    probability = np.diff(np.concatenate([[0], stats.poisson.cdf(edges, mean), [1]]))
    seen = np.bincount(np.searchsorted(edges, count.ravel(), side="left"), minlength=len(edges) + 1)
    enough = probability * count.size > 20
    if enough.sum() > 1:
        p, o = probability[enough], seen[enough]
        assert stats.chisquare(o, o.sum() * p / p.sum()).pvalue > LEVEL
    z = (count.mean() - mean) / np.sqrt(mean / count.size)
    assert abs(z) < stats.norm.isf(LEVEL / 2)
    # No correlation from neuron to neuron, nor from step to step.
    for axis in (0, 1):
        first, second = np.take(count, range(10), axis=axis), np.take(count, range(1, 11), axis=axis)
        assert mean < 0.1 or stats.pearsonr(first.ravel(), second.ravel()).pvalue > LEVEL


def test_poisson_tables_are_exact_to_the_words_resolution():
    for mean in (1e-9, 1e-3, 2.0, 350.0, 1e6):
        drive = poisson_drive(0, mean, 1.0)
        probability = np.diff(drive.last.astype(float) + 1, prepend=0) / 2**32
        assert probability.sum() == 1
        np.testing.assert_allclose(probability, stats.poisson.pmf(drive.jump, mean), rtol=1e-9, atol=2.0**-32)
        assert abs(probability @ drive.jump - mean) < 1e-9 * max(mean, 1)


class TestSources:
    def test_are_uniform_whatever_is_allowed(self):
        for multapses in (True, False):
            for exclude in (True, False):
                source = draw_sources(0, 400, 30, 400, multapses, exclude, 1, 9)
                assert source.min() >= 0
                assert source.max() < 400
                itself = source == np.arange(400)[:, np.newaxis]
                assert bool(itself.any()) is not exclude
                distinct = [len(np.unique(row)) for row in source]
                assert (min(distinct) < 30) is multapses
                # Without multapses counts vary less than chi² expects: only upwards is a sign.
                assert stats.chisquare(np.bincount(source.ravel(), minlength=400)).pvalue > LEVEL

    def test_without_multapses_are_any_set_with_equal_probability(self):
        source = np.sort(draw_sources(0, 7000, 3, 6, False, False, 1, 0), axis=1)
        sets, counts = np.unique(source, axis=0, return_counts=True)
        assert len(sets) == 20
        assert stats.chisquare(counts).pvalue > LEVEL

    def test_can_be_all_there_are(self):
        np.testing.assert_array_equal(np.sort(draw_sources(0, 3, 5, 5, False, False, 1, 0)), [np.arange(5)] * 3)
        drawn = np.sort(draw_sources(0, 3, 4, 5, False, True, 1, 0))
        np.testing.assert_array_equal(drawn, [[1, 2, 3, 4], [0, 2, 3, 4], [0, 1, 3, 4]])

    def test_do_not_depend_on_where_a_part_begins(self):
        whole = draw_sources(0, 100, 7, 50, True, True, 1, 3)
        np.testing.assert_array_equal(draw_sources(40, 20, 7, 50, True, True, 1, 3), whole[40:60])

    def test_of_different_seeds_and_pairs_differ(self):
        drawn = {draw_sources(0, 5, 7, 50, True, True, seed, pair).tobytes() for seed in (1, 2) for pair in (0, 1)}
        assert len(drawn) == 4

    def test_are_turned_into_rows_of_targets(self):
        source = draw_sources(0, 50, 6, 30, True, False, 1, 0)
        length, target = rows_of_sources(source, 30)
        rows = np.split(target, np.cumsum(length)[:-1])
        for s, row in enumerate(rows):
            np.testing.assert_array_equal(row, np.repeat(np.arange(50), (source == s).sum(axis=1)))


def test_constant_drive_fires_when_the_membrane_equation_says():
    """tau_m ln((mu − V_reset)/(mu − theta)) after the end of the refractory period, at the next step of the grid."""
    network = mf.Network(
        populations=("A", "B"), size=[3, 1], K=0, J=0, delay=1.5, mu_ext=[30.0, 24.0], tau_m=[20.0, 10.0],
        t_ref=[2.0, 0.5], theta=[20.0, 18.0], V_reset=[10.0, -3.0],
    )  # fmt: skip
    found = mf.simulate_spiking(network, duration=200.0, warmup=0.0, V_init="rest", record="all", **RUN)
    for neuron, (mu, tau, t_ref, theta, reset) in {1: (30, 20, 20, 20, 10), 3: (24, 10, 5, 18, -3)}.items():

        def climb(V, mu=mu, tau=tau, theta=theta):
            return int(np.ceil(10 * tau * np.log((mu - V) / (mu - theta))))

        expected = np.arange(climb(0), 2001, climb(reset) + t_ref)
        np.testing.assert_array_equal(found["spike_step"][found["spike_neuron"] == neuron], expected)


def test_datasets_look_like_nests():
    network = mf.brunel_network(order=50)
    run = {"duration": 100.0, "n_seeds": 2, "target_sem": 1e-6, "max_duration": 200.0}
    nest, compiled = (mf.simulate_spiking(network, **RUN | run | {"simulator": name}) for name in ("nest", "compiled"))
    assert nest.drop_dims("spike").sizes == compiled.drop_dims("spike").sizes
    for name in [*nest.variables]:
        assert nest[name].dims == compiled[name].dims
        assert nest[name].dtype == compiled[name].dtype
        assert nest[name].attrs == compiled[name].attrs
    assert nest.attrs | {"simulator": "compiled"} == compiled.attrs


class TestRefusals:
    def test_what_nest_refuses_too(self):
        with pytest.raises(mf.ParameterError, match=r"(?s)delay = .* must be a multiple of the time step dt = 0\.2 ms"):
            mf.simulate_spiking(mf.brunel_network(order=50), dt=0.2, **RUN)

    def test_an_input_too_vast_for_a_table(self):
        network = mf.Network(populations=("E",), size=5, K=0, J=0, delay=1.5, K_ext=10**9, J_ext=1e-9, rate_ext=100.0)
        with pytest.raises(
            mf.ParameterError, match=r"rate_ext = \[100\.\] spikes/s must bring a neuron at most 1e\+06"
        ):
            mf.simulate_spiking(network, **RUN)

    def test_a_neuron_that_has_only_itself(self):
        network = mf.Network(populations=("E",), size=1, K=2, J=0.1, delay=1.5, autapses=False)
        with pytest.raises(mf.ParameterError, match="a population of one neuron must not be connected with itself"):
            mf.simulate_spiking(network, **RUN)

    def test_a_simulator_that_does_not_exist(self):
        with pytest.raises(mf.ParameterError, match="simulator = 'brian'"):
            mf.simulate_spiking(mf.brunel_network(order=50), simulator="brian")

    def test_without_numba_the_message_says_how_to_install_it_and_all_else_works(self, in_its_own_process):
        code = """
            import json, sys
            sys.modules["numba"] = None
            import meanfield as mf
            network = mf.brunel_network(order=50)
            mf.simulate_spiking(network, duration=50.0, progress=False)
            try:
                mf.simulate_spiking(network, simulator="compiled", progress=False)
            except mf.ParameterError as error:
                print(json.dumps(str(error)))
        """
        message = in_its_own_process(code)
        assert message.startswith("simulator = 'compiled' needs numba, which cannot be imported here")
        assert "`pip install numba`" in message


def test_nest_does_not_need_numba(in_its_own_process):
    code = """
        import sys, meanfield as mf
        mf.simulate_spiking(mf.brunel_network(order=50), duration=50.0, progress=False)
        print(str("numba" in sys.modules).lower())
    """
    assert in_its_own_process(code) is False
