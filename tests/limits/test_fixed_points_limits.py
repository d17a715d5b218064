"""Fixed points where the answer is known beforehand, and the promise to find all of them."""

from itertools import permutations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import meanfield as mf
from meanfield.theory.white_noise import interval_search, many_starts, one_population
from meanfield.theory.white_noise.brunel_grid import brunel_fixed_points, brunel_input
from meanfield.theory.white_noise.enclosure import (
    FARTHEST,
    NEAREST,
    SMALLEST_RATE,
    jacobian_bounds,
    moment_bounds,
    response_bounds,
)
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.newton import polish
from meanfield.theory.white_noise.siegert import siegert_rate

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 0.0}


def two_populations(J_EE=0.4, J_EI=-1.5, J_IE=0.5, J_II=-1.2, rate_ext=80.0):
    """A network that does not reduce to one population."""
    return mf.Network(
        populations=("E", "I"),
        size=[800, 200],
        K=[[80, 20], [60, 30]],
        J=[[J_EE, J_EI], [J_IE, J_II]],
        delay=1.5,
        K_ext=100,
        J_ext=0.2,
        rate_ext=rate_ext,
    )


def sign_changes(network, n=20_000):
    """Number of solutions of the one-dimensional equation, counted on a fine grid."""
    inputs, _ = StationaryInput.of(network).merged()
    assert inputs.n_populations == 1
    rate = np.concatenate([[0.0], np.geomspace(1e-12, 500.0, n)])
    return np.count_nonzero(np.diff(np.sign(inputs.response(rate[:, None])[:, 0] - rate)))


def test_without_synapses_each_population_follows_its_input():
    network = mf.Network(
        populations=("a", "b", "c"),
        size=10,
        K=0,
        J=0.0,
        delay=1.0,
        K_ext=[100, 50, 0],
        J_ext=0.5,
        rate_ext=20.0,
        mu_ext=[0.0, 10.0, 25.0],
    )
    solutions = mf.fixed_points(network)
    mu, sigma = network.input_moments(np.zeros(3))
    np.testing.assert_allclose(solutions["rate"], [siegert_rate(mu, sigma, **NEURON)], rtol=1e-14)
    np.testing.assert_array_equal(solutions["eigenvalue_real"], [[-1.0, -1.0, -1.0]])


def test_silent_network():
    solutions = mf.fixed_points(mf.brunel_network(eta=0.0))
    np.testing.assert_array_equal(solutions["rate"], [[0.0, 0.0]])
    assert solutions["stable"].values.tolist() == [True]
    assert solutions["residual"].values.tolist() == [0.0]


def test_faint_populations_are_polished_relative_to_their_own_rates():
    """From where a search may leave them; steps of the others must not drown them by rounding."""
    rng, faintest = np.random.default_rng(4), 1.0
    for n in rng.integers(2, 7, 60):
        neuron = {"tau_m": np.full(n, 20.0), "t_ref": np.full(n, 2.0), "theta": np.full(n, 20.0)}
        drift = rng.uniform(-0.05, 0.02, (n, n))
        drift[-1, :-1] = rng.uniform(-5.0, 5.0, n - 1)  # so that a solver exchanges rows
        mu_0, variance_0 = rng.uniform(0.0, 16.0, n), rng.uniform(0.2, 3.0, n) ** 2
        mu_0[-1], variance_0[-1] = 25.0, 9.0
        inputs = StationaryInput(drift, 0.2 * np.abs(drift), mu_0, variance_0, V_reset=np.zeros(n), **neuron)
        start = np.array([0.0] * (n - 1) + [20.0])
        for _ in range(60):
            start = 0.5 * (start + inputs.response(start))
        start = start + np.minimum(1e-9 * start.max(), 1e-4 * start) * rng.uniform(-1.0, 1.0, n)
        rate = polish(inputs, start[None], 0.0, inputs.highest_rate)[0]
        np.testing.assert_allclose(inputs.response(rate), rate, rtol=1e-11, atol=1e-300)
        faintest = min(faintest, rate.min())
    assert faintest < 1e-100


def test_nearly_silent_network():
    solutions = mf.fixed_points(mf.brunel_network(g=8.0, eta=0.5))
    assert solutions.sizes["fixed_point"] == 1
    assert 0.0 < float(solutions["rate"][0, 0]) < 1e-30


