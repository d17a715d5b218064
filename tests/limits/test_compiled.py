"""Compiled code by itself: its random numbers, connections and drive have the distributions they should, and limits.

Statistical tests have fixed seeds; of new seeds one in a thousand would fail each.
"""

import numpy as np
import pytest
from scipy import stats

import meanfield as mf
from meanfield.simulation.compiled import philox
from meanfield.simulation.compiled.drive import add_poisson_input, add_white_noise, poisson_drive
from meanfield.simulation.compiled.sources import sources_of
from meanfield.simulation.compiled.synapses import Synapses

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


def test_white_noise_is_normal_and_independent():
    buffer = np.zeros((8, 5001))
    add_white_noise(buffer, 3, 8, 0, 1, 0, 1.5)
    assert stats.kstest(buffer.ravel() / 1.5, "norm").pvalue > LEVEL
    for axis in (0, 1):
        first, second = np.take(buffer, range(7), axis=axis), np.take(buffer, range(1, 8), axis=axis)
        assert stats.pearsonr(first.ravel(), second.ravel()).pvalue > LEVEL


def drawn(network, start=0, n=None, seed=1, itself=True, population=0, source=0):
    """Degree and sources of the neurons of a population."""
    size, n_sources = (int(network.size[p]) for p in (population, source))
    blocks = list(sources_of(network, population, source, start, n or size, n_sources, itself, seed))
    first, degree, source = zip(*blocks, strict=True)
    np.testing.assert_array_equal(np.cumsum([0, *map(len, degree)])[:-1], first)
    return np.concatenate(degree), np.concatenate(source)


def one_population(size=400, K=30, **others):
    return mf.Network(populations=("E",), size=size, K=K, J=0.1, delay=1.5, **others)


RULES = [
    {"multapses": multapses, "autapses": autapses} for multapses in (True, False) for autapses in (True, False)
] + [
    {"rule": rule, "autapses": autapses}
    for rule in ("fixed_total_number", "pairwise_bernoulli")
    for autapses in (True, False)
]


class TestSources:
    @pytest.mark.parametrize("rule", RULES, ids=str)
    def test_are_uniform_and_as_many_as_the_rule_says(self, rule):
        network = one_population(K=30 if "rule" not in rule else 29.5, **rule)
        degree, source = drawn(network)
        assert source.min() >= 0
        assert source.max() < 400
        owner = np.repeat(np.arange(400), degree)
        assert bool(np.any(owner == source)) is network.autapses
        twice = len(np.unique(400 * owner + source)) < len(source)
        assert twice is (network.multapses and network.rule != "pairwise_bernoulli")
        # Without multapses counts vary less than chi² expects: only upwards is a sign.
        assert stats.chisquare(np.bincount(source, minlength=400)).pvalue > LEVEL
        if network.rule == "fixed_indegree":
            assert set(degree) == {30}
            return
        # In-degrees vary as a binomial distribution does; the sum of squares tells.
        p = {"fixed_total_number": 1 / 400, "pairwise_bernoulli": 29.5 / (400 - (not network.autapses))}[network.rule]
        trials = 29.5 / p
        dispersion = ((degree - 29.5) ** 2).sum() / (trials * p * (1 - p))
        assert LEVEL / 2 < stats.chi2.cdf(dispersion, 399) < 1 - LEVEL / 2
        if network.rule == "fixed_total_number":
            assert len(source) == 11800
        else:
            assert abs(len(source) - 11800) < stats.norm.isf(LEVEL / 2) * np.sqrt(400 * trials * p * (1 - p))

    def test_of_independent_pairs_are_any_set_with_its_probability(self):
        """Of three possible sources, each is there with probability 0.3, whatever the others are."""
        network = mf.Network(
            populations=("E", "I"), size=[6000, 3], K=[[0, 0.9], [0, 0]], J=0.1, delay=1.5, rule="pairwise_bernoulli"
        )
        degree, source = drawn(network, source=1, itself=False)
        kind = np.bincount(np.repeat(np.arange(6000), degree), weights=2.0**source, minlength=6000).astype(int)
        bits = np.array([bin(k).count("1") for k in range(8)])
        assert stats.chisquare(np.bincount(kind, minlength=8), 6000 * 0.3**bits * 0.7 ** (3 - bits)).pvalue > LEVEL

    def test_without_multapses_are_any_set_with_equal_probability(self):
        network = mf.Network(
            populations=("E", "I"), size=[7000, 6], K=[[0, 3], [0, 0]], J=0.1, delay=1.5, multapses=False
        )
        _, source = drawn(network, source=1, itself=False)
        sets, counts = np.unique(np.sort(source.reshape(7000, 3), axis=1), axis=0, return_counts=True)
        assert len(sets) == 20
        assert stats.chisquare(counts).pvalue > LEVEL

    @pytest.mark.parametrize("rule", [{"multapses": False}, {"rule": "pairwise_bernoulli"}], ids=str)
    def test_can_be_all_there_are(self, rule):
        for autapses in (True, False):
            network = one_population(size=5, K=5 if autapses else 4, autapses=autapses, **rule)
            _, source = drawn(network)
            rows = source.reshape(5, -1)
            for i, row in enumerate(rows):
                assert set(row) == set(range(5)) - (set() if autapses else {i})

    @pytest.mark.parametrize("rule", RULES, ids=str)
    def test_do_not_depend_on_where_a_part_begins(self, rule):
        network = one_population(size=1500, K=7, **rule)
        degree, source = drawn(network)
        end = np.cumsum(degree)
        some, own = drawn(network, start=800, n=300)
        np.testing.assert_array_equal(some, degree[800:1100])
        np.testing.assert_array_equal(own, source[end[799] : end[1099]])

    def test_of_different_seeds_and_pairs_differ(self):
        network = mf.Network(populations=("E", "I"), size=50, K=7, J=0.1, delay=1.5)
        pairs = [(seed, population, source) for seed in (1, 2) for population in (0, 1) for source in (0, 1)]
        each = {drawn(network, seed=seed, population=p, source=s)[1].tobytes() for seed, p, s in pairs}
        assert len(each) == 8

    @pytest.mark.parametrize("spread", [{}, {"J_cv": 0.3, "delay_sd": 0.7}])
    def test_are_stored_as_rows_of_targets(self, spread):
        network = one_population(size=60, K=9, rule="fixed_total_number", **spread)
        degree, source = drawn(network)
        options = {"sources": network.size, "itself": True, "channel": np.zeros(1, dtype=int), "seed": 1, "dt": 0.1}
        stored = Synapses(network, 0, 0, 60, **options)
        owner = np.repeat(np.arange(60), degree)
        for s in range(60):
            np.testing.assert_array_equal(stored.target[stored.row[s] : stored.row[s + 1]], owner[source == s])


