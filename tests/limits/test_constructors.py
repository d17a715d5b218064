"""Networks from currents, amplitudes of postsynaptic potentials and connection probabilities."""

import numpy as np
import pytest

import meanfield as mf

TWO = {"populations": ["E", "I"], "size": [80, 20], "delay": 1.5}


def test_the_current_of_a_published_potential():
    """A peak of 0.15 mV takes 87.8085 pA at 250 pF, 10 ms and 0.5 ms (Potjans & Diesmann 2014)."""
    J = mf.weight_from_psp(0.15, tau_m=10.0, tau_syn=0.5)
    assert pytest.approx(87.8085, abs=5e-5) == J * 250.0 / 0.5
    assert mf.weight_from_current(87.8, C_m=250.0, tau_syn=0.5) == pytest.approx(0.1756)


@pytest.mark.parametrize("tau_syn", [0.1, 2.0, 9.9, 10.0, 10.00001, 10.1, 50.0])
def test_the_peak_is_that_of_the_potential(tau_syn):
    t = np.linspace(0.0, 200.0, 2_000_001)
    if tau_syn == 10.0:
        shape = t / 10.0 * np.exp(-t / 10.0)
    else:
        shape = np.exp(-t / 10.0) * -np.expm1(-t * (1 / tau_syn - 1 / 10.0)) * 10.0 / (10.0 - tau_syn)
    assert mf.weight_from_psp(shape.max(), tau_m=10.0, tau_syn=tau_syn) == pytest.approx(1.0, rel=1e-7)


def test_delta_synapses_peak_at_their_weight():
    assert mf.weight_from_psp(0.3, tau_m=10.0, tau_syn=0.0) == 0.3


def test_probabilities_are_mean_in_degrees():
    network = mf.network_from(**TWO, probability=[[0.1, 0.2], [0.3, 0.0]], J=0.1, autapses=False)
    np.testing.assert_allclose(network.K, [[0.1 * 79, 0.2 * 20], [0.3 * 80, 0.0]])
    assert network.rule == "pairwise_bernoulli"
    fixed = mf.network_from(**TWO, probability=0.1, J=0.1, rule="fixed_indegree")
    assert fixed.K.tolist() == [[8, 2], [8, 2]]


def test_currents_and_potentials_give_the_same_network():
    w, tau_syn = np.array([[20.0, -80.0], [30.0, -90.0]]), np.array([[0.5, 2.0], [1.0, 3.0]])
    others = {"K": 10, "tau_syn": tau_syn.tolist(), "tau_syn_ext": 0.5, "tau_m": [20.0, 10.0]}
    driven = {"K_ext": 10, "rate_ext": 5.0}
    by_current = mf.network_from(**TWO, **others, **driven, current=w, current_ext=20.0, C_m=[200.0, 250.0])
    np.testing.assert_allclose(by_current.J, w * tau_syn / [[200.0], [250.0]])
    np.testing.assert_allclose(by_current.J_ext, [0.05, 0.04])
    tau_m = np.array([[20.0], [10.0]])
    t = np.linspace(0.0, 50.0, 500_001)
    peak = [
        [
            by_current.J[i, j] * tau_m[i, 0] / (tau_m[i, 0] - tau) * (np.exp(-t / tau_m[i, 0]) - np.exp(-t / tau))
            for j, tau in enumerate(tau_syn[i])
        ]
        for i in range(2)
    ]
    psp = np.sign(w) * np.abs(peak).max(axis=-1)
    by_psp = mf.network_from(**TWO, **others, **driven, psp=psp, J_ext=by_current.J_ext)
    np.testing.assert_allclose(by_psp.J, by_current.J, rtol=1e-7)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"J": 0.1}, "of probability, K one must be given, not none"),
        ({"J": 0.1, "K": 1, "probability": 0.1}, "of probability, K one must be given, not 2"),
        ({"K": 1}, "of current, psp, J one must be given, not none"),
        ({"K": 1, "current": 20.0, "tau_syn": 0.5}, "C_m is missing"),
        ({"probability": 1.5, "J": 0.1}, "probability = 1.5 must be a finite number ≥ 0 and ≤ 1"),
        ({"K": 1, "J": 0.1, "J_ext": 0.1, "psp_ext": 0.1}, "of current_ext, psp_ext, J_ext one must be given at most"),
    ],
    ids=str,
)
def test_what_is_missing_or_given_twice(values, sentence):
    with pytest.raises(mf.ParameterError) as caught:
        mf.network_from(**TWO, **values)
    assert sentence in str(caught.value)