def test_saturated_network():
    solutions = mf.fixed_points(mf.brunel_network(g=0.0, eta=4.0))
    assert solutions.sizes["fixed_point"] == 1
    assert 400.0 < float(solutions["rate"][0, 0]) < 500.0


def test_network_without_any_noise():
    network = mf.Network(populations=("a",), size=1, K=0, J=0.0, delay=1.0, mu_ext=30.0)
    np.testing.assert_allclose(mf.fixed_points(network)["rate"], [[1e3 / (2.0 + 20.0 * np.log(3.0))]], rtol=1e-13)


def test_without_refractoriness():
    solutions = mf.fixed_points(mf.brunel_network(t_ref=0.0))
    assert solutions.sizes["fixed_point"] == 1
    assert 32.0 < float(solutions["rate"][0, 0]) < 35.0


@pytest.mark.parametrize("distance", [1e-3, 1e-9])
def test_both_solutions_next_to_where_they_meet(distance):
    """Close to a saddle-node there are two solutions on one side of it and none, of these, on the other."""
    g, low, high = 3.0, 0.8, 0.9  # three solutions at eta = 0.8, one at 0.9; bisect for where two of them meet

    def count(eta):
        return mf.fixed_points(mf.brunel_network(g=g, eta=eta)).sizes["fixed_point"]

    assert (count(low), count(high)) == (3, 1)
    for _ in range(44):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if count(middle) == 1 else (middle, high)

    def gap(distance):
        solutions = mf.fixed_points(mf.brunel_network(g=g, eta=low - distance))
        assert solutions["stable"].values.tolist() == [True, False, True]
        return float(np.diff(solutions["rate"].values[:2, 0])[0])

    # Two solutions that meet do so like the square root of the distance.
    assert gap(distance) / gap(0.25 * distance) == pytest.approx(2.0, rel=0.1)
    assert count(low + distance) == 1


