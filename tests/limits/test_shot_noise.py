"""Shot-noise theory: where it must agree with closed forms, with Siegert's formula and with itself."""

import math

import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.shot_noise.discretisation import discretisation
from meanfield.theory.shot_noise.fixed_point import shot_noise_fixed_point, shot_noise_response
from meanfield.theory.shot_noise.gmres import gmres
from meanfield.theory.shot_noise.grid_chain import GridChain
from meanfield.theory.shot_noise.intervals import shot_noise_intervals
from meanfield.theory.shot_noise.jump_drift import JumpDrift
from meanfield.theory.shot_noise.neuron import Neuron, trains_of_jumps
from meanfield.theory.shot_noise.potential_grid import Jumps, PotentialGrid
from meanfield.theory.shot_noise.rate import shot_noise_rate
from meanfield.theory.shot_noise.refinement import rate_of_neuron
from meanfield.theory.shot_noise.time import time_of
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.fixed_points import fixed_points
from meanfield.theory.white_noise.siegert import siegert_rate

NEURON = {"tau_m": 20.0, "t_ref": 2.0, "theta": 20.0, "V_reset": 0.0}
BRUNEL = ([52033.1145, 8008.278625], [0.1, -0.5])  # at the fixed point of the default network


def trains_of(mu, sigma, J):
    """Balanced trains of weights ± J with that mean and noise intensity; rates in spikes/s."""
    total = sigma**2 / (1e-3 * NEURON["tau_m"] * J**2)
    difference = mu / (1e-3 * NEURON["tau_m"] * J)
    return [0.5 * (total + difference), 0.5 * (total - difference)], [J, -J]


# Where a closed form exists


@pytest.mark.parametrize("J", [20.0, 33.0])
def test_one_jump_reaches_threshold(J):
    """The interval is the refractory time and the waiting time for a jump, exponential or geometric."""
    continuous = shot_noise_rate([100.0], [J], dt=0.0, **NEURON)
    assert continuous.rate == pytest.approx(1e3 / (2.0 + 10.0), rel=1e-12)
    assert continuous.cv == pytest.approx(10.0 / 12.0, rel=1e-9)
    grid = shot_noise_rate([100.0], [J], dt=0.1, **NEURON)
    assert grid.rate == pytest.approx(1e4 / (20.0 + 1.0 / -math.expm1(-0.01)), rel=1e-9)


def test_two_jumps_in_one_step_reach_threshold():
    """With steps much longer than tau_m nothing is left of a step's input, and each step is a trial of its own."""
    neuron = {"tau_m": 0.5, "t_ref": 0.0, "theta": 1.9, "V_reset": 0.0}
    found = shot_noise_rate([50.0], [1.0], dt=20.0, **neuron)
    two_or_more = 1.0 - 2.0 * math.exp(-1.0)
    assert found.rate == pytest.approx(50.0 * two_or_more, rel=1e-9)


def test_without_fluctuations_the_neuron_is_a_clock():
    time = 20.0 * math.log(24.0 / 4.0)
    continuous = shot_noise_rate([], [], mu_ext=24.0, dt=0.0, **NEURON)
    assert (continuous.rate, continuous.cv) == (pytest.approx(1e3 / (2.0 + time), rel=1e-14), 0.0)
    grid = shot_noise_rate([5.0], [0.0], mu_ext=24.0, dt=0.1, **NEURON)
    assert grid.rate == pytest.approx(1e3 / (2.0 + 0.1 * math.ceil(time / 0.1)), rel=1e-14)
    assert shot_noise_rate([], [], mu_ext=20.0, **NEURON).rate == 0.0


def test_inhibition_alone_never_fires():
    assert shot_noise_rate([1000.0], [-1.0], **NEURON).rate == 0.0
    assert math.isnan(shot_noise_rate([1000.0], [-1.0], **NEURON).cv)


def test_rare_inhibition_delays_a_clock():
    """Drift across the threshold, and potentials above it in the middle of a step: rates tend to the clock's."""
    clock = shot_noise_rate([], [], mu_ext=24.0, dt=0.0, **NEURON)
    disturbed = [shot_noise_rate([rate], [-1.0], mu_ext=24.0, dt=0.0, **NEURON).rate for rate in (10.0, 5.0)]
    assert clock.rate > disturbed[1] > disturbed[0]
    assert (clock.rate - disturbed[0]) / (clock.rate - disturbed[1]) == pytest.approx(2.0, rel=0.1)


# Towards Siegert's formula


