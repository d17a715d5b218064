"""The flow in pseudo-time: where it starts, where it leads, and how exponential Euler steps approach it."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.theory.white_noise.flow import Flow, basins
from meanfield.theory.white_noise.input import StationaryInput

BISTABLE = {"g": 3.0, "eta": 0.8}


def test_leads_to_the_fixed_point():
    network = mf.brunel_network()
    flow = mf.pseudo_time(network, rate_0=[1.0, 200.0], duration=80.0)
    np.testing.assert_array_equal(flow["rate"][0], [1.0, 200.0])
    np.testing.assert_allclose(flow["rate"][-1], mf.fixed_points(network)["rate"][0], rtol=1e-8)
    assert flow["rate"].attrs["units"] == "spikes/s"
    assert flow["time"].attrs["units"] == "ms"


def test_stays_at_a_fixed_point_and_leaves_an_unstable_one_by_its_eigenvalue():
    network = mf.brunel_network(**BISTABLE)
    unstable = mf.fixed_points(network).isel(fixed_point=1)
    assert not unstable["stable"]
    nudge, time = 1e-6, np.array([0.0, 1.0, 2.0, 3.0])
    flow = mf.pseudo_time(network, rate_0=unstable["rate"].values + nudge, duration=3.0, time=time, rtol=1e-12)
    away = flow["rate"].values[:, 0] - float(unstable["rate"][0])
    growth = float(unstable["eigenvalue_real"].max())
    np.testing.assert_allclose(away, nudge * np.exp(growth * time), rtol=1e-4)


def test_exponential_euler_approaches_it_with_order_one():
    """NEST's rate neurons step by rate ← e rate + (1 − e) ν(rate) with e = exp(−dt/tau)."""
    network = mf.brunel_network(g=4.5, eta=0.9)
    inputs = StationaryInput.of(network)
    exact = mf.pseudo_time(network, duration=2.0, time=[2.0], rtol=1e-12)["rate"].values[0]
    errors = []
    for n_steps in (40, 80, 160, 320):
        rate, decay = np.zeros(2), np.exp(-2.0 / n_steps)
        for _ in range(n_steps):
            rate = decay * rate + (1.0 - decay) * inputs.response(rate)
        errors.append(np.abs(rate - exact).max())
    order = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(order, 1.0, atol=0.1)


def test_dense_output_does_not_depend_on_when_it_is_read():
    network = mf.brunel_network()
    coarse = mf.pseudo_time(network, duration=10.0, time=[0.0, 2.5, 10.0])
    fine = mf.pseudo_time(network, duration=10.0, time=np.linspace(0.0, 10.0, 401))
    np.testing.assert_array_equal(coarse["rate"], fine["rate"].sel(time=[0.0, 2.5, 10.0]))


def test_tau_only_stretches_time():
    network = mf.brunel_network()
    fast, slow = (mf.pseudo_time(network, duration=5.0 * tau, tau=tau) for tau in (1.0, 7.0))
    np.testing.assert_allclose(fast["rate"], slow["rate"], rtol=1e-7)


def test_many_starts_at_once():
    network = mf.brunel_network()
    starts = np.array([[0.0, 0.0], [50.0, 10.0], [300.0, 300.0]])
    together = mf.pseudo_time(network, rate_0=starts, duration=5.0)
    assert together["rate"].dims == ("start", "time", "population")
    for i, start in enumerate(starts):
        alone = mf.pseudo_time(network, rate_0=start, duration=5.0)
        np.testing.assert_allclose(together["rate"][i], alone["rate"], rtol=1e-6, atol=1e-7)


def test_basins_meet_at_the_unstable_fixed_point():
    network = mf.brunel_network(**BISTABLE)
    solutions = mf.fixed_points(network)
    border = float(solutions["rate"][1, 0])
    starts = border * np.array([0.0, 0.5, 0.99, 1.01, 2.0, 100.0])
    fate = basins(network, np.stack([starts, starts], axis=1))
    assert fate["fixed_point"].values.tolist() == [0, 0, 0, 2, 2, 2]


