"""Networks of any number of populations: what they hold, what they refuse, and that YAML keeps all of it."""

import math

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import meanfield as mf

LARGEST = 1e300
numbers = st.floats(-LARGEST, LARGEST)
awkward = st.sampled_from([0.1, 1 / 3, -0.0, 5e-324, 2.2250738585072014e-308, 1e23, -1e300, 0.1 + 0.2, 1e16 + 2])


def network(n_populations: int, **fields) -> mf.Network:
    names = [f"P{n}" for n in range(n_populations)]
    return mf.Network(**{"populations": names, "size": 10, "K": 2, "J": 0.1, "delay": 1.5} | fields)


def refused(build, **values) -> str:
    with pytest.raises(mf.ParameterError) as caught:
        build(**values)
    return str(caught.value)


@pytest.mark.parametrize("n", [1, 2, 3])
class TestAnyNumberOfPopulations:
    def test_one_number_holds_for_all(self, n):
        net = network(n, theta=15.0)
        assert net.theta.tolist() == [15.0] * n
        assert net.size.tolist() == [10] * n
        assert net.K.tolist() == [[2] * n] * n
        assert net.tau_m.tolist() == [20.0] * n  # a default is filled in like a given number

    def test_a_full_array_is_kept(self, n):
        J = np.arange(n * n, dtype=float).reshape(n, n)
        assert np.array_equal(network(n, J=J).J, J)
        assert np.array_equal(network(n, J=J.tolist()).J, J)

    def test_nothing_in_it_can_be_changed(self, n):
        net = network(n)
        for name in type(net).model_fields:
            if isinstance(getattr(net, name), np.ndarray):
                with pytest.raises(ValueError, match="read-only"):
                    getattr(net, name).flat[0] = 1
        with pytest.raises(ValueError, match="frozen"):
            net.J = 1.0

    def test_changing_what_it_was_made_of_does_not_change_it(self, n):
        J = np.ones((n, n))
        net = network(n, J=J)
        J[:] = 7
        assert net.J.tolist() == np.ones((n, n)).tolist()

    def test_input_moments_are_those_of_a_plain_loop_over_all_synapses(self, n):
        rng = np.random.default_rng(n)
        net = network(
            n,
            K=rng.integers(0, 100, (n, n)),
            J=rng.normal(size=(n, n)),
            K_ext=rng.integers(0, 100, n),
            J_ext=rng.normal(size=n),
            rate_ext=rng.uniform(0, 50, n),
            mu_ext=rng.normal(size=n),
            tau_m=rng.uniform(5, 30, n),
        )
        rate = rng.uniform(0, 100, n)
        mu, sigma = net.input_moments(rate)
        for t in range(n):
            tau_s = 1e-3 * net.tau_m[t]
            synapses = [(net.K[t, s], net.J[t, s], rate[s]) for s in range(n)]
            synapses.append((net.K_ext[t], net.J_ext[t], net.rate_ext[t]))
            expected_mu = net.mu_ext[t] + sum(tau_s * K * J * nu for K, J, nu in synapses)
            expected_sigma = math.sqrt(sum(tau_s * K * J**2 * nu for K, J, nu in synapses))
            assert mu[t] == pytest.approx(expected_mu, rel=1e-13, abs=1e-12)
            assert sigma[t] == pytest.approx(expected_sigma, rel=1e-13)

    def test_input_moments_take_many_rates_at_once(self, n):
        net, rates = network(n), np.random.default_rng(0).uniform(0, 50, (4, 3, n))
        mu, sigma = net.input_moments(rates)
        assert mu.shape == sigma.shape == rates.shape
        np.testing.assert_allclose(mu[2, 1], net.input_moments(rates[2, 1])[0], rtol=1e-14)
        np.testing.assert_allclose(sigma[2, 1], net.input_moments(rates[2, 1])[1], rtol=1e-14)

    def test_synapses_are_counted_one_by_one(self, n):
        net = network(n, size=np.arange(1, n + 1), K=np.arange(n * n).reshape(n, n))
        assert net.n_synapses == sum(net.size[t] * net.K[t, s] for t in range(n) for s in range(n))

    def test_yaml_keeps_names_that_look_like_numbers(self, n, tmp_path):
        named = network(n, populations=["0E0", "1e4", "no", "12", "~"][:n])
        named.to_yaml(tmp_path / "net.yml")
        assert mf.Network.from_yaml(tmp_path / "net.yml") == named

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_yaml_keeps_every_bit(self, n, tmp_path_factory, data):
        def draw(elements, *shape):
            return np.array(data.draw(st.lists(elements, min_size=n ** len(shape), max_size=n ** len(shape)))).reshape(
                shape
            )

        net = mf.Network(
            populations=data.draw(st.lists(st.text(min_size=1), min_size=n, max_size=n, unique=True)),
            size=draw(st.integers(1, 10**9), n),
            K=draw(st.integers(0, 10**9), n, n),
            J=draw(numbers | awkward, n, n),
            delay=draw(st.floats(5e-324, LARGEST), n, n),
            mu_ext=draw(numbers | awkward, n),
            theta=draw(st.floats(1.0, LARGEST), n),
            V_reset=draw(st.floats(-LARGEST, 0.5), n),
        )
        path = tmp_path_factory.mktemp("net") / "net.yml"
        net.to_yaml(path)
        read = mf.Network.from_yaml(path)
        assert read == net
        for name in (name for name in type(net).model_fields if isinstance(getattr(net, name), np.ndarray)):
            assert getattr(read, name).tobytes() == getattr(net, name).tobytes(), name
            assert getattr(read, name).dtype == getattr(net, name).dtype, name