def test_small_jumps_in_continuous_time_tend_to_siegert():
    mu, sigma = 15.0, 5.0
    siegert = siegert_rate(mu, sigma, **NEURON)
    deviation = [
        shot_noise_rate(*trains_of(mu, sigma, J), dt=0.0, **NEURON).rate / siegert - 1.0 for J in (0.2, 0.1, 0.05)
    ]
    assert deviation[0] < deviation[1] < deviation[2] < 0.0
    # Of first order in J; what remains after removing that order is small, and of higher order.
    rest = [2.0 * deviation[1] - deviation[0], 2.0 * deviation[2] - deviation[1]]
    assert abs(rest[1]) < 1e-3
    assert rest[0] / rest[1] > 2.5
    cv = [shot_noise_rate(*trains_of(mu, sigma, J), dt=0.0, **NEURON).cv for J in (0.1, 0.05)]
    assert 2.0 * cv[1] - cv[0] == pytest.approx(siegert_cv(mu, sigma, **NEURON), rel=1e-3)


def test_small_steps_tend_to_continuous_time():
    continuous = shot_noise_rate([1500.0, 200.0], [1.0, -1.5], dt=0.0, **NEURON)
    rates = [shot_noise_rate([1500.0, 200.0], [1.0, -1.5], dt=dt, **NEURON).rate for dt in (0.02, 0.01, 0.005)]
    assert abs(rates[2] / continuous.rate - 1.0) < 1e-3
    # Steps that hold less than one jump on average: linear in dt.
    assert 2.0 * rates[2] - rates[1] == pytest.approx(continuous.rate, rel=5e-5)
    assert 2.0 * rates[1] - rates[0] == pytest.approx(continuous.rate, rel=2e-4)


@pytest.mark.parametrize(("mu", "sigma"), [(15.0, 5.0), (24.0, 4.0)])
def test_leading_effect_of_the_time_grid_shifts_the_threshold(mu, sigma):
    """To order √dt, noise seen only once a step acts as a threshold higher by |ζ(1/2)|/√(2π) · sigma √(dt/tau_m).

    Siegmund D (1979) Adv Appl Probab 11:701–719, doi:10.2307/1426855. What the shift leaves must be of order dt.
    """
    J = 0.005  # far below a step's noise, so that jumps look like white noise to the grid
    siegert = siegert_rate(mu, sigma, **NEURON)
    effect, missed = [], []
    for dt in (0.1, 0.025):
        shift = 0.5826 * sigma * (dt / NEURON["tau_m"]) ** 0.5
        shifted = siegert_rate(mu, sigma, **(NEURON | {"theta": NEURON["theta"] + shift}))
        rate = shot_noise_rate(*trains_of(mu, sigma, J), dt=dt, **NEURON).rate
        effect.append((rate - siegert) / dt**0.5)
        missed.append(rate - shifted)
        predicted = (shifted - siegert) / dt**0.5
    assert missed[0] / missed[1] == pytest.approx(4.0, abs=0.2)
    # Without its term of order dt, the effect is the shift's.
    assert 2.0 * effect[1] - effect[0] == pytest.approx(predicted, rel=0.02)


# The numerical method


def test_one_train_or_two_halves_of_it():
    whole = shot_noise_rate([4000.0, 500.0], [0.5, -1.0], **NEURON)
    halves = shot_noise_rate([2000.0, 500.0, 2000.0, 0.0, 30.0], [0.5, -1.0, 0.5, 0.3, 0.0], **NEURON)
    assert halves == whole


def test_shifting_all_potentials_changes_nothing():
    moved = {"tau_m": 20.0, "t_ref": 2.0, "theta": 13.0, "V_reset": -7.0, "mu_ext": -7.0}
    for dt in (0.1, 0.0):
        here, there = (shot_noise_rate([4000.0, 500.0], [0.5, -1.0], dt=dt, **of) for of in (NEURON, moved))
        assert there.rate == pytest.approx(here.rate, rel=1e-9)


def test_scaling_all_potentials_changes_nothing():
    scaled = {"tau_m": 20.0, "t_ref": 2.0, "theta": 60.0, "V_reset": 0.0}
    for dt in (0.1, 0.0):
        rate = shot_noise_rate([4000.0, 500.0], [0.5, -1.0], dt=dt, **NEURON).rate
        assert shot_noise_rate([4000.0, 500.0], [1.5, -3.0], dt=dt, **scaled).rate == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize("dt", [0.1, 0.0])