@settings(max_examples=60, deadline=None)
@given(g=st.floats(0.0, 8.0), eta=st.floats(0.0, 4.0), V_reset=st.sampled_from([0.0, 10.0]))
def test_all_solutions_of_brunel_networks(g, eta, V_reset):
    network = mf.brunel_network(g=g, eta=eta, V_reset=V_reset)
    solutions = mf.fixed_points(network)
    assert solutions.attrs["completeness"] == "all"
    assert solutions["converged"].all()
    assert solutions.sizes["fixed_point"] >= sign_changes(network)
    # The response is bounded, so stable and unstable solutions take turns, and stable ones are at both ends.
    assert solutions["stable"].values.tolist() == [True, False] * (solutions.sizes["fixed_point"] // 2) + [True]
    mu, sigma = network.input_moments(solutions["rate"].values)
    np.testing.assert_allclose(
        siegert_rate(mu, sigma, tau_m=20.0, t_ref=2.0, theta=20.0, V_reset=V_reset),
        solutions["rate"],
        rtol=1e-9,
        atol=1e-300,
    )


@settings(max_examples=30, deadline=None)
@given(
    g=st.floats(0.0, 8.0),
    eta=st.floats(0.0, 4.0),
    low=st.floats(0.0, 499.0),
    width=st.floats(1e-9, 1.0),
    inside=st.floats(0.0, 1.0),
)
def test_bounds_hold_everywhere_in_a_box(g, eta, low, width, inside):
    inputs = brunel_input(g=[g], eta=[eta])
    low = np.full((1, 2), low)
    high = low + width * (500.0 - low)
    rate = low + inside * (high - low)
    mu, sigma = moment_bounds(inputs, low, high)
    response_low, response_high = bounds = response_bounds(inputs, mu, sigma)
    jacobian_low, jacobian_high = jacobian_bounds(inputs, mu, sigma, bounds)
    response, jacobian = inputs.response_and_jacobian(rate)
    assert ((response_low <= response) & (response <= response_high)).all()
    assert ((jacobian_low <= jacobian) & (jacobian <= jacobian_high)).all()


@settings(max_examples=10, deadline=None)
@given(J_EE=st.floats(0.1, 0.7), J_EI=st.floats(-2.0, 0.0), J_IE=st.floats(0.1, 0.8), rate_ext=st.floats(10.0, 120.0))
def test_two_different_populations(J_EE, J_EI, J_IE, rate_ext):
    """All solutions: every start of a Newton search ends in one of them."""
    network = two_populations(J_EE=J_EE, J_EI=J_EI, J_IE=J_IE, rate_ext=rate_ext)
    solutions = mf.fixed_points(network)
    assert solutions.attrs["completeness"] == "all"
    assert solutions["converged"].all()
    assert solutions.sizes["fixed_point"] % 2 == 1  # the index theorem, away from double roots
    for rate in many_starts.search(StationaryInput.of(network), 20, seed=3):
        distance = np.abs(solutions["rate"].values - rate).max(-1)
        assert distance.min() <= 1e-6 * (1.0 + rate.max())


def test_three_solutions_of_two_different_populations():
    solutions = mf.fixed_points(two_populations(J_EE=0.45, J_EI=-0.9, J_IE=0.4, J_II=-0.8, rate_ext=37.0))
    assert solutions["stable"].values.tolist() == [True, False, True]


@pytest.mark.parametrize("cut", [0, 1])
def test_cutting_a_population_into_identical_halves(cut):
    network = two_populations()
    repeat = np.insert(np.arange(2), cut, cut)
    K = network.K[np.ix_(repeat, repeat)]
    halves = np.flatnonzero(repeat == cut)
    K[:, halves] //= 2
    halved = mf.Network(
        populations=("x", "y", "z"),
        size=100,
        K=K,
        J=network.J[np.ix_(repeat, repeat)],
        delay=1.5,
        K_ext=100,
        J_ext=0.2,
        rate_ext=network.rate_ext[repeat],
    )
    solutions = mf.fixed_points(halved)
    assert solutions.attrs["completeness"] == "all"
    np.testing.assert_allclose(solutions["rate"], mf.fixed_points(network)["rate"].values[:, repeat], rtol=1e-12)


def test_permuting_populations():
    network = two_populations()
    swapped = mf.Network(
        **{
            name: np.flip(value).tolist() if isinstance(value, np.ndarray) else value[::-1]
            for name, value in ((name, getattr(network, name)) for name in type(network).model_fields)
            if not isinstance(value, bool | str)
        }
    )
    np.testing.assert_allclose(
        mf.fixed_points(swapped)["rate"].values[:, ::-1], mf.fixed_points(network)["rate"], rtol=1e-13
    )


@given(voltages=st.floats(0.1, 10.0), times=st.floats(0.1, 10.0))
@settings(max_examples=10, deadline=None)
def test_scaling_all_voltages_and_times(voltages, times):
    network = mf.brunel_network()
    scaled = mf.Network(
        **network.to_dict()
        | {
            "J": network.J * voltages,
            "J_ext": network.J_ext * voltages,
            "theta": network.theta * voltages,
            "tau_m": network.tau_m * times,
            "t_ref": network.t_ref * times,
            "rate_ext": network.rate_ext / times,
        }
    )
    np.testing.assert_allclose(mf.fixed_points(scaled)["rate"] * times, mf.fixed_points(network)["rate"], rtol=1e-12)


def test_a_stack_is_solved_as_its_networks_are():
    g, eta = np.array([0.0, 3.0, 5.0, 8.0]), np.array([0.0, 0.8, 2.0])
    stack = brunel_fixed_points(g=g, eta=eta, V_reset=10.0)
    assert stack["rate"].dims == ("g", "eta", "fixed_point", "population")
    for one_g in g:
        for one_eta in eta:
            alone = mf.fixed_points(mf.brunel_network(g=one_g, eta=one_eta, V_reset=10.0))
            inside = stack.sel(g=one_g, eta=one_eta)
            count = int(inside["count"])
            assert count == alone.sizes["fixed_point"]
            for name in ("rate", "stable", "mu", "sigma"):
                np.testing.assert_allclose(inside[name][:count], alone[name], rtol=1e-12)
            assert np.isnan(inside["rate"][count:]).all()
    assert all("units" in variable.attrs for variable in stack.variables.values() if variable.dtype.kind in "fib")


def test_many_populations_are_found_not_promised():
    rng = np.random.default_rng(0)
    n = 40
    network = mf.Network(
        populations=[f"p{i}" for i in range(n)],
        size=100,
        K=rng.integers(0, 60, (n, n)),
        J=rng.choice([0.1, -0.5], n, p=[0.8, 0.2])[None, :] * rng.uniform(0.5, 1.5, (n, n)),
        delay=1.5,
        K_ext=100,
        J_ext=0.2,
        rate_ext=rng.uniform(40.0, 120.0, n),
    )
    solutions = mf.fixed_points(network)
    assert solutions.attrs["completeness"] == "found"
    assert solutions["converged"].all()
    assert (solutions["residual"] <= 1e-10).all()


def test_solutions_of_populations_side_by_side_are_all_combinations():
    """Three bistable populations: 27 solutions, of which 8 are stable; proven, and found from starts alone."""
    alone = [mf.fixed_points(weakly_bistable(i))["rate"].values[:, 0] for i in range(3)]
    combinations = np.stack(np.meshgrid(*alone), axis=-1).reshape(-1, 3)
    together = mf.fixed_points(weakly_bistable(slice(None)))
    assert together.attrs["completeness"] == "all"
    assert int(together["stable"].sum()) == 8
    inputs = StationaryInput.of(weakly_bistable(slice(None)))
    for rates in (together["rate"].values, many_starts.search(inputs, 50, seed=1)):
        assert len(rates) == 27
        for combination in combinations:
            assert many_starts.same(rates, combination).sum() == 1


@pytest.mark.parametrize("K_EI", [100, 200])
def test_working_memory_of_five_clusters(K_EI):
    """Silence, or any one cluster active; and whatever is a solution is one with clusters permuted, too."""
    network = clusters(5, K_EI)
    solutions = mf.fixed_points(network)
    rates = solutions["rate"].values
    active = rates[solutions["stable"].values, :5] > 100.0
    assert sorted(active.sum(-1)) == [0, 1, 1, 1, 1, 1]
    assert active.sum(0).tolist() == [1, 1, 1, 1, 1]
    for order in permutations(range(5)):
        for rate in rates[:, [*order, 5]]:
            assert many_starts.same(rates, rate).any()
    assert sum_of_indices(network, rates) == 1


def clusters(n, K_EI):
    """Excitatory neurons in clusters, coupled within only, and inhibitory neurons common to all."""
    K = np.zeros((n + 1, n + 1), dtype=int)
    K[np.diag_indices(n)] = 300
    K[:, -1] = K_EI
    K[-1, :-1] = 100
    return mf.Network(
        populations=[*(f"E{i}" for i in range(n)), "I"],
        size=1000,
        K=K.tolist(),
        J=np.broadcast_to([0.15] * n + [-0.9 if K_EI == 100 else -1.2], (n + 1, n + 1)).tolist(),
        delay=1.5,
        K_ext=500,
        J_ext=0.1,
        rate_ext=14.0 if K_EI == 100 else 15.0,
        V_reset=10.0,
    )


def sum_of_indices(network, rates):
    """The sum over all solutions of the sign of det(1 − Jacobian): 1, since the response maps a box into itself."""
    _, jacobian = StationaryInput.of(network).response_and_jacobian(rates)
    return np.linalg.slogdet(np.eye(len(network.populations)) - jacobian)[0].sum()


def weakly_bistable(which):
    """One or all of three populations that each excite only themselves, and have three solutions each."""
    drive = np.array([14.0, 14.5, 15.0])[which]
    n = np.size(drive)
    return mf.Network(
        populations=tuple("abc"[:n]),
        size=100,
        K=(np.eye(n, dtype=int) * 200).tolist(),
        J=0.1,
        delay=1.0,
        K_ext=100,
        J_ext=0.2,
        rate_ext=10.0,
        mu_ext=np.atleast_1d(drive) - 4.0,
    )


@pytest.fixture
def exclusion_gives_up(monkeypatch):
    """Without the search by exclusion."""
    monkeypatch.setattr(interval_search, "MOST_ROUNDS", 2)
    monkeypatch.setattr(one_population, "MOST_ROUNDS", 0)


@pytest.mark.usefixtures("exclusion_gives_up")
def test_a_search_that_is_given_up_goes_on_from_starts_and_says_so():
    for change in ({}, {"g": 3.0, "eta": 0.8}):
        solutions = mf.fixed_points(mf.brunel_network(**change))
        assert solutions.attrs["completeness"] == "found"
        assert solutions.sizes["fixed_point"] == (3 if change else 1)
        assert solutions["converged"].all()
    assert brunel_fixed_points(eta=np.array([1.0, 2.0])).attrs["completeness"] == "found"


@pytest.mark.usefixtures("exclusion_gives_up")
def test_a_network_without_a_solution_is_missing(monkeypatch):
    monkeypatch.setattr(many_starts, "search", lambda inputs, n_starts, seed: np.array([[1.0]]))  # is no solution
    solutions = mf.fixed_points(mf.brunel_network())
    assert "no self-consistent solution" in solutions.attrs["missing"]
    assert solutions["rate"].isnull().all()
    assert int(solutions["count"]) == 0
    assert not solutions["converged"].any()
    assert not solutions["stable"].any()
    assert mf.nearest_solution(solutions, [1.0, 1.0])["rate"].isnull().all()
    assert mf.nearest_solution(solutions, [1.0, 1.0]).attrs["missing"]
    for function in (mf.eigenvalues, lambda network: mf.predicted_spectrum(network, [10.0])):
        with pytest.raises(mf.ParameterError, match="no self-consistent solution"):
            function(mf.brunel_network())
    some = brunel_fixed_points(eta=np.array([1.0, 2.0]))
    assert "for 2 of 2 networks" in some.attrs["missing"]


def test_nothing_is_nearest_to_missing_rates():
    solutions = mf.fixed_points(mf.brunel_network())
    nearest = mf.nearest_solution(solutions, [np.nan, 1.0])
    assert nearest["rate"].isnull().all()
    assert "missing" in nearest.attrs["missing"]


class TestSilentBesideActive:
    """A population next to silence beside one that fires: rates that differ by 50 orders of magnitude."""

    @pytest.fixture(scope="class")
    @classmethod
    def solutions(cls):
        description = mf.brunel_network().to_dict() | {"rate_ext": [10.0, 40.0]}
        return mf.fixed_points(mf.Network(**description))

    def test_the_only_solution_is_proven(self, solutions):
        assert solutions.attrs["completeness"] == "all"
        assert solutions.sizes["fixed_point"] == 1

    def test_rates_are_those_of_quadrature(self, solutions):
        """With 40 digits, by mpmath."""
        np.testing.assert_allclose(solutions["rate"][0], [1.963471380613872e-46, 23.685509408268652], rtol=1e-12)


def test_a_network_of_three_populations_where_newton_alone_gave_up():
    network = mf.Network(
        populations=["S", "N", "I"],
        size=1000,
        K=[[160, 1440, 400]] * 3,
        J=[[0.075, 0.047, -0.25], [0.05, 0.05, -0.25], [0.065, 0.065, -0.25]],
        delay=1.0,
        K_ext=1600,
        J_ext=[0.05, 0.05, 0.065],
        rate_ext=13.2,
        tau_m=[20.0, 20.0, 10.0],
        V_reset=10.0,
    )
    solutions = mf.fixed_points(network)
    assert solutions.attrs["completeness"] == "all"
    np.testing.assert_allclose(solutions["rate"], [[18.88812033, 19.74788188, 16.60555807]], rtol=1e-9)


class TestMeanAtThresholdWithoutNoise:
    def test_alone_it_is_silent(self):
        network = mf.Network(populations=["a"], size=10, K=0, J=0.0, delay=1.0, mu_ext=20.0)
        assert mf.fixed_points(network)["rate"].values.tolist() == [[0.0]]

    @pytest.mark.parametrize("J", [-0.1, 0.1])
    def test_with_synapses_of_its_own(self, J):
        """Silence is a solution, and another one too: the response to the noise of its own spikes rises steeply."""
        network = mf.Network(populations=["a"], size=10, K=10, J=J, delay=1.0, mu_ext=20.0)
        solutions = mf.fixed_points(network)
        assert solutions.attrs["completeness"] == "all"
        assert solutions["rate"][0, 0] == 0.0
        assert solutions.sizes["fixed_point"] == 2

    def test_lifted_above_threshold_by_almost_silent_neurons(self):
        """mu − theta is 2.8e-14 mV: digits that theta = 17.79 mV would swallow."""
        network = mf.Network(
            populations=["a", "b"],
            size=1000,
            K=[[0, 268], [148, 0]],
            J=[[0.2, -1.77], [0.22, -1.66]],
            delay=1.5,
            K_ext=[500, 0],
            J_ext=0.2,
            rate_ext=4.5,
            mu_ext=[0.0, 17.79],
            tau_m=20.0,
            theta=[21.0, 17.79],
            V_reset=10.0,
        )
        solutions = mf.fixed_points(network)
        assert solutions.attrs["completeness"] == "all"
        silent, lifted = solutions["rate"].values[0]
        assert silent < 1e-10
        assert (solutions["residual"] <= 1e-10).all()
        assert lifted > 1.0

    def test_beside_a_population_with_noise(self):
        """Boxes on both sides of the silent state hold it, or nothing that would not count as it."""
        network = mf.Network(
            populations=["a", "b"],
            size=1000,
            K=[[129, 0], [391, 223]],
            J=[[0.21557932641809757, -1.3010531434185135], [0.1869882313883136, -1.6604354363708609]],
            delay=1.5,
            K_ext=[0, 500],
            J_ext=0.1873100895519978,
            rate_ext=19.568509361704425,
            mu_ext=[17.595574766695357, 0.0],
            tau_m=[13.90552863370328, 11.572361868155815],
            t_ref=1.0,
            theta=[17.595574766695357, 16.82016438695021],
            V_reset=10.0,
        )
        solutions = mf.fixed_points(network)
        assert solutions.attrs["completeness"] == "all"
        np.testing.assert_allclose(solutions["rate"], [[0.0, 3.16675762], [730.58052927, 148.25798231]], rtol=1e-8)


@pytest.mark.parametrize("mu_ext", [4.0, 13.0])
def test_silent_without_noise_beside_an_active_population(mu_ext):
    """Its response is flat there: the search knows, and proves the state at the first box that is small enough."""
    network = mf.Network(
        populations=["a", "b"],
        size=1000,
        K=[[203, 0], [71, 391]],
        J=[[0.36885881127228637, -3.2650173542451895], [0.32704548583238235, -2.847815064972781]],
        delay=1.5,
        K_ext=[0, 500],
        J_ext=0.050918499646534415,
        rate_ext=17.28848230292534,
        mu_ext=[mu_ext, 0.0],
        tau_m=[16.621715896362986, 35.65763063937395],
        t_ref=[0.5, 2.0],
        theta=[13.690052113457188, 16.882989346398233],
        V_reset=10.0,
    )
    solutions = mf.fixed_points(network)
    assert solutions.attrs["completeness"] == "all"
    assert solutions["rate"][0, 0] == 0.0
    merged = StationaryInput.of(network).flat().from_threshold()
    _, low, high, complete = interval_search.search(merged)
    assert complete.all()
    assert len(low) == len(solutions["rate"])
    assert high[0, 1] - low[0, 1] > 1e-6  # proven while it is wide, not merely too narrow to decide


def test_derivatives_of_silent_neurons_are_below_what_the_search_takes_them_for():
    """b³ exp(−b²) and b⁵ exp(−b²) times what mpmath finds for the worst that is allowed."""
    b = mpmath.mpf(28)
    with mpmath.workdps(50):
        S = mpmath.quad(lambda u: mpmath.exp(u * u) * mpmath.erfc(-u), [b - b / FARTHEST, b])
        for tau_m in (0.1, 100.0):
            rate = 1e3 / (tau_m * mpmath.sqrt(mpmath.pi) * S)
            by_mu = rate * 2 * b / (NEAREST / b)
            by_variance = rate * (1 + 2 * b * b) / (2 * (NEAREST / b) ** 2)
            assert max(by_mu, by_variance) < SMALLEST_RATE


def test_coordinates_must_fit_the_stack():
    with pytest.raises(ValueError, match="shape"):
        mf.fixed_points(brunel_input(g=np.linspace(0, 8, 3)), coords={"g": [1.0, 2.0]})