class TestEquality:
    def test_equal_descriptions_are_equal_and_others_are_not(self):
        assert network(2) == network(2, tau_m=[20.0, 20.0])
        assert network(2) != network(2, tau_m=[20.0, 20.000000000000004])
        assert network(2) != network(3)
        assert network(2) != "a network"


class TestWhatANetworkRefuses:
    @pytest.mark.parametrize("names", [[], "EI", ["E", "E"], ["E", 3], ["E", ""], None, 2, ["E", None]], ids=repr)
    def test_populations_without_distinct_names(self, names):
        assert "populations" in refused(network, n_populations=2, populations=names)

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"size": 0}, "size = 0 must be a whole number ≥ 1"),
            ({"size": 2.5}, "size = 2.5 must be a whole number"),
            ({"size": 2**63}, "size = 9223372036854775808 must be a whole number ≥ 1 and ≤ 1000000000"),
            ({"size": 1e300}, "size = 1e+300 must be a whole number ≥ 1 and ≤ 1000000000"),
            ({"K": -1}, "K = -1 must be a whole number ≥ 0"),
            ({"K": [[1, 2]]}, "K = [[1, 2]] must be one number or an array of shape (2, 2), not of shape (1, 2)"),
            ({"K": [[1, 2], [3]]}, "K = [[1, 2], [3]] must be one number, or rows of equal length"),
            ({"J": math.nan}, "J = nan mV must be a finite number in mV"),
            ({"J": [[0.1, None], [0.1, 0.1]]}, "must be a finite number in mV in every element"),
            ({"J": [[True, False], [True, True]]}, "must be a finite number in mV in every element"),
            ({"delay": 0.0}, "delay = 0.0 ms must be a finite number > 0 ms"),
            ({"rate_ext": -1.0}, "rate_ext = -1.0 spikes/s must be a finite number ≥ 0 spikes/s"),
            ({"tau_m": 0.0}, "tau_m = 0.0 ms must be a finite number > 0 ms"),
            ({"t_ref": -0.1}, "t_ref = -0.1 ms must be a finite number ≥ 0 ms"),
            ({"theta": [20.0, 0.0]}, "theta = [20.,  0.] mV must be above V_reset = [0., 0.] mV"),
            ({"tau": 20.0}, "tau is not a parameter here; did you mean tau_m?"),
        ],
        ids=str,
    )
    def test_a_value_that_cannot_be(self, values, told):
        assert told in refused(network, n_populations=2, **values)

    def test_everything_at_once_even_without_usable_names(self):
        told = refused(
            network, n_populations=2, populations=["E", "E"], theta="abc", J=[[1], [2, 3]], V_reset=[1, 2, 3]
        )
        assert len(told.splitlines()) == 3
        assert all(name in told for name in ("populations", "theta", "J"))

    def test_nothing_given(self):
        assert [line.split()[0] for line in refused(mf.Network).splitlines()] == [
            "populations",
            "size",
            "K",
            "J",
            "delay",
        ]

    def test_the_count_of_synapses_does_not_overflow(self):
        assert network(3, size=10**9, K=10**9).n_synapses == 9 * 10**18
        assert network(4, size=10**9, K=10**9).n_synapses == 16 * 10**18  # more than 64 bits hold