def test_incommensurate_weights_are_between_their_neighbours(dt):
    """√2/10 and π/10 have no common unit; the rate is smooth in the weights all the same."""

    def rate(first, second):
        return shot_noise_rate([8000.0, 3000.0, 3000.0], [first, second, -0.35], dt=dt, **NEURON)

    exact = rate(math.sqrt(2) / 10, math.pi / 10)
    assert exact.error < 3e-5 * exact.rate
    corner, along_first, along_second = (rate(*w).rate for w in ((0.14, 0.31), (0.15, 0.31), (0.14, 0.32)))
    linear = (
        corner
        + (along_first - corner) * (math.sqrt(2) / 10 - 0.14) / 0.01
        + (along_second - corner) * (math.pi / 10 - 0.31) / 0.01
    )
    assert exact.rate == pytest.approx(linear, rel=1e-3)
    assert exact.rate - corner > 1e-2 * corner


EXPONENTIAL = (np.array([0.3]), np.array([2.0]))


def exact_on_grid(spacing, jumps, **of):
    grid = PotentialGrid(20.0, spacing, math.ceil(60.0 / spacing))
    return GridChain(grid, jumps, tau_m=20.0, V_reset=0.0, mu_ext=0.0, **of).moments()[0]


def exact_continuous(spacing, jumps, top=0.0):
    grid = PotentialGrid(20.0, spacing, math.ceil(60.0 / spacing), top)
    return JumpDrift(grid, jumps, tau_m=20.0, V_reset=0.0, mu_ext=0.0).moments()[0]


def test_order_of_convergence():
    """Halving the spacing divides the error in continuous time by 16; on the time grid by four, if not at each step."""
    jumps = Jumps(np.array([1.5, 0.2]), np.array([1.0, -1.5]))
    changes = np.diff([exact_continuous(0.25 / 2**level, jumps) for level in range(5)])
    assert abs(changes[3]) < abs(changes[0]) / 16**3
    # Exponential jumps are interpolated linearly.
    changes = np.diff([exact_continuous(0.25 / 2**level, Jumps(*EXPONENTIAL, True), 0.5) for level in range(4)])
    assert changes[1:] / changes[:-1] == pytest.approx(np.full(2, 1 / 4), abs=0.03)
    jumps = Jumps(np.array([52.0, 8.0]), np.array([0.1, -0.5]))
    changes = np.abs(np.diff([exact_on_grid(0.05 / 2**level, jumps, dt=0.1) for level in range(5)]))
    assert changes[2:].max() < changes[:2].max() / 16
    assert changes[3] < changes[0] / 4**3


@pytest.mark.parametrize(
    ("trains", "dt"),
    [
        (BRUNEL, 0.1),
        (([17451.8, 3737.9], [0.8, -4.0]), 0.1),
        (([30000.0, 2500.0, 6500.0], [0.1, 0.613, -0.47]), 0.1),
        (BRUNEL, 0.0),
        (([1500.0, 200.0], [1.0, -1.5]), 0.0),
        (([20689.74, 4172.435], [0.5, -2.5]), 0.0),
    ],
)
def test_reported_error_bounds_the_true_one(trains, dt):
    """The truth being the result of a grid four times as fine."""
    found = shot_noise_rate(*trains, dt=dt, **NEURON)
    assert found.converged
    assert found.error <= 1e-5 * found.rate
    neuron = Neuron(**NEURON, mu_ext=0.0, time=time_of(dt))
    way = type(discretisation(neuron, trains_of_jumps(*trains)))
    truth = rate_of_neuron(neuron, *trains, like=(way, found.resolution + 2)).rate
    assert abs(found.rate - truth) <= found.error


@pytest.mark.parametrize(
    ("trains", "more"),
    [
        (BRUNEL, {}),
        (([4000.0, 500.0], [0.5, -1.0]), {"dt": 0.5}),
        (([17451.8, 3737.9], [0.8, -4.0]), {}),
        (([1000.0, 200.0], [1.0, -2.0]), {"mu_ext": 22.0, "V_reset": 10.0, "t_ref": 0.5}),
        (([10.0], [12.0]), {}),  # a spike a second: most of the distribution is geometric
        (([100.0], [5.0]), {"jumps": "exponential"}),
    ],
)
def test_the_distribution_of_intervals_has_the_rate_and_the_cv(trains, more):
    """Step by step it comes to the mean and variance that two linear systems give."""
    rate = shot_noise_rate(*trains, **(NEURON | more))
    intervals = shot_noise_intervals(*trains, **(NEURON | more))
    probability, survival, interval = (intervals[name].values for name in ("probability", "survival", "interval"))
    assert 1e3 / float(intervals["mean"]) == pytest.approx(rate.rate, rel=1e-6)
    assert float(intervals["cv"]) == pytest.approx(rate.cv, rel=1e-6)
    assert np.all(probability >= -1e-12)
    assert probability.sum() + survival[-1] == pytest.approx(1.0, abs=1e-12)
    assert survival[-1] < 1e-6
    dt = more.get("dt", 0.1)
    assert interval[0] == pytest.approx((NEURON | more)["t_ref"] + dt)
    assert np.diff(interval) == pytest.approx(np.full(len(interval) - 1, dt))