def test_basins_that_nothing_decides():
    network = mf.brunel_network(**BISTABLE)
    fate = basins(network, [[0.0, 0.0], [300.0, 300.0]], longest=0.0)
    assert fate["fixed_point"].values.tolist() == [-1, -1]
    assert "2 of 2 starts" in fate.attrs["missing"]


@pytest.mark.parametrize(
    "change",
    [
        {"rate_0": -1.0},
        {"rate_0": [1.0, 2.0, 3.0]},
        {"rate_0": np.nan},
        {"duration": 0.0},
        {"tau": -1.0},
        {"time": [200.0]},
    ],
)
def test_impossible_arguments_are_refused(change):
    (name,) = change
    with pytest.raises(ValueError, match=name):
        mf.pseudo_time(mf.brunel_network(), **change)


class TestStiff:
    """Strong inhibition and next to no noise: an explicit method needs some 700 evaluations for each time constant."""

    @pytest.fixture(scope="class")
    @classmethod
    def network(cls):
        return mf.Network(
            populations=["A", "B"],
            size=10_000_000,
            K=[[10_000_000, 5_000_000], [5_000_000, 10_000_000]],
            J=-0.001,
            delay=1.5,
            mu_ext=[22.0, 25.0],
            tau_m=[20.0, 40.0],
            V_reset=10.0,
        )

    def test_settles_at_the_fixed_point_in_few_steps(self, network, monkeypatch):
        solutions, response, evaluations = mf.fixed_points(network), StationaryInput.response, []

        def counted(inputs, rate):
            evaluations.append(len(rate))
            return response(inputs, rate)

        monkeypatch.setattr(StationaryInput, "response", counted)
        flow = mf.pseudo_time(network, rate_0=[[0.0, 0.0], [500.0, 500.0]], duration=1000.0)
        assert flow.attrs["missing"] == ""
        np.testing.assert_allclose(flow["rate"][:, -1], [solutions["rate"].values[0]] * 2, rtol=1e-6)
        assert solutions["eigenvalue_real"].min() < -300.0
        assert len(evaluations) < 3000

    def test_basins(self, network):
        fate = basins(network, [[0.0, 0.0], [500.0, 500.0], [0.0, 500.0]])
        assert fate["fixed_point"].values.tolist() == [0, 0, 0]
        assert fate.attrs["missing"] == ""


def test_jacobian_of_many_starts_is_the_derivative():
    network = mf.Network(
        populations=["a", "b", "c"],
        size=1000,
        K=[[10, 200, 30], [40, 0, 60], [70, 80, 90]],
        J=[[0.1, -0.5, 0.2]] * 3,
        delay=1.5,
        K_ext=500,
        J_ext=0.3,
        rate_ext=[8.0, 9.0, 10.0],
        tau_syn=0.5,
    )
    flow = Flow(StationaryInput.of(network), 2.0)
    rate, h = np.array([5.0, 10.0, 20.0, 50.0, 40.0, 30.0]), 1e-4
    banded = flow.banded_jacobian(0.0, rate)
    for j, unit in enumerate(np.eye(6)):
        column = (flow.velocity(0.0, rate + h * unit) - flow.velocity(0.0, rate - h * unit)) / (2.0 * h)
        for i in range(6):
            expected = banded[i - j + 2, j] if abs(i - j) <= 2 else 0.0
            assert column[i] == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_a_flow_that_cannot_be_followed_is_missing_from_there_on(monkeypatch):
    response = StationaryInput.response
    monkeypatch.setattr(
        StationaryInput, "response", lambda self, rate: np.where(rate > 5.0, np.nan, response(self, rate))
    )
    flow = mf.pseudo_time(mf.brunel_network(), duration=50.0)
    assert "could not be followed beyond" in flow.attrs["missing"]
    assert flow["rate"][0, 0] == 0.0
    assert flow["rate"][-1].isnull().all()