class TestFilesThatCannotBeRead:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"size: [1, 2\nK: 3", "line 2 is not valid YAML"),
            (b"a: b: c", "line 1 is not valid YAML"),
            (b"\tsize: 1", "is not valid YAML"),
            (b"size: \x00", "is not valid YAML"),
            (b"\xff\xfe\xfa", "cannot be read"),
            (b"", "must hold lines of the form 'name: value'"),
            (b"- 1\n- 2", "must hold lines of the form 'name: value'"),
            (b"1: 2", "must hold lines of the form 'name: value'"),
            (b"!!python/object:os.system {}", "is not valid YAML"),
            (b"populations: [E]\nsize: 10\nK: 1\nJ: abc\ndelay: 1.5", "J = 'abc' mV must be a finite number in mV"),
        ],
        ids=repr,
    )
    def test_a_file_of_something_else(self, tmp_path, content, told):
        path = tmp_path / "net.yml"
        path.write_bytes(content)
        message = refused(mf.Network.from_yaml, path=path)
        assert told in message
        assert "J = " in message or str(path) in message

    def test_a_file_that_does_not_exist(self, tmp_path):
        path = tmp_path / "nothing.yml"
        assert refused(mf.Network.from_yaml, path=path) == f"{path} cannot be read: No such file or directory"

    def test_a_folder(self, tmp_path):
        assert refused(mf.Network.from_yaml, path=tmp_path) == f"{tmp_path} cannot be read: Is a directory"

    def test_a_person_may_write_one_number_for_all(self, tmp_path):
        path = tmp_path / "net.yml"
        path.write_text("populations: [E, I]\nsize: 10\nK: 1.0e+1\nJ: 0.1\ndelay: 1.5\n")
        assert mf.Network.from_yaml(path).K.tolist() == [[10, 10], [10, 10]]

    def test_what_is_written_can_be_read_by_a_person(self, tmp_path):
        path = tmp_path / "net.yml"
        mf.brunel_network().to_yaml(path)
        lines = path.read_text().splitlines()
        assert lines[0] == "populations: [E, I]"
        assert lines[1] == "size: [10000, 2500]"
        assert yaml.safe_load(path.read_text())["K"] == [[1000, 250], [1000, 250]]