def test_intervals_of_a_clock_and_of_a_silent_neuron():
    clock = shot_noise_intervals([], [], mu_ext=24.0, **NEURON)
    assert clock["probability"].values[-1] == 1.0
    assert float(clock["interval"][-1]) == pytest.approx(2.0 + 0.1 * math.ceil(200.0 * math.log(6.0)))
    assert (float(clock["mean"]), float(clock["cv"])) == (pytest.approx(float(clock["interval"][-1])), 0.0)
    silent = shot_noise_intervals([100.0], [-1.0], **NEURON)
    assert silent.sizes["interval"] == 0
    assert silent.attrs["missing"] == "the neuron never fires"
    with pytest.raises(mf.ParameterError, match=r"dt = 0.0 ms must be > 0 ms"):
        shot_noise_intervals([100.0], [5.0], dt=0.0, **NEURON)


def test_ties_that_floating_point_decides_are_within_the_error():
    """Three jumps of 0.7 mV reach a threshold of 2.1 mV only where sums are exact; those of 0.75 mV, 2.25 mV always."""
    decimal, raised = (
        shot_noise_rate([800.0, 300.0], [0.7, -0.3], **(NEURON | {"theta": theta, "t_ref": 0.0}))
        for theta in (2.1, 2.1 + 1e-6)
    )
    assert raised.rate < decimal.rate
    assert 0.8 < (decimal.rate - raised.rate) / decimal.error <= 1.0
    exact = shot_noise_rate([800.0, 300.0], [0.75, -0.5], **(NEURON | {"theta": 2.25, "t_ref": 0.0}))
    assert exact.error <= 5e-5 * exact.rate


def test_sparse_input_is_solved_all_the_same():
    """Where input spikes come less than once in a thousand steps, a neuron is nearly a clock, or nearly Poisson."""
    clock = math.ceil(200.0 * math.log(6.0))
    grid = PotentialGrid(20.0, 0.0625, 640)
    chain = GridChain(grid, Jumps(np.array([1e-3]), np.array([-1.0])), tau_m=20.0, V_reset=0.0, mu_ext=24.0, dt=0.1)
    assert chain.moments(variance=False)[0] == pytest.approx(clock, rel=3e-3)
    assert shot_noise_rate([0.01], [25.0], **NEURON).rate == pytest.approx(0.01, rel=3e-5)


def test_the_linear_solver_stops_at_the_accuracy_asked_for():
    random = np.random.default_rng(1)
    matrix = np.eye(60) + 0.05 * random.standard_normal((60, 60))
    right = random.standard_normal(60)
    exact = np.linalg.solve(matrix, right)
    for tolerance in (1e-3, 1e-10):
        w, solved = gmres(lambda x: matrix @ x, lambda x: x, right, np.zeros(60), tolerance=tolerance, iterations=60)
        assert solved
        assert np.linalg.norm(w - exact) < 10 * tolerance * np.linalg.norm(exact)
    assert np.linalg.norm(w - exact) < 1e-9 * np.linalg.norm(exact)
    assert not gmres(lambda x: matrix @ x, lambda x: x, right, np.zeros(60), tolerance=1e-10, iterations=3)[1]


# Networks


@pytest.fixture(scope="module")
def brunel():
    return mf.brunel_network()


@pytest.mark.parametrize("dt", [0.1, 0.0])
def test_fixed_point_reproduces_itself(brunel, dt):
    found = shot_noise_fixed_point(brunel, dt)
    assert bool(found["converged"])
    assert found.attrs["missing"] == ""
    assert float(found["rate"][0]) == float(found["rate"][1])  # identical neurons with identical input
    assert np.all(found["rate_error"] <= 1e-5 * found["rate"])
    again = shot_noise_response(brunel, found["rate"].values, dt)
    np.testing.assert_allclose(again["rate"], found["rate"], rtol=2e-5)
    np.testing.assert_allclose(again["cv"], found["cv"], rtol=1e-3)
    assert all("units" in variable.attrs for variable in found.data_vars.values())