def test_weights_and_delays_are_normal_but_for_what_is_drawn_again():
    network = mf.Network(
        populations=("E", "I"),
        size=[300, 100],
        K=[[100, 0], [0, 0]],
        J=[[-0.2, 1], [1, 1]],
        delay=1.5,
        J_cv=0.4,
        delay_sd=0.75,
    )
    options = {"sources": network.size, "itself": True, "channel": np.zeros(2, dtype=int), "seed": 1, "dt": 0.1}
    synapses = Synapses(network, 0, 0, 300, **options)
    # In units of the standard deviation, the mean lies 2.5 above 0.
    weight = (synapses.weights + 0.2) / 0.08
    assert stats.kstest(weight, stats.truncnorm(-np.inf, 2.5).cdf).pvalue > LEVEL
    steps = np.arange(1, 61)
    edge = np.append(steps - 0.5, np.inf)
    expected = np.diff(stats.truncnorm((0.5 - 15) / 7.5, np.inf, 15, 7.5).cdf(edge))
    seen = np.bincount(synapses.delays, minlength=61)[1:]
    assert seen.sum() == 30000
    enough = 30000 * expected > 20
    observed, p = seen[enough], expected[enough]
    assert stats.chisquare(observed, observed.sum() * p / p.sum()).pvalue > LEVEL
    assert stats.pearsonr(synapses.weights, synapses.delays).pvalue > LEVEL


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
        network = mf.Network(populations=("E",), size=5, K=0, J=0, delay=1.5, K_ext=10**8, J_ext=1e-9, rate_ext=100.0)
        with pytest.raises(
            mf.ParameterError, match=r"rate_ext = \[100\.\] spikes/s must bring a neuron at most 1e\+06"
        ):
            mf.simulate_spiking(network, **(RUN | {"dt": 0.5}))

    def test_spread_delays_that_two_bytes_cannot_hold(self):
        network = mf.Network(populations=("E",), size=5, K=2, J=0.1, delay=7000.0, delay_sd=10.0)
        with pytest.raises(mf.ParameterError, match="must stay below 65,536 time steps with simulator = 'compiled'"):
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