class TestBrunelsNetwork:
    def test_it_has_the_sizes_in_degrees_and_weights_of_the_example(self):
        net = mf.brunel_network()
        assert net.populations == ("E", "I")
        assert net.size.tolist() == [10000, 2500]
        assert net.K.tolist() == [[1000, 250], [1000, 250]]
        assert net.J.tolist() == [[0.1, -0.5], [0.1, -0.5]]
        assert net.delay.tolist() == [[1.5, 1.5], [1.5, 1.5]]
        assert net.K_ext.tolist() == [1000, 1000]
        assert net.J_ext.tolist() == [0.1, 0.1]
        assert net.V_reset.tolist() == [0.0, 0.0]

    def test_the_external_rate_is_eta_times_the_threshold_rate(self):
        net = mf.brunel_network(eta=1.0, g=4.0, J=0.2, tau_m=10.0, theta=15.0, order=500, epsilon=0.2)
        C_E = 400
        assert net.rate_ext == pytest.approx(15.0 / (0.2 * C_E * 10e-3))
        mu, _ = net.input_moments(np.zeros(2))
        assert mu == pytest.approx([15.0, 15.0])  # eta = 1 is just enough to reach threshold

    def test_g_of_4_balances_recurrent_excitation_and_inhibition(self):
        net = mf.brunel_network(g=4.0)
        assert net.input_moments([100.0, 100.0])[0] == pytest.approx(net.input_moments([0.0, 0.0])[0])

    @pytest.mark.parametrize(("epsilon", "order"), [(0.29, 100), (0.07, 100), (0.57, 100), (0.1, 30), (1.0, 1)])
    def test_in_degrees_are_exact_where_the_product_is_whole(self, epsilon, order):
        K_I = round(epsilon * order)
        assert mf.brunel_network(epsilon=epsilon, order=order).K[0].tolist() == [4 * K_I, K_I]

    def test_in_degrees_are_rounded_down_elsewhere(self):
        assert mf.brunel_network(epsilon=0.1, order=19).K[0].tolist() == [7, 1]

    def test_it_passes_the_wiring_on(self):
        assert mf.brunel_network().multapses
        assert mf.brunel_network().autapses
        assert not mf.brunel_network(multapses=False).multapses
        assert not mf.brunel_network(autapses=False).autapses
        assert mf.brunel_network(epsilon=1.0, order=9, multapses=False).K[0].tolist() == [36, 9]

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"g": "abc"}, "g = 'abc' must be a finite number ≥ 0"),
            ({"g": -1}, "g = -1 must be"),
            ({"eta": math.nan}, "eta = nan must be"),
            ({"eta": -0.5}, "eta = -0.5 must be"),
            ({"J": 0}, "J = 0 mV must be a finite number > 0 mV"),
            ({"J": -0.1}, "J = -0.1 mV must be a finite number > 0 mV"),
            ({"epsilon": 0}, "epsilon = 0 must be a finite number > 0 and ≤ 1"),
            ({"epsilon": 1.2}, "epsilon = 1.2 must be a finite number > 0 and ≤ 1"),
            ({"order": 0}, "order = 0 must be a whole number ≥ 1"),
            ({"order": 2.5}, "order = 2.5 must be a whole number ≥ 1"),
            ({"order": 10**30}, "must be a whole number ≥ 1 and ≤ 250000000"),
            ({"order": 2**62}, "must be a whole number ≥ 1 and ≤ 250000000"),
            ({"theta": 10.0, "V_reset": 10.0}, "theta = 10.0 mV must be above V_reset = 10.0 mV"),
            ({"theta": 0.0}, "theta = 0.0 mV must be a finite number > 0 mV"),
            ({"t_ref": -1}, "t_ref = -1 ms must be a finite number ≥ 0 ms"),
            ({"delay": 0}, "delay = 0 ms must be a finite number > 0 ms"),
            ({"tau_m": math.inf}, "tau_m = inf ms must be a finite number > 0 ms"),
            ({"epsilon": 0.1, "order": 9}, "epsilon · order = 0.9 must be ≥ 1"),
            (
                {"epsilon": 1.0, "order": 1, "autapses": False},
                "order = 1 makes the one inhibitory neuron",
            ),
            (
                {"epsilon": 1.0, "order": 9, "multapses": False, "autapses": False},
                "epsilon = 1.0 with order = 9 leaves too few neurons to draw distinct sources from",
            ),
        ],
        ids=str,
    )
    def test_it_refuses(self, values, told):
        assert told in refused(mf.brunel_network, **values)

    @pytest.mark.parametrize(
        ("values", "run", "told"),
        [
            ({"t_ref": 0.25}, {}, "t_ref = [0.25, 0.25] ms must be a multiple of the time step dt = 0.1 ms"),
            ({}, {"dt": 0.2}, "ms must be a multiple of the time step dt = 0.2 ms"),
            ({"delay": 0.1}, {"dt": 0.2, "bin_width": 0.2}, "ms must be ≥ the time step dt = 0.2 ms"),
            ({}, {"dt": 2.0, "bin_width": 2.0}, "ms must be ≥ the time step dt = 2.0 ms"),
        ],
        ids=str,
    )
    def test_times_between_the_grid_are_refused_where_the_grid_is_known(self, values, run, told):
        net = mf.brunel_network(order=10, **values)
        assert told in refused(mf.simulate_spiking, network=net, progress=False, **run)


@pytest.mark.parametrize("rate", [1e300, 1e11])
def test_more_external_spikes_than_can_be_drawn_are_refused(rate):
    with pytest.raises(mf.ParameterError, match=r"K_ext · rate_ext = .* spikes/s must be ≤ 1e\+10 spikes/s"):
        mf.Network(**(mf.brunel_network().to_dict() | {"rate_ext": rate, "K_ext": 1}))
    with pytest.raises(mf.ParameterError, match="K_ext · rate_ext"):
        mf.brunel_network(eta=1e300)