@pytest.mark.parametrize(
    ("fields", "dt"),
    [
        ({"eta": 0.8}, 0.1),  # a spike in two minutes, or in a million steps
        ({"eta": 0.8}, 0.0),
        ({"g": 4.5, "eta": 0.9}, 0.1),  # excitation amplifies errors
        ({"J": 0.01}, 0.0),  # a grid much finer than all else
        ({"J": 1.0}, 0.1),
    ],
)
def test_networks_that_are_hard_to_solve_converge_too(fields, dt):
    found = shot_noise_fixed_point(mf.brunel_network(**fields), dt)
    assert bool(found["converged"])
    assert np.all(found["rate_error"] <= 1e-5 * found["rate"])


def test_rates_of_the_first_trial(brunel):
    """Facts known before this code was written: 31.73, computed to about 0.1 %, where Siegert's formula has 32.03."""
    assert float(shot_noise_fixed_point(brunel, 0.1)["rate"][0]) == pytest.approx(31.73, rel=1e-3)


def test_different_populations():
    """Inhibitory neurons with a lower threshold; each rate responds to both."""
    brunel = mf.brunel_network(order=500, J=0.2).to_dict()
    network = mf.Network(**(brunel | {"theta": [20.0, 18.0], "mu_ext": [1.0, 0.0]}))
    found = shot_noise_fixed_point(network, 0.1)
    assert bool(found["converged"])
    assert found["rate"][1] > found["rate"][0] > 0.0
    again = shot_noise_response(network, found["rate"].values, 0.1)
    np.testing.assert_allclose(again["rate"], found["rate"], rtol=3e-5)
    siegert = fixed_points(network)["rate"].values[0]
    np.testing.assert_allclose(found["rate"], siegert, rtol=0.2)
    from_elsewhere = shot_noise_fixed_point(network, 0.1, start=2.0 * siegert)
    np.testing.assert_allclose(from_elsewhere["rate"], found["rate"], rtol=2e-5)


def test_silent_network_is_told_in_words():
    for dt in (0.1, 0.0):
        found = shot_noise_fixed_point(mf.brunel_network(eta=0.5), dt)
        assert not bool(found["converged"])
        assert np.all(np.isnan(found["rate"]))
        assert "rare" in found.attrs["missing"]


def test_saturated_network():
    """Without inhibition neurons fire whenever they may: hardly a step beyond the refractory period."""
    found = shot_noise_fixed_point(mf.brunel_network(g=0.0, eta=4.0), 0.1)
    assert found.attrs["missing"] == ""
    assert 1e3 / 2.6 < float(found["rate"][0]) < 1e3 / 2.1


def test_no_input_at_all_is_silence(brunel):
    network = mf.Network(**(brunel.to_dict() | {"J": 0.0, "J_ext": 0.0}))
    found = shot_noise_fixed_point(network, 0.1)
    assert np.all(found["rate"] == 0.0)
    assert np.all(np.isnan(found["cv"]))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"input_rates": [-1.0, 2.0]}, "input_rates"),
        ({"input_rates": [1.0]}, "same length"),
        ({"weights": [math.nan, 1.0]}, "weights"),
        ({"tau_m": 0.0}, "tau_m"),
        ({"V_reset": 20.0}, "must be above V_reset"),
        ({"dt": -0.1}, "dt"),
        ({"t_ref": 0.25}, "must be a multiple of dt"),
        ({"jumps": "gaussian"}, "jumps"),
    ],
)
def test_bad_input_is_refused(wrong, told):
    with pytest.raises(mf.ParameterError, match=told):
        shot_noise_rate(**({"input_rates": [100.0, 50.0], "weights": [1.0, -1.0], "dt": 0.1} | NEURON | wrong))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"dt": 0.3}, "t_ref"),
        ({"dt": math.inf}, "dt"),
        ({"dt": 0.1, "start": [1.0, 2.0, 3.0]}, "start"),
        ({"dt": 0.1, "start": [1.0, math.nan]}, "start"),
    ],
)
def test_bad_input_of_networks_is_refused(brunel, arguments, told):
    with pytest.raises(mf.ParameterError, match=told):
        shot_noise_fixed_point(brunel, **arguments)
